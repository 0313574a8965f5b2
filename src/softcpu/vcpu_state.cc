// The register interface of SoftVcpu: copies between core's layout and Cpu.
#include "softcpu/vcpu.h"
#include "softcpu/vm.h"

namespace softcpu {

core::Regs Cpu::regs() const {
  const u64* g = gpr;
  core::Regs r;
  r.rax = g[0], r.rcx = g[1], r.rdx = g[2], r.rbx = g[3];
  r.rsp = g[4], r.rbp = g[5], r.rsi = g[6], r.rdi = g[7];
  r.r8 = g[8], r.r9 = g[9], r.r10 = g[10], r.r11 = g[11];
  r.r12 = g[12], r.r13 = g[13], r.r14 = g[14], r.r15 = g[15];
  r.rip = rip;
  r.rflags = rflags();
  return r;
}

core::Sregs Cpu::sregs() const {
  core::Sregs s;
  s.cs = seg[seg_cs], s.ds = seg[seg_ds], s.es = seg[seg_es];
  s.fs = seg[seg_fs], s.gs = seg[seg_gs], s.ss = seg[seg_ss];
  s.tr = seg[seg_tr], s.ldt = seg[seg_ldt];
  s.gdt = gdt, s.idt = idt;
  s.cr0 = cr0, s.cr2 = cr2, s.cr3 = cr3, s.cr4 = cr4, s.cr8 = cr8;
  s.efer = efer, s.apic_base = apic_base;
  return s;
}

core::Regs SoftVcpu::regs() {
  return cpu_.regs();
}

void SoftVcpu::set_regs(const core::Regs& r) {
  u64* g = cpu_.gpr;
  g[0] = r.rax, g[1] = r.rcx, g[2] = r.rdx, g[3] = r.rbx;
  g[4] = r.rsp, g[5] = r.rbp, g[6] = r.rsi, g[7] = r.rdi;
  g[8] = r.r8, g[9] = r.r9, g[10] = r.r10, g[11] = r.r11;
  g[12] = r.r12, g[13] = r.r13, g[14] = r.r14, g[15] = r.r15;
  cpu_.rip = r.rip;
  cpu_.set_rflags(r.rflags);
  forget_progress();
}

core::Sregs SoftVcpu::sregs() {
  return cpu_.sregs();
}

void SoftVcpu::set_sregs(const core::Sregs& s) {
  cpu_.seg[seg_cs] = s.cs, cpu_.seg[seg_ds] = s.ds, cpu_.seg[seg_es] = s.es;
  cpu_.seg[seg_fs] = s.fs, cpu_.seg[seg_gs] = s.gs, cpu_.seg[seg_ss] = s.ss;
  cpu_.seg[seg_tr] = s.tr, cpu_.seg[seg_ldt] = s.ldt;
  cpu_.gdt = s.gdt, cpu_.idt = s.idt;
  cpu_.cr0 = s.cr0 | cr0_et;
  cpu_.cr2 = s.cr2, cpu_.cr3 = s.cr3, cpu_.cr4 = s.cr4, cpu_.cr8 = s.cr8;
  cpu_.efer = s.efer, cpu_.apic_base = s.apic_base;
  cpu_.cpl = cpu_.protected_mode() ? s.ss.dpl : 0;
  cpu_.update_derived();
  if ((cpu_.cr0 & cr0_pg) && (cpu_.cr4 & cr4_pae) && !cpu_.long_mode()) {
    cpu_.load_pdptrs();
  }
  cpu_.flush_tlb();
  forget_progress();
}

core::Fpu SoftVcpu::fpu() {
  return cpu_.fpu;
}

void SoftVcpu::set_fpu(const core::Fpu& fpu) {
  cpu_.fpu = fpu;
}

std::optional<u64> SoftVcpu::msr(u32 index) {
  return cpu_.read_msr(index);
}

bool SoftVcpu::set_msr(u32 index, u64 value) {
  return cpu_.write_msr(index, value);
}

void SoftVcpu::set_cpuid(std::span<const core::CpuidEntry> entries) {
  cpu_.cpuid.assign(entries.begin(), entries.end());
}

void SoftVcpu::reset() {
  cpu_.power_on();
  irq_.reset();
  injected_.reset();
  nmi_pending_ = false;
  step_owed_ = false;
  forget_progress();
}

}  // namespace softcpu
