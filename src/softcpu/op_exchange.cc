// XCHG, XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B. The CPUs of a Vm take turns, so LOCK
// needs nothing more.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

template <class T>
Step xchg_reg(Cpu& cpu, const Insn& insn) {
  T first = cpu.reg<T>(insn.dst), second = cpu.reg<T>(insn.src);
  cpu.set_reg<T>(insn.dst, second);
  cpu.set_reg<T>(insn.src, first);
  return Step::next;
}

// The register operand is `dst` or `src`, whichever the encoding put it in.
template <class T, bool memory_first>
Step xchg_mem(Cpu& cpu, const Insn& insn) {
  u8 number = memory_first ? insn.src : insn.dst;
  u64 at = cpu.effective_address(insn);
  T old = 0;
  if (!cpu.load_for_write(insn.segment, at, old) ||
      !cpu.store<T>(insn.segment, at, cpu.reg<T>(number))) {
    return cpu.stopped();
  }
  cpu.set_reg<T>(number, old);
  return Step::next;
}

Handler bind_xchg(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.is(Kind::reg, Kind::reg)) {
      return &xchg_reg<T>;
    }
    return form.kind[0] == Kind::memory ? &xchg_mem<T, true> : &xchg_mem<T, false>;
  });
}

template <class T>
Step xadd_reg(Cpu& cpu, const Insn& insn) {
  T first = cpu.reg<T>(insn.dst);
  T sum = cpu.flags.add(first, cpu.reg<T>(insn.src));
  cpu.set_reg<T>(insn.src, first);
  cpu.set_reg<T>(insn.dst, sum);
  return Step::next;
}

template <class T>
Step xadd_mem(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  T old = 0;
  Flags flags = cpu.flags;
  if (!cpu.load_for_write(insn.segment, at, old) ||
      !cpu.store<T>(insn.segment, at, flags.add(old, cpu.reg<T>(insn.src)))) {
    return cpu.stopped();
  }
  cpu.flags = flags;
  cpu.set_reg<T>(insn.src, old);
  return Step::next;
}

Handler bind_xadd(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[0] == Kind::reg ? &xadd_reg<T> : &xadd_mem<T>;
  });
}

template <class T>
Step cmpxchg_reg(Cpu& cpu, const Insn& insn) {
  T old = cpu.reg<T>(insn.dst), expected = cpu.reg<T>(rax);
  T replacement = cpu.reg<T>(insn.src);
  cpu.flags.sub(expected, old);
  if (expected == old) {
    cpu.set_reg<T>(insn.dst, replacement);
  } else {
    cpu.set_reg<T>(rax, old);
  }
  return Step::next;
}

// Memory is written in both cases: with the new value, or with what was there.
template <class T>
Step cmpxchg_mem(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  T old = 0, expected = cpu.reg<T>(rax);
  if (!cpu.load_for_write(insn.segment, at, old)) {
    return cpu.stopped();
  }
  bool equal = expected == old;
  if (!cpu.store<T>(insn.segment, at, equal ? cpu.reg<T>(insn.src) : old)) {
    return cpu.stopped();
  }
  cpu.flags.sub(expected, old);
  if (!equal) {
    cpu.set_reg<T>(rax, old);
  }
  return Step::next;
}

Handler bind_cmpxchg(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[0] == Kind::reg ? &cmpxchg_reg<T> : &cmpxchg_mem<T>;
  });
}

// CMPXCHG8B (T = u32) and CMPXCHG16B (T = u64): rDX:rAX against two halves.
template <class T>
Step cmpxchg_pair(Cpu& cpu, const Insn& insn) {
  u64 at = cpu.effective_address(insn);
  u64 at_high = (at + sizeof(T)) & insn.address_mask;
  if (sizeof(T) == 8 && (at + cpu.base[insn.segment]) % 16 != 0) {
    return cpu.raise_step(vector_gp, 0);
  }
  T low = 0, high = 0;
  if (!cpu.load_for_write(insn.segment, at, low) ||
      !cpu.load_for_write(insn.segment, at_high, high)) {
    return cpu.stopped();
  }
  bool equal = low == cpu.reg<T>(rax) && high == cpu.reg<T>(rdx);
  if (!cpu.store<T>(insn.segment, at, equal ? cpu.reg<T>(rbx) : low) ||
      !cpu.store<T>(insn.segment, at_high, equal ? cpu.reg<T>(rcx) : high)) {
    return cpu.stopped();
  }
  cpu.flags.zero = equal ? 0 : 1;
  if (!equal) {
    cpu.set_reg<T>(rax, low);
    cpu.set_reg<T>(rdx, high);
  }
  return Step::next;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_XCHG, bind_xchg},
    {ZYDIS_MNEMONIC_XADD, bind_xadd},
    {ZYDIS_MNEMONIC_CMPXCHG, bind_cmpxchg},
    {ZYDIS_MNEMONIC_CMPXCHG8B, bind_fixed<cmpxchg_pair<u32>>},
    {ZYDIS_MNEMONIC_CMPXCHG16B, bind_fixed<cmpxchg_pair<u64>>},
};

}  // namespace

std::span<const Row> exchange_rows() {
  return rows;
}

}  // namespace softcpu
