// PUSH, POP and their families, PUSHF/POPF, ENTER, LEAVE. Insn::size2 is the width of
// the stack item; the width of the stack pointer comes from SS.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

template <class T>
Step push_reg(Cpu& cpu, const Insn& insn) {
  return cpu.push<T>(cpu.reg<T>(insn.dst)) ? Step::next : cpu.stopped();
}

template <class T>
Step push_imm(Cpu& cpu, const Insn& insn) {
  return cpu.push<T>(static_cast<T>(insn.imm)) ? Step::next : cpu.stopped();
}

template <class T>
Step push_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  bool ok =
      cpu.load(insn.segment, cpu.effective_address(insn), value) && cpu.push<T>(value);
  return ok ? Step::next : cpu.stopped();
}

template <class T>
Step push_sreg(Cpu& cpu, const Insn& insn) {
  return cpu.push<T>(cpu.seg[insn.dst].selector) ? Step::next : cpu.stopped();
}

Handler bind_push(const Form& form, Insn&) {
  return by_size(form.width(), [&]<class T>() -> Handler {
    switch (form.kind[0]) {
      case Kind::reg:
        return &push_reg<T>;
      case Kind::immediate:
        return &push_imm<T>;
      case Kind::memory:
        return &push_mem<T>;
      case Kind::segment:
        return &push_sreg<T>;
      default:
        return nullptr;
    }
  });
}

template <class T>
Step pop_reg(Cpu& cpu, const Insn& insn) {
  T value = 0;
  u64 pointer = cpu.stack_pointer();
  if (!cpu.load(seg_ss, pointer, value)) {
    return cpu.stopped();
  }
  cpu.set_stack_pointer(pointer + sizeof(T));
  cpu.set_reg<T>(insn.dst, value);
  return Step::next;
}

// The address of POP's destination is computed with the stack pointer after the pop.
template <class T>
Step pop_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  u64 old = cpu.gpr[rsp];
  if (!cpu.load(seg_ss, cpu.stack_pointer(), value)) {
    return cpu.stopped();
  }
  cpu.set_stack_pointer(cpu.stack_pointer() + sizeof(T));
  if (!cpu.store<T>(insn.segment, cpu.effective_address(insn), value)) {
    cpu.gpr[rsp] = old;
    return cpu.stopped();
  }
  return Step::next;
}

