// Model-specific registers. Any index not listed faults with #GP, as on hardware.
#include "softcpu/cpu.h"

namespace softcpu {
namespace {

enum MsrIndex : u32 {
  msr_tsc = 0x10,
  msr_apic_base = 0x1b,
  msr_feature_control = 0x3a,
  msr_microcode = 0x8b,
  msr_mtrr_cap = 0xfe,
  msr_sysenter_cs = 0x174,
  msr_sysenter_esp = 0x175,
  msr_sysenter_eip = 0x176,
  msr_mcg_cap = 0x179,
  msr_mcg_status = 0x17a,
  msr_misc_enable = 0x1a0,
  msr_mtrr_first = 0x200,
  msr_mtrr_last = 0x20f,
  msr_mtrr_fixed_64k = 0x250,
  msr_pat = 0x277,
  msr_mtrr_def_type = 0x2ff,
  msr_efer = 0xc0000080,
  msr_star = 0xc0000081,
  msr_lstar = 0xc0000082,
  msr_cstar = 0xc0000083,
  msr_sfmask = 0xc0000084,
  msr_fs_base = 0xc0000100,
  msr_gs_base = 0xc0000101,
  msr_kernel_gs_base = 0xc0000102,
  msr_tsc_aux = 0xc0000103,
};

// The eleven fixed-range MTRRs have scattered numbers.
int fixed_mtrr(u32 index) {
  if (index == msr_mtrr_fixed_64k) {
    return 0;
  }
  if (index == 0x258 || index == 0x259) {
    return static_cast<int>(index - 0x258 + 1);
  }
  return index >= 0x268 && index <= 0x26f ? static_cast<int>(index - 0x268 + 3) : -1;
}

// The plain 64-bit storage behind an index, or nullptr; works on const and not.
template <class M>
auto storage(M& m, u32 index) -> decltype(&m.star) {
  switch (index) {
    case msr_sysenter_cs:
      return &m.sysenter_cs;
    case msr_sysenter_esp:
      return &m.sysenter_esp;
    case msr_sysenter_eip:
      return &m.sysenter_eip;
    case msr_mcg_status:
      return &m.mcg_status;
    case msr_misc_enable:
      return &m.misc_enable;
    case msr_pat:
      return &m.pat;
    case msr_mtrr_def_type:
      return &m.mtrr_def_type;
    case msr_star:
      return &m.star;
    case msr_lstar:
      return &m.lstar;
    case msr_cstar:
      return &m.cstar;
    case msr_sfmask:
      return &m.sfmask;
    case msr_kernel_gs_base:
      return &m.kernel_gs_base;
    case msr_tsc_aux:
      return &m.tsc_aux;
    default:
      break;
  }
  if (index >= msr_mtrr_first && index <= msr_mtrr_last) {
    return &m.mtrr_variable[index - msr_mtrr_first];
  }
  int fixed = fixed_mtrr(index);
  return fixed >= 0 ? &m.mtrr_fixed[static_cast<std::size_t>(fixed)] : nullptr;
}

bool must_be_canonical(u32 index) {
  switch (index) {
    case msr_sysenter_esp:
    case msr_sysenter_eip:
    case msr_lstar:
    case msr_cstar:
    case msr_fs_base:
    case msr_gs_base:
    case msr_kernel_gs_base:
      return true;
    default:
      return false;
  }
}

bool pat_valid(u64 value) {
  for (int i = 0; i < 8; ++i, value >>= 8) {
    u8 type = value & 0xff;
    if (type > 7 || type == 2 || type == 3) {
      return false;
    }
  }
  return true;
}

bool write_efer(Cpu& cpu, u64 value) {
  constexpr u64 known = efer_sce | efer_lme | efer_lma | efer_nxe | efer_ffxsr;
  bool lme_changes = (cpu.efer ^ value) & efer_lme;
  if ((value & ~known) || (lme_changes && (cpu.cr0 & cr0_pg))) {
    return false;
  }
  cpu.efer = (value & ~u64{efer_lma}) | (cpu.efer & efer_lma);
  cpu.update_derived();
  cpu.flush_tlb();
  return true;
}

}  // namespace

u64 Cpu::timestamp(const Insn* insn) const {
  u64 now = static_cast<u64>(time.now()) + msrs.tsc_offset;
  return insn != nullptr ? now + insn->index_in_block : now;
}

std::optional<u64> Cpu::read_msr(u32 index) const {
  if (const u64* plain = storage(msrs, index)) {
    return *plain;
  }
  switch (index) {
    case msr_tsc:
      return timestamp(nullptr);
    case msr_apic_base:
      return apic_base;
    case msr_efer:
      return efer;
    case msr_fs_base:
      return seg[seg_fs].base;
    case msr_gs_base:
      return seg[seg_gs].base;
    case msr_mtrr_cap:
      return 0x508;  // 8 variable ranges, fixed ranges, write-combining
    case msr_mcg_cap:
    case msr_feature_control:
    case msr_microcode:
      return 0;
    default:
      return std::nullopt;
  }
}

bool Cpu::write_msr(u32 index, u64 value) {
  if (must_be_canonical(index) && !canonical(value)) {
    return false;
  }
  if (index == msr_pat && !pat_valid(value)) {
    return false;
  }
  if (u64* plain = storage(msrs, index)) {
    *plain = value;
    return true;
  }
  switch (index) {
    case msr_tsc:
      msrs.tsc_offset = value - static_cast<u64>(time.now());
      return true;
    case msr_apic_base:
      apic_base = value;
      return true;
    case msr_efer:
      return write_efer(*this, value);
    case msr_fs_base:
      seg[seg_fs].base = value;
      break;
    case msr_gs_base:
      seg[seg_gs].base = value;
      break;
    case msr_microcode:
      return true;
    default:
      return false;
  }
  update_derived();
  return true;
}

}  // namespace softcpu
