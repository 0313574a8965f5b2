// Segment and gate descriptors as they lie in GDT, LDT and IDT (SDM vol. 3 3.4.5,
// 5.8.3, 6.11, 6.14).
#pragma once

#include "softcpu/cpu.h"

namespace softcpu {

enum SystemType : u8 {
  type_tss16_available = 1,
  type_ldt = 2,
  type_tss16_busy = 3,
  type_call_gate16 = 4,
  type_task_gate = 5,
  type_interrupt_gate16 = 6,
  type_trap_gate16 = 7,
  type_tss_available = 9,
  type_tss_busy = 11,
  type_call_gate = 12,
  type_interrupt_gate = 14,
  type_trap_gate = 15,
};

struct Descriptor {
  u64 low = 0, high = 0;
  u64 address = 0;  // linear, of its first byte
  u64 room = 0;     // bytes the table has after its first 8
  core::Segment segment;

  static Descriptor parse(u64 low, u64 high);

  bool is_code() const { return segment.s && (segment.type & 8); }

  bool is_conforming() const { return segment.type & 4; }

  // The fields of a gate.
  u16 gate_selector() const { return static_cast<u16>(low >> 16); }

  u64 gate_offset() const {
    return (low & 0xffff) | ((low >> 32) & 0xffff0000) | (high << 32);
  }
};

// Reads the 8-byte descriptor a non-null selector names; beyond the table raises
// `vector` with the selector.
bool read_descriptor(Cpu& cpu, u16 selector, u8 vector, Descriptor& out);
// The second half of a 16-byte system descriptor (long mode).
bool read_descriptor_high(Cpu& cpu, u16 selector, u8 vector, Descriptor& d);
bool mark_accessed(Cpu& cpu, Descriptor& d);

// The stack pointer (and SS selector, outside long mode) the TSS holds for a ring.
struct RingStack {
  u16 ss = 0;
  u64 pointer = 0;
};

bool ring_stack(Cpu& cpu, u8 ring, RingStack& out);

// Checks and reads an SS descriptor for entering privilege `ring`.
bool inner_stack_segment(Cpu& cpu, u16 selector, u8 ring, u8 vector, core::Segment& out);

}  // namespace softcpu
