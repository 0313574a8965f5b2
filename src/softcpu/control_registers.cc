// What writing a control register means: which bits exist, which combinations fault,
// and the moment long mode begins and ends (SDM vol. 3 2.5, 9.8.5).
#include <utility>

#include "core/log.h"
#include "softcpu/cpu.h"

namespace softcpu {
namespace {

constexpr u64 cr4_known = cr4_vme | cr4_pvi | cr4_tsd | cr4_de | cr4_pse | cr4_pae |
                          cr4_mce | cr4_pge | cr4_pce | cr4_osfxsr | cr4_osxmmexcpt |
                          cr4_fsgsbase;

}  // namespace

bool Cpu::load_pdptrs() {
  for (unsigned i = 0; i < pdptr.size(); ++i) {
    pdptr[i] = memory.load((cr3 & 0xffffffe0) + i * 8, 8);
    constexpr u64 reserved = 0x1e6 | ~physical_mask;
    if ((pdptr[i] & 1) && (pdptr[i] & reserved)) {
      return raise(vector_gp, 0);
    }
  }
  return true;
}

bool Cpu::write_cr0(u64 value) {
  bool paging = value & cr0_pg, was_paging = cr0 & cr0_pg;
  bool bad = (value >> 32) != 0 || (paging && !(value & cr0_pe)) ||
             ((value & cr0_nw) && !(value & cr0_cd)) || (!paging && code64());
  bool enter_long = paging && !was_paging && (efer & efer_lme);
  bad = bad || (enter_long && (!(cr4 & cr4_pae) || seg[seg_cs].l));
  if (bad) {
    return raise(vector_gp, 0);
  }
  if (paging && (cr4 & cr4_pae) && !(efer & efer_lme) && !load_pdptrs()) {
    return false;
  }
  core::qemu_log_mask(core::CPU_LOG_MMU, "CR0 update: CR0=0x%08x\n",
                      static_cast<u32>(value));
  u64 changed = cr0 ^ value;
  cr0 = (value & 0xe005003f) | cr0_et;
  if (enter_long) {
    efer |= efer_lma;
  } else if (!paging) {
    efer &= ~u64{efer_lma};
  }
  if (changed & cr0_pe) {
    cpl = 0;
  }
  update_derived();
  if (changed & (cr0_pg | cr0_wp | cr0_pe)) {
    flush_tlb();
  }
  return true;
}

bool Cpu::write_cr3(u64 value) {
  if (long_mode() && (value & ~physical_mask)) {
    return raise(vector_gp, 0);
  }
  u64 old = std::exchange(cr3, value);
  if ((cr0 & cr0_pg) && (cr4 & cr4_pae) && !long_mode() && !load_pdptrs()) {
    cr3 = old;
    return false;
  }
  core::qemu_log_mask(core::CPU_LOG_MMU, "CR3 update: CR3=%016llx\n",
                      static_cast<unsigned long long>(value));
  flush_tlb();
  return true;
}

bool Cpu::write_cr4(u64 value) {
  if ((value & ~cr4_known) || (long_mode() && !(value & cr4_pae))) {
    return raise(vector_gp, 0);
  }
  u64 changed = cr4 ^ value;
  u64 old = std::exchange(cr4, value);
  if ((changed & (cr4_pae | cr4_pse | cr4_pge)) && (cr0 & cr0_pg) && (value & cr4_pae) &&
      !long_mode() && !load_pdptrs()) {
    cr4 = old;
    return false;
  }
  flush_tlb();
  return true;
}

bool Cpu::write_cr8(u64 value) {
  if (value & ~u64{15}) {
    return raise(vector_gp, 0);
  }
  cr8 = value;
  return true;
}

}  // namespace softcpu
