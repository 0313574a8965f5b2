// Descriptor tables and segments as data: LGDT, LIDT, SGDT, SIDT, LLDT, LTR, SLDT, STR,
// LAR, LSL, VERR, VERW, ARPL, LDS/LES/LFS/LGS/LSS, SWAPGS, RDFSBASE and its family.
#include "softcpu/descriptor.h"

#include <utility>

#include "softcpu/decoder.h"

namespace softcpu {
namespace {

bool ring0(Cpu& cpu) {
  return cpu.cpl == 0 || cpu.raise(vector_gp, 0);
}

// The base is 24 bits with 16-bit operands, else 32, and 64 in 64-bit mode.
template <bool interrupt>
Step load_table(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn), limit = 0, base = 0;
  if (!ring0(cpu) || !cpu.load_sized(insn.segment, at, 2, limit) ||
      !cpu.load_sized(insn.segment, (at + 2) & insn.address_mask, insn.is_64 ? 8 : 4,
                      base)) {
    return cpu.stopped();
  }
  if (insn.is_64 && !canonical(base)) {
    return cpu.raise_step(vector_gp, 0);
  }
  if (!insn.is_64 && insn.size2 == 2) {
    base &= 0xffffff;
  }
  (interrupt ? cpu.idt : cpu.gdt) = {base, static_cast<u16>(limit)};
  return Step::next;
}

template <bool interrupt>
Step store_table(Cpu& cpu, const Insn& insn) {
  const core::DescriptorTable& table = interrupt ? cpu.idt : cpu.gdt;
  u64 at = cpu.effective_address(insn);
  bool ok = cpu.store_sized(insn.segment, at, 2, table.limit) &&
            cpu.store_sized(insn.segment, (at + 2) & insn.address_mask,
                            insn.is_64 ? 8 : 4, table.base);
  return ok ? Step::next : cpu.stopped();
}

// A 16-bit operand, from a register or from memory.
bool read_selector(Cpu& cpu, const Insn& insn, u16& out) {
  if (insn.condition) {
    return cpu.load(insn.segment, cpu.effective_address(insn), out);
  }
  out = cpu.reg<u16>(insn.dst);
  return true;
}

template <Handler handler>
Handler bind_selector(const Form& form, Insn& insn) {
  insn.condition = form.kind[0] == Kind::memory;
  return handler;
}

bool load_system_segment(Cpu& cpu, u16 selector, bool task, Descriptor& d) {
  u32 error = selector & ~3u;
  if (selector & 4) {
    return cpu.raise(vector_gp, error);
  }
  if (!read_descriptor(cpu, selector, vector_gp, d)) {
    return false;
  }
  u8 type = d.segment.type;
  bool wanted = task ? type == type_tss_available ||
                           (type == type_tss16_available && !cpu.long_mode())
                     : type == type_ldt;
  if (d.segment.s || !wanted) {
    return cpu.raise(vector_gp, error);
  }
  if (!d.segment.present) {
    return cpu.raise(vector_np, error);
  }
  if (cpu.long_mode() && !read_descriptor_high(cpu, selector, vector_gp, d)) {
    return false;
  }
  d.segment.selector = selector;
  return true;
}

Step lldt(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  if (!ring0(cpu) || !read_selector(cpu, insn, selector)) {
    return cpu.stopped();
  }
  if ((selector & ~3u) == 0) {
    cpu.seg[seg_ldt] = core::Segment{};
    cpu.seg[seg_ldt].selector = selector;
    cpu.seg[seg_ldt].unusable = true;
    return Step::next;
  }
  Descriptor d;
  if (!load_system_segment(cpu, selector, false, d)) {
    return cpu.stopped();
  }
  cpu.seg[seg_ldt] = d.segment;
  return Step::next;
}

Step ltr(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  if (!ring0(cpu) || !read_selector(cpu, insn, selector)) {
    return cpu.stopped();
  }
  if ((selector & ~3u) == 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  Descriptor d;
  if (!load_system_segment(cpu, selector, true, d) ||
      !cpu.system_store(d.address + 5, 1, (d.low >> 40 & 0xff) | 2)) {
    return cpu.stopped();
  }
  d.segment.type |= 2;  // busy
  cpu.seg[seg_tr] = d.segment;
  return Step::next;
}

// SLDT and STR: zero-extended into a register, 16 bits into memory.
template <SegmentIndex segment>
Step store_selector(Cpu& cpu, const Insn& insn) {
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  u16 selector = cpu.seg[segment].selector;
  if (insn.condition) {
    bool ok = cpu.store<u16>(insn.segment, cpu.effective_address(insn), selector);
    return ok ? Step::next : cpu.stopped();
  }
  cpu.set_reg_sized(insn.dst, selector, insn.size);
  return Step::next;
}

// --- asking about a selector -----------------------------------------------

// Reads a descriptor for LAR, LSL, VERR, VERW: a bad selector is an answer, not a
// fault. False only when memory itself faulted.
bool inspect(Cpu& cpu, u16 selector, Descriptor& d, bool& valid) {
  valid = false;
  if ((selector & ~3u) == 0) {
    return true;
  }
  if (!read_descriptor(cpu, selector, vector_gp, d)) {
    return cpu.stop_step == Step::fault && cpu.fault.vector == vector_gp;
  }
  u8 rpl = selector & 3;
  bool conforming = d.is_code() && d.is_conforming();
  valid = conforming || (d.segment.dpl >= cpu.cpl && d.segment.dpl >= rpl);
  return true;
}

bool read_source(Cpu& cpu, const Insn& insn, u16& selector) {
  if (insn.condition) {
    return cpu.load(insn.segment, cpu.effective_address(insn), selector);
  }
  selector = cpu.reg<u16>(insn.src);
  return true;
}

template <bool limit>
bool system_type_answers(const Cpu& cpu, u8 type) {
  switch (type) {
    case type_ldt:
    case type_tss_available:
    case type_tss_busy:
      return true;
    case type_tss16_available:
    case type_tss16_busy:
      return !cpu.long_mode();
    case type_call_gate:
      return !limit;
    case type_call_gate16:
    case type_task_gate:
      return !limit && !cpu.long_mode();
    default:
      return false;
  }
}

template <bool limit>
Step lar_lsl(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  Descriptor d;
  bool valid = false;
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  if (!read_source(cpu, insn, selector) || !inspect(cpu, selector, d, valid)) {
    return cpu.stopped();
  }
  valid = valid && (d.segment.s || system_type_answers<limit>(cpu, d.segment.type));
  cpu.flags.zero = valid ? 0 : 1;
  if (valid) {
    u64 answer = limit ? d.segment.limit : (d.low >> 32) & 0x00ffff00;
    cpu.set_reg_sized(insn.dst, answer, insn.size);
  }
  return Step::next;
}

template <bool limit>
Handler bind_lar_lsl(const Form& form, Insn& insn) {
  insn.condition = form.kind[1] == Kind::memory;
  return lar_lsl<limit>;
}

template <bool write>
Step verify(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  Descriptor d;
  bool valid = false;
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  if (!read_selector(cpu, insn, selector) || !inspect(cpu, selector, d, valid)) {
    return cpu.stopped();
  }
  bool bit1 = d.segment.type & 2;
  bool right = write ? !d.is_code() && bit1 : !d.is_code() || bit1;
  cpu.flags.zero = valid && d.segment.s && right ? 0 : 1;
  return Step::next;
}

Step arpl(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  if (!cpu.protected_mode()) {
    return cpu.raise_step(vector_ud);
  }
  if (!read_selector(cpu, insn, selector)) {
    return cpu.stopped();
  }
  u16 rpl = cpu.reg<u16>(insn.src) & 3;
  bool raise_it = (selector & 3) < rpl;
  u16 adjusted = static_cast<u16>((selector & ~3u) | rpl);
  if (raise_it && insn.condition &&
      !cpu.store<u16>(insn.segment, cpu.effective_address(insn), adjusted)) {
    return cpu.stopped();
  }
  if (raise_it && !insn.condition) {
    cpu.set_reg<u16>(insn.dst, adjusted);
  }
  cpu.flags.zero = raise_it ? 0 : 1;
  return Step::next;
}

// --- far pointers and bases ------------------------------------------------

template <SegmentIndex segment>
Step load_far_pointer(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn), offset = 0, selector = 0;
  unsigned width = insn.size;
  if (!cpu.load_sized(insn.segment, at, width, offset) ||
      !cpu.load_sized(insn.segment, (at + width) & insn.address_mask, 2, selector) ||
      !cpu.load_segment(segment, static_cast<u16>(selector))) {
    return cpu.stopped();
  }
  cpu.set_reg_sized(insn.dst, offset, width);
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

Step swapgs(Cpu& cpu, const Insn&) {
  if (!cpu.code64()) {
    return cpu.raise_step(vector_ud);
  }
  if (!ring0(cpu)) {
    return cpu.stopped();
  }
  std::swap(cpu.seg[seg_gs].base, cpu.msrs.kernel_gs_base);
  cpu.base[seg_gs] = cpu.seg[seg_gs].base;
  return Step::next;
}

bool bases_enabled(Cpu& cpu) {
  return (cpu.code64() && (cpu.cr4 & cr4_fsgsbase)) || cpu.raise(vector_ud);
}

template <SegmentIndex segment>
Step read_base(Cpu& cpu, const Insn& insn) {
  if (!bases_enabled(cpu)) {
    return cpu.stopped();
  }
  cpu.set_reg_sized(insn.dst, cpu.seg[segment].base & mask_of(insn.size), insn.size);
  return Step::next;
}

template <SegmentIndex segment>
Step write_base(Cpu& cpu, const Insn& insn) {
  u64 value = cpu.gpr[insn.dst] & mask_of(insn.size);
  if (!bases_enabled(cpu)) {
    return cpu.stopped();
  }
  if (!canonical(value)) {
    return cpu.raise_step(vector_gp, 0);
  }
  cpu.seg[segment].base = cpu.base[segment] = value;
  return Step::next;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_LGDT, bind_fixed<load_table<false>>},
    {ZYDIS_MNEMONIC_LIDT, bind_fixed<load_table<true>>},
    {ZYDIS_MNEMONIC_SGDT, bind_fixed<store_table<false>>},
    {ZYDIS_MNEMONIC_SIDT, bind_fixed<store_table<true>>},
    {ZYDIS_MNEMONIC_LLDT, bind_selector<lldt>},
    {ZYDIS_MNEMONIC_LTR, bind_selector<ltr>},
    {ZYDIS_MNEMONIC_SLDT, bind_selector<store_selector<seg_ldt>>},
    {ZYDIS_MNEMONIC_STR, bind_selector<store_selector<seg_tr>>},
    {ZYDIS_MNEMONIC_LAR, bind_lar_lsl<false>},
    {ZYDIS_MNEMONIC_LSL, bind_lar_lsl<true>},
    {ZYDIS_MNEMONIC_VERR, bind_selector<verify<false>>},
    {ZYDIS_MNEMONIC_VERW, bind_selector<verify<true>>},
    {ZYDIS_MNEMONIC_ARPL, bind_selector<arpl>},
    {ZYDIS_MNEMONIC_LDS, bind_fixed<load_far_pointer<seg_ds>>},
    {ZYDIS_MNEMONIC_LES, bind_fixed<load_far_pointer<seg_es>>},
    {ZYDIS_MNEMONIC_LFS, bind_fixed<load_far_pointer<seg_fs>>},
    {ZYDIS_MNEMONIC_LGS, bind_fixed<load_far_pointer<seg_gs>>},
    {ZYDIS_MNEMONIC_LSS, bind_fixed<load_far_pointer<seg_ss>>},
    {ZYDIS_MNEMONIC_SWAPGS, bind_fixed<swapgs>},
    {ZYDIS_MNEMONIC_RDFSBASE, bind_fixed<read_base<seg_fs>>},
    {ZYDIS_MNEMONIC_RDGSBASE, bind_fixed<read_base<seg_gs>>},
    {ZYDIS_MNEMONIC_WRFSBASE, bind_fixed<write_base<seg_fs>>},
    {ZYDIS_MNEMONIC_WRGSBASE, bind_fixed<write_base<seg_gs>>},
};

}  // namespace

std::span<const Row> descriptor_rows() {
  return rows;
}

}  // namespace softcpu
