// INT n, INT3, INTO, INT1, IRET in all widths, BOUND, UD.
#include "softcpu/guest_log.h"
#include "softcpu/transfer.h"

namespace softcpu {
namespace {

Step software_interrupt(Cpu& cpu, const Insn& insn, u8 vector, Cpu::Event event) {
  cpu.stop_step = Step::fault;
  if (event == Cpu::Event::software) {
    log_interrupt(cpu, {vector, std::nullopt, true, cpu.insn_rip(insn)});
  }
  bool ok = cpu.deliver_once(vector, event, std::nullopt, cpu.next_rip(insn));
  return ok ? Step::jump : cpu.stopped();
}

Step int_n(Cpu& cpu, const Insn& insn) {
  return software_interrupt(cpu, insn, static_cast<u8>(insn.imm), Cpu::Event::software);
}

Step int3(Cpu& cpu, const Insn& insn) {
  return software_interrupt(cpu, insn, vector_bp, Cpu::Event::software);
}

Step into(Cpu& cpu, const Insn& insn) {
  if (!cpu.flags.overflow) {
    return Step::next;
  }
  return software_interrupt(cpu, insn, vector_of, Cpu::Event::software);
}

// INT1 is not subject to the gate's DPL.
Step int1(Cpu& cpu, const Insn& insn) {
  return software_interrupt(cpu, insn, vector_db, Cpu::Event::exception);
}

// Flags IRET may change at this privilege level.
u64 iret_flag_mask(const Cpu& cpu, unsigned width) {
  u64 mask = 0x247fd5;
  if (cpu.cpl > 0) {
    mask &= ~u64{flag_iopl};
  }
  if (cpu.cpl > cpu.iopl()) {
    mask &= ~u64{flag_if};
  }
  return mask & mask_of(width);
}

Step iret_real(Cpu& cpu, unsigned width) {
  u64 pointer = cpu.stack_pointer(), ip = 0, cs = 0, flags = 0;
  if (!cpu.pop_sized(pointer, width, ip) || !cpu.pop_sized(pointer, width, cs) ||
      !cpu.pop_sized(pointer, width, flags)) {
    return cpu.stopped();
  }
  if (ip > cpu.code_limit) {
    return cpu.raise_step(vector_gp, 0);
  }
  u64 mask = iret_flag_mask(cpu, width);
  cpu.set_stack_pointer(pointer);
  cpu.set_real_segment(seg_cs, static_cast<u16>(cs));
  cpu.set_rflags((cpu.rflags() & ~mask) | (flags & mask));
  cpu.rip = ip;
  return Step::jump;
}

bool pop_frame(Cpu& cpu, unsigned width, ReturnFrame& frame, u64& flags) {
  u64 pointer = cpu.stack_pointer(), cs = 0, ss = 0;
  if (!cpu.pop_sized(pointer, width, frame.rip) || !cpu.pop_sized(pointer, width, cs) ||
      !cpu.pop_sized(pointer, width, flags)) {
    return false;
  }
  frame.cs = static_cast<u16>(cs);
  frame.has_stack = cpu.code64() || (cs & 3) > cpu.cpl;
  if (frame.has_stack && (!cpu.pop_sized(pointer, width, frame.rsp_value) ||
                          !cpu.pop_sized(pointer, width, ss))) {
    return false;
  }
  frame.ss = static_cast<u16>(ss);
  frame.pointer_after = pointer;
  return true;
}

template <unsigned width>
Step iret(Cpu& cpu, const Insn& insn) {
  if (!cpu.protected_mode()) {
    Step step = iret_real(cpu, width);
    cpu.nmi_blocked = cpu.nmi_blocked && step != Step::jump;
    return step;
  }
  if (cpu.system_flags & flag_nt) {
    return cpu.long_mode() ? cpu.raise_step(vector_gp, 0)
                           : cpu.unbuilt(&insn, "return from a nested task is not built");
  }
  ReturnFrame frame;
  u64 flags = 0;
  if (!pop_frame(cpu, width, frame, flags)) {
    return cpu.stopped();
  }
  if ((flags & flag_vm) && width == 4 && cpu.cpl == 0 && !cpu.long_mode()) {
    return cpu.unbuilt(&insn, "virtual-8086 mode is not built");
  }
  u64 mask = iret_flag_mask(cpu, width);
  if (!far_return(cpu, frame)) {
    return cpu.stopped();
  }
  cpu.set_rflags((cpu.rflags() & ~mask & ~u64{flag_rf}) | (flags & mask));
  cpu.nmi_blocked = false;
  return Step::jump;
}

template <class T>
Step bound(Cpu& cpu, const Insn& insn) {
  using Signed = std::make_signed_t<T>;
  u64 at = cpu.effective_address(insn);
  T low = 0, high = 0;
  if (!cpu.load(insn.segment, at, low) ||
      !cpu.load(insn.segment, (at + sizeof(T)) & insn.address_mask, high)) {
    return cpu.stopped();
  }
  Signed index = static_cast<Signed>(cpu.reg<T>(insn.dst));
  bool inside = index >= static_cast<Signed>(low) && index <= static_cast<Signed>(high);
  return inside ? Step::next : cpu.raise_step(vector_br);
}

Handler bind_bound(const Form& form, Insn&) {
  return form.size[0] == 2 ? bound<u16> : bound<u32>;
}

Step undefined(Cpu& cpu, const Insn&) {
  return cpu.raise_step(vector_ud);
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_INT, bind_fixed<int_n>},
    {ZYDIS_MNEMONIC_INT3, bind_fixed<int3>},
    {ZYDIS_MNEMONIC_INTO, bind_fixed<into>},
    {ZYDIS_MNEMONIC_INT1, bind_fixed<int1>},
    {ZYDIS_MNEMONIC_IRET, bind_fixed<iret<2>>},
    {ZYDIS_MNEMONIC_IRETD, bind_fixed<iret<4>>},
    {ZYDIS_MNEMONIC_IRETQ, bind_fixed<iret<8>>},
    {ZYDIS_MNEMONIC_BOUND, bind_bound},
    {ZYDIS_MNEMONIC_UD0, bind_fixed<undefined>},
    {ZYDIS_MNEMONIC_UD1, bind_fixed<undefined>},
    {ZYDIS_MNEMONIC_UD2, bind_fixed<undefined>},
};

}  // namespace

std::span<const Row> interrupt_rows() {
  return rows;
}

}  // namespace softcpu
