// SYSCALL, SYSRET, SYSENTER, SYSEXIT: fixed flat segments instead of descriptors
// (SDM vol. 2; AMD APM vol. 2 6.1 for the legacy-mode SYSCALL).
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

core::Segment flat(u16 selector, u8 type, u8 dpl, bool wide_code) {
  core::Segment s;
  s.selector = selector;
  s.limit = 0xffffffff;
  s.type = type;
  s.s = s.present = s.g = true;
  s.dpl = dpl;
  s.l = wide_code;
  s.db = !wide_code;
  return s;
}

void enter_ring(Cpu& cpu, u16 cs, u16 ss, u8 ring, bool wide) {
  cpu.seg[seg_cs] = flat(cs, 11, ring, wide);
  cpu.seg[seg_ss] = flat(ss, 3, ring, false);
  cpu.cpl = ring;
  cpu.update_derived();
}

Step syscall(Cpu& cpu, const Insn& insn) {
  if (!(cpu.efer & efer_sce) || !cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  u64 return_rip = cpu.next_rip(insn);
  u16 selector = static_cast<u16>((cpu.msrs.star >> 32) & 0xfffc);
  cpu.gpr[rcx] = return_rip;
  if (!cpu.long_mode()) {
    cpu.system_flags &= ~u64{flag_if | flag_vm | flag_rf};
    enter_ring(cpu, selector, static_cast<u16>(selector + 8), 0, false);
    cpu.rip = cpu.msrs.star & 0xffffffff;
    return Step::jump;
  }
  cpu.gpr[r11] = cpu.rflags() & ~u64{flag_rf};
  u64 target = cpu.code64() ? cpu.msrs.lstar : cpu.msrs.cstar;
  cpu.set_rflags(cpu.rflags() & ~cpu.msrs.sfmask & ~u64{flag_rf});
  enter_ring(cpu, selector, static_cast<u16>(selector + 8), 0, true);
  cpu.rip = target;
  return Step::jump;
}

Step sysret(Cpu& cpu, const Insn& insn) {
  if (!(cpu.efer & efer_sce)) {
    return cpu.raise_step(vector_ud);
  }
  if (!cpu.protected_mode() || cpu.cpl != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  u16 base = static_cast<u16>(cpu.msrs.star >> 48);
  u16 ss = static_cast<u16>((base + 8) | 3);
  bool wide = insn.size2 == 8;
  u64 target = wide ? cpu.gpr[rcx] : cpu.reg<u32>(rcx);
  if (wide && !canonical(target)) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (cpu.long_mode()) {
    cpu.set_rflags(cpu.gpr[r11] & 0x3c7fd7);
  } else {
    cpu.system_flags |= flag_if;
  }
  enter_ring(cpu, static_cast<u16>((wide ? base + 16 : base) | 3), ss, 3, wide);
  cpu.rip = target;
  return Step::jump;
}

Step sysenter(Cpu& cpu, const Insn&) {
  if (!cpu.protected_mode() || (cpu.msrs.sysenter_cs & 0xfffc) == 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  u16 cs = static_cast<u16>(cpu.msrs.sysenter_cs & 0xfffc);
  bool wide = cpu.long_mode();
  cpu.system_flags &= ~u64{flag_if | flag_vm | flag_rf};
  enter_ring(cpu, cs, static_cast<u16>(cs + 8), 0, wide);
  cpu.gpr[rsp] = wide ? cpu.msrs.sysenter_esp : cpu.msrs.sysenter_esp & 0xffffffff;
  cpu.rip = wide ? cpu.msrs.sysenter_eip : cpu.msrs.sysenter_eip & 0xffffffff;
  return Step::jump;
}

Step sysexit(Cpu& cpu, const Insn& insn) {
  if (!cpu.protected_mode() || (cpu.msrs.sysenter_cs & 0xfffc) == 0 || cpu.cpl != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  bool wide = insn.size2 == 8;
  u64 target = cpu.gpr[rdx], stack = cpu.gpr[rcx];
  if (wide && (!canonical(target) || !canonical(stack))) {
    return cpu.raise_step(vector_gp, 0);
  }
  u16 base = static_cast<u16>(cpu.msrs.sysenter_cs & 0xfffc);
  u16 cs = static_cast<u16>((base + (wide ? 32 : 16)) | 3);
  enter_ring(cpu, cs, static_cast<u16>(cs + 8), 3, wide);
  cpu.gpr[rsp] = wide ? stack : stack & 0xffffffff;
  cpu.rip = wide ? target : target & 0xffffffff;
  return Step::jump;
}

// 64-bit return forms have REX.W.
template <Handler handler>
Handler bind_return(const Form& form, Insn& insn) {
  insn.size2 = form.insn.raw.rex.W ? 8 : 4;
  return handler;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_SYSCALL, bind_fixed<syscall>},
    {ZYDIS_MNEMONIC_SYSRET, bind_return<sysret>},
    {ZYDIS_MNEMONIC_SYSENTER, bind_fixed<sysenter>},
    {ZYDIS_MNEMONIC_SYSEXIT, bind_return<sysexit>},
};

}  // namespace

std::span<const Row> fast_call_rows() {
  return rows;
}

}  // namespace softcpu
