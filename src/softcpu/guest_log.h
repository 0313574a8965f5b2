// What the software CPU tells the log of -d: decoded code, executed blocks, interrupts.
#pragma once

#include <span>

#include "softcpu/block_cache.h"

namespace softcpu {

// Does -d exec or -d cpu ask for every block?
bool logs_block_entries();
// -d exec, -d cpu: `block` is about to run at cpu.rip. An instruction that waited for a
// device begins a block of its own when it goes on.
void log_block_entry(const Cpu& cpu, const Block& block);

// -d in_asm: the code at cpu.rip was decoded for the first time; `bytes` is all of it.
void log_decoded_block(const Cpu& cpu, std::span<const u8> bytes);

struct LoggedInterrupt {
  u8 vector = 0;
  std::optional<u32> error;
  bool software = false;  // by INT n and its like
  u64 rip = 0;            // of the instruction interrupted, or of INT n itself
};

// -d int: the guest's handler is about to be entered. QEMU is silent in real mode; here
// all modes are told.
void log_interrupt(const Cpu& cpu, const LoggedInterrupt& interrupt);

// -d pcall: a far call ("lcall") or a far return or IRET ("lret new") of protected mode
// is about to be checked. rip in the registers shown is that of the block.
void log_far_transfer(const Cpu& cpu, const char* what, u16 selector, u64 offset);

}  // namespace softcpu
