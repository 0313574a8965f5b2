// MOV in its general-register and memory forms, MOVZX, MOVSX, MOVSXD, LEA, CMOVcc,
// SETcc, XLAT, BSWAP, the sign extensions, and MOV to and from segment registers.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

template <class T>
Step mov_reg_reg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<T>(insn.dst, cpu.reg<T>(insn.src));
  return Step::next;
}

template <class T>
Step mov_reg_imm(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<T>(insn.dst, static_cast<T>(insn.imm));
  return Step::next;
}

template <class T>
Step mov_reg_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  cpu.set_reg<T>(insn.dst, value);
  return Step::next;
}

template <class T>
Step mov_mem_reg(Cpu& cpu, const Insn& insn) {
  bool ok = cpu.store<T>(insn.segment, cpu.effective_address(insn), cpu.reg<T>(insn.src));
  return ok ? Step::next : cpu.stopped();
}

template <class T>
Step mov_mem_imm(Cpu& cpu, const Insn& insn) {
  bool ok =
      cpu.store<T>(insn.segment, cpu.effective_address(insn), static_cast<T>(insn.imm));
  return ok ? Step::next : cpu.stopped();
}

// MOV Sreg, r/m16. After SS the next instruction is not interrupted.
Step load_sreg(Cpu& cpu, const Insn& insn, u16 selector) {
  if (insn.dst == seg_cs) {
    return cpu.raise_step(vector_ud);
  }
  if (!cpu.load_segment(insn.dst, selector)) {
    return cpu.stopped();
  }
  cpu.shadow = insn.dst == seg_ss;
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

Step mov_sreg_reg(Cpu& cpu, const Insn& insn) {
  return load_sreg(cpu, insn, cpu.reg<u16>(insn.src));
}

Step mov_sreg_mem(Cpu& cpu, const Insn& insn) {
  u16 selector = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), selector)) {
    return cpu.stopped();
  }
  return load_sreg(cpu, insn, selector);
}

Step mov_reg_sreg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg_sized(insn.dst, cpu.seg[insn.src].selector, insn.size);
  return Step::next;
}

Step mov_mem_sreg(Cpu& cpu, const Insn& insn) {
  u16 selector = cpu.seg[insn.src].selector;
  bool ok = cpu.store<u16>(insn.segment, cpu.effective_address(insn), selector);
  return ok ? Step::next : cpu.stopped();
}

Handler bind_mov_plain(const Form& form) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.is(Kind::reg, Kind::reg)) {
      return &mov_reg_reg<T>;
    }
    if (form.is(Kind::reg, Kind::immediate)) {
      return &mov_reg_imm<T>;
    }
    if (form.is(Kind::reg, Kind::memory)) {
      return &mov_reg_mem<T>;
    }
    if (form.is(Kind::memory, Kind::reg)) {
      return &mov_mem_reg<T>;
    }
    return form.is(Kind::memory, Kind::immediate) ? &mov_mem_imm<T> : nullptr;
  });
}

Handler bind_mov(const Form& form, Insn& insn) {
  if (form.kind[0] == Kind::segment) {
    return form.kind[1] == Kind::reg ? mov_sreg_reg : mov_sreg_mem;
  }
  if (form.kind[1] == Kind::segment) {
    return form.kind[0] == Kind::reg ? mov_reg_sreg : mov_mem_sreg;
  }
  if (form.kind[0] == Kind::control || form.kind[1] == Kind::control ||
      form.kind[0] == Kind::debug || form.kind[1] == Kind::debug) {
    return bind_mov_system(form, insn);
  }
  return bind_mov_plain(form);
}

// --- extensions ------------------------------------------------------------

template <class To, class From, bool is_signed>
To extended(From value) {
  if constexpr (is_signed) {
    return static_cast<To>(sign_extend(value, sizeof(From)));
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From, bool is_signed>
Step extend_reg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<To>(insn.dst, extended<To, From, is_signed>(cpu.reg<From>(insn.src)));
  return Step::next;
}

template <class To, class From, bool is_signed>
Step extend_mem(Cpu& cpu, const Insn& insn) {
  From value = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  cpu.set_reg<To>(insn.dst, extended<To, From, is_signed>(value));
  return Step::next;
}

template <bool is_signed>
Handler bind_extend(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class To>() -> Handler {
    return by_size(form.size[1], [&]<class From>() -> Handler {
      if constexpr (sizeof(From) > sizeof(To)) {  // MOVSXD r16: a plain MOV
        return form.kind[1] == Kind::reg ? &mov_reg_reg<To> : &mov_reg_mem<To>;
      } else {
        return form.kind[1] == Kind::reg ? &extend_reg<To, From, is_signed>
                                         : &extend_mem<To, From, is_signed>;
      }
    });
  });
}

template <class T>
Step lea(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<T>(insn.dst, static_cast<T>(cpu.effective_address(insn)));
  return Step::next;
}

Handler bind_lea(const Form& form, Insn&) {
  return by_size(form.size[0], []<class T>() -> Handler { return &lea<T>; });
}

// --- conditional -----------------------------------------------------------

// A 32-bit CMOV clears the upper half even when the condition is false.
template <class T>
Step cmov_reg(Cpu& cpu, const Insn& insn) {
  bool taken = cpu.flags.condition(insn.condition);
  cpu.set_reg<T>(insn.dst, cpu.reg<T>(taken ? insn.src : insn.dst));
  return Step::next;
}

