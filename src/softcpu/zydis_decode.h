// The one place that speaks Zydis' API. Two generations are in use and differ:
//
//                        3.1, 3.2 (Ubuntu 22.04)       4.0 and later
//   width type           ZydisAddressWidth             ZydisStackWidth
//   decode               ZydisDecoderDecodeBuffer      ZydisDecoderDecodeFull
//   operands             inside the instruction        an array of the caller
//   visible operands     to be counted                 operand_count_visible
//   format               instruction alone             instruction, operands, user data
//
// The rest of the folder sees `Decoded` and the functions below, and of Zydis itself only
// what both generations spell alike: mnemonics, and the fields of an instruction that
// binders look at (operand_width, opcode, raw.rex, meta).
//
// ZYDIS_VERSION holds a cast, which the preprocessor cannot read; a constant that came
// with 4.0 tells the generations apart, and zydis_decode.cc asserts that it told right.
#pragma once

#include <Zydis/Zydis.h>

#include <span>
#include <string>

#include "softcpu/insn.h"

#ifdef ZYDIS_MAX_OPERAND_COUNT_VISIBLE
#define VITRINE_ZYDIS_GENERATION 4
#else
#define VITRINE_ZYDIS_GENERATION 3
#endif

namespace softcpu {

enum class CodeMode : u8;

enum class DecodeStatus : u8 { ok, need_more, invalid, too_long };

// One instruction as Zydis sees it. Operands: first the visible ones (explicit and
// implicit), then the hidden ones, `insn.operand_count` together.
struct Decoded {
  ZydisDecodedInstruction insn;
  u8 visible = 0;

#if VITRINE_ZYDIS_GENERATION >= 4
  ZydisDecodedOperand storage[ZYDIS_MAX_OPERAND_COUNT];

  const ZydisDecodedOperand* operands() const {
    return storage;
  }
#else
  const ZydisDecodedOperand* operands() const {
    return insn.operands;
  }
#endif
};

using MemoryOperand = decltype(ZydisDecodedOperand::mem);

// Decodes the first instruction of `bytes`; `out` is valid only after `ok`.
DecodeStatus zydis_decode(CodeMode mode, std::span<const u8> bytes, Decoded& out);

// As an Intel assembler would write it, with branch targets counted from `rip`.
std::string zydis_text(const Decoded& decoded, u64 rip);
// In AT&T's notation, as logs of QEMU are written.
std::string zydis_att_text(const Decoded& decoded, u64 rip);

// Number of a register within its class: 3 for BL, BX, EBX, RBX.
u8 zydis_register_number(ZydisRegister reg);
ZydisRegisterClass zydis_register_class(ZydisRegister reg);

}  // namespace softcpu
