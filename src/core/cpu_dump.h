// The registers of a CPU as text, laid out as QEMU's `info registers` and -d cpu do.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "core/vcpu.h"

namespace core {

// What is shown of one CPU. QEMU's CCS, CCD and CCO are missing: they are the state of
// a translator that puts off computing flags.
struct CpuDump {
  Regs regs;
  Sregs sregs;
  std::optional<std::array<std::uint64_t, 8>> debug_registers;  // if the engine tells
  std::optional<Fpu> fpu;                                       // shown if present
  bool interrupts_inhibited = false;  // for one instruction, by STI or MOV SS
  bool halted = false;
};

// The A20 line as the board last set it; a board without one leaves it high.
inline std::atomic<bool> a20_line_high{true};

// Where the processor is, as the HF_ bits of QEMU's blocks: CPL in bits 0 and 1, 32-bit
// code 0x10, 32-bit stack 0x20, segments count 0x40, protected mode 0x80, long mode
// 0x4000, 64-bit code 0x8000.
std::uint32_t cpu_hflags(const Sregs& sregs);

std::string cpu_dump_state(const CpuDump& cpu);
// The same, asked from an engine. Only by the vCPU's thread, or while it does not run.
CpuDump cpu_dump_of(Vcpu& vcpu);

}  // namespace core
