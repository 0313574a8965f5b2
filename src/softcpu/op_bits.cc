// BT, BTS, BTR, BTC, BSF, BSR, POPCNT, LZCNT, and BMI1 with TZCNT.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

enum class BitOp : u8 { test, set, reset, complement };

template <class T, BitOp op>
T changed(T value, unsigned bit) {
  T one = static_cast<T>(T{1} << bit);
  switch (op) {
    case BitOp::set:
      return static_cast<T>(value | one);
    case BitOp::reset:
      return static_cast<T>(value & ~one);
    case BitOp::complement:
      return static_cast<T>(value ^ one);
    default:
      return value;
  }
}

template <class T, BitOp op, bool has_imm>
Step bit_reg(Cpu& cpu, const Insn& insn) {
  T index = has_imm ? static_cast<T>(insn.imm) : cpu.reg<T>(insn.src);
  unsigned bit = static_cast<unsigned>(index & (bits_of<T> - 1));
  T value = cpu.reg<T>(insn.dst);
  cpu.flags.carry = (value >> bit) & 1;
  if constexpr (op != BitOp::test) {
    cpu.set_reg<T>(insn.dst, changed<T, op>(value, bit));
  }
  return Step::next;
}

// With a register index the bit string reaches beyond the operand, both ways.
template <class T, BitOp op, bool has_imm>
Step bit_mem(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  T index = has_imm ? static_cast<T>(insn.imm) : cpu.reg<T>(insn.src);
  if constexpr (!has_imm) {
    constexpr int shift = std::countr_zero(bits_of<T>);
    i64 items = static_cast<i64>(sign_extend(index, sizeof(T))) >> shift;
    at = (at + static_cast<u64>(items) * sizeof(T)) & insn.address_mask;
  }
  unsigned bit = static_cast<unsigned>(index & (bits_of<T> - 1));
  T value = 0;
  if constexpr (op == BitOp::test) {
    if (!cpu.load(insn.segment, at, value)) {
      return cpu.stopped();
    }
  } else if (!cpu.load_for_write(insn.segment, at, value) ||
             !cpu.store<T>(insn.segment, at, changed<T, op>(value, bit))) {
    return cpu.stopped();
  }
  cpu.flags.carry = (value >> bit) & 1;
  return Step::next;
}

template <BitOp op>
Handler bind_bit(const Form& form, Insn&) {
  bool has_imm = form.kind[1] == Kind::immediate;
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.kind[0] == Kind::reg) {
      return has_imm ? &bit_reg<T, op, true> : &bit_reg<T, op, false>;
    }
    return has_imm ? &bit_mem<T, op, true> : &bit_mem<T, op, false>;
  });
}

// --- one source, one result ------------------------------------------------

// BSF and BSR of zero: the whole destination stays, as AMD documents and Intel does.
struct Bsf {
  static constexpr bool keeps_on_zero = true;

  template <class T>
  static T apply(Flags& f, T source, T old) {
    f.zero = source;
    return source == 0 ? old : static_cast<T>(std::countr_zero(source));
  }
};

struct Bsr {
  static constexpr bool keeps_on_zero = true;

  template <class T>
  static T apply(Flags& f, T source, T old) {
    f.zero = source;
    return source == 0 ? old : static_cast<T>(bits_of<T> - 1 - std::countl_zero(source));
  }
};

struct Popcnt {
  static constexpr bool keeps_on_zero = false;

  template <class T>
  static T apply(Flags& f, T source, T) {
    f.set_bits(0);
    f.zero = source;
    return static_cast<T>(std::popcount(source));
  }
};

template <class T>
T counted(Flags& f, T source, int count) {
  f.carry = source == 0;
  f.zero = static_cast<u64>(count);
  return static_cast<T>(count);
}

struct Tzcnt {
  static constexpr bool keeps_on_zero = false;

  template <class T>
  static T apply(Flags& f, T source, T) {
    return counted(f, source, std::countr_zero(source));
  }
};

struct Lzcnt {
  static constexpr bool keeps_on_zero = false;

  template <class T>
  static T apply(Flags& f, T source, T) {
    return counted(f, source, std::countl_zero(source));
  }
};

template <class Op, class T>
Step scan_value(Cpu& cpu, const Insn& insn, T source) {
  T result = Op::apply(cpu.flags, source, cpu.reg<T>(insn.dst));
  if (source != 0 || !Op::keeps_on_zero) {
    cpu.set_reg<T>(insn.dst, result);
  }
  return Step::next;
}

