// Loading segment registers (SDM vol. 3 chapter 5, vol. 2 MOV/LxS): what a selector
// means in real mode, and the checks of protected mode.
#include "softcpu/descriptor.h"

namespace softcpu {

Descriptor Descriptor::parse(u64 low, u64 high) {
  Descriptor d;
  d.low = low;
  d.high = high;
  core::Segment& s = d.segment;
  s.base = ((low >> 16) & 0xffffff) | ((low >> 32) & 0xff000000);
  s.limit = static_cast<u32>((low & 0xffff) | ((low >> 32) & 0xf0000));
  s.type = (low >> 40) & 15;
  s.s = (low >> 44) & 1;
  s.dpl = (low >> 45) & 3;
  s.present = (low >> 47) & 1;
  s.avl = (low >> 52) & 1;
  s.l = (low >> 53) & 1;
  s.db = (low >> 54) & 1;
  s.g = (low >> 55) & 1;
  if (s.g) {
    s.limit = (s.limit << 12) | 0xfff;
  }
  return d;
}

bool read_descriptor(Cpu& cpu, u16 selector, u8 vector, Descriptor& out) {
  bool local = selector & 4;
  u64 table = local ? cpu.seg[seg_ldt].base : cpu.gdt.base;
  u64 limit = local ? cpu.seg[seg_ldt].limit : cpu.gdt.limit;
  u64 offset = selector & ~7u;
  if (offset + 7 > limit || (local && cpu.seg[seg_ldt].unusable)) {
    return cpu.raise(vector, selector & ~3u);
  }
  u64 low = 0;
  if (!cpu.system_load(table + offset, 8, low)) {
    return false;
  }
  out = Descriptor::parse(low, 0);
  out.address = table + offset;
  out.room = limit - (offset + 7);
  return true;
}

bool read_descriptor_high(Cpu& cpu, u16 selector, u8 vector, Descriptor& d) {
  if (d.room < 8) {
    return cpu.raise(vector, selector & ~3u);
  }
  u64 high = 0;
  if (!cpu.system_load(d.address + 8, 8, high)) {
    return false;
  }
  d.high = high;
  d.segment.base |= high << 32;
  return true;
}

bool mark_accessed(Cpu& cpu, Descriptor& d) {
  if (d.segment.type & 1) {
    return true;
  }
  d.segment.type |= 1;
  return cpu.system_store(d.address + 5, 1, (d.low >> 40 & 0xff) | 1);
}

void Cpu::set_real_segment(u8 segment, u16 selector) {
  core::Segment& s = seg[segment];
  s.selector = selector;
  s.base = u64{selector} << 4;
  s.unusable = false;
  s.present = true;
  s.s = true;
  s.dpl = 0;
  s.type = segment == seg_cs ? 11 : 3;
  update_derived();
}

namespace {

bool load_null(Cpu& cpu, u8 segment, u16 selector) {
  if (segment == seg_ss && !(cpu.code64() && cpu.cpl != 3 && (selector & 3) == cpu.cpl)) {
    return cpu.raise(vector_gp, 0);
  }
  core::Segment s;
  s.selector = selector;
  s.unusable = true;
  s.dpl = segment == seg_ss ? cpu.cpl : 0;
  s.db = segment == seg_ss;
  if (segment == seg_fs || segment == seg_gs) {
    s.base = cpu.long_mode() ? 0 : s.base;
  }
  cpu.seg[segment] = s;
  cpu.update_derived();
  return true;
}

// SS must be writable data of exactly this privilege; others readable and visible.
bool suits(const Cpu& cpu, u8 segment, u16 selector, const core::Segment& s) {
  u8 rpl = selector & 3;
  bool code = s.type & 8;
  if (segment == seg_ss) {
    return s.s && !code && (s.type & 2) && rpl == cpu.cpl && s.dpl == cpu.cpl;
  }
  bool readable = !code || (s.type & 2);
  bool conforming = code && (s.type & 4);
  return s.s && readable && (conforming || (s.dpl >= cpu.cpl && s.dpl >= rpl));
}

}  // namespace

bool Cpu::load_segment(u8 segment, u16 selector) {
  if (!protected_mode()) {
    set_real_segment(segment, selector);
    return true;
  }
  if ((selector & ~3u) == 0) {
    return load_null(*this, segment, selector);
  }
  Descriptor d;
  if (!read_descriptor(*this, selector, vector_gp, d)) {
    return false;
  }
  if (!suits(*this, segment, selector, d.segment)) {
    return raise(vector_gp, selector & ~3u);
  }
  if (!d.segment.present) {
    return raise(segment == seg_ss ? vector_ss : vector_np, selector & ~3u);
  }
  if (!mark_accessed(*this, d)) {
    return false;
  }
  d.segment.selector = selector;
  seg[segment] = d.segment;
  update_derived();
  return true;
}

}  // namespace softcpu
