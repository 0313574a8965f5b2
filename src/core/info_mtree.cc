// Address spaces: which region lies where in which. An alias names the region it shows;
// that one is printed once more by itself at the end.
#include <algorithm>

#include "core/info.h"
#include "core/log.h"
#include "core/memory.h"

namespace core {
namespace {

const char* type_name_of(const MemoryRegion* mr) {
  if (mr->ram.empty())
    return "i/o";
  return mr->read_only ? "rom" : "ram";
}

// The last byte of a region of `size` that begins at `start`; a size of 2^64 is stored as
// one less.
unsigned long long last_of(std::uint64_t start, std::uint64_t size) {
  if (size == ~std::uint64_t{0})
    return size;
  return start + (size == 0 ? 0 : size - 1);
}

bool lies_before(const MemoryRegion* a, const MemoryRegion* b) {
  return a->address != b->address ? a->address < b->address : a->priority > b->priority;
}

class MtreePrinter {
 public:
  void print_region(const MemoryRegion* mr, int level, std::uint64_t base) {
    const std::uint64_t start = base + mr->address;
    const std::uint64_t size = mr->size;
    append_format(text_, "%*s%016llx-%016llx (prio %d, %s): ", 2 * level, "",
                  static_cast<unsigned long long>(start), last_of(start, size),
                  mr->priority, type_name_of(mr));
    if (mr->alias) {
      remember(mr->alias);
      append_format(text_, "alias %s @%s %016llx-%016llx", mr->name.c_str(),
                    mr->alias->name.c_str(),
                    static_cast<unsigned long long>(mr->alias_offset),
                    last_of(mr->alias_offset, size));
    } else {
      text_ += mr->name;
    }
    text_ += mr->enabled ? "\n" : " [disabled]\n";
    std::vector<const MemoryRegion*> children(mr->subregions.begin(),
                                              mr->subregions.end());
    std::stable_sort(children.begin(), children.end(), lies_before);
    for (const MemoryRegion* child : children)
      print_region(child, level + 1, start);
  }

  std::string print_all() {
    for (const AddressSpace* space : AddressSpace::all()) {
      append_format(text_, "address-space: %s\n", space->name().c_str());
      print_region(space->root(), 1, 0);
      text_ += "\n";
    }
    // The list grows while it is printed.
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      append_format(text_, "memory-region: %s\n", targets_[i]->name.c_str());
      print_region(targets_[i], 1, 0);
      text_ += "\n";
    }
    return std::move(text_);
  }

 private:
  void remember(const MemoryRegion* mr) {
    if (std::find(targets_.begin(), targets_.end(), mr) == targets_.end())
      targets_.push_back(mr);
  }

  std::string text_;
  std::vector<const MemoryRegion*> targets_;
};

}  // namespace

std::string info_mtree() {
  return MtreePrinter().print_all();
}

}  // namespace core