template <class T>
Step cmov_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  bool taken = cpu.flags.condition(insn.condition);
  cpu.set_reg<T>(insn.dst, taken ? value : cpu.reg<T>(insn.dst));
  return Step::next;
}

Handler bind_cmov(const Form& form, Insn& insn) {
  insn.condition = form.insn.opcode & 15;
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[1] == Kind::reg ? &cmov_reg<T> : &cmov_mem<T>;
  });
}

Step setcc_reg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<u8>(insn.dst, cpu.flags.condition(insn.condition));
  return Step::next;
}

Step setcc_mem(Cpu& cpu, const Insn& insn) {
  u8 value = cpu.flags.condition(insn.condition);
  bool ok = cpu.store<u8>(insn.segment, cpu.effective_address(insn), value);
  return ok ? Step::next : cpu.stopped();
}

Handler bind_setcc(const Form& form, Insn& insn) {
  insn.condition = form.insn.opcode & 15;
  return form.kind[0] == Kind::reg ? setcc_reg : setcc_mem;
}

// --- the accumulator -------------------------------------------------------

// CBW, CWDE, CDQE: `size` is that of the result.
template <class T>
Step extend_accumulator(Cpu& cpu, const Insn&) {
  cpu.set_reg<T>(rax, static_cast<T>(sign_extend(cpu.gpr[rax], sizeof(T) / 2)));
  return Step::next;
}

// CWD, CDQ, CQO.
template <class T>
Step spread_sign(Cpu& cpu, const Insn&) {
  cpu.set_reg<T>(rdx, top_bit(cpu.reg<T>(rax)) ? static_cast<T>(~T{0}) : T{0});
  return Step::next;
}

template <class T>
Step bswap(Cpu& cpu, const Insn& insn) {
  if constexpr (sizeof(T) == 4) {
    cpu.set_reg<T>(insn.dst, __builtin_bswap32(cpu.reg<T>(insn.dst)));
  } else if constexpr (sizeof(T) == 8) {
    cpu.set_reg<T>(insn.dst, __builtin_bswap64(cpu.reg<T>(insn.dst)));
  } else {
    cpu.set_reg<T>(insn.dst, 0);  // undefined by the manuals; CPUs clear it
  }
  return Step::next;
}

Handler bind_bswap(const Form& form, Insn&) {
  return by_size(form.size[0], []<class T>() -> Handler { return &bswap<T>; });
}

Step xlat(Cpu& cpu, const Insn& insn) {
  u8 value = 0;
  u64 offset = (cpu.gpr[rbx] + cpu.reg<u8>(0)) & insn.address_mask;
  if (!cpu.load(insn.segment, offset, value)) {
    return cpu.stopped();
  }
  cpu.set_reg<u8>(0, value);
  return Step::next;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_MOV, bind_mov},
    {ZYDIS_MNEMONIC_MOVZX, bind_extend<false>},
    {ZYDIS_MNEMONIC_MOVSX, bind_extend<true>},
    {ZYDIS_MNEMONIC_MOVSXD, bind_extend<true>},
    {ZYDIS_MNEMONIC_LEA, bind_lea},
    {ZYDIS_MNEMONIC_CMOVO, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNO, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVB, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNB, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVZ, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNZ, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVBE, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNBE, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVS, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNS, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVP, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNP, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVL, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNL, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVLE, bind_cmov},
    {ZYDIS_MNEMONIC_CMOVNLE, bind_cmov},
    {ZYDIS_MNEMONIC_SETO, bind_setcc},
    {ZYDIS_MNEMONIC_SETNO, bind_setcc},
    {ZYDIS_MNEMONIC_SETB, bind_setcc},
    {ZYDIS_MNEMONIC_SETNB, bind_setcc},
    {ZYDIS_MNEMONIC_SETZ, bind_setcc},
    {ZYDIS_MNEMONIC_SETNZ, bind_setcc},
    {ZYDIS_MNEMONIC_SETBE, bind_setcc},
    {ZYDIS_MNEMONIC_SETNBE, bind_setcc},
    {ZYDIS_MNEMONIC_SETS, bind_setcc},
    {ZYDIS_MNEMONIC_SETNS, bind_setcc},
    {ZYDIS_MNEMONIC_SETP, bind_setcc},
    {ZYDIS_MNEMONIC_SETNP, bind_setcc},
    {ZYDIS_MNEMONIC_SETL, bind_setcc},
    {ZYDIS_MNEMONIC_SETNL, bind_setcc},
    {ZYDIS_MNEMONIC_SETLE, bind_setcc},
    {ZYDIS_MNEMONIC_SETNLE, bind_setcc},
    {ZYDIS_MNEMONIC_CBW, bind_fixed<extend_accumulator<u16>>},
    {ZYDIS_MNEMONIC_CWDE, bind_fixed<extend_accumulator<u32>>},
    {ZYDIS_MNEMONIC_CDQE, bind_fixed<extend_accumulator<u64>>},
    {ZYDIS_MNEMONIC_CWD, bind_fixed<spread_sign<u16>>},
    {ZYDIS_MNEMONIC_CDQ, bind_fixed<spread_sign<u32>>},
    {ZYDIS_MNEMONIC_CQO, bind_fixed<spread_sign<u64>>},
    {ZYDIS_MNEMONIC_BSWAP, bind_bswap},
    {ZYDIS_MNEMONIC_XLAT, bind_fixed<xlat>},
};

}  // namespace

std::span<const Row> move_rows() {
  return rows;
}

}  // namespace softcpu