template <class T>
Step pop_sreg(Cpu& cpu, const Insn& insn) {
  u64 pointer = cpu.stack_pointer();
  u16 selector = 0;
  if (!cpu.load(seg_ss, pointer, selector)) {
    return cpu.stopped();
  }
  if (!cpu.load_segment(insn.dst, selector)) {
    return cpu.stopped();
  }
  cpu.set_stack_pointer(pointer + sizeof(T));
  cpu.shadow = insn.dst == seg_ss;
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

Handler bind_pop(const Form& form, Insn&) {
  return by_size(form.width(), [&]<class T>() -> Handler {
    switch (form.kind[0]) {
      case Kind::reg:
        return &pop_reg<T>;
      case Kind::memory:
        return &pop_mem<T>;
      case Kind::segment:
        return &pop_sreg<T>;
      default:
        return nullptr;
    }
  });
}

template <class T>
Step pusha(Cpu& cpu, const Insn&) {
  u64 pointer = cpu.stack_pointer();
  for (u8 number = rax; number <= rdi; ++number) {
    if (!cpu.push_sized(pointer, sizeof(T), cpu.gpr[number])) {
      return cpu.stopped();
    }
  }
  cpu.set_stack_pointer(pointer);
  return Step::next;
}

template <class T>
Step popa(Cpu& cpu, const Insn&) {
  u64 pointer = cpu.stack_pointer();
  u64 values[8] = {};
  for (int number = rdi; number >= rax; --number) {
    if (!cpu.pop_sized(pointer, sizeof(T), values[number])) {
      return cpu.stopped();
    }
  }
  for (u8 number = rax; number <= rdi; ++number) {
    if (number != rsp) {
      cpu.set_reg<T>(number, static_cast<T>(values[number]));
    }
  }
  cpu.set_stack_pointer(pointer);
  return Step::next;
}

template <class T>
Step pushf(Cpu& cpu, const Insn&) {
  u64 value = cpu.rflags() & ~u64{flag_vm | flag_rf};
  return cpu.push<T>(static_cast<T>(value)) ? Step::next : cpu.stopped();
}

template <class T>
Step popf(Cpu& cpu, const Insn& insn) {
  T value = 0;
  u64 pointer = cpu.stack_pointer();
  if (!cpu.load(seg_ss, pointer, value)) {
    return cpu.stopped();
  }
  u64 mask = 0x247fd5;  // all but RF, VM, VIF, VIP
  if (cpu.cpl > 0) {
    mask &= ~u64{flag_iopl};
  }
  if (cpu.cpl > cpu.iopl()) {
    mask &= ~u64{flag_if};
  }
  mask &= mask_of(sizeof(T));
  cpu.set_stack_pointer(pointer + sizeof(T));
  cpu.set_rflags((cpu.rflags() & ~mask & ~u64{flag_rf}) | (value & mask));
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

// ENTER size, level (SDM vol. 2): copies level-1 frame pointers of the caller.
template <class T>
Step enter(Cpu& cpu, const Insn& insn) {
  unsigned level = insn.third & 31;
  u64 pointer = cpu.stack_pointer();
  if (!cpu.push_sized(pointer, sizeof(T), cpu.gpr[rbp])) {
    return cpu.stopped();
  }
  u64 frame = pointer;
  for (unsigned i = 1; i < level; ++i) {
    u64 value = 0;
    u64 from = (cpu.gpr[rbp] - i * sizeof(T)) & cpu.stack_mask;
    if (!cpu.load_sized(seg_ss, from, sizeof(T), value) ||
        !cpu.push_sized(pointer, sizeof(T), value)) {
      return cpu.stopped();
    }
  }
  if (level > 0 && !cpu.push_sized(pointer, sizeof(T), frame)) {
    return cpu.stopped();
  }
  pointer = (pointer - (insn.imm & 0xffff)) & cpu.stack_mask;
  u64 probe = 0;  // the new top must be writable
  if (!cpu.linear(seg_ss, pointer, 1, Access::write, probe)) {
    return cpu.stopped();
  }
  cpu.set_reg<T>(rbp, static_cast<T>(frame));
  cpu.set_stack_pointer(pointer);
  return Step::next;
}

template <class T>
Step leave(Cpu& cpu, const Insn&) {
  u64 pointer = cpu.gpr[rbp] & cpu.stack_mask;
  T value = 0;
  if (!cpu.load(seg_ss, pointer, value)) {
    return cpu.stopped();
  }
  cpu.set_stack_pointer(pointer + sizeof(T));
  cpu.set_reg<T>(rbp, value);
  return Step::next;
}

Handler bind_enter(const Form& form, Insn&) {
  return by_size(form.width(), []<class T>() -> Handler { return &enter<T>; });
}

Handler bind_leave(const Form& form, Insn&) {
  return by_size(form.width(), []<class T>() -> Handler { return &leave<T>; });
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_PUSH, bind_push},
    {ZYDIS_MNEMONIC_POP, bind_pop},
    {ZYDIS_MNEMONIC_PUSHA, bind_fixed<pusha<u16>>},
    {ZYDIS_MNEMONIC_PUSHAD, bind_fixed<pusha<u32>>},
    {ZYDIS_MNEMONIC_POPA, bind_fixed<popa<u16>>},
    {ZYDIS_MNEMONIC_POPAD, bind_fixed<popa<u32>>},
    {ZYDIS_MNEMONIC_PUSHF, bind_fixed<pushf<u16>>},
    {ZYDIS_MNEMONIC_PUSHFD, bind_fixed<pushf<u32>>},
    {ZYDIS_MNEMONIC_PUSHFQ, bind_fixed<pushf<u64>>},
    {ZYDIS_MNEMONIC_POPF, bind_fixed<popf<u16>>},
    {ZYDIS_MNEMONIC_POPFD, bind_fixed<popf<u32>>},
    {ZYDIS_MNEMONIC_POPFQ, bind_fixed<popf<u64>>},
    {ZYDIS_MNEMONIC_ENTER, bind_enter},
    {ZYDIS_MNEMONIC_LEAVE, bind_leave},
};

}  // namespace

std::span<const Row> stack_rows() {
  return rows;
}

}  // namespace softcpu
