// JMP, CALL and RET far: real mode, code segments, call gates (16, 32 and 64 bits).
// Not built, and reported as such: task switches.
#include <utility>

#include "softcpu/guest_log.h"
#include "softcpu/transfer.h"

namespace softcpu {
namespace {

struct FarTarget {
  u16 selector = 0;
  u64 offset = 0;
};

bool far_target(Cpu& cpu, const Insn& insn, FarTarget& out) {
  if (insn.condition != 0) {  // the pointer is in the instruction
    out = {insn.selector, insn.imm & mask_of(insn.size2)};
    return true;
  }
  u64 at = cpu.effective_address(insn), selector = 0;
  if (!cpu.load_sized(insn.segment, at, insn.size2, out.offset) ||
      !cpu.load_sized(insn.segment, (at + insn.size2) & insn.address_mask, 2, selector)) {
    return false;
  }
  out.selector = static_cast<u16>(selector);
  return true;
}

bool push_return(Cpu& cpu, const Insn& insn, unsigned width, u64& pointer) {
  return cpu.push_sized(pointer, width, cpu.seg[seg_cs].selector) &&
         cpu.push_sized(pointer, width, cpu.next_rip(insn));
}

Step real_transfer(Cpu& cpu, const Insn& insn, const FarTarget& target, bool call) {
  u64 pointer = cpu.stack_pointer();
  if (target.offset > cpu.code_limit) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (call && !push_return(cpu, insn, insn.size2, pointer)) {
    return cpu.stopped();
  }
  if (call) {
    cpu.set_stack_pointer(pointer);
  }
  cpu.set_real_segment(seg_cs, target.selector);
  cpu.rip = target.offset;
  return Step::jump;
}

void enter(Cpu& cpu, Descriptor& code, u16 selector, u64 rip) {
  code.segment.selector = static_cast<u16>((selector & ~3u) | cpu.cpl);
  cpu.seg[seg_cs] = code.segment;
  cpu.update_derived();
  cpu.rip = rip;
}

Step to_code_segment(Cpu& cpu, const Insn& insn, const FarTarget& target,
                     Descriptor& code, bool call) {
  u32 error = target.selector & ~3u;
  u8 dpl = code.segment.dpl;
  bool allowed = code.is_conforming()
                     ? dpl <= cpu.cpl
                     : dpl == cpu.cpl && (target.selector & 3) <= cpu.cpl;
  if (!allowed || (cpu.long_mode() && code.segment.l && code.segment.db)) {
    return cpu.raise_step(vector_gp, error);
  }
  if (!code.segment.present) {
    return cpu.raise_step(vector_np, error);
  }
  u64 pointer = cpu.stack_pointer();
  if (!entry_ok(cpu, code.segment, target.offset) || !mark_accessed(cpu, code) ||
      (call && !push_return(cpu, insn, insn.size2, pointer))) {
    return cpu.stopped();
  }
  if (call) {
    cpu.set_stack_pointer(pointer);
  }
  enter(cpu, code, target.selector, target.offset);
  return Step::jump;
}

// CALL through a gate into an inner ring: new stack from the TSS, the caller's stack
// pointer and `parameters` stack items copied to it.
Step call_inner(Cpu& cpu, const Insn& insn, const Descriptor& gate, Descriptor& code,
                unsigned width) {
  u8 ring = code.segment.dpl;
  core::Segment old_cs = cpu.seg[seg_cs], old_ss = cpu.seg[seg_ss], ss;
  u64 old_rsp = cpu.gpr[rsp], from = cpu.stack_pointer(), return_rip = cpu.next_rip(insn);
  unsigned parameters = cpu.long_mode() ? 0 : (gate.low >> 32) & 31;
  u64 values[32] = {}, pointer = 0;
  for (unsigned i = 0; i < parameters; ++i) {
    if (!cpu.pop_sized(from, width, values[i])) {
      return cpu.stopped();
    }
  }
  if (cpu.long_mode()) {
    if (!cpu.system_load(cpu.seg[seg_tr].base + 4 + 8u * ring, 8, pointer)) {
      return cpu.stopped();
    }
    ss.selector = ring;
    ss.unusable = ss.db = true;
    ss.dpl = ring;
  } else {
    RingStack stack;
    if (!ring_stack(cpu, ring, stack) ||
        !inner_stack_segment(cpu, stack.ss, ring, vector_ts, ss)) {
      return cpu.stopped();
    }
    pointer = stack.pointer;
  }
  u8 old_cpl = std::exchange(cpu.cpl, ring);
  u64 offset = width == 2   ? gate.gate_offset() & 0xffff
               : width == 4 ? gate.gate_offset() & 0xffffffff
                            : gate.gate_offset();
  cpu.seg[seg_ss] = ss;
  enter(cpu, code, gate.gate_selector(), offset);
  bool ok = cpu.push_sized(pointer, width, old_ss.selector) &&
            cpu.push_sized(pointer, width, old_rsp);
  for (unsigned i = parameters; ok && i > 0; --i) {
    ok = cpu.push_sized(pointer, width, values[i - 1]);
  }
  ok = ok && cpu.push_sized(pointer, width, old_cs.selector) &&
       cpu.push_sized(pointer, width, return_rip);
  if (!ok) {
    cpu.cpl = old_cpl;
    cpu.seg[seg_cs] = old_cs;
    cpu.seg[seg_ss] = old_ss;
    cpu.update_derived();
    return cpu.stopped();
  }
  cpu.set_stack_pointer(pointer);
  return Step::jump;
}

Step through_gate(Cpu& cpu, const Insn& insn, u16 selector, Descriptor& gate, bool call) {
  u32 error = selector & ~3u;
  if (gate.segment.dpl < cpu.cpl || gate.segment.dpl < (selector & 3)) {
    return cpu.raise_step(vector_gp, error);
  }
  if (!gate.segment.present) {
    return cpu.raise_step(vector_np, error);
  }
  if (cpu.long_mode() && !read_descriptor_high(cpu, selector, vector_gp, gate)) {
    return cpu.stopped();
  }
  u32 code_error = gate.gate_selector() & ~3u;
  Descriptor code;
  if (code_error == 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (!read_descriptor(cpu, gate.gate_selector(), vector_gp, code)) {
    return cpu.stopped();
  }
  bool privilege_ok = call || code.is_conforming() ? code.segment.dpl <= cpu.cpl
                                                   : code.segment.dpl == cpu.cpl;
  bool shape_ok = !cpu.long_mode() || (code.segment.l && !code.segment.db);
  if (!code.is_code() || !privilege_ok || !shape_ok) {
    return cpu.raise_step(vector_gp, code_error);
  }
  if (!code.segment.present) {
    return cpu.raise_step(vector_np, code_error);
  }
  unsigned width = cpu.long_mode() ? 8 : gate.segment.type & 8 ? 4 : 2;
  if (call && !code.is_conforming() && code.segment.dpl < cpu.cpl) {
    return call_inner(cpu, insn, gate, code, width);
  }
  Insn as_gate = insn;
  as_gate.size2 = static_cast<u8>(width);
  FarTarget target{static_cast<u16>(code_error), gate.gate_offset() & mask_of(width)};
  return to_code_segment(cpu, as_gate, target, code, call);
}

template <bool call>
Step far_transfer(Cpu& cpu, const Insn& insn) {
  FarTarget target;
  if (!far_target(cpu, insn, target)) {
    return cpu.stopped();
  }
  if (!cpu.protected_mode()) {
    return real_transfer(cpu, insn, target, call);
  }
  if (call) {
    log_far_transfer(cpu, "lcall", target.selector, target.offset);
  }
  Descriptor d;
  if ((target.selector & ~3u) == 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (!read_descriptor(cpu, target.selector, vector_gp, d)) {
    return cpu.stopped();
  }
  if (d.is_code()) {
    return to_code_segment(cpu, insn, target, d, call);
  }
  u8 type = d.segment.type;
  if (!d.segment.s &&
      (type == type_call_gate || (type == type_call_gate16 && !cpu.long_mode()))) {
    return through_gate(cpu, insn, target.selector, d, call);
  }
  bool task = type == type_task_gate || type == type_tss_available ||
              type == type_tss16_available;
  if (!d.segment.s && task && !cpu.long_mode()) {
    return cpu.unbuilt(&insn, "task switch is not built");
  }
  return cpu.raise_step(vector_gp, target.selector & ~3u);
}

Step far_ret(Cpu& cpu, const Insn& insn) {
  u64 pointer = cpu.stack_pointer(), cs = 0, ss = 0;
  ReturnFrame frame;
  if (!cpu.pop_sized(pointer, insn.size2, frame.rip) ||
      !cpu.pop_sized(pointer, insn.size2, cs)) {
    return cpu.stopped();
  }
  if (!cpu.protected_mode()) {
    if (frame.rip > cpu.code_limit) {
      return cpu.raise_step(vector_gp, 0);
    }
    cpu.set_stack_pointer(pointer + insn.imm);
    cpu.set_real_segment(seg_cs, static_cast<u16>(cs));
    cpu.rip = frame.rip;
    return Step::jump;
  }
  frame.cs = static_cast<u16>(cs);
  frame.release = insn.imm;
  if ((cs & 3) > cpu.cpl) {
    pointer = (pointer + insn.imm) & cpu.stack_mask;
    if (!cpu.pop_sized(pointer, insn.size2, frame.rsp_value) ||
        !cpu.pop_sized(pointer, insn.size2, ss)) {
      return cpu.stopped();
    }
    frame.has_stack = true;
    frame.ss = static_cast<u16>(ss);
  }
  frame.pointer_after = pointer;
  return far_return(cpu, frame) ? Step::jump : cpu.stopped();
}

void mark_direct(const Form& form, Insn& insn) {
  insn.size2 = form.width();
  insn.condition = form.kind[0] == Kind::pointer;
}

}  // namespace

Handler bind_far_jmp(const Form& form, Insn& insn) {
  mark_direct(form, insn);
  return far_transfer<false>;
}

Handler bind_far_call(const Form& form, Insn& insn) {
  mark_direct(form, insn);
  return far_transfer<true>;
}

Handler bind_far_ret(const Form& form, Insn& insn) {
  insn.size2 = form.width();
  return far_ret;
}

}  // namespace softcpu
