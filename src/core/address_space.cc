// Address spaces: finding who answers at an address, and moving the bytes.
// See memory.h. Port exits come through here: the way to a device is one compare
// (the range found last time) or a binary search, then the device's callback.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <utility>

#include "core/accel.h"
#include "core/log.h"
#include "core/machine.h"
#include "core/memory.h"
#include "core/memory_internal.h"
#include "core/memory_trace.h"

namespace core {
namespace {

struct Unassigned {
  static constexpr trace::Declaration declaration{
      "memory_region_unassigned", trace::Category::memory, trace::Shape::instant,
      "Nobody answers: a read gives all ones, a write goes nowhere."};
  std::string_view space;
  trace::Hex address;
  std::uint32_t size = 0;
  bool write = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("space", &Unassigned::space, "address space"),
        trace::identity("address", &Unassigned::address, "first byte"),
        trace::identity("size", &Unassigned::size, "bytes"),
        trace::identity("write", &Unassigned::write, "true for a write"));
  }
};

void report_unassigned(const std::string& space, std::uint64_t address, std::size_t size,
                       bool write, const char* reason) {
  trace::instant(Unassigned{.space = space,
                            .address = {address},
                            .size = static_cast<std::uint32_t>(size),
                            .write = write});
  qemu_log_mask(LOG_GUEST_ERROR, "Invalid %s at addr 0x%llX, size %zu, %s, reason: %s\n",
                write ? "write" : "read", static_cast<unsigned long long>(address), size,
                space.c_str(), reason);
}

struct Listener {
  int handle;
  std::function<void()> changed;
};

struct Spaces {
  MemoryRegion* system_memory = nullptr;
  MemoryRegion* system_io = nullptr;
  std::unique_ptr<AddressSpace> memory;
  std::unique_ptr<AddressSpace> io;
  std::uint64_t told = 0;  // generation the listeners know
};

// Made before the program runs: every exit comes through here.
constinit Spaces spaces;

struct Listeners {
  std::vector<Listener> all;
  int next_handle = 1;
};

Listeners& listeners() {
  static Listeners list;
  return list;
}

// Little endian, as every device register here.
std::uint64_t load(std::span<const std::byte> data) {
  std::uint64_t value = 0;
  for (std::size_t i = data.size(); i-- > 0;)
    value = value << 8 | static_cast<std::uint64_t>(data[i]);
  return value;
}

void store(std::span<std::byte> data, std::uint64_t value) {
  for (std::byte& byte : data) {
    byte = static_cast<std::byte>(value & 0xff);
    value >>= 8;
  }
}

// The largest access the region takes at `offset`: a power of two, naturally
// aligned, at most `left` bytes.
unsigned access_size(const MemoryRegion* mr, std::uint64_t offset, std::size_t left) {
  const std::uint64_t largest = std::max(mr->ops->max_access_size, 1u);
  std::uint64_t size = std::min<std::uint64_t>(left, largest);
  if (offset != 0)
    size = std::min(size, offset & -offset);
  while (size & (size - 1))
    size &= size - 1;
  return static_cast<unsigned>(size);
}

}  // namespace

// ---- one space --------------------------------------------------------------------

// What one step of an access does: `size` bytes at `address`.
struct AddressSpace::Piece {
  const FlatRange* range = nullptr;  // nullptr: nobody answers
  std::uint64_t offset = 0;          // in the region
  std::size_t size = 0;
};

// Never destroyed: the two spaces of a PC leave it when the program ends.
static std::vector<AddressSpace*>& all_spaces() {
  static auto& all = *new std::vector<AddressSpace*>;
  return all;
}

AddressSpace::AddressSpace(MemoryRegion* root, std::string name)
    : root_(root), name_(std::move(name)) {
  all_spaces().push_back(this);
  trace::instant(SpaceMade{.name = name_, .root = object_id(root_)});
}

AddressSpace::~AddressSpace() {
  std::erase(all_spaces(), this);
}

const std::vector<AddressSpace*>& AddressSpace::all() {
  return all_spaces();
}

const std::vector<FlatRange>& AddressSpace::flat_view() {
  if (generation_ != memory_generation()) {
    flat_ = flatten(root_);
    generation_ = memory_generation();
    last_ = 0;
  }
  return flat_;
}

const FlatRange* AddressSpace::find(std::uint64_t address) {
  const auto& view = flat_view();
  if (last_ < view.size() && address - view[last_].start < view[last_].size)
    return &view[last_];
  const auto above = std::upper_bound(
      view.begin(), view.end(), address,
      [](std::uint64_t a, const FlatRange& range) { return a < range.start; });
  if (above == view.begin())
    return nullptr;
  const FlatRange& range = *(above - 1);
  if (address - range.start >= range.size)
    return nullptr;
  last_ = static_cast<std::size_t>(above - 1 - view.begin());
  return &range;
}

