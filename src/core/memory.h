// Memory regions and address spaces: who answers at an address
// (QEMU's "qemu:memory-region": RAM, ROM, I/O callbacks, containers, aliases).
//
// Devices register MemoryRegionOps with a region and put the region into a
// container at an offset. An address space flattens its root container into a
// sorted list of ranges: RAM ranges go to the accelerator as slots, I/O ranges are
// looked up by dispatch. Unassigned reads return all ones, writes are dropped;
// both are trace events. Every access is bounds-checked; a device sees only
// offsets within its region and only sizes its ops allow (others are split or
// widened as QEMU does).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/vcpu.h"
#include "qom/object.h"

namespace core {

inline constexpr const char* TYPE_MEMORY_REGION = "qemu:memory-region";

struct MemoryRegionOps {
  // `opaque` is what memory_region_init_io was given. size: 1, 2, 4 or 8 bytes.
  std::uint64_t (*read)(void* opaque, std::uint64_t offset, unsigned size) = nullptr;
  void (*write)(void* opaque, std::uint64_t offset, std::uint64_t data,
                unsigned size) = nullptr;
  unsigned min_access_size = 1, max_access_size = 8;            // what the guest may do
  unsigned impl_min_access_size = 1, impl_max_access_size = 8;  // what the callbacks take
};

struct MemoryRegion : qom::Object {
  static constexpr const char* qom_type = "qemu:memory-region";
  std::string name;
  std::uint64_t size = 0;
  qom::Object* owner = nullptr;
  const MemoryRegionOps* ops = nullptr;
  void* opaque = nullptr;
  std::span<std::byte> ram;  // RAM and ROM: host bytes
  bool read_only = false;    // ROM
  MemoryRegion* alias = nullptr;
  std::uint64_t alias_offset = 0;
  bool enabled = true;
  int priority = 0;
  std::uint64_t address = 0;  // offset in its container
  MemoryRegion* container = nullptr;
  std::vector<MemoryRegion*> subregions;  // higher priority first, later first
};

// Each init makes the region a child NAME[*] of its owner (nullptr: /machine/unattached).
// The region is part of the owner (a member or memory_region_new) and dies with it.
MemoryRegion* memory_region_new_container(qom::Object* owner, std::string name,
                                          std::uint64_t size);
MemoryRegion* memory_region_new_io(qom::Object* owner, const MemoryRegionOps* ops,
                                   void* opaque, std::string name, std::uint64_t size);
MemoryRegion* memory_region_new_ram(qom::Object* owner, std::string name,
                                    std::uint64_t size);
MemoryRegion* memory_region_new_rom(qom::Object* owner, std::string name,
                                    std::uint64_t size);
MemoryRegion* memory_region_new_alias(qom::Object* owner, std::string name,
                                      MemoryRegion* target, std::uint64_t offset,
                                      std::uint64_t size);
void memory_region_add_subregion(MemoryRegion* container, std::uint64_t offset,
                                 MemoryRegion* sub);
void memory_region_add_subregion_overlap(MemoryRegion* container, std::uint64_t offset,
                                         MemoryRegion* sub, int priority);
void memory_region_del_subregion(MemoryRegion* container, MemoryRegion* sub);
void memory_region_set_enabled(MemoryRegion* mr, bool enabled);
void memory_region_set_address(MemoryRegion* mr, std::uint64_t address);
void memory_region_set_alias_offset(MemoryRegion* mr, std::uint64_t offset);
void memory_region_set_readonly(MemoryRegion* mr, bool read_only);
void memory_region_set_size(MemoryRegion* mr, std::uint64_t size);
// Takes the region from its container and its owner; it is freed when nothing else
// holds it.
void memory_region_delete(MemoryRegion* mr);

// One piece of a flattened address space: [start, start + size) is `region` from
// `offset` on. A size of 2^64 is stored as 2^64 - 1, in regions too.
struct FlatRange {
  std::uint64_t start = 0, size = 0;
  MemoryRegion* region = nullptr;
  std::uint64_t offset = 0;
  bool read_only = false;
};

class AddressSpace {
 public:
  AddressSpace(MemoryRegion* root, std::string name);
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  static const std::vector<AddressSpace*>& all();  // in order of their making

  MemoryRegion* root() const { return root_; }

  const std::string& name() const { return name_; }

  const std::vector<FlatRange>& flat_view();  // rebuilt when regions changed

  // Device and CPU accesses. data.size() bytes at address; total on every input.
  void read(std::uint64_t address, std::span<std::byte> data);
  void write(std::uint64_t address, std::span<const std::byte> data);
  // Host bytes of RAM at [address, address + size), empty if not all RAM.
  std::span<std::byte> ram(std::uint64_t address, std::uint64_t size);
  // The region that answers at `address`, or nullptr (unassigned).
  const FlatRange* find(std::uint64_t address);

 private:
  struct Piece;
  Piece piece_at(std::uint64_t address, std::size_t left);

  MemoryRegion* root_;
  std::string name_;
  std::vector<FlatRange> flat_;
  std::uint64_t generation_ = 0;  // of flat_; 0: never built
  std::size_t last_ = 0;          // index of the last range found: accesses repeat
};

// The two spaces of a PC: physical memory and ports. Exist from machine creation.
AddressSpace& address_space_memory();
AddressSpace& address_space_io();
void address_spaces_init();
MemoryRegion* get_system_memory();
MemoryRegion* get_system_io();

// Called when the flat view of memory changed, at the next memory_commit(): the
// accelerator remaps its slots. The handle takes the listener away again.
int memory_listener_register(std::function<void()> changed);
void memory_listener_unregister(int handle);
// Tells the listeners if anything changed since the last call. The vCPU loop calls it
// before guest code runs again, so a device may change many regions at one price.
void memory_commit();
// Guest memory [address, address + size) was written by the host (loader, DMA): told
// to the engine. AddressSpace::write does it itself.
void memory_invalidate(std::uint64_t address, std::uint64_t size);
void memory_reset_for_test();

}  // namespace core
