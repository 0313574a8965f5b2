// ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST, INC, DEC, NEG, NOT. Each operation is
// written once; templates make one handler per operand size and form.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

struct Add {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return f.add(a, b);
  }
};

struct Adc {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return f.add(a, b, f.carry);
  }
};

struct Sub {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return f.sub(a, b);
  }
};

struct Sbb {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return f.sub(a, b, f.carry);
  }
};

struct Cmp {
  static constexpr bool writes = false;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return f.sub(a, b);
  }
};

template <class T>
T logic(Flags& f, T result) {
  f.set_logic(result);
  return result;
}

struct And {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return logic(f, static_cast<T>(a & b));
  }
};

struct Or {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return logic(f, static_cast<T>(a | b));
  }
};

struct Xor {
  static constexpr bool writes = true;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return logic(f, static_cast<T>(a ^ b));
  }
};

struct Test {
  static constexpr bool writes = false;

  template <class T>
  static T apply(Flags& f, T a, T b) {
    return logic(f, static_cast<T>(a & b));
  }
};

template <class Op, class T>
Step reg_value(Cpu& cpu, const Insn& insn, T value) {
  T result = Op::apply(cpu.flags, cpu.reg<T>(insn.dst), value);
  if constexpr (Op::writes) {
    cpu.set_reg<T>(insn.dst, result);
  }
  return Step::next;
}

template <class Op, class T>
Step reg_reg(Cpu& cpu, const Insn& insn) {
  return reg_value<Op, T>(cpu, insn, cpu.reg<T>(insn.src));
}

template <class Op, class T>
Step reg_imm(Cpu& cpu, const Insn& insn) {
  return reg_value<Op, T>(cpu, insn, static_cast<T>(insn.imm));
}

template <class Op, class T>
Step reg_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  if (!cpu.load(insn.segment, cpu.effective_address(insn), value)) {
    return cpu.stopped();
  }
  return reg_value<Op, T>(cpu, insn, value);
}

template <class Op, class T>
Step mem_value(Cpu& cpu, const Insn& insn, T value) {
  u64 address = cpu.effective_address(insn);
  T old = 0;
  if constexpr (!Op::writes) {
    if (!cpu.load(insn.segment, address, old)) {
      return cpu.stopped();
    }
    Op::apply(cpu.flags, old, value);
  } else {
    Flags flags = cpu.flags;
    if (!cpu.load_for_write(insn.segment, address, old) ||
        !cpu.store<T>(insn.segment, address, Op::apply(flags, old, value))) {
      return cpu.stopped();
    }
    cpu.flags = flags;
  }
  return Step::next;
}

template <class Op, class T>
Step mem_reg(Cpu& cpu, const Insn& insn) {
  return mem_value<Op, T>(cpu, insn, cpu.reg<T>(insn.src));
}

template <class Op, class T>
Step mem_imm(Cpu& cpu, const Insn& insn) {
  return mem_value<Op, T>(cpu, insn, static_cast<T>(insn.imm));
}

template <class Op>
Handler bind_binary(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (form.is(Kind::reg, Kind::reg)) {
      return &reg_reg<Op, T>;
    }
    if (form.is(Kind::reg, Kind::immediate)) {
      return &reg_imm<Op, T>;
    }
    if (form.is(Kind::reg, Kind::memory)) {
      return &reg_mem<Op, T>;
    }
    if (form.is(Kind::memory, Kind::reg)) {
      return &mem_reg<Op, T>;
    }
    return form.is(Kind::memory, Kind::immediate) ? &mem_imm<Op, T> : nullptr;
  });
}

struct Inc {
  template <class T>
  static T apply(Flags& f, T a) {
    bool carry = f.carry;
    T result = f.add(a, T{1});
    f.carry = carry;
    return result;
  }
};

struct Dec {
  template <class T>
  static T apply(Flags& f, T a) {
    bool carry = f.carry;
    T result = f.sub(a, T{1});
    f.carry = carry;
    return result;
  }
};

struct Neg {
  template <class T>
  static T apply(Flags& f, T a) {
    return f.sub(T{0}, a);
  }
};

struct Not {
  template <class T>
  static T apply(Flags&, T a) {
    return static_cast<T>(~a);
  }
};

template <class Op, class T>
Step unary_reg(Cpu& cpu, const Insn& insn) {
  cpu.set_reg<T>(insn.dst, Op::apply(cpu.flags, cpu.reg<T>(insn.dst)));
  return Step::next;
}

template <class Op, class T>
Step unary_mem(Cpu& cpu, const Insn& insn) {
  u64 address = cpu.effective_address(insn);
  T old = 0;
  Flags flags = cpu.flags;
  if (!cpu.load_for_write(insn.segment, address, old) ||
      !cpu.store<T>(insn.segment, address, Op::apply(flags, old))) {
    return cpu.stopped();
  }
  cpu.flags = flags;
  return Step::next;
}

template <class Op>
Handler bind_unary(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[0] == Kind::reg ? &unary_reg<Op, T> : &unary_mem<Op, T>;
  });
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_ADD, bind_binary<Add>},   {ZYDIS_MNEMONIC_ADC, bind_binary<Adc>},
    {ZYDIS_MNEMONIC_SUB, bind_binary<Sub>},   {ZYDIS_MNEMONIC_SBB, bind_binary<Sbb>},
    {ZYDIS_MNEMONIC_CMP, bind_binary<Cmp>},   {ZYDIS_MNEMONIC_AND, bind_binary<And>},
    {ZYDIS_MNEMONIC_OR, bind_binary<Or>},     {ZYDIS_MNEMONIC_XOR, bind_binary<Xor>},
    {ZYDIS_MNEMONIC_TEST, bind_binary<Test>}, {ZYDIS_MNEMONIC_INC, bind_unary<Inc>},
    {ZYDIS_MNEMONIC_DEC, bind_unary<Dec>},    {ZYDIS_MNEMONIC_NEG, bind_unary<Neg>},
    {ZYDIS_MNEMONIC_NOT, bind_unary<Not>},
};

}  // namespace

std::span<const Row> alu_rows() {
  return rows;
}

}  // namespace softcpu
