// The part of the x87 that system software uses without computing: FNINIT, FNSTSW,
// FNSTCW, FLDCW, FWAIT, FNCLEX, and the FXSAVE image with LDMXCSR/STMXCSR.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

bool x87_ready(Cpu& cpu) {
  return !(cpu.cr0 & (cr0_em | cr0_ts)) || cpu.raise(vector_nm);
}

Step fninit(Cpu& cpu, const Insn&) {
  if (!x87_ready(cpu)) {
    return cpu.stopped();
  }
  cpu.fpu.fcw = 0x37f;
  cpu.fpu.fsw = 0;
  cpu.fpu.ftw = 0;
  cpu.fpu.last_ip = cpu.fpu.last_dp = 0;
  cpu.fpu.last_opcode = 0;
  return Step::next;
}

Step fnclex(Cpu& cpu, const Insn&) {
  if (!x87_ready(cpu)) {
    return cpu.stopped();
  }
  cpu.fpu.fsw &= 0x7f00;
  return Step::next;
}

Step fwait(Cpu& cpu, const Insn&) {
  bool trap = (cpu.cr0 & cr0_mp) && (cpu.cr0 & cr0_ts);
  return trap ? cpu.raise_step(vector_nm) : Step::next;
}

Step fnstsw_ax(Cpu& cpu, const Insn&) {
  if (!x87_ready(cpu)) {
    return cpu.stopped();
  }
  cpu.set_reg<u16>(rax, cpu.fpu.fsw);
  return Step::next;
}

template <std::uint16_t core::Fpu::*word>
Step store_word(Cpu& cpu, const Insn& insn) {
  bool ok = x87_ready(cpu) &&
            cpu.store<u16>(insn.segment, cpu.effective_address(insn), cpu.fpu.*word);
  return ok ? Step::next : cpu.stopped();
}

Step fldcw(Cpu& cpu, const Insn& insn) {
  u16 value = 0;
  if (!x87_ready(cpu) || !cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  cpu.fpu.fcw = static_cast<u16>(value | 0x40);
  return Step::next;
}

Handler bind_fnstsw(const Form& form, Insn&) {
  return form.kind[0] == Kind::memory ? store_word<&core::Fpu::fsw> : fnstsw_ax;
}

// --- the 512-byte image (SDM vol. 1 10.5.1) ---------------------------------

using Image = std::array<u8, 512>;

template <class T>
void put(Image& image, unsigned at, T value) {
  std::memcpy(image.data() + at, &value, sizeof(T));
}

template <class T>
T get(const Image& image, unsigned at) {
  T value;
  std::memcpy(&value, image.data() + at, sizeof(T));
  return value;
}

unsigned vector_registers(const Cpu& cpu) {
  return cpu.code64() ? 16 : 8;
}

Step fxsave(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  if (!x87_ready(cpu)) {
    return cpu.stopped();
  }
  if ((at + cpu.base[insn.segment]) % 16 != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  Image image{};
  put(image, 0, cpu.fpu.fcw);
  put(image, 2, cpu.fpu.fsw);
  put(image, 4, cpu.fpu.ftw);
  put(image, 6, cpu.fpu.last_opcode);
  put(image, 8, cpu.fpu.last_ip);
  put(image, 16, cpu.fpu.last_dp);
  put(image, 24, cpu.fpu.mxcsr);
  put(image, 28, u32{0xffff});
  for (unsigned i = 0; i < 8; ++i) {
    std::memcpy(image.data() + 32 + 16 * i, cpu.fpu.st[i].data(), 16);
  }
  for (unsigned i = 0; i < vector_registers(cpu); ++i) {
    std::memcpy(image.data() + 160 + 16 * i, cpu.fpu.xmm[i].data(), 16);
  }
  unsigned used = 160 + 16 * vector_registers(cpu);
  for (unsigned i = 0; i < used; i += 8) {
    if (!cpu.store<u64>(insn.segment, (at + i) & insn.address_mask, get<u64>(image, i))) {
      return cpu.stopped();
    }
  }
  return Step::next;
}

Step fxrstor(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  if (!x87_ready(cpu)) {
    return cpu.stopped();
  }
  if ((at + cpu.base[insn.segment]) % 16 != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  Image image{};
  for (unsigned i = 0; i < image.size(); i += 8) {
    u64 value = 0;
    if (!cpu.load(insn.segment, (at + i) & insn.address_mask, value)) {
      return cpu.stopped();
    }
    put(image, i, value);
  }
  u32 mxcsr = get<u32>(image, 24);
  if (mxcsr & 0xffff0000) {
    return cpu.raise_step(vector_gp, 0);
  }
  cpu.fpu.fcw = get<u16>(image, 0);
  cpu.fpu.fsw = get<u16>(image, 2);
  cpu.fpu.ftw = get<u8>(image, 4);
  cpu.fpu.last_opcode = get<u16>(image, 6);
  cpu.fpu.last_ip = get<u64>(image, 8);
  cpu.fpu.last_dp = get<u64>(image, 16);
  cpu.fpu.mxcsr = mxcsr;
  for (unsigned i = 0; i < 8; ++i) {
    std::memcpy(cpu.fpu.st[i].data(), image.data() + 32 + 16 * i, 16);
  }
  for (unsigned i = 0; i < vector_registers(cpu); ++i) {
    std::memcpy(cpu.fpu.xmm[i].data(), image.data() + 160 + 16 * i, 16);
  }
  return Step::next;
}

bool sse_ready(Cpu& cpu) {
  if ((cpu.cr0 & cr0_em) || !(cpu.cr4 & cr4_osfxsr)) {
    return cpu.raise(vector_ud);
  }
  return !(cpu.cr0 & cr0_ts) || cpu.raise(vector_nm);
}

Step ldmxcsr(Cpu& cpu, const Insn& insn) {
  u32 value = 0;
  if (!sse_ready(cpu) || !cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  if (value & 0xffff0000) {
    return cpu.raise_step(vector_gp, 0);
  }
  cpu.fpu.mxcsr = value;
  return Step::next;
}

Step stmxcsr(Cpu& cpu, const Insn& insn) {
  bool ok = sse_ready(cpu) &&
            cpu.store<u32>(insn.segment, cpu.effective_address(insn), cpu.fpu.mxcsr);
  return ok ? Step::next : cpu.stopped();
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_FNINIT, bind_fixed<fninit>},
    {ZYDIS_MNEMONIC_FNCLEX, bind_fixed<fnclex>},
    {ZYDIS_MNEMONIC_FWAIT, bind_fixed<fwait>},
    {ZYDIS_MNEMONIC_FNSTSW, bind_fnstsw},
    {ZYDIS_MNEMONIC_FNSTCW, bind_fixed<store_word<&core::Fpu::fcw>>},
    {ZYDIS_MNEMONIC_FLDCW, bind_fixed<fldcw>},
    {ZYDIS_MNEMONIC_FXSAVE, bind_fixed<fxsave>},
    {ZYDIS_MNEMONIC_FXSAVE64, bind_fixed<fxsave>},
    {ZYDIS_MNEMONIC_FXRSTOR, bind_fixed<fxrstor>},
    {ZYDIS_MNEMONIC_FXRSTOR64, bind_fixed<fxrstor>},
    {ZYDIS_MNEMONIC_LDMXCSR, bind_fixed<ldmxcsr>},
    {ZYDIS_MNEMONIC_STMXCSR, bind_fixed<stmxcsr>},
};

}  // namespace

std::span<const Row> fpu_rows() {
  return rows;
}

}  // namespace softcpu
