// The registers of a CPU as text. See cpu_dump.h.
#include "core/cpu_dump.h"

#include "core/log.h"

namespace core {
namespace {

using u64 = unsigned long long;

constexpr std::uint32_t hf_cs32 = 0x10, hf_ss32 = 0x20, hf_addseg = 0x40, hf_pe = 0x80,
                        hf_lma = 0x4000, hf_cs64 = 0x8000;

struct Named {
  const char* name;
  std::uint64_t value;
};

// "EAX=%08x EBX=%08x ...": a line of registers.
template <std::size_t n>
void append_line(std::string& out, const Named (&registers)[n], int digits) {
  for (std::size_t i = 0; i < n; ++i)
    append_format(out, "%s=%0*llx%c", registers[i].name, digits, u64{registers[i].value},
                  i + 1 == n ? '\n' : ' ');
}

void append_general(std::string& out, const Regs& r, bool wide) {
  if (!wide) {
    const auto low = [](std::uint64_t value) { return value & 0xffffffff; };
    append_line(out,
                {{"EAX", low(r.rax)},
                 {"EBX", low(r.rbx)},
                 {"ECX", low(r.rcx)},
                 {"EDX", low(r.rdx)}},
                8);
    append_line(out,
                {{"ESI", low(r.rsi)},
                 {"EDI", low(r.rdi)},
                 {"EBP", low(r.rbp)},
                 {"ESP", low(r.rsp)}},
                8);
    return;
  }
  append_line(out, {{"RAX", r.rax}, {"RBX", r.rbx}, {"RCX", r.rcx}, {"RDX", r.rdx}}, 16);
  append_line(out, {{"RSI", r.rsi}, {"RDI", r.rdi}, {"RBP", r.rbp}, {"RSP", r.rsp}}, 16);
  append_line(out, {{"R8 ", r.r8}, {"R9 ", r.r9}, {"R10", r.r10}, {"R11", r.r11}}, 16);
  append_line(out, {{"R12", r.r12}, {"R13", r.r13}, {"R14", r.r14}, {"R15", r.r15}}, 16);
}

void append_flags(std::string& out, const CpuDump& cpu, std::uint32_t hflags) {
  const bool wide = (hflags & hf_cs64) != 0;
  const std::uint64_t flags = cpu.regs.rflags;
  const auto letter = [&](unsigned bit, char name) {
    return (flags >> bit & 1) != 0 ? name : '-';
  };
  append_format(out, wide ? "RIP=%016llx RFL=%08llx" : "EIP=%08llx EFL=%08llx",
                wide ? u64{cpu.regs.rip} : u64{cpu.regs.rip & 0xffffffff}, u64{flags});
  append_format(out, " [%c%c%c%c%c%c%c] CPL=%u II=%d A20=%d SMM=0 HLT=%d\n",
                letter(10, 'D'), letter(11, 'O'), letter(7, 'S'), letter(6, 'Z'),
                letter(4, 'A'), letter(2, 'P'), letter(0, 'C'), hflags & 3,
                cpu.interrupts_inhibited, a20_line_high.load(), cpu.halted);
}

// Bits 8 to 23 of a descriptor's second half.
std::uint32_t attributes(const Segment& s) {
  if (s.unusable)
    return 0;
  const std::uint32_t limit = s.g ? s.limit >> 12 : s.limit;
  const auto bit = [](bool value, unsigned place) {
    return std::uint32_t{value} << place;
  };
  return std::uint32_t{s.type} << 8 | bit(s.s, 12) | std::uint32_t{s.dpl} << 13 |
         bit(s.present, 15) | (limit & 0xf0000) | bit(s.avl, 20) | bit(s.l, 21) |
         bit(s.db, 22) | bit(s.g, 23);
}

const char* system_type(unsigned type, bool long_mode) {
  static constexpr const char* legacy[16] = {
      "Reserved",   "TSS16-avl",  "LDT",       "TSS16-busy", "CallGate16", "TaskGate",
      "IntGate16",  "TrapGate16", "Reserved",  "TSS32-avl",  "Reserved",   "TSS32-busy",
      "CallGate32", "Reserved",   "IntGate32", "TrapGate32"};
  static constexpr const char* wide[16] = {
      "<hiword>",   "Reserved", "LDT",       "Reserved",  "Reserved", "Reserved",
      "Reserved",   "Reserved", "Reserved",  "TSS64-avl", "Reserved", "TSS64-busy",
      "CallGate64", "Reserved", "IntGate64", "TrapGate64"};
  return long_mode ? wide[type & 15] : legacy[type & 15];
}

void append_meaning(std::string& out, const Segment& s, std::uint32_t hflags) {
  append_format(out, " DPL=%u ", s.dpl);
  if (!s.s) {
    out += system_type(s.type, (hflags & hf_lma) != 0);
    return;
  }
  const bool code = (s.type & 8) != 0;
  if (code)
    out += s.l ? "CS64" : s.db ? "CS32" : "CS16";
  else
    out += s.db || (hflags & hf_lma) != 0 ? "DS  " : "DS16";
  const char bit2 = (s.type & 4) == 0 ? '-' : code ? 'C' : 'E';
  const char bit1 = (s.type & 2) == 0 ? '-' : code ? 'R' : 'W';
  append_format(out, " [%c%c%c]", bit2, bit1, (s.type & 1) != 0 ? 'A' : '-');
}

void append_segment(std::string& out, const char* name, const Segment& s,
                    std::uint32_t hflags) {
  const int digits = (hflags & hf_cs64) != 0 ? 16 : 8;
  const std::uint64_t mask = digits == 16 ? ~std::uint64_t{0} : 0xffffffff;
  append_format(out, "%-3s=%04x %0*llx %08x %08x", name, s.selector, digits,
                u64{s.base & mask}, s.limit, attributes(s));
  if ((hflags & hf_pe) != 0 && s.present && !s.unusable)
    append_meaning(out, s, hflags);
  out += '\n';
}

void append_system(std::string& out, const CpuDump& cpu, std::uint32_t hflags) {
  const Sregs& s = cpu.sregs;
  const int digits = (hflags & hf_lma) != 0 ? 16 : 8;
  append_segment(out, "ES", s.es, hflags);
  append_segment(out, "CS", s.cs, hflags);
  append_segment(out, "SS", s.ss, hflags);
  append_segment(out, "DS", s.ds, hflags);
  append_segment(out, "FS", s.fs, hflags);
  append_segment(out, "GS", s.gs, hflags);
  append_segment(out, "LDT", s.ldt, hflags);
  append_segment(out, "TR", s.tr, hflags);
  append_format(out, "GDT=     %0*llx %08x\n", digits, u64{s.gdt.base}, s.gdt.limit);
  append_format(out, "IDT=     %0*llx %08x\n", digits, u64{s.idt.base}, s.idt.limit);
  append_format(out, "CR0=%08llx CR2=%0*llx CR3=%0*llx CR4=%08llx\n", u64{s.cr0}, digits,
                u64{s.cr2}, digits, u64{s.cr3}, u64{s.cr4});
  if (cpu.debug_registers) {  // sixteen digits and a space at the end, as in QEMU
    const auto& dr = *cpu.debug_registers;
    for (unsigned i = 0; i < 4; ++i)
      append_format(out, "DR%u=%016llx ", i, u64{dr[i]});
    append_format(out, "\nDR6=%016llx DR7=%016llx\n", u64{dr[6]}, u64{dr[7]});
  }
  append_format(out, "EFER=%016llx\n", u64{s.efer});
}

std::uint64_t little_endian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

void append_fpu(std::string& out, const Fpu& f, bool wide) {
  const unsigned top = f.fsw >> 11 & 7;
  append_format(out, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08x\n", f.fcw, f.fsw, top,
                f.ftw, f.mxcsr);
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint8_t* bytes = f.st[(i - top) & 7].data();
    append_format(out, "FPR%u=%016llx %04llx%c", i, u64{little_endian(bytes, 8)},
                  u64{little_endian(bytes + 8, 2)}, i % 2 != 0 ? '\n' : ' ');
  }
  for (unsigned i = 0; i < (wide ? 16u : 8u); ++i) {
    const std::uint8_t* bytes = f.xmm[i].data();
    append_format(out, "XMM%02u=%016llx%016llx%c", i, u64{little_endian(bytes + 8, 8)},
                  u64{little_endian(bytes, 8)}, i % 2 != 0 ? '\n' : ' ');
  }
}

}  // namespace

