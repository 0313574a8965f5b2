// Shifts and rotates: SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD. The count is
// masked to 5 bits (6 for 64-bit operands); a masked count of 0 changes no flag.
// Where the manuals leave OF undefined (count > 1) we keep the formula for count 1.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

template <class T>
constexpr unsigned count_mask = sizeof(T) == 8 ? 63 : 31;

struct Shl {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    u64 wide = value;
    bool carry = count <= bits_of<T> && (wide >> (bits_of<T> - count)) & 1;
    T result = count >= bits_of<T> ? T{0} : static_cast<T>(wide << count);
    f.set_szp(result);
    f.carry = carry;
    f.overflow = top_bit(result) != carry;
    f.adjust = false;
    return result;
  }
};

struct Shr {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    u64 wide = value;
    f.carry = (wide >> (count - 1)) & 1;
    f.overflow = top_bit(value);
    T result = count >= bits_of<T> ? T{0} : static_cast<T>(wide >> count);
    f.set_szp(result);
    f.adjust = false;
    return result;
  }
};

struct Sar {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    i64 wide = static_cast<i64>(sign_extend(value, sizeof(T)));
    f.carry = (wide >> (count - 1)) & 1;
    f.overflow = false;
    T result = static_cast<T>(wide >> count);
    f.set_szp(result);
    f.adjust = false;
    return result;
  }
};

struct Rol {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    T result = std::rotl(value, static_cast<int>(count % bits_of<T>));
    f.carry = result & 1;
    f.overflow = top_bit(result) != f.carry;
    return result;
  }
};

struct Ror {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    T result = std::rotr(value, static_cast<int>(count % bits_of<T>));
    f.carry = top_bit(result);
    f.overflow = top_bit(result) != top_bit(static_cast<T>(result << 1));
    return result;
  }
};

// Rotates through CF: one bit at a time, at most 64 of them.
struct Rcl {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    for (count %= bits_of<T> + 1; count > 0; --count) {
      bool out = top_bit(value);
      value = static_cast<T>((value << 1) | (f.carry ? 1 : 0));
      f.carry = out;
    }
    f.overflow = top_bit(value) != f.carry;
    return value;
  }
};

struct Rcr {
  template <class T>
  static T apply(Flags& f, T value, unsigned count) {
    for (count %= bits_of<T> + 1; count > 0; --count) {
      bool out = value & 1;
      value = static_cast<T>((value >> 1) | (T{f.carry} << (bits_of<T> - 1)));
      f.carry = out;
    }
    f.overflow = top_bit(value) != top_bit(static_cast<T>(value << 1));
    return value;
  }
};

enum class Count : u8 { immediate, cl };

template <class T, Count count>
unsigned count_of(const Cpu& cpu, const Insn& insn) {
  u64 raw = count == Count::cl ? cpu.reg<u8>(rcx * 8) : insn.imm;
  return static_cast<unsigned>(raw & count_mask<T>);
}

template <class Op, class T, Count count>
Step shift_reg(Cpu& cpu, const Insn& insn) {
  unsigned by = count_of<T, count>(cpu, insn);
  T value = cpu.reg<T>(insn.dst);
  if (by != 0) {
    value = Op::apply(cpu.flags, value, by);
  }
  cpu.set_reg<T>(insn.dst, value);
  return Step::next;
}

template <class Op, class T, Count count>
Step shift_mem(Cpu& cpu, const Insn& insn) {
  unsigned by = count_of<T, count>(cpu, insn);
  u64 at = cpu.effective_address(insn);
  T value = 0;
  if (!cpu.load_for_write(insn.segment, at, value)) {
    return cpu.stopped();
  }
  Flags flags = cpu.flags;
  if (by != 0) {
    value = Op::apply(flags, value, by);
  }
  if (!cpu.store<T>(insn.segment, at, value)) {
    return cpu.stopped();
  }
  cpu.flags = flags;
  return Step::next;
}

