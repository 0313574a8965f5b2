#include "softcpu/cpu.h"

#include "core/log.h"
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

CodeMode mode_of(const Cpu& cpu) {
  const core::Segment& cs = cpu.seg[seg_cs];
  if (cpu.long_mode()) {
    return cs.l ? CodeMode::long64 : cs.db ? CodeMode::compat32 : CodeMode::compat16;
  }
  if (cs.db) {
    return CodeMode::legacy32;
  }
  return cpu.protected_mode() ? CodeMode::legacy16 : CodeMode::real16;
}

// One past the last offset that `access` may reach without a closer look.
u64 quick_top(const Cpu& cpu, const core::Segment& segment, Access access) {
  u64 top = u64{segment.limit} + 1;
  if (!cpu.protected_mode()) {
    return top;
  }
  bool code = segment.type & 8, bit1 = segment.type & 2,
       down = !code && (segment.type & 4);
  bool allowed = access == Access::write ? !code && bit1 : !code || bit1;
  return segment.unusable || !allowed || down ? 0 : top;
}

core::Segment segment_at_power_on(u16 selector, u64 base, u8 type) {
  core::Segment segment;
  segment.selector = selector;
  segment.base = base;
  segment.limit = 0xffff;
  segment.type = type;
  segment.present = true;
  segment.s = true;
  return segment;
}

}  // namespace

void Cpu::update_derived() {
  code_mode = mode_of(*this);
  bool wide = code64();
  for (std::size_t i = 0; i < seg.size(); ++i) {
    top[0][i] = wide ? ~u64{0} : quick_top(*this, seg[i], Access::read);
    top[1][i] = wide ? ~u64{0} : quick_top(*this, seg[i], Access::write);
    bool has_base = !wide || i == seg_fs || i == seg_gs;
    base[i] = has_base ? seg[i].base : 0;
  }
  linear_mask = wide ? ~u64{0} : 0xffffffff;
  stack_mask = wide ? ~u64{0} : seg[seg_ss].db ? 0xffffffff : 0xffff;
  ip_mask = wide ? ~u64{0} : seg[seg_cs].db ? 0xffffffff : 0xffff;
  code_limit = wide ? ~u64{0} : seg[seg_cs].limit;
}

void Cpu::flush_tlb() {
  tlb.flush();
  ++epoch;
}

// SDM vol. 3 table 10-1.
void Cpu::power_on() {
  for (u64& value : gpr) {
    value = 0;
  }
  gpr[rdx] = 0x600;  // family 6
  rip = 0xfff0;
  set_rflags(flag_fixed);
  for (u8 i = seg_es; i <= seg_gs; ++i) {
    seg[i] = segment_at_power_on(0, 0, 3);
  }
  seg[seg_cs] = segment_at_power_on(0xf000, 0xffff0000, 11);
  seg[seg_ldt] = segment_at_power_on(0, 0, 2);
  seg[seg_tr] = segment_at_power_on(0, 0, 11);
  seg[seg_ldt].s = seg[seg_tr].s = false;
  gdt = idt = core::DescriptorTable{0, 0xffff};
  cr0 = cr0_cd | cr0_nw | cr0_et;
  cr2 = cr3 = cr4 = cr8 = efer = 0;
  apic_base = 0xfee00000 | (id == 0 ? 0x900 : 0x800);
  dr = {0, 0, 0, 0, 0, 0, 0xffff0ff0, 0x400};
  msrs = Msrs{};
  fpu = core::Fpu{};
  cpl = 0;
  shadow = nmi_blocked = false;
  update_derived();
  flush_tlb();
}

Step Cpu::unbuilt(const Insn* insn, const std::string& why) {
  core::exit::InternalError error;
  error.rip = insn != nullptr ? insn_rip(*insn) : rip;
  unsigned length = insn != nullptr ? insn->length : 0;
  for (unsigned i = 0; i < length && i < error.bytes.size(); ++i) {
    u64 physical = 0;
    u64 at = (error.rip + i + base[seg_cs]) & linear_mask;
    if (!translate(seg_cs, at, Access::fetch, cpl == 3, physical)) {
      break;
    }
    error.bytes[i] = static_cast<u8>(memory.load(physical, 1));
    error.byte_count = static_cast<u8>(i + 1);
  }
  if (error.byte_count > 0) {
    std::span<const u8> bytes(error.bytes.data(), error.byte_count);
    error.why = disassemble(code_mode, bytes, error.rip) + ": ";
  }
  error.why += "the software CPU cannot go on: " + why + "; try -accel kvm";
  core::qemu_log_mask(core::LOG_UNIMP, "CPU %d at rip 0x%llx: %s\n", id,
                      static_cast<unsigned long long>(error.rip), error.why.c_str());
  exit = std::move(error);
  return Step::retry;
}

bool Cpu::unbuilt_access(const std::string& why) {
  unbuilt(nullptr, why);
  stop_step = Step::retry;
  return false;
}

}  // namespace softcpu
