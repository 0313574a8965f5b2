// The slots of one Vm: which pieces of guest memory it has been given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/memory.h"
#include "core/vcpu.h"

namespace core {

class MemorySlots {
 public:
  struct Slot {
    std::uint32_t number = 0;
    std::uint64_t start = 0, size = 0;
    std::byte* host = nullptr;
    bool read_only = false;
    std::string name;  // of the region, for traces

    // The same piece of memory, whatever its number.
    bool operator==(const Slot& other) const {
      return start == other.start && size == other.size && host == other.host &&
             read_only == other.read_only;
    }
  };

  explicit MemorySlots(Vm& vm) : vm_(vm) {}  // `vm` outlives this

  // Makes the Vm's slots what the flat view says, changing as few as possible.
  void sync(AddressSpace& space);

  const std::vector<Slot>& slots() const { return slots_; }

 private:
  std::uint32_t free_number() const;
  Vm& vm_;
  std::vector<Slot> slots_;
};

}  // namespace core
