// The arithmetic flags, kept apart while guest code runs: storing six small values
// is cheaper than merging bits, and a condition reads just the one it needs.
#pragma once

#include <bit>
#include <type_traits>

#include "softcpu/insn.h"

namespace softcpu {

enum FlagBit : u64 {
  flag_cf = 1u << 0,
  flag_fixed = 1u << 1,
  flag_pf = 1u << 2,
  flag_af = 1u << 4,
  flag_zf = 1u << 6,
  flag_sf = 1u << 7,
  flag_tf = 1u << 8,
  flag_if = 1u << 9,
  flag_df = 1u << 10,
  flag_of = 1u << 11,
  flag_iopl = 3u << 12,
  flag_nt = 1u << 14,
  flag_rf = 1u << 16,
  flag_vm = 1u << 17,
  flag_ac = 1u << 18,
  flag_vif = 1u << 19,
  flag_vip = 1u << 20,
  flag_id = 1u << 21,
};

inline constexpr u64 arithmetic_flags =
    flag_cf | flag_pf | flag_af | flag_zf | flag_sf | flag_of;

template <class T>
inline constexpr unsigned bits_of = sizeof(T) * 8;

template <class T>
constexpr bool top_bit(T value) {
  return (value >> (bits_of<T> - 1)) & 1;
}

struct Flags {
  u64 zero = 1;   // ZF is zero == 0
  u8 parity = 0;  // PF is even parity of this byte
  bool sign = false;
  bool carry = false;
  bool overflow = false;
  bool adjust = false;

  bool zf() const { return zero == 0; }

  bool pf() const { return (std::popcount(parity) & 1) == 0; }

  u64 bits() const {
    return u64{carry} | u64{pf()} << 2 | u64{adjust} << 4 | u64{zf()} << 6 |
           u64{sign} << 7 | u64{overflow} << 11;
  }

  void set_bits(u64 value) {
    carry = value & flag_cf;
    parity = (value & flag_pf) ? 0 : 1;
    adjust = value & flag_af;
    zero = (value & flag_zf) ? 0 : 1;
    sign = value & flag_sf;
    overflow = value & flag_of;
  }

  template <class T>
  void set_szp(T result) {
    zero = result;
    parity = static_cast<u8>(result);
    sign = top_bit(result);
  }

  template <class T>
  void set_logic(T result) {
    set_szp(result);
    carry = overflow = adjust = false;
  }

  template <class T>
  T add(T a, T b, bool carry_in = false) {
    T result = static_cast<T>(a + b + (carry_in ? 1 : 0));
    carry = carry_in ? result <= a : result < a;
    overflow = top_bit(static_cast<T>((a ^ result) & (b ^ result)));
    adjust = ((a ^ b ^ result) >> 4) & 1;
    set_szp(result);
    return result;
  }

  template <class T>
  T sub(T a, T b, bool borrow_in = false) {
    T result = static_cast<T>(a - b - (borrow_in ? 1 : 0));
    carry = borrow_in ? a <= b : a < b;
    overflow = top_bit(static_cast<T>((a ^ b) & (a ^ result)));
    adjust = ((a ^ b ^ result) >> 4) & 1;
    set_szp(result);
    return result;
  }

  // Condition codes in the order of their opcodes (0x70..0x7f).
  bool condition(u8 code) const {
    bool value = false;
    switch (code >> 1) {
      case 0:
        value = overflow;
        break;
      case 1:
        value = carry;
        break;
      case 2:
        value = zf();
        break;
      case 3:
        value = carry || zf();
        break;
      case 4:
        value = sign;
        break;
      case 5:
        value = pf();
        break;
      case 6:
        value = sign != overflow;
        break;
      default:
        value = zf() || sign != overflow;
        break;
    }
    return value != ((code & 1) != 0);
  }
};

}  // namespace softcpu
