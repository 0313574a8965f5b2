// Delivering interrupts and exceptions through the guest's IVT or IDT (SDM vol. 3
// chapter 6): frames, stack switches, error codes, double and triple faults.
//
// Not built, and reported as such: task gates, virtual-8086 mode.
#include "core/log.h"
#include "softcpu/delivery_trace.h"
#include "softcpu/descriptor.h"
#include "softcpu/guest_log.h"

namespace softcpu {
namespace {

// What a delivery replaces; put back when it fails half way.
struct Snapshot {
  core::Segment cs, ss;
  u64 rsp_value;
  u8 cpl;

  explicit Snapshot(const Cpu& cpu)
      : cs(cpu.seg[seg_cs]), ss(cpu.seg[seg_ss]), rsp_value(cpu.gpr[rsp]), cpl(cpu.cpl) {}

  bool restore(Cpu& cpu) const {
    cpu.seg[seg_cs] = cs;
    cpu.seg[seg_ss] = ss;
    cpu.gpr[rsp] = rsp_value;
    cpu.cpl = cpl;
    cpu.update_derived();
    return false;
  }
};

struct Delivery {
  u8 vector;
  u32 external;  // bit 0 of error codes
  std::optional<u32> error;
  u64 return_rip;
  u64 pushed_flags;
};

bool with_external(Cpu& cpu, const Delivery& d) {
  if (cpu.fault.vector != vector_pf) {
    cpu.fault.error |= d.external;
  }
  return false;
}

bool deliver_real(Cpu& cpu, const Delivery& d) {
  u64 at = u64{d.vector} * 4;
  if (at + 3 > cpu.idt.limit) {
    return cpu.raise(vector_gp, d.vector * 8u + 2u);
  }
  u64 target = 0, pointer = cpu.stack_pointer();
  if (!cpu.system_load(cpu.idt.base + at, 4, target) ||
      !cpu.push_sized(pointer, 2, d.pushed_flags & 0xffff) ||
      !cpu.push_sized(pointer, 2, cpu.seg[seg_cs].selector) ||
      !cpu.push_sized(pointer, 2, d.return_rip & 0xffff)) {
    return false;
  }
  cpu.set_stack_pointer(pointer);
  cpu.system_flags &= ~u64{flag_if | flag_tf | flag_ac | flag_rf};
  cpu.set_real_segment(seg_cs, static_cast<u16>(target >> 16));
  cpu.rip = target & 0xffff;
  return true;
}

bool gate_type_ok(const Cpu& cpu, const Descriptor& gate) {
  u8 type = gate.segment.type;
  if (gate.segment.s) {
    return false;
  }
  if (cpu.long_mode()) {
    return type == type_interrupt_gate || type == type_trap_gate;
  }
  return type == type_task_gate || (type & 6) == 6;
}

bool read_gate(Cpu& cpu, const Delivery& d, bool software, Descriptor& gate) {
  u64 entry = cpu.long_mode() ? 16 : 8;
  u64 at = d.vector * entry;
  u32 error = d.vector * 8u + 2u + d.external;
  if (at + entry - 1 > cpu.idt.limit) {
    return cpu.raise(vector_gp, error);
  }
  u64 low = 0, high = 0;
  if (!cpu.system_load(cpu.idt.base + at, 8, low) ||
      (entry == 16 && !cpu.system_load(cpu.idt.base + at + 8, 8, high))) {
    return false;
  }
  gate = Descriptor::parse(low, high);
  if (!gate_type_ok(cpu, gate) || (software && gate.segment.dpl < cpu.cpl)) {
    return cpu.raise(vector_gp, error);
  }
  if (!gate.segment.present) {
    return cpu.raise(vector_np, error);
  }
  if (gate.segment.type == type_task_gate) {
    return cpu.unbuilt_access("interrupt through a task gate is not built");
  }
  return true;
}

bool read_handler_segment(Cpu& cpu, const Delivery& d, const Descriptor& gate,
                          Descriptor& code) {
  u16 selector = gate.gate_selector();
  u32 error = (selector & ~3u) | d.external;
  if ((selector & ~3u) == 0) {
    return cpu.raise(vector_gp, d.external);
  }
  if (!read_descriptor(cpu, selector, vector_gp, code)) {
    return with_external(cpu, d);
  }
  if (!code.is_code() || code.segment.dpl > cpu.cpl ||
      (cpu.long_mode() && (!code.segment.l || code.segment.db))) {
    return cpu.raise(vector_gp, error);
  }
  return code.segment.present ? mark_accessed(cpu, code) : cpu.raise(vector_np, error);
}

// Chooses the stack in long mode: interrupt stack table, inner ring, or the same.
bool long_mode_stack(Cpu& cpu, const Descriptor& gate, u8 new_cpl, u64& pointer) {
  u8 ist = (gate.low >> 32) & 7;
  pointer = cpu.gpr[rsp];
  if (ist != 0 || new_cpl < cpu.cpl) {
    u64 offset = ist != 0 ? 36u + 8u * (ist - 1u) : 4u + 8u * new_cpl;
    if (offset + 7 > cpu.seg[seg_tr].limit) {
      return cpu.raise(vector_ts, cpu.seg[seg_tr].selector & ~3u);
    }
    if (!cpu.system_load(cpu.seg[seg_tr].base + offset, 8, pointer)) {
      return false;
    }
    if (!canonical(pointer)) {
      return cpu.raise(vector_ss, 0);
    }
  }
  pointer &= ~u64{15};
  return true;
}

void enter_code_segment(Cpu& cpu, Descriptor& code, u8 new_cpl) {
  code.segment.selector = static_cast<u16>((code.segment.selector & ~3u) | new_cpl);
  cpu.seg[seg_cs] = code.segment;
  cpu.cpl = new_cpl;
}

void null_stack_segment(Cpu& cpu, u8 ring) {
  core::Segment s;
  s.selector = ring;
  s.dpl = ring;
  s.unusable = true;
  s.db = true;
  cpu.seg[seg_ss] = s;
}

bool push_frame(Cpu& cpu, const Delivery& d, const Snapshot& old, bool with_stack,
                unsigned width, u64 pointer) {
  bool ok = !with_stack || (cpu.push_sized(pointer, width, old.ss.selector) &&
                            cpu.push_sized(pointer, width, old.rsp_value));
  ok = ok && cpu.push_sized(pointer, width, d.pushed_flags) &&
       cpu.push_sized(pointer, width, old.cs.selector) &&
       cpu.push_sized(pointer, width, d.return_rip) &&
       (!d.error || cpu.push_sized(pointer, width, *d.error));
  if (ok) {
    cpu.set_stack_pointer(pointer);
  }
  return ok;
}

bool deliver_long(Cpu& cpu, const Delivery& d, const Descriptor& gate, Descriptor& code) {
  u8 new_cpl = code.is_conforming() ? cpu.cpl : code.segment.dpl;
  u64 pointer = 0;
  if (!long_mode_stack(cpu, gate, new_cpl, pointer)) {
    return with_external(cpu, d);
  }
  Snapshot old(cpu);
  bool inner = new_cpl < cpu.cpl;
  enter_code_segment(cpu, code, new_cpl);
  if (inner) {
    null_stack_segment(cpu, new_cpl);
  }
  cpu.update_derived();
  if (!push_frame(cpu, d, old, true, 8, pointer)) {
    return old.restore(cpu);
  }
  cpu.rip = gate.gate_offset();
  return true;
}

bool deliver_protected(Cpu& cpu, const Delivery& d, const Descriptor& gate,
                       Descriptor& code) {
  u8 new_cpl = code.is_conforming() ? cpu.cpl : code.segment.dpl;
  bool inner = new_cpl < cpu.cpl;
  unsigned width = gate.segment.type & 8 ? 4 : 2;
  Snapshot old(cpu);
  u64 pointer = cpu.stack_pointer();
  core::Segment ss = cpu.seg[seg_ss];
  if (inner) {
    RingStack stack;
    if (!ring_stack(cpu, new_cpl, stack) ||
        !inner_stack_segment(cpu, stack.ss, new_cpl, vector_ts, ss)) {
      return with_external(cpu, d);
    }
    pointer = stack.pointer;
  }
  enter_code_segment(cpu, code, new_cpl);
  cpu.seg[seg_ss] = ss;
  cpu.update_derived();
  if (!push_frame(cpu, d, old, inner, width, pointer)) {
    old.restore(cpu);
    if (inner && cpu.fault.vector == vector_ss) {
      cpu.fault.error = ss.selector & ~3u;
    }
    return with_external(cpu, d);
  }
  u64 offset = gate.gate_offset() & 0xffffffff;
  cpu.rip = width == 4 ? offset : offset & 0xffff;
  return true;
}

// Through the IDT of protected and long mode.
bool deliver_gated(Cpu& cpu, const Delivery& d, bool software) {
  Descriptor gate, code;
  if (!read_gate(cpu, d, software, gate) || !read_handler_segment(cpu, d, gate, code)) {
    return false;
  }
  code.segment.selector = gate.gate_selector();
  bool done = cpu.long_mode() ? deliver_long(cpu, d, gate, code)
                              : deliver_protected(cpu, d, gate, code);
  if (done) {
    cpu.system_flags &= ~u64{flag_tf | flag_nt | flag_rf | flag_vm};
    if (!(gate.segment.type & 1)) {
      cpu.system_flags &= ~u64{flag_if};
    }
  }
  return done;
}

// Tables or stack of a delivery lie in device memory: cannot be told to the machine.
bool met_device(Cpu& cpu) {
  if (cpu.stop_step == Step::retry && !cpu.exit) {
    cpu.mmio.clear();
    cpu.mmio_cursor = 0;
    cpu.unbuilt(nullptr, "exception delivery through device memory");
  }
  return cpu.exit.has_value();
}

bool is_contributory(u8 vector) {
  return vector == vector_de || (vector >= vector_ts && vector <= vector_gp);
}

bool makes_double_fault(u8 first, u8 second) {
  if (is_contributory(first)) {
    return is_contributory(second);
  }
  return first == vector_pf && (is_contributory(second) || second == vector_pf);
}

}  // namespace

bool ring_stack(Cpu& cpu, u8 ring, RingStack& out) {
  const core::Segment& tr = cpu.seg[seg_tr];
  bool wide = tr.type & 8;
  u64 offset = wide ? 4u + 8u * ring : 2u + 4u * ring;
  u64 size = wide ? 4 : 2;
  if (offset + size + 1 > tr.limit) {
    return cpu.raise(vector_ts, tr.selector & ~3u);
  }
  u64 ss = 0;
  if (!cpu.system_load(tr.base + offset, static_cast<unsigned>(size), out.pointer) ||
      !cpu.system_load(tr.base + offset + size, 2, ss)) {
    return false;
  }
  out.ss = static_cast<u16>(ss);
  return true;
}

bool inner_stack_segment(Cpu& cpu, u16 selector, u8 ring, u8 vector, core::Segment& out) {
  u32 error = selector & ~3u;
  Descriptor d;
  if (error == 0) {
    return cpu.raise(vector, 0);
  }
  if (!read_descriptor(cpu, selector, vector, d)) {
    return false;
  }
  const core::Segment& s = d.segment;
  bool writable_data = s.s && !(s.type & 8) && (s.type & 2);
  if ((selector & 3) != ring || s.dpl != ring || !writable_data) {
    return cpu.raise(vector, error);
  }
  if (!s.present) {
    return cpu.raise(vector_ss, error);
  }
  if (!mark_accessed(cpu, d)) {
    return false;
  }
  out = d.segment;
  out.selector = selector;
  return true;
}

bool Cpu::deliver_once(u8 vector, Event event, std::optional<u32> error, u64 return_rip) {
  bool is_fault = event == Event::exception && vector != vector_db && vector != vector_df;
  Delivery d{vector, event == Event::software ? 0u : 1u, error, return_rip,
             rflags() | (is_fault ? u64{flag_rf} : 0)};
  if (event != Event::software) {
    log_interrupt(*this, {vector, error, false, return_rip});
  }
  bool done = false;
  if (protected_mode()) {
    done = deliver_gated(*this, d, event == Event::software);
  } else {
    d.pushed_flags &= 0xffff;
    done = deliver_real(*this, d);
  }
  if (done) {
    bool has_code = error && protected_mode();
    trace_delivery(*this, vector, event, has_code ? error : std::nullopt, return_rip);
  }
  return done;
}

bool Cpu::deliver_fault() {
  Fault current = fault;
  for (;;) {
    std::optional<u32> error;
    if (current.has_error) {
      error = current.error;
    }
    stop_step = Step::fault;
    if (deliver_once(current.vector, Event::exception, error, rip)) {
      shadow = false;
      return true;
    }
    if (met_device(*this)) {
      return false;
    }
    if (current.vector == vector_df) {
      core::qemu_log_mask(core::CPU_LOG_RESET, "Triple fault\n");
      exit = core::exit::Shutdown{};
      return false;
    }
    current = makes_double_fault(current.vector, fault.vector) ? Fault{vector_df, true, 0}
                                                               : fault;
  }
}

bool Cpu::deliver_external(u8 vector) {
  stop_step = Step::fault;
  return deliver_once(vector, Event::external, std::nullopt, rip) ||
         (!met_device(*this) && deliver_fault());
}

bool Cpu::deliver_trap(u8 vector, u64 return_rip) {
  stop_step = Step::fault;
  return deliver_once(vector, Event::exception, std::nullopt, return_rip) ||
         (!met_device(*this) && deliver_fault());
}

}  // namespace softcpu
