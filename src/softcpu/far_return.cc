// The checks and effects common to RET far and IRET in protected and long mode.
#include "softcpu/guest_log.h"
#include "softcpu/transfer.h"

namespace softcpu {
namespace {

bool return_code_segment(Cpu& cpu, u16 selector, Descriptor& code) {
  u32 error = selector & ~3u;
  u8 ring = selector & 3;
  if (error == 0) {
    return cpu.raise(vector_gp, 0);
  }
  if (!read_descriptor(cpu, selector, vector_gp, code)) {
    return false;
  }
  bool privilege_ok =
      code.is_conforming() ? code.segment.dpl <= ring : code.segment.dpl == ring;
  bool shape_ok = !(cpu.long_mode() && code.segment.l && code.segment.db);
  if (!code.is_code() || ring < cpu.cpl || !privilege_ok || !shape_ok) {
    return cpu.raise(vector_gp, error);
  }
  if (!code.segment.present) {
    return cpu.raise(vector_np, error);
  }
  code.segment.selector = selector;
  return mark_accessed(cpu, code);
}

bool return_stack_segment(Cpu& cpu, u16 selector, u8 ring, bool to_64,
                          core::Segment& out) {
  if ((selector & ~3u) == 0 && to_64 && ring != 3) {
    out = core::Segment{};
    out.selector = selector;
    out.unusable = true;
    out.dpl = ring;
    out.db = true;
    return true;
  }
  return inner_stack_segment(cpu, selector, ring, vector_gp, out);
}

// A less privileged program must not keep segments it could not have loaded.
void drop_privileged_segments(Cpu& cpu) {
  for (u8 i : {seg_es, seg_ds, seg_fs, seg_gs}) {
    core::Segment& s = cpu.seg[i];
    bool conforming = (s.type & 12) == 12;
    if (!s.unusable && s.dpl < cpu.cpl && !conforming) {
      u64 base = s.base;
      s = core::Segment{};
      s.base = cpu.long_mode() ? base : 0;
      s.unusable = true;
    }
  }
}

}  // namespace

bool entry_ok(Cpu& cpu, const core::Segment& code, u64 rip) {
  bool wide = cpu.long_mode() && code.l;
  if (wide ? !canonical(rip) : rip > code.limit) {
    return cpu.raise(vector_gp, 0);
  }
  return true;
}

bool far_return(Cpu& cpu, const ReturnFrame& frame) {
  log_far_transfer(cpu, "lret new", frame.cs, frame.rip);
  Descriptor code;
  if (!return_code_segment(cpu, frame.cs, code) ||
      !entry_ok(cpu, code.segment, frame.rip)) {
    return false;
  }
  u8 ring = frame.cs & 3;
  core::Segment ss = cpu.seg[seg_ss];
  if (frame.has_stack &&
      !return_stack_segment(cpu, frame.ss, ring, cpu.long_mode() && code.segment.l, ss)) {
    return false;
  }
  bool outward = ring > cpu.cpl;
  if (!frame.has_stack) {
    cpu.set_stack_pointer(frame.pointer_after + frame.release);
  }
  cpu.seg[seg_cs] = code.segment;
  cpu.seg[seg_ss] = ss;
  cpu.cpl = ring;
  cpu.update_derived();
  if (frame.has_stack) {
    cpu.set_stack_pointer(frame.rsp_value + frame.release);
  }
  if (outward) {
    drop_privileged_segments(cpu);
    cpu.update_derived();
  }
  cpu.rip = frame.rip;
  return true;
}

}  // namespace softcpu