AddressSpace::Piece AddressSpace::piece_at(std::uint64_t address, std::size_t left) {
  const FlatRange* range = find(address);
  if (!range) {
    // Up to the next range that answers, so that a wide access is not lost as a whole.
    const auto next = std::find_if(flat_.begin(), flat_.end(),
                                   [&](const FlatRange& r) { return r.start > address; });
    if (next != flat_.end())
      left =
          static_cast<std::size_t>(std::min<std::uint64_t>(left, next->start - address));
    return {nullptr, 0, left};
  }
  const std::uint64_t into = address - range->start;
  const std::uint64_t offset = range->offset + into;
  if (range->region->ram.empty()) {
    // A device decodes where an access begins and takes it whole, even if another one
    // lies on top of its later registers (reset control in the middle of PCI's 0xcf8).
    left = static_cast<std::size_t>(
        std::min<std::uint64_t>(left, range->region->size - offset));
    return {range, offset, access_size(range->region, offset, left)};
  }
  left = static_cast<std::size_t>(std::min<std::uint64_t>(left, range->size - into));
  return {range, offset, left};
}

void AddressSpace::read(std::uint64_t address, std::span<std::byte> data) {
  while (!data.empty()) {
    const Piece piece = piece_at(address, data.size());
    const auto part = data.first(piece.size);
    if (!piece.range) {
      report_unassigned(name_, address, part.size(), false, "unassigned");
      std::fill(part.begin(), part.end(), std::byte{0xff});
    } else if (!piece.range->region->ram.empty()) {
      std::memcpy(part.data(), piece.range->region->ram.data() + piece.offset,
                  part.size());
    } else {
      store(part, memory_region_dispatch_read(piece.range->region, piece.offset,
                                              static_cast<unsigned>(part.size())));
    }
    data = data.subspan(piece.size);
    address += piece.size;
  }
}

void AddressSpace::write(std::uint64_t address, std::span<const std::byte> data) {
  while (!data.empty()) {
    const Piece piece = piece_at(address, data.size());
    const auto part = data.first(piece.size);
    if (!piece.range || (!piece.range->region->ram.empty() && piece.range->read_only)) {
      report_unassigned(name_, address, part.size(), true,
                        piece.range ? "read-only memory" : "unassigned");
    } else if (!piece.range->region->ram.empty()) {
      std::memcpy(piece.range->region->ram.data() + piece.offset, part.data(),
                  part.size());
      memory_invalidate(address, part.size());
    } else {
      memory_region_dispatch_write(piece.range->region, piece.offset, load(part),
                                   static_cast<unsigned>(part.size()));
    }
    data = data.subspan(piece.size);
    address += piece.size;
  }
}

std::span<std::byte> AddressSpace::ram(std::uint64_t address, std::uint64_t size) {
  const FlatRange* range = find(address);
  if (!range || range->region->ram.empty() ||
      size > range->size - (address - range->start))
    return {};
  return range->region->ram.subspan(range->offset + (address - range->start), size);
}

// ---- the two spaces of a PC ---------------------------------------------------------

void address_spaces_init() {
  if (spaces.memory)
    return;
  spaces.system_memory =
      memory_region_new_container(nullptr, "system", ~std::uint64_t{0});
  spaces.memory = std::make_unique<AddressSpace>(spaces.system_memory, "memory");
  spaces.system_io = memory_region_new_container(nullptr, "io", 65536);
  spaces.io = std::make_unique<AddressSpace>(spaces.system_io, "I/O");
}

AddressSpace& address_space_memory() {
  assert(spaces.memory && "address_spaces_init() comes first");
  return *spaces.memory;
}

AddressSpace& address_space_io() {
  assert(spaces.io && "address_spaces_init() comes first");
  return *spaces.io;
}

MemoryRegion* get_system_memory() {
  return spaces.system_memory;
}

MemoryRegion* get_system_io() {
  return spaces.system_io;
}

int memory_listener_register(std::function<void()> changed) {
  Listeners& list = listeners();
  list.all.push_back({list.next_handle, std::move(changed)});
  spaces.told = 0;
  return list.next_handle++;
}

void memory_listener_unregister(int handle) {
  std::erase_if(listeners().all, [&](const Listener& l) { return l.handle == handle; });
}

void memory_commit() {
  if (spaces.told == memory_generation())
    return;
  spaces.told = memory_generation();
  for (const Listener& listener : listeners().all)
    listener.changed();
}

void memory_invalidate(std::uint64_t address, std::uint64_t size) {
  if (current_machine && current_machine->accelerator && current_machine->accelerator->vm)
    current_machine->accelerator->vm->invalidate(GuestPhysAddr{address}, size);
}

void memory_reset_for_test() {
  spaces = Spaces();
  listeners() = Listeners();
}

}  // namespace core
