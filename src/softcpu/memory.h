// Guest physical memory: the slots the board mapped, and which pages hold code that
// was decoded. Pages are 4 KiB. Thread rule: under the Vm's run lock.
#pragma once

#include <cstddef>
#include <map>
#include <span>

#include "core/vcpu.h"
#include "softcpu/insn.h"

namespace softcpu {

inline constexpr u64 page_size = 4096;
inline constexpr u64 page_offset_mask = page_size - 1;
inline constexpr u64 physical_mask = (u64{1} << 40) - 1;  // as CPUID 80000008h says

struct HostPage {
  std::byte* bytes = nullptr;  // nullptr: no memory there, so a device may answer
  bool writable = false;
};

class Memory {
 public:
  // Throws std::invalid_argument for a misaligned or empty range or one that meets
  // another slot.
  void map(u32 slot, u64 address, std::span<std::byte> host, core::MemoryAccess access);
  void unmap(u32 slot);

  HostPage page(u64 physical) const;

  // Little-endian access that never leaves guest memory: a page table or descriptor
  // in a hole reads as all ones and swallows writes.
  u64 load(u64 physical, unsigned size) const;
  void store(u64 physical, unsigned size, u64 value);

 private:
  struct Slot {
    u64 begin = 0, end = 0;
    std::byte* host = nullptr;
    bool writable = false;
  };

  std::map<u32, Slot> slots_;
  mutable const Slot* last_ = nullptr;
};

}  // namespace softcpu
