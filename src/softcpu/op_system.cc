// Processor control: MOV CRn/DRn, LMSW, SMSW, CLTS, INVLPG, WBINVD, HLT, CLI, STI,
// RDTSC(P), RDMSR, WRMSR, CPUID, flag instructions, fences, NOP.
#include "core/log.h"
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

// Most of these end the block: what follows may be decoded or translated anew.
Step done(Cpu& cpu, const Insn& insn) {
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

bool ring0(Cpu& cpu) {
  return cpu.cpl == 0 || cpu.raise(vector_gp, 0);
}

// --- control and debug registers -------------------------------------------

Step mov_from_cr(Cpu& cpu, const Insn& insn) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  u64 value = 0;
  switch (insn.src) {
    case 0:
      value = cpu.cr0;
      break;
    case 2:
      value = cpu.cr2;
      break;
    case 3:
      value = cpu.cr3;
      break;
    case 4:
      value = cpu.cr4;
      break;
    case 8:
      value = cpu.cr8;
      break;
    default:
      return cpu.raise_step(vector_ud);
  }
  cpu.set_reg_sized(insn.dst, value, insn.is_64 ? 8 : 4);
  return Step::next;
}

Step mov_to_cr(Cpu& cpu, const Insn& insn) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  u64 value = insn.is_64 ? cpu.gpr[insn.src] : cpu.reg<u32>(insn.src);
  u64 next = cpu.next_rip(insn);
  bool ok = true;
  switch (insn.dst) {
    case 0:
      ok = cpu.write_cr0(value);
      break;
    case 2:
      cpu.cr2 = value;
      break;
    case 3:
      ok = cpu.write_cr3(value);
      break;
    case 4:
      ok = cpu.write_cr4(value);
      break;
    case 8:
      ok = cpu.write_cr8(value);
      break;
    default:
      return cpu.raise_step(vector_ud);
  }
  cpu.rip = next;
  return ok ? Step::jump : cpu.stopped();
}

u8 debug_number(Cpu& cpu, u8 number) {
  bool alias = number == 4 || number == 5;
  return alias && !(cpu.cr4 & cr4_de) ? number + 2 : number;
}

Step mov_from_dr(Cpu& cpu, const Insn& insn) {
  u8 number = debug_number(cpu, insn.src);
  if (number > 7 || number == 4 || number == 5) {
    return cpu.raise_step(vector_ud);
  }
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  cpu.set_reg_sized(insn.dst, cpu.dr[number], insn.is_64 ? 8 : 4);
  return Step::next;
}

Step mov_to_dr(Cpu& cpu, const Insn& insn) {
  u8 number = debug_number(cpu, insn.dst);
  u64 value = insn.is_64 ? cpu.gpr[insn.src] : cpu.reg<u32>(insn.src);
  if (number > 7 || number == 4 || number == 5) {
    return cpu.raise_step(vector_ud);
  }
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  if (number >= 6 && (value >> 32) != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (number == 7 && (value & 0xff) != 0) {
    return cpu.unbuilt(&insn, "debug register breakpoints are not built");
  }
  if (number == 6) {
    value = (value & 0xe00f) | 0xffff0ff0;
  }
  cpu.dr[number] = number == 7 ? (value & 0xffff2bff) | 0x400 : value;
  return Step::next;
}

Step smsw_reg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg_sized(insn.dst, cpu.cr0, insn.size);
  return Step::next;
}

Step smsw_mem(Cpu& cpu, const Insn& insn) {
  bool ok = cpu.store<u16>(insn.segment, cpu.effective_address(insn),
                           static_cast<u16>(cpu.cr0));
  return ok ? Step::next : cpu.stopped();
}

Handler bind_smsw(const Form& form, Insn&) {
  return form.kind[0] == Kind::reg ? smsw_reg : smsw_mem;
}

// LMSW cannot clear PE.
Step lmsw_value(Cpu& cpu, const Insn& insn, u16 value) {
  u64 cr0 = (cpu.cr0 & ~u64{14}) | (value & 15);
  u64 next = cpu.next_rip(insn);
  bool ok = cpu.write_cr0(cr0);
  cpu.rip = next;
  return ok ? Step::jump : cpu.stopped();
}