template <class Op, class T>
Step scan_reg(Cpu& cpu, const Insn& insn) {
  return scan_value<Op, T>(cpu, insn, cpu.reg<T>(insn.src));
}

template <class Op, class T>
Step scan_mem(Cpu& cpu, const Insn& insn) {
  T source = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), source)) {
    return cpu.stopped();
  }
  return scan_value<Op, T>(cpu, insn, source);
}

template <class Op>
Handler bind_scan(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[1] == Kind::reg ? &scan_reg<Op, T> : &scan_mem<Op, T>;
  });
}

// --- BMI1 ------------------------------------------------------------------

// The r/m operand, wherever the form has it; memory if insn.condition says so.
template <class T>
bool bmi_source(Cpu& cpu, const Insn& insn, u8 number, T& out) {
  if (insn.condition) {
    return cpu.load(insn.segment, cpu.effective_address(insn), out);
  }
  out = cpu.reg<T>(number);
  return true;
}

template <class T>
Step andn(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!bmi_source(cpu, insn, insn.third, value)) {
    return cpu.stopped();
  }
  T result = static_cast<T>(~cpu.reg<T>(insn.src) & value);
  cpu.flags.set_logic(result);
  cpu.set_reg<T>(insn.dst, result);
  return Step::next;
}

template <class T>
Step bextr(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!bmi_source(cpu, insn, insn.src, value)) {
    return cpu.stopped();
  }
  unsigned start = cpu.gpr[insn.third] & 0xff, length = cpu.gpr[insn.third] >> 8 & 0xff;
  value = start < bits_of<T> ? static_cast<T>(value >> start) : T{0};
  if (length < bits_of<T>) {
    value &= static_cast<T>((T{1} << length) - 1);
  }
  cpu.flags.set_logic(value);
  cpu.set_reg<T>(insn.dst, value);
  return Step::next;
}

enum class LowBit : u8 { isolate, mask_up_to, reset };

template <class T, LowBit op>
Step low_bit(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!bmi_source(cpu, insn, insn.src, value)) {
    return cpu.stopped();
  }
  T less = static_cast<T>(value - 1);
  T result = op == LowBit::isolate ? static_cast<T>(value & (T{0} - value))
             : op == LowBit::reset ? static_cast<T>(value & less)
                                   : static_cast<T>(value ^ less);
  cpu.flags.set_logic(result);
  cpu.flags.carry = op == LowBit::isolate ? value != 0 : value == 0;
  cpu.set_reg<T>(insn.dst, result);
  return Step::next;
}

template <Handler narrow, Handler wide>
Handler bind_bmi(const Form& form, Insn& insn) {
  insn.condition = form.kind[1] == Kind::memory || form.kind[2] == Kind::memory;
  return form.size[0] == 8 ? wide : narrow;
}

template <LowBit op>
Handler bind_low_bit(const Form& form, Insn& insn) {
  return bind_bmi<low_bit<u32, op>, low_bit<u64, op>>(form, insn);
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_ANDN, bind_bmi<andn<u32>, andn<u64>>},
    {ZYDIS_MNEMONIC_BEXTR, bind_bmi<bextr<u32>, bextr<u64>>},
    {ZYDIS_MNEMONIC_BLSI, bind_low_bit<LowBit::isolate>},
    {ZYDIS_MNEMONIC_BLSMSK, bind_low_bit<LowBit::mask_up_to>},
    {ZYDIS_MNEMONIC_BLSR, bind_low_bit<LowBit::reset>},
    {ZYDIS_MNEMONIC_BT, bind_bit<BitOp::test>},
    {ZYDIS_MNEMONIC_BTS, bind_bit<BitOp::set>},
    {ZYDIS_MNEMONIC_BTR, bind_bit<BitOp::reset>},
    {ZYDIS_MNEMONIC_BTC, bind_bit<BitOp::complement>},
    {ZYDIS_MNEMONIC_BSF, bind_scan<Bsf>},
    {ZYDIS_MNEMONIC_BSR, bind_scan<Bsr>},
    {ZYDIS_MNEMONIC_POPCNT, bind_scan<Popcnt>},
    {ZYDIS_MNEMONIC_TZCNT, bind_scan<Tzcnt>},
    {ZYDIS_MNEMONIC_LZCNT, bind_scan<Lzcnt>},
};

}  // namespace

std::span<const Row> bit_rows() {
  return rows;
}

}  // namespace softcpu
