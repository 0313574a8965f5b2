#include "gdbstub/registers.h"

#include <array>
#include <cstring>
#include <system_error>

#include "gdbstub/hex.h"

namespace gdbstub {

using namespace core;

namespace {

constexpr std::size_t first_segment = 18, first_base = 24, first_control = 27;
constexpr std::size_t first_float = 33, first_float_control = 41, first_vector = 49;
constexpr std::uint32_t msr_kernel_gs_base = 0xc0000102;
constexpr std::uint64_t efer_long_mode_active = 1u << 10;
constexpr std::uint64_t low_half = 0xffffffff;

constexpr std::uint64_t Regs::*general[] = {
    &Regs::rax, &Regs::rbx, &Regs::rcx, &Regs::rdx, &Regs::rsi, &Regs::rdi,
    &Regs::rbp, &Regs::rsp, &Regs::r8,  &Regs::r9,  &Regs::r10, &Regs::r11,
    &Regs::r12, &Regs::r13, &Regs::r14, &Regs::r15, &Regs::rip, &Regs::rflags};
constexpr Segment Sregs::*segments[] = {&Sregs::cs, &Sregs::ss, &Sregs::ds,
                                        &Sregs::es, &Sregs::fs, &Sregs::gs};
constexpr std::uint64_t Sregs::*controls[] = {&Sregs::cr0, &Sregs::cr2, &Sregs::cr3,
                                              &Sregs::cr4, &Sregs::cr8, &Sregs::efer};

bool real_mode(const Sregs& sregs, const Regs& regs) {
  constexpr std::uint64_t virtual_8086 = 1u << 17;
  return !(sregs.cr0 & 1) || (regs.rflags & virtual_8086);
}

// Two bits a register, 3: empty. What KVM and FXSAVE keep is one bit, 1: not empty.
std::uint64_t full_tag_word(std::uint8_t abridged) {
  std::uint64_t tags = 0;
  for (unsigned i = 0; i < 8; ++i) {
    tags |= (abridged >> i & 1 ? 0ull : 3ull) << (2 * i);
  }
  return tags;
}

std::uint8_t abridged_tag_word(std::uint64_t tags) {
  std::uint8_t bits = 0;
  for (unsigned i = 0; i < 8; ++i) {
    bits |= static_cast<std::uint8_t>(((tags >> (2 * i) & 3) != 3 ? 1 : 0) << i);
  }
  return bits;
}

}  // namespace

std::size_t register_size(std::size_t number) {
  if (number >= register_count) {
    return 0;
  }
  if (number >= first_vector) {
    return number + 1 == register_count ? 4 : 16;
  }
  if (number >= first_float) {
    return number >= first_float_control ? 4 : 10;
  }
  return number > rip_number && number < first_base ? 4 : 8;
}

bool RegisterFile::code64() const {
  return (sregs_.efer & efer_long_mode_active) && sregs_.cs.l;
}

Fpu& RegisterFile::fpu() {
  if (!fpu_) {
    fpu_ = vcpu_.fpu();
  }
  return *fpu_;
}

// ---- reading ------------------------------------------------------------------------

// Those of 80 and 128 bits; empty: not one of them.
std::span<std::uint8_t> RegisterFile::vector_bytes(std::size_t number) {
  if (number >= first_vector && number + 1 < register_count) {
    return fpu().xmm[number - first_vector];
  }
  if (number >= first_float && number < first_float_control) {
    return std::span(fpu().st[number - first_float]).first(10);
  }
  return {};
}

std::uint64_t RegisterFile::float_control(std::size_t number) {
  switch (number - first_float_control) {
    case 0:
      return fpu().fcw;
    case 1:
      return fpu().fsw;
    case 2:
      return full_tag_word(fpu().ftw);
    case 4:
      return fpu().last_ip;
    case 6:
      return fpu().last_dp;
    case 7:
      return fpu().last_opcode;
    default:
      return 0;  // selectors are not kept
  }
}

std::uint64_t RegisterFile::value(std::size_t number) {
  if (number < first_segment) {
    return regs_.*general[number];
  }
  if (number < first_base) {
    return (sregs_.*segments[number - first_segment]).selector;
  }
  if (number == first_base) {
    return sregs_.fs.base;
  }
  if (number == first_base + 1) {
    return sregs_.gs.base;
  }
  if (number == first_base + 2) {
    return kernel_gs_base_ ? *kernel_gs_base_ : vcpu_.msr(msr_kernel_gs_base).value_or(0);
  }
  if (number < first_float) {
    return sregs_.*controls[number - first_control];
  }
  return number + 1 == register_count ? fpu().mxcsr : float_control(number);
}

void RegisterFile::append(std::string& text, std::size_t number) {
  if (const auto wide = vector_bytes(number); !wide.empty()) {
    append_hex(text, std::as_bytes(wide));
    return;
  }
  std::uint64_t bits = value(number);
  if (number < first_float && !code64()) {
    bits &= low_half;
  }
  for (std::size_t i = 0; i < register_size(number); ++i) {
    append_hex(text, bits >> (8 * i) & 0xff, 2);
  }
}

// ---- writing ------------------------------------------------------------------------

// The hidden part follows from the selector only where there are no descriptors.
bool RegisterFile::set_selector(Segment& segment, std::uint64_t selector) {
  if (segment.selector == selector) {
    return true;
  }
  if (!real_mode(sregs_, regs_) || selector > 0xffff) {
    return false;
  }
  segment.selector = static_cast<std::uint16_t>(selector);
  segment.base = selector << 4;
  sregs_changed_ = true;
  return true;
}

void RegisterFile::set_float_control(std::size_t number, std::uint64_t value) {
  Fpu& state = fpu();
  switch (number - first_float_control) {
    case 0:
      state.fcw = static_cast<std::uint16_t>(value);
      break;
    case 1:
      state.fsw = static_cast<std::uint16_t>(value);
      break;
    case 2:
      state.ftw = abridged_tag_word(value);
      break;
    case 4:
      state.last_ip = value;
      break;
    case 6:
      state.last_dp = value;
      break;
    case 7:
      state.last_opcode = static_cast<std::uint16_t>(value);
      break;
    default:
      break;
  }
}

bool RegisterFile::set_value(std::size_t number, std::uint64_t value) {
  if (number < first_segment) {
    regs_.*general[number] = value;
    regs_changed_ = true;
  } else if (number < first_base) {
    return set_selector(sregs_.*segments[number - first_segment], value);
  } else if (number < first_base + 2) {
    (number == first_base ? sregs_.fs : sregs_.gs).base = value;
    sregs_changed_ = true;
  } else if (number == first_base + 2) {
    kernel_gs_base_ = value;
  } else if (number < first_float) {
    sregs_.*controls[number - first_control] = value;
    sregs_changed_ = true;
  } else {
    fpu_changed_ = true;
    if (number + 1 == register_count) {
      fpu().mxcsr = static_cast<std::uint32_t>(value);
    } else {
      set_float_control(number, value);
    }
  }
  return true;
}

bool RegisterFile::set(std::size_t number, std::span<const std::byte> bytes) {
  if (const auto wide = vector_bytes(number); !wide.empty()) {
    if (std::memcmp(wide.data(), bytes.data(), wide.size()) != 0) {
      std::memcpy(wide.data(), bytes.data(), wide.size());
      fpu_changed_ = true;
    }
    return true;
  }
  std::uint64_t wanted = 0;
  std::memcpy(&wanted, bytes.data(), bytes.size());
  std::uint64_t kept = 0;
  const std::uint64_t now = value(number);
  if (number < first_float && register_size(number) == 8 && !code64()) {
    wanted &= low_half;
    kept = now & ~low_half;
  }
  return (wanted | kept) == now || set_value(number, wanted | kept);
}

bool RegisterFile::commit() {
  try {
    if (sregs_changed_) {
      vcpu_.set_sregs(sregs_);
    }
    if (regs_changed_) {
      vcpu_.set_regs(regs_);
    }
    if (fpu_changed_) {
      vcpu_.set_fpu(*fpu_);
    }
  } catch (const std::system_error&) {
    return false;
  }
  return !kernel_gs_base_ || vcpu_.set_msr(msr_kernel_gs_base, *kernel_gs_base_);
}

}  // namespace gdbstub
