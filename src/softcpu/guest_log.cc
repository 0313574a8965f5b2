// What the software CPU tells the log of -d. See guest_log.h.
#include "softcpu/guest_log.h"

#include <atomic>

#include "core/cpu_dump.h"
#include "core/log.h"
#include "softcpu/zydis_decode.h"

namespace softcpu {
namespace {

using core::append_format;
using Long = unsigned long long;

core::CpuDump dump_at(const Cpu& cpu, u64 rip) {
  core::CpuDump dump;
  dump.regs = cpu.regs();
  dump.regs.rip = rip;
  dump.sregs = cpu.sregs();
  dump.debug_registers = cpu.dr;
  dump.interrupts_inhibited = cpu.shadow;
  if (core::qemu_loglevel_mask(core::CPU_LOG_TB_FPU)) {
    dump.fpu = cpu.fpu;
  }
  return dump;
}

u64 linear_rip(const Cpu& cpu) {
  return (cpu.rip + cpu.base[seg_cs]) & cpu.linear_mask;
}

// Eight bytes a line; the text stands on the first.
void append_code_line(std::string& out, u64 address, std::span<const u8> bytes,
                      std::string text) {
  constexpr std::size_t row = 8, mnemonic_width = 8;
  const std::size_t space = text.find(' ');
  if (space < mnemonic_width) {
    text.insert(space, mnemonic_width - space, ' ');
  }
  for (std::size_t at = 0; at < bytes.size(); at += row) {
    append_format(out, "0x%08llx: ", Long{address + at});
    for (std::size_t i = at; i < std::min(at + row, bytes.size()); ++i) {
      append_format(out, " %02x", bytes[i]);
    }
    if (at == 0) {
      out.append(3 * (row - std::min(row, bytes.size())) + 2, ' ');
      out += text;
    }
    out += '\n';
  }
}

// The line of -d int without its end.
std::string interrupt_line(const Cpu& cpu, const LoggedInterrupt& interrupt) {
  static std::atomic<int> count = 0;
  std::string out;
  const core::Segment& cs = cpu.seg[seg_cs];
  append_format(out, "%6d: v=%02x e=%04x i=%d cpl=%d IP=%04x:%016llx pc=%016llx", count++,
                interrupt.vector, interrupt.error.value_or(0), interrupt.software,
                cpu.cpl, cs.selector, Long{interrupt.rip},
                Long{(interrupt.rip + cpu.base[seg_cs]) & cpu.linear_mask});
  append_format(out, " SP=%04x:%016llx", cpu.seg[seg_ss].selector, Long{cpu.gpr[rsp]});
  if (interrupt.vector == vector_pf) {
    append_format(out, " CR2=%016llx", Long{cpu.cr2});
  } else {
    append_format(out, " env->regs[R_EAX]=%016llx", Long{cpu.gpr[rax]});
  }
  return out;
}

}  // namespace

bool logs_block_entries() {
  return core::qemu_loglevel_mask(core::CPU_LOG_EXEC | core::CPU_LOG_TB_CPU);
}

void log_block_entry(const Cpu& cpu, const Block& block) {
  if (!core::qemu_log_in_addr_range(linear_rip(cpu))) {
    return;
  }
  const core::CpuDump dump = dump_at(cpu, cpu.rip);
  std::string out;
  if (core::qemu_loglevel_mask(core::CPU_LOG_EXEC)) {
    append_format(out, "Trace %d: 0x%llx [%016llx/%016llx/%#x] \n", cpu.id,
                  Long{block.physical}, Long{cpu.base[seg_cs]}, Long{linear_rip(cpu)},
                  core::cpu_hflags(dump.sregs));
  }
  if (core::qemu_loglevel_mask(core::CPU_LOG_TB_CPU)) {
    out += core::cpu_dump_state(dump);
  }
  core::qemu_log(out);
}

void log_decoded_block(const Cpu& cpu, std::span<const u8> bytes) {
  u64 address = linear_rip(cpu);
  if (!core::qemu_log_in_addr_range(address)) {
    return;
  }
  std::string out = "----------------\nIN: \n";
  while (!bytes.empty()) {
    Decoded decoded;
    const bool good = zydis_decode(cpu.code_mode, bytes, decoded) == DecodeStatus::ok;
    const std::size_t length = good ? decoded.insn.length : bytes.size();
    append_code_line(out, address, bytes.first(length),
                     good ? zydis_att_text(decoded, address) : "(bad)");
    bytes = bytes.subspan(length);
    address += length;
  }
  core::qemu_log(out + "\n");
}

void log_interrupt(const Cpu& cpu, const LoggedInterrupt& interrupt) {
  if (!core::qemu_loglevel_mask(core::CPU_LOG_INT)) {
    return;
  }
  core::qemu_log(interrupt_line(cpu, interrupt) + "\n" +
                 core::cpu_dump_state(dump_at(cpu, interrupt.rip)));
}

void log_far_transfer(const Cpu& cpu, const char* what, u16 selector, u64 offset) {
  if (!core::qemu_loglevel_mask(core::CPU_LOG_PCALL)) {
    return;
  }
  std::string out;
  append_format(out, "%s %04x:%016llx\n", what, selector, Long{offset});
  core::qemu_log(out + core::cpu_dump_state(dump_at(cpu, cpu.rip)));
}

}  // namespace softcpu
