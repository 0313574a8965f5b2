// The moving registers of string instructions: SI, DI and CX at the address size,
// stepping up or down as DF says.
#pragma once

#include <algorithm>
#include <bit>

#include "softcpu/cpu.h"

namespace softcpu {

class StringRegisters {
 public:
  StringRegisters(Cpu& cpu, const Insn& insn, unsigned item)
      : cpu_(cpu),
        mask_(insn.address_mask),
        item_(item),
        address_size_(static_cast<unsigned>(std::popcount(insn.address_mask)) / 8) {}

  u64 source() const { return cpu_.gpr[rsi] & mask_; }

  u64 destination() const { return cpu_.gpr[rdi] & mask_; }

  u64 count() const { return cpu_.gpr[rcx] & mask_; }

  bool down() const { return cpu_.system_flags & flag_df; }

  void step(u8 number, u64 items) {
    u64 distance = items * item_;
    u64 value = cpu_.gpr[number] + (down() ? 0 - distance : distance);
    cpu_.set_reg_sized(number, value & mask_, address_size_);
  }

  void use_count(u64 items) {
    cpu_.set_reg_sized(rcx, (count() - items) & mask_, address_size_);
  }

  // Items from `offset` upwards before the address wraps or the page of `linear` ends.
  u64 items_in_page(u64 offset, u64 linear) const {
    u64 in_page = page_size - (linear & page_offset_mask);
    u64 to_wrap = mask_ - offset;
    return std::min(in_page, to_wrap) / item_;
  }

 private:
  Cpu& cpu_;
  u64 mask_;
  unsigned item_, address_size_;
};

}  // namespace softcpu
