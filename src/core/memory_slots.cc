// Guest RAM for the accelerator: from the flat view of memory to the numbered slots
// of a Vm, kept in step whenever the view changes. See accel.h.
#include "core/memory_slots.h"

#include <algorithm>

#include "trace/event.h"

namespace core {
namespace {

constexpr std::uint64_t page = 4096;

struct SetSlot {
  static constexpr trace::Declaration declaration{
      "accel_set_slot", trace::Category::memory, trace::Shape::span,
      "A piece of guest memory is given to the accelerator or taken back."};
  std::uint32_t slot = 0;
  std::string_view region;
  trace::Hex start;
  trace::Hex size;
  bool read_only = false;
  bool mapped = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("slot", &SetSlot::slot, "slot number"),
        trace::identity("region", &SetSlot::region, "region behind it"),
        trace::state("start", &SetSlot::start, "guest physical address"),
        trace::state("size", &SetSlot::size, "bytes"),
        trace::state("read_only", &SetSlot::read_only, "writes exit"),
        trace::identity("mapped", &SetSlot::mapped, "false: taken back"));
  }
};

// RAM ranges cut to whole pages; what is left over is reached through exits.
std::vector<MemorySlots::Slot> wanted_slots(AddressSpace& space) {
  std::vector<MemorySlots::Slot> slots;
  for (const FlatRange& range : space.flat_view()) {
    if (range.region->ram.empty())
      continue;
    const std::uint64_t skip = (page - range.start % page) % page;
    if (range.size < skip + page)
      continue;
    const std::uint64_t size = (range.size - skip) / page * page;
    std::byte* host = range.region->ram.data() + range.offset + skip;
    // The engine maps whole host pages: offset and address must agree.
    if ((range.offset + skip) % page != 0)
      continue;
    slots.push_back(
        {0, range.start + skip, size, host, range.read_only, range.region->name});
  }
  return slots;
}

}  // namespace

void MemorySlots::sync(AddressSpace& space) {
  std::vector<Slot> wanted = wanted_slots(space);
  // First what goes, so that nothing overlaps; then what is new.
  std::erase_if(slots_, [&](const Slot& slot) {
    if (std::find(wanted.begin(), wanted.end(), slot) != wanted.end())
      return false;
    trace::Span span{SetSlot{.slot = slot.number,
                             .region = slot.name,
                             .start = {slot.start},
                             .size = {slot.size},
                             .read_only = slot.read_only,
                             .mapped = false}};
    vm_.unmap_memory(slot.number);
    return true;
  });
  for (Slot& slot : wanted) {
    if (std::find(slots_.begin(), slots_.end(), slot) != slots_.end())
      continue;
    slot.number = free_number();
    trace::Span span{SetSlot{.slot = slot.number,
                             .region = slot.name,
                             .start = {slot.start},
                             .size = {slot.size},
                             .read_only = slot.read_only,
                             .mapped = true}};
    vm_.map_memory(slot.number, GuestPhysAddr{slot.start}, {slot.host, slot.size},
                   slot.read_only ? MemoryAccess::read_only : MemoryAccess::read_write);
    slots_.push_back(slot);
  }
}

std::uint32_t MemorySlots::free_number() const {
  std::uint32_t number = 0;
  while (std::any_of(slots_.begin(), slots_.end(),
                     [&](const Slot& slot) { return slot.number == number; }))
    ++number;
  return number;
}

}  // namespace core
