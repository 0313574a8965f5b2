// Near control flow: JMP, CALL, RET, Jcc, JCXZ, LOOP. Insn::imm is the distance from
// the end of the instruction; Insn::size2 the width of the instruction pointer.
#include "softcpu/decoder.h"
#include "softcpu/transfer.h"

namespace softcpu {
namespace {

bool target_ok(Cpu& cpu, u64 target) {
  if (cpu.code64() ? !canonical(target) : target > cpu.code_limit) {
    return cpu.raise(vector_gp, 0);
  }
  return true;
}

Step jump_to(Cpu& cpu, u64 target) {
  if (!target_ok(cpu, target)) [[unlikely]] {
    return Step::fault;
  }
  cpu.rip = target;
  return Step::jump;
}

u64 relative_target(const Cpu& cpu, const Insn& insn) {
  u64 target = cpu.gpr[block_register] + insn.offset + insn.length + insn.imm;
  return target & mask_of(insn.size2) & (insn.is_64 ? ~u64{0} : 0xffffffff);
}

Step jmp_rel(Cpu& cpu, const Insn& insn) {
  return jump_to(cpu, relative_target(cpu, insn));
}

template <u8 code>
Step jcc(Cpu& cpu, const Insn& insn) {
  if (cpu.flags.condition(code)) {
    return jump_to(cpu, relative_target(cpu, insn));
  }
  cpu.rip = cpu.next_rip(insn);
  return Step::jump;
}

template <class T>
Step jmp_reg(Cpu& cpu, const Insn& insn) {
  return jump_to(cpu, cpu.reg<T>(insn.dst));
}

template <class T>
Step jmp_mem(Cpu& cpu, const Insn& insn) {
  T target = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), target)) {
    return cpu.stopped();
  }
  return jump_to(cpu, target);
}

template <class T>
Step call_to(Cpu& cpu, const Insn& insn, u64 target) {
  if (!target_ok(cpu, target) || !cpu.push<T>(static_cast<T>(cpu.next_rip(insn)))) {
    return cpu.stopped();
  }
  cpu.rip = target;
  return Step::jump;
}

template <class T>
Step call_rel(Cpu& cpu, const Insn& insn) {
  return call_to<T>(cpu, insn, relative_target(cpu, insn));
}

template <class T>
Step call_reg(Cpu& cpu, const Insn& insn) {
  return call_to<T>(cpu, insn, cpu.reg<T>(insn.dst));
}

template <class T>
Step call_mem(Cpu& cpu, const Insn& insn) {
  T target = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), target)) {
    return cpu.stopped();
  }
  return call_to<T>(cpu, insn, target);
}

template <class T>
Step ret(Cpu& cpu, const Insn& insn) {
  u64 pointer = cpu.stack_pointer();
  T target = 0;
  if (!cpu.load(seg_ss, pointer, target) || !target_ok(cpu, target)) {
    return cpu.stopped();
  }
  cpu.set_stack_pointer(pointer + sizeof(T) + insn.imm);
  cpu.rip = target;
  return Step::jump;
}

// In 64-bit mode near branches are 64 bits wide whatever the prefixes say.
u8 branch_width(const Form& form) {
  return form.mode == CodeMode::long64 ? 8 : form.width();
}

bool is_far(const Form& form) {
  return form.insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
}

Handler bind_jmp(const Form& form, Insn& insn) {
  if (is_far(form)) {
    return bind_far_jmp(form, insn);
  }
  insn.size2 = branch_width(form);
  if (form.kind[0] == Kind::immediate) {
    return jmp_rel;
  }
  return by_size(insn.size2, [&]<class T>() -> Handler {
    return form.kind[0] == Kind::reg ? &jmp_reg<T> : &jmp_mem<T>;
  });
}

Handler bind_call(const Form& form, Insn& insn) {
  if (is_far(form)) {
    return bind_far_call(form, insn);
  }
  insn.size2 = branch_width(form);
  return by_size(insn.size2, [&]<class T>() -> Handler {
    switch (form.kind[0]) {
      case Kind::immediate:
        return &call_rel<T>;
      case Kind::reg:
        return &call_reg<T>;
      default:
        return &call_mem<T>;
    }
  });
}

