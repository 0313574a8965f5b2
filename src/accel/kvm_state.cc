#include "accel/kvm_state.h"

#include <array>
#include <cstring>

namespace accel {
namespace {

core::Segment segment_from_kvm(const kvm_segment& s) {
  core::Segment segment;
  segment.base = s.base;
  segment.limit = s.limit;
  segment.selector = s.selector;
  segment.type = s.type;
  segment.present = s.present != 0;
  segment.s = s.s != 0;
  segment.db = s.db != 0;
  segment.l = s.l != 0;
  segment.g = s.g != 0;
  segment.avl = s.avl != 0;
  segment.dpl = s.dpl;
  segment.unusable = s.unusable != 0;
  return segment;
}

kvm_segment segment_to_kvm(const core::Segment& s) {
  kvm_segment segment{};
  segment.base = s.base;
  segment.limit = s.limit;
  segment.selector = s.selector;
  segment.type = s.type;
  segment.present = s.present ? 1 : 0;
  segment.s = s.s ? 1 : 0;
  segment.db = s.db ? 1 : 0;
  segment.l = s.l ? 1 : 0;
  segment.g = s.g ? 1 : 0;
  segment.avl = s.avl ? 1 : 0;
  segment.dpl = s.dpl;
  segment.unusable = s.unusable ? 1 : 0;
  return segment;
}

kvm_dtable table_to_kvm(const core::DescriptorTable& table) {
  kvm_dtable result{};
  result.base = table.base;
  result.limit = table.limit;
  return result;
}

// Real-mode segments as the processor leaves them at power-on.
core::Segment power_on_segment(std::uint8_t type) {
  core::Segment segment;
  segment.limit = 0xffff;
  segment.type = type;
  segment.present = true;
  return segment;
}

}  // namespace

core::Regs regs_from_kvm(const kvm_regs& r) {
  return {.rax = r.rax,
          .rbx = r.rbx,
          .rcx = r.rcx,
          .rdx = r.rdx,
          .rsi = r.rsi,
          .rdi = r.rdi,
          .rsp = r.rsp,
          .rbp = r.rbp,
          .r8 = r.r8,
          .r9 = r.r9,
          .r10 = r.r10,
          .r11 = r.r11,
          .r12 = r.r12,
          .r13 = r.r13,
          .r14 = r.r14,
          .r15 = r.r15,
          .rip = r.rip,
          .rflags = r.rflags};
}

kvm_regs regs_to_kvm(const core::Regs& r) {
  return {.rax = r.rax,
          .rbx = r.rbx,
          .rcx = r.rcx,
          .rdx = r.rdx,
          .rsi = r.rsi,
          .rdi = r.rdi,
          .rsp = r.rsp,
          .rbp = r.rbp,
          .r8 = r.r8,
          .r9 = r.r9,
          .r10 = r.r10,
          .r11 = r.r11,
          .r12 = r.r12,
          .r13 = r.r13,
          .r14 = r.r14,
          .r15 = r.r15,
          .rip = r.rip,
          .rflags = r.rflags};
}

core::Sregs sregs_from_kvm(const kvm_sregs& s) {
  core::Sregs sregs;
  sregs.cs = segment_from_kvm(s.cs);
  sregs.ds = segment_from_kvm(s.ds);
  sregs.es = segment_from_kvm(s.es);
  sregs.fs = segment_from_kvm(s.fs);
  sregs.gs = segment_from_kvm(s.gs);
  sregs.ss = segment_from_kvm(s.ss);
  sregs.tr = segment_from_kvm(s.tr);
  sregs.ldt = segment_from_kvm(s.ldt);
  sregs.gdt = {s.gdt.base, s.gdt.limit};
  sregs.idt = {s.idt.base, s.idt.limit};
  sregs.cr0 = s.cr0;
  sregs.cr2 = s.cr2;
  sregs.cr3 = s.cr3;
  sregs.cr4 = s.cr4;
  sregs.cr8 = s.cr8;
  sregs.efer = s.efer;
  sregs.apic_base = s.apic_base;
  return sregs;
}

kvm_sregs sregs_to_kvm(const core::Sregs& s, const kvm_sregs& base) {
  kvm_sregs sregs = base;
  sregs.cs = segment_to_kvm(s.cs);
  sregs.ds = segment_to_kvm(s.ds);
  sregs.es = segment_to_kvm(s.es);
  sregs.fs = segment_to_kvm(s.fs);
  sregs.gs = segment_to_kvm(s.gs);
  sregs.ss = segment_to_kvm(s.ss);
  sregs.tr = segment_to_kvm(s.tr);
  sregs.ldt = segment_to_kvm(s.ldt);
  sregs.gdt = table_to_kvm(s.gdt);
  sregs.idt = table_to_kvm(s.idt);
  sregs.cr0 = s.cr0;
  sregs.cr2 = s.cr2;
  sregs.cr3 = s.cr3;
  sregs.cr4 = s.cr4;
  sregs.cr8 = s.cr8;
  sregs.efer = s.efer;
  sregs.apic_base = s.apic_base;
  return sregs;
}

core::Fpu fpu_from_kvm(const kvm_fpu& f) {
  core::Fpu fpu;
  static_assert(sizeof fpu.st == sizeof f.fpr && sizeof fpu.xmm == sizeof f.xmm);
  std::memcpy(fpu.st.data(), f.fpr, sizeof f.fpr);
  std::memcpy(fpu.xmm.data(), f.xmm, sizeof f.xmm);
  fpu.fcw = f.fcw;
  fpu.fsw = f.fsw;
  fpu.ftw = f.ftwx;
  fpu.last_opcode = f.last_opcode;
  fpu.last_ip = f.last_ip;
  fpu.last_dp = f.last_dp;
  fpu.mxcsr = f.mxcsr;
  return fpu;
}

kvm_fpu fpu_to_kvm(const core::Fpu& f) {
  kvm_fpu fpu{};
  std::memcpy(fpu.fpr, f.st.data(), sizeof fpu.fpr);
  std::memcpy(fpu.xmm, f.xmm.data(), sizeof fpu.xmm);
  fpu.fcw = f.fcw;
  fpu.fsw = f.fsw;
  fpu.ftwx = f.ftw;
  fpu.last_opcode = f.last_opcode;
  fpu.last_ip = f.last_ip;
  fpu.last_dp = f.last_dp;
  fpu.mxcsr = f.mxcsr;
  return fpu;
}

core::CpuidEntry cpuid_from_kvm(const kvm_cpuid_entry2& e) {
  return {.function = e.function,
          .index = e.index,
          .index_significant = (e.flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) != 0,
          .eax = e.eax,
          .ebx = e.ebx,
          .ecx = e.ecx,
          .edx = e.edx};
}

kvm_cpuid_entry2 cpuid_to_kvm(const core::CpuidEntry& e) {
  kvm_cpuid_entry2 entry{};
  entry.function = e.function;
  entry.index = e.index;
  entry.flags = e.index_significant ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0;
  entry.eax = e.eax;
  entry.ebx = e.ebx;
  entry.ecx = e.ecx;
  entry.edx = e.edx;
  return entry;
}

// Watchpoints take the debug registers that no breakpoint has, in order.
static std::array<int, 4> watchpoint_registers(const core::DebugControl& control) {
  std::array<int, 4> watchpoint{-1, -1, -1, -1};
  const int count = static_cast<int>(control.watchpoints.size());
  int next = 0;
  for (unsigned i = 0; i < 4; ++i) {
    if (!(control.breakpoint_mask & (1u << i)) && next < count) {
      watchpoint[i] = next++;
    }
  }
  return watchpoint;
}

// The four bits of DR7 that say what register `i` is for, SDM vol. 3 17.2.4.
static std::uint64_t watch_bits(const core::Watchpoint& point, unsigned i) {
  const bool write_only = point.access == core::Watchpoint::Access::write;
  const std::uint64_t kind = write_only ? 1 : 3;  // 3: reading or writing
  const std::uint64_t length = point.length == 8 ? 2 : point.length - 1;
  return (kind | length << 2) << (16 + 4 * i);
}

kvm_guest_debug debug_to_kvm(const core::DebugControl& control) {
  kvm_guest_debug debug{};
  if (!control.enabled) {
    return debug;
  }
  debug.control = KVM_GUESTDBG_ENABLE;
  debug.control |= control.single_step ? KVM_GUESTDBG_SINGLESTEP : 0;
  debug.control |= control.breakpoints.empty() ? 0 : KVM_GUESTDBG_USE_SW_BP;
#ifdef KVM_GUESTDBG_BLOCKIRQ
  debug.control |= control.block_interrupts ? KVM_GUESTDBG_BLOCKIRQ : 0;
#endif
  if (control.breakpoint_mask == 0 && control.watchpoints.empty()) {
    return debug;
  }
  debug.control |= KVM_GUESTDBG_USE_HW_BP;
  debug.arch.debugreg[7] = 0x400;  // DR7 bit 10 always reads 1
  const auto watchpoint = watchpoint_registers(control);
  for (unsigned i = 0; i < 4; ++i) {
    debug.arch.debugreg[i] = control.breakpoint[i];
    if (watchpoint[i] >= 0) {
      const auto& point = control.watchpoints[static_cast<std::size_t>(watchpoint[i])];
      debug.arch.debugreg[i] = point.address;
      debug.arch.debugreg[7] |= watch_bits(point, i);
    }
    if ((control.breakpoint_mask & (1u << i)) || watchpoint[i] >= 0) {
      debug.arch.debugreg[7] |= 2ull << (2 * i);  // Gi
    }
  }
  return debug;
}

int watchpoint_hit(const core::DebugControl& control, std::uint64_t dr6) {
  const auto watchpoint = watchpoint_registers(control);
  for (unsigned i = 0; i < 4; ++i) {
    if ((dr6 >> i & 1) != 0 && watchpoint[i] >= 0) {
      return watchpoint[i];
    }
  }
  return -1;
}

core::Regs power_on_regs(std::uint32_t signature) {
  core::Regs regs;
  regs.rdx = signature;
  regs.rip = 0xfff0;
  return regs;
}

core::Sregs power_on_sregs(std::uint64_t apic_base) {
  core::Sregs sregs;
  const core::Segment data = [] {
    core::Segment s = power_on_segment(3);  // read/write, accessed
    s.s = true;
    return s;
  }();
  sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
  sregs.cs = data;
  sregs.cs.type = 11;  // execute/read, accessed
  sregs.cs.selector = 0xf000;
  sregs.cs.base = 0xffff0000;       // so the first fetch is 16 bytes below 4 GiB
  sregs.tr = power_on_segment(11);  // busy TSS
  sregs.ldt = power_on_segment(2);
  sregs.gdt.limit = 0xffff;
  sregs.idt.limit = 0xffff;
  sregs.cr0 = 0x60000010;  // caches off, protection off
  sregs.apic_base = apic_base;
  return sregs;
}

}  // namespace accel