template <class Op>
Handler bind_shift(const Form& form, Insn& insn) {
  bool by_cl = form.kind[1] == Kind::reg;
  if (form.kind[1] == Kind::none) {
    insn.imm = 1;
  }
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.kind[0] == Kind::reg) {
      return by_cl ? &shift_reg<Op, T, Count::cl> : &shift_reg<Op, T, Count::immediate>;
    }
    return by_cl ? &shift_mem<Op, T, Count::cl> : &shift_mem<Op, T, Count::immediate>;
  });
}

// SHLD and SHRD. For 16-bit operands a count above 16 is undefined: the bits then
// come from the pair dst:src:dst, as CPUs do.
template <class T, bool left>
T shift_double(Flags& f, T dst, T src, unsigned count) {
  T result = dst;
  bool carry = false;
  T feed = src;
  for (unsigned i = 0; i < count; ++i) {
    if (i == bits_of<T>) {
      feed = dst;
    }
    if constexpr (left) {
      carry = top_bit(result);
      result = static_cast<T>((result << 1) | (top_bit(feed) ? 1 : 0));
      feed = static_cast<T>(feed << 1);
    } else {
      carry = result & 1;
      result = static_cast<T>((result >> 1) |
                              (T{static_cast<T>(feed & 1)} << (bits_of<T> - 1)));
      feed = static_cast<T>(feed >> 1);
    }
  }
  f.set_szp(result);
  f.carry = carry;
  f.overflow = top_bit(result) != top_bit(dst);
  f.adjust = false;
  return result;
}

template <class T, bool left, Count count>
Step double_reg(Cpu& cpu, const Insn& insn) {
  unsigned by = count_of<T, count>(cpu, insn);
  T value = cpu.reg<T>(insn.dst);
  if (by != 0) {
    value = shift_double<T, left>(cpu.flags, value, cpu.reg<T>(insn.src), by);
  }
  cpu.set_reg<T>(insn.dst, value);
  return Step::next;
}

template <class T, bool left, Count count>
Step double_mem(Cpu& cpu, const Insn& insn) {
  unsigned by = count_of<T, count>(cpu, insn);
  u64 at = cpu.effective_address(insn);
  T value = 0;
  if (!cpu.load_for_write(insn.segment, at, value)) {
    return cpu.stopped();
  }
  Flags flags = cpu.flags;
  if (by != 0) {
    value = shift_double<T, left>(flags, value, cpu.reg<T>(insn.src), by);
  }
  if (!cpu.store<T>(insn.segment, at, value)) {
    return cpu.stopped();
  }
  cpu.flags = flags;
  return Step::next;
}

template <bool left>
Handler bind_double(const Form& form, Insn&) {
  bool by_cl = form.kind[2] == Kind::reg;
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.kind[0] == Kind::reg) {
      return by_cl ? &double_reg<T, left, Count::cl>
                   : &double_reg<T, left, Count::immediate>;
    }
    return by_cl ? &double_mem<T, left, Count::cl>
                 : &double_mem<T, left, Count::immediate>;
  });
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_SHL, bind_shift<Shl>},     {ZYDIS_MNEMONIC_SHR, bind_shift<Shr>},
    {ZYDIS_MNEMONIC_SAR, bind_shift<Sar>},     {ZYDIS_MNEMONIC_ROL, bind_shift<Rol>},
    {ZYDIS_MNEMONIC_ROR, bind_shift<Ror>},     {ZYDIS_MNEMONIC_RCL, bind_shift<Rcl>},
    {ZYDIS_MNEMONIC_RCR, bind_shift<Rcr>},     {ZYDIS_MNEMONIC_SHLD, bind_double<true>},
    {ZYDIS_MNEMONIC_SHRD, bind_double<false>},
};

}  // namespace

std::span<const Row> shift_rows() {
  return rows;
}

}  // namespace softcpu