Handler bind_ret(const Form& form, Insn& insn) {
  insn.imm &= 0xffff;
  if (is_far(form)) {
    return bind_far_ret(form, insn);
  }
  return by_size(branch_width(form), []<class T>() -> Handler { return &ret<T>; });
}

template <u8 code>
Handler bind_jcc(const Form& form, Insn& insn) {
  insn.size2 = branch_width(form);
  return jcc<code>;
}

// JCXZ and LOOP count in CX, ECX or RCX, as the address size says.
enum class Counter : u8 { jump_if_zero, loop, loop_while_zero, loop_while_not_zero };

template <Counter kind>
Step count_branch(Cpu& cpu, const Insn& insn) {
  u64 count = cpu.gpr[rcx] & insn.address_mask;
  bool taken = count == 0;
  if constexpr (kind != Counter::jump_if_zero) {
    count = (count - 1) & insn.address_mask;
    taken = count != 0;
    if constexpr (kind != Counter::loop) {
      taken = taken && cpu.flags.zf() == (kind == Counter::loop_while_zero);
    }
  }
  u64 target = taken ? relative_target(cpu, insn) : cpu.next_rip(insn);
  if (!target_ok(cpu, target)) {
    return Step::fault;
  }
  if constexpr (kind != Counter::jump_if_zero) {
    cpu.set_reg_sized(rcx, count,
                      static_cast<unsigned>(std::popcount(insn.address_mask)) / 8);
  }
  cpu.rip = target;
  return Step::jump;
}

template <Counter kind>
Handler bind_count_branch(const Form& form, Insn& insn) {
  insn.size2 = branch_width(form);
  return count_branch<kind>;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_JMP, bind_jmp},
    {ZYDIS_MNEMONIC_CALL, bind_call},
    {ZYDIS_MNEMONIC_RET, bind_ret},
    {ZYDIS_MNEMONIC_JO, bind_jcc<0>},
    {ZYDIS_MNEMONIC_JNO, bind_jcc<1>},
    {ZYDIS_MNEMONIC_JB, bind_jcc<2>},
    {ZYDIS_MNEMONIC_JNB, bind_jcc<3>},
    {ZYDIS_MNEMONIC_JZ, bind_jcc<4>},
    {ZYDIS_MNEMONIC_JNZ, bind_jcc<5>},
    {ZYDIS_MNEMONIC_JBE, bind_jcc<6>},
    {ZYDIS_MNEMONIC_JNBE, bind_jcc<7>},
    {ZYDIS_MNEMONIC_JS, bind_jcc<8>},
    {ZYDIS_MNEMONIC_JNS, bind_jcc<9>},
    {ZYDIS_MNEMONIC_JP, bind_jcc<10>},
    {ZYDIS_MNEMONIC_JNP, bind_jcc<11>},
    {ZYDIS_MNEMONIC_JL, bind_jcc<12>},
    {ZYDIS_MNEMONIC_JNL, bind_jcc<13>},
    {ZYDIS_MNEMONIC_JLE, bind_jcc<14>},
    {ZYDIS_MNEMONIC_JNLE, bind_jcc<15>},
    {ZYDIS_MNEMONIC_JCXZ, bind_count_branch<Counter::jump_if_zero>},
    {ZYDIS_MNEMONIC_JECXZ, bind_count_branch<Counter::jump_if_zero>},
    {ZYDIS_MNEMONIC_JRCXZ, bind_count_branch<Counter::jump_if_zero>},
    {ZYDIS_MNEMONIC_LOOP, bind_count_branch<Counter::loop>},
    {ZYDIS_MNEMONIC_LOOPE, bind_count_branch<Counter::loop_while_zero>},
    {ZYDIS_MNEMONIC_LOOPNE, bind_count_branch<Counter::loop_while_not_zero>},
};

}  // namespace

std::span<const Row> control_rows() {
  return rows;
}

}  // namespace softcpu
