// Far control transfers: loading CS by JMP, CALL, RET and IRET (SDM vol. 3 5.8).
#pragma once

#include "softcpu/decoder.h"
#include "softcpu/descriptor.h"

namespace softcpu {

// Bound from op_control.cc, because they share mnemonics with near transfers.
Handler bind_far_jmp(const Form& form, Insn& insn);
Handler bind_far_call(const Form& form, Insn& insn);
Handler bind_far_ret(const Form& form, Insn& insn);

// Is `rip` inside the code segment about to be entered? Else raises #GP(0).
bool entry_ok(Cpu& cpu, const core::Segment& code, u64 rip);

// What a far return or IRET found on the stack.
struct ReturnFrame {
  u64 rip = 0;
  u16 cs = 0;
  bool has_stack = false;  // also SS:RSP was popped
  u64 rsp_value = 0;
  u16 ss = 0;
  u64 pointer_after = 0;  // stack pointer behind the frame
  u64 release = 0;        // bytes RET imm16 drops on both stacks
};

// Checks a return to the same or an outer ring, then commits CS, SS, stack pointer,
// CPL and rip. For an outer ring the caller must have popped the stack.
bool far_return(Cpu& cpu, const ReturnFrame& frame);

}  // namespace softcpu