std::uint32_t cpu_hflags(const Sregs& s) {
  const bool protected_mode = (s.cr0 & 1) != 0;
  const bool long_mode = (s.efer & 1u << 10) != 0;
  std::uint32_t flags = protected_mode ? hf_pe | (s.ss.dpl & 3u) : 0;
  flags |= s.cs.db ? hf_cs32 : 0;
  flags |= s.ss.db ? hf_ss32 : 0;
  if (long_mode)
    flags |= hf_lma | (s.cs.l ? hf_cs64 | hf_cs32 | hf_ss32 : 0);
  const bool based = (s.ds.base | s.es.base | s.ss.base) != 0;
  flags |=
      (flags & hf_cs64) == 0 && (!protected_mode || !s.cs.db || based) ? hf_addseg : 0;
  return flags;
}

std::string cpu_dump_state(const CpuDump& cpu) {
  const std::uint32_t hflags = cpu_hflags(cpu.sregs);
  std::string out;
  append_general(out, cpu.regs, (hflags & hf_cs64) != 0);
  append_flags(out, cpu, hflags);
  append_system(out, cpu, hflags);
  if (cpu.fpu)
    append_fpu(out, *cpu.fpu, (hflags & hf_cs64) != 0);
  return out;
}

CpuDump cpu_dump_of(Vcpu& vcpu) {
  CpuDump dump;
  dump.regs = vcpu.regs();
  dump.sregs = vcpu.sregs();
  dump.debug_registers = vcpu.debug_registers();
  return dump;
}

}  // namespace core