Step lmsw_reg(Cpu& cpu, const Insn& insn) {
  return ring0(cpu) ? lmsw_value(cpu, insn, cpu.reg<u16>(insn.dst)) : cpu.stopped();
}

Step lmsw_mem(Cpu& cpu, const Insn& insn) {
  u16 value = 0;
  if (!ring0(cpu) || !cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  return lmsw_value(cpu, insn, value);
}

Handler bind_lmsw(const Form& form, Insn&) {
  return form.kind[0] == Kind::reg ? lmsw_reg : lmsw_mem;
}

Step clts(Cpu& cpu, const Insn& insn) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  cpu.cr0 &= ~u64{cr0_ts};
  return done(cpu, insn);
}

// Pages of 2 and 4 MiB lie in the TLB as 4 KiB pieces, so everything goes.
Step invlpg(Cpu& cpu, const Insn& insn) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  cpu.flush_tlb();
  return done(cpu, insn);
}

Step privileged_nop(Cpu& cpu, const Insn&) {
  return ring0(cpu) ? Step::next : cpu.stopped();
}

Step nop(Cpu&, const Insn&) {
  return Step::next;
}

// --- interrupts on and off -------------------------------------------------

Step hlt(Cpu& cpu, const Insn&) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  cpu.exit = core::exit::Hlt{};
  return Step::exit;
}

bool may_change_if(Cpu& cpu) {
  return !cpu.protected_mode() || cpu.cpl <= cpu.iopl() || cpu.raise(vector_gp, 0);
}

Step cli(Cpu& cpu, const Insn&) {
  if (!may_change_if(cpu)) {
    return cpu.stopped();
  }
  cpu.system_flags &= ~u64{flag_if};
  return Step::next;
}

Step sti(Cpu& cpu, const Insn& insn) {
  if (!may_change_if(cpu)) {
    return cpu.stopped();
  }
  cpu.shadow = !(cpu.system_flags & flag_if);
  cpu.system_flags |= flag_if;
  return done(cpu, insn);
}

// --- flags -----------------------------------------------------------------

Step clc(Cpu& cpu, const Insn&) {
  return cpu.flags.carry = false, Step::next;
}

Step stc(Cpu& cpu, const Insn&) {
  return cpu.flags.carry = true, Step::next;
}

Step cmc(Cpu& cpu, const Insn&) {
  return cpu.flags.carry = !cpu.flags.carry, Step::next;
}

Step cld(Cpu& cpu, const Insn&) {
  return cpu.system_flags &= ~u64{flag_df}, Step::next;
}

Step set_direction(Cpu& cpu, const Insn&) {
  return cpu.system_flags |= flag_df, Step::next;
}

Step lahf(Cpu& cpu, const Insn&) {
  cpu.set_reg<u8>(rax * 8 + 1, static_cast<u8>(cpu.rflags()));
  return Step::next;
}

Step sahf(Cpu& cpu, const Insn&) {
  bool overflow = cpu.flags.overflow;
  cpu.flags.set_bits(cpu.reg<u8>(rax * 8 + 1));
  cpu.flags.overflow = overflow;
  return Step::next;
}

// --- time, MSRs, CPUID -----------------------------------------------------

void set_edx_eax(Cpu& cpu, u64 value) {
  cpu.gpr[rax] = value & 0xffffffff;
  cpu.gpr[rdx] = value >> 32;
}

bool may_read_time(Cpu& cpu) {
  return !(cpu.cr4 & cr4_tsd) || cpu.cpl == 0 || cpu.raise(vector_gp, 0);
}

Step rdtsc(Cpu& cpu, const Insn& insn) {
  if (!may_read_time(cpu)) {
    return cpu.stopped();
  }
  set_edx_eax(cpu, cpu.timestamp(&insn));
  return Step::next;
}

Step rdtscp(Cpu& cpu, const Insn& insn) {
  if (!may_read_time(cpu)) {
    return cpu.stopped();
  }
  set_edx_eax(cpu, cpu.timestamp(&insn));
  cpu.gpr[rcx] = cpu.msrs.tsc_aux & 0xffffffff;
  return Step::next;
}

