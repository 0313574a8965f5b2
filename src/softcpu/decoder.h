// From bytes to Insn: Zydis decodes, and a table that the op_*.cc files fill says
// which handler runs the instruction in the form met.
#pragma once

#include <array>
#include <span>
#include <string>

#include "softcpu/cpu.h"
#include "softcpu/zydis_decode.h"

namespace softcpu {

enum class Kind : u8 {
  none,
  reg,
  memory,
  immediate,
  segment,
  control,
  debug,
  pointer,
  other
};

// The instruction as its binder sees it: the kinds and sizes of visible operands.
struct Form {
  const ZydisDecodedInstruction& insn;
  const ZydisDecodedOperand* operands;
  CodeMode mode;
  u8 count = 0;
  std::array<Kind, 4> kind{};
  std::array<u8, 4> size{};  // bytes

  bool is(Kind first, Kind second) const { return kind[0] == first && kind[1] == second; }

  u8 width() const { return static_cast<u8>(insn.operand_width / 8); }
};

// Chooses the handler and may adjust the Insn; nullptr: this form is not built.
using Bind = Handler (*)(const Form&, Insn&);

struct Row {
  ZydisMnemonic mnemonic;
  Bind bind;
};

// One table per op_*.cc file, gathered by decoder.cc.
std::span<const Row> move_rows();
std::span<const Row> alu_rows();
std::span<const Row> shift_rows();
std::span<const Row> muldiv_rows();
std::span<const Row> bit_rows();
std::span<const Row> bcd_rows();
std::span<const Row> stack_rows();
std::span<const Row> control_rows();
std::span<const Row> interrupt_rows();
std::span<const Row> fast_call_rows();
std::span<const Row> string_rows();
std::span<const Row> io_rows();
std::span<const Row> system_rows();
std::span<const Row> descriptor_rows();
std::span<const Row> exchange_rows();
std::span<const Row> fpu_rows();

// MOV to and from control and debug registers (op_system.cc).
Handler bind_mov_system(const Form& form, Insn& insn);

// For instructions that have one handler whatever their form.
template <Handler handler>
Handler bind_fixed(const Form&, Insn&) {
  return handler;
}

struct DecodeOutcome {
  DecodeStatus status = DecodeStatus::invalid;
  bool ends_block = false;
};

// Decodes one instruction; `out.offset` must already be set.
DecodeOutcome decode(CodeMode mode, std::span<const u8> bytes, Insn& out);

// The instruction as an Intel assembler would write it.
std::string disassemble(CodeMode mode, std::span<const u8> bytes, u64 rip);

// Calls `choose.template operator()<T>()` with the unsigned type of `size` bytes.
template <class F>
Handler by_size(u8 size, F choose) {
  switch (size) {
    case 1:
      return choose.template operator()<u8>();
    case 2:
      return choose.template operator()<u16>();
    case 4:
      return choose.template operator()<u32>();
    case 8:
      return choose.template operator()<u64>();
    default:
      return nullptr;
  }
}

}  // namespace softcpu
