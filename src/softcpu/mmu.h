// The software TLB: from a page of linear addresses to host memory in one compare.
// An entry allows reading, writing and fetching separately; a page that must not be
// touched directly (device, read-only memory, decoded code when writing, dirty bit
// still clear) has no tag for that access and takes the slow path in mmu.cc.
#pragma once

#include <array>
#include <cstddef>

#include "softcpu/insn.h"

namespace softcpu {

enum class Access : u8 { read, write, fetch };

struct TlbEntry {
  static constexpr u64 no_tag = 1;        // never equal to a page address
  u64 tag[3] = {no_tag, no_tag, no_tag};  // by Access
  std::byte* host = nullptr;
  u64 physical = 0;  // of the page
};

class Tlb {
 public:
  static constexpr std::size_t entries = 1024;

  TlbEntry& at(bool user, u64 linear) {
    return table_[user ? 1 : 0][(linear >> 12) & (entries - 1)];
  }

  void flush() { table_.fill(std::array<TlbEntry, entries>{}); }

  void flush_page(u64 linear) {
    at(false, linear) = TlbEntry{};
    at(true, linear) = TlbEntry{};
  }

  // The page got decoded code in it: writes must be seen from now on.
  void forbid_writes(u64 physical_page) {
    for (auto& half : table_) {
      for (TlbEntry& entry : half) {
        if (entry.physical == physical_page) {
          entry.tag[1] = TlbEntry::no_tag;
        }
      }
    }
  }

 private:
  std::array<std::array<TlbEntry, entries>, 2> table_{};
};

}  // namespace softcpu
