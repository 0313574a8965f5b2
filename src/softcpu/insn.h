// One decoded instruction, ready to run: a handler and operands that need no
// further decoding. Register numbers index Cpu::gpr; of 8-bit registers `dst` and
// `src` are byte offsets into it (4 * 8 + 0 is SPL, 0 * 8 + 1 is AH).
#pragma once

#include <cstdint>

namespace softcpu {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

struct Cpu;
struct Insn;

// What the run loop does after a handler returns.
enum class Step : u8 {
  next,       // done; go on with the following instruction
  jump,       // done; rip holds the next address (or the block must end here)
  repeat,     // a string instruction did some of its items; rip stays on it
  fault,      // Cpu::fault holds what to deliver; nothing was changed
  exit,       // done; Cpu::exit holds the reason to leave
  exit_here,  // the same, but part of a repeated instruction: rip stays on it
  retry,      // not done: the machine must first supply data (I/O, MMIO)
  resync,     // the block was overwritten: decode again at Cpu::rip
};

using Handler = Step (*)(Cpu&, const Insn&);

enum SegmentIndex : u8 {
  seg_es,
  seg_cs,
  seg_ss,
  seg_ds,
  seg_fs,
  seg_gs,
  seg_ldt,
  seg_tr
};

enum RegisterIndex : u8 {
  rax,
  rcx,
  rdx,
  rbx,
  rsp,
  rbp,
  rsi,
  rdi,
  r8,
  r11 = 11,
  r15 = 15
};

// Two extra registers of Cpu::gpr make every address one sum: a constant zero, and
// the address at which the current block starts (for RIP-relative operands).
inline constexpr u8 zero_register = 16;
inline constexpr u8 block_register = 17;

enum class Rep : u8 { none, rep, repne };

struct Insn {
  Handler handler;
  u64 imm;           // immediate, sign extended; branch distance; far offset
  u64 displacement;  // of the memory operand
  u64 address_mask;  // 16, 32 or 64 bits of effective address
  u16 offset;        // from the start of the block
  u8 length;
  u8 index_in_block;
  u8 base, index, scale, segment;  // memory operand
  u8 dst, src, third;              // registers of operands 0, 1, 2
  u8 size;                         // operand size in bytes
  u16 selector;                    // of a far pointer
  u16 mnemonic;                    // Zydis'
  Rep rep;
  u8 condition;  // of jcc, setcc, cmovcc; else free for the handler
  u8 size2;      // size of operand 1 in bytes where it differs
  u8 is_64;      // decoded in 64-bit mode
};

}  // namespace softcpu