Step rdmsr(Cpu& cpu, const Insn&) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  std::optional<u64> value = cpu.read_msr(cpu.reg<u32>(rcx));
  if (!value) {
    core::qemu_log_mask(core::LOG_UNIMP, "rdmsr of 0x%x: no such register\n",
                        cpu.reg<u32>(rcx));
    return cpu.raise_step(vector_gp, 0);
  }
  set_edx_eax(cpu, *value);
  return Step::next;
}

Step wrmsr(Cpu& cpu, const Insn& insn) {
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  u64 value = u64{cpu.reg<u32>(rdx)} << 32 | cpu.reg<u32>(rax);
  if (!cpu.write_msr(cpu.reg<u32>(rcx), value)) {
    core::qemu_log_mask(core::LOG_GUEST_ERROR,
                        "wrmsr of 0x%llx to 0x%x: no such register or value\n",
                        static_cast<unsigned long long>(value), cpu.reg<u32>(rcx));
    return cpu.raise_step(vector_gp, 0);
  }
  return done(cpu, insn);
}

Step cpuid(Cpu& cpu, const Insn&) {
  core::CpuidEntry entry = cpu.cpuid_leaf(cpu.reg<u32>(rax), cpu.reg<u32>(rcx));
  cpu.gpr[rax] = entry.eax;
  cpu.gpr[rbx] = entry.ebx;
  cpu.gpr[rcx] = entry.ecx;
  cpu.gpr[rdx] = entry.edx;
  return Step::next;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_SMSW, bind_smsw},
    {ZYDIS_MNEMONIC_LMSW, bind_lmsw},
    {ZYDIS_MNEMONIC_CLTS, bind_fixed<clts>},
    {ZYDIS_MNEMONIC_INVLPG, bind_fixed<invlpg>},
    {ZYDIS_MNEMONIC_WBINVD, bind_fixed<privileged_nop>},
    {ZYDIS_MNEMONIC_INVD, bind_fixed<privileged_nop>},
    {ZYDIS_MNEMONIC_HLT, bind_fixed<hlt>},
    {ZYDIS_MNEMONIC_CLI, bind_fixed<cli>},
    {ZYDIS_MNEMONIC_STI, bind_fixed<sti>},
    {ZYDIS_MNEMONIC_CLC, bind_fixed<clc>},
    {ZYDIS_MNEMONIC_STC, bind_fixed<stc>},
    {ZYDIS_MNEMONIC_CMC, bind_fixed<cmc>},
    {ZYDIS_MNEMONIC_CLD, bind_fixed<cld>},
    {ZYDIS_MNEMONIC_STD, bind_fixed<set_direction>},
    {ZYDIS_MNEMONIC_LAHF, bind_fixed<lahf>},
    {ZYDIS_MNEMONIC_SAHF, bind_fixed<sahf>},
    {ZYDIS_MNEMONIC_RDTSC, bind_fixed<rdtsc>},
    {ZYDIS_MNEMONIC_RDTSCP, bind_fixed<rdtscp>},
    {ZYDIS_MNEMONIC_RDMSR, bind_fixed<rdmsr>},
    {ZYDIS_MNEMONIC_WRMSR, bind_fixed<wrmsr>},
    {ZYDIS_MNEMONIC_CPUID, bind_fixed<cpuid>},
    {ZYDIS_MNEMONIC_NOP, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PAUSE, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_LFENCE, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_MFENCE, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_SFENCE, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCH, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCHW, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCHNTA, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCHT0, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCHT1, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_PREFETCHT2, bind_fixed<nop>},
    {ZYDIS_MNEMONIC_CLFLUSH, bind_fixed<nop>},
};

}  // namespace

Handler bind_mov_system(const Form& form, Insn&) {
  if (form.kind[0] == Kind::control) {
    return mov_to_cr;
  }
  if (form.kind[1] == Kind::control) {
    return mov_from_cr;
  }
  return form.kind[0] == Kind::debug ? mov_to_dr : mov_from_dr;
}

std::span<const Row> system_rows() {
  return rows;
}

}  // namespace softcpu
