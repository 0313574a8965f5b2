// DAA, DAS, AAA, AAS, AAM, AAD, SALC (SDM vol. 2). Undefined flags follow the result.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

constexpr u8 al = rax * 8, ah = rax * 8 + 1;

template <bool add>
Step decimal_adjust(Cpu& cpu, const Insn&) {
  Flags& f = cpu.flags;
  u8 old = cpu.reg<u8>(al), value = old;
  bool old_carry = f.carry, carry = false;
  if ((old & 15) > 9 || f.adjust) {
    value = static_cast<u8>(add ? old + 6 : old - 6);
    carry = old_carry || (add ? value < old : old < 6);
    f.adjust = true;
  } else {
    f.adjust = false;
  }
  if (old > 0x99 || old_carry) {
    value = static_cast<u8>(add ? value + 0x60 : value - 0x60);
    carry = true;
  }
  cpu.set_reg<u8>(al, value);
  f.set_szp(value);
  f.carry = carry;
  f.overflow = false;
  return Step::next;
}

template <bool add>
Step ascii_adjust(Cpu& cpu, const Insn&) {
  Flags& f = cpu.flags;
  u16 ax = cpu.reg<u16>(rax);
  bool adjust = (ax & 15) > 9 || f.adjust;
  if (adjust) {
    ax = static_cast<u16>(add ? ax + 0x106 : ax - 0x106);
  }
  ax &= 0xff0f;
  cpu.set_reg<u16>(rax, ax);
  f.set_szp(static_cast<u8>(ax));
  f.overflow = false;
  f.adjust = f.carry = adjust;
  return Step::next;
}

Step aam(Cpu& cpu, const Insn& insn) {
  u8 divisor = static_cast<u8>(insn.imm);
  if (divisor == 0) {
    return cpu.raise_step(vector_de);
  }
  u8 value = cpu.reg<u8>(al);
  cpu.set_reg<u8>(ah, value / divisor);
  cpu.set_reg<u8>(al, value % divisor);
  cpu.flags.set_logic<u8>(value % divisor);
  return Step::next;
}

Step aad(Cpu& cpu, const Insn& insn) {
  u8 value = static_cast<u8>(cpu.reg<u8>(al) + cpu.reg<u8>(ah) * insn.imm);
  cpu.set_reg<u16>(rax, value);
  cpu.flags.set_logic(value);
  return Step::next;
}

Step salc(Cpu& cpu, const Insn&) {
  cpu.set_reg<u8>(al, cpu.flags.carry ? 0xff : 0);
  return Step::next;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_DAA, bind_fixed<decimal_adjust<true>>},
    {ZYDIS_MNEMONIC_DAS, bind_fixed<decimal_adjust<false>>},
    {ZYDIS_MNEMONIC_AAA, bind_fixed<ascii_adjust<true>>},
    {ZYDIS_MNEMONIC_AAS, bind_fixed<ascii_adjust<false>>},
    {ZYDIS_MNEMONIC_AAM, bind_fixed<aam>},
    {ZYDIS_MNEMONIC_AAD, bind_fixed<aad>},
    {ZYDIS_MNEMONIC_SALC, bind_fixed<salc>},
};

}  // namespace

std::span<const Row> bcd_rows() {
  return rows;
}

}  // namespace softcpu
