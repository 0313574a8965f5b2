// MUL, IMUL (one, two and three operands), DIV, IDIV. SF, ZF, AF and PF are undefined
// after a multiplication; like common CPUs we leave SF and PF of the low half. They
// are undefined after a division; we leave the flags alone.
#include "softcpu/decoder.h"

namespace softcpu {
namespace {

__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

template <class T>
i128 as_signed(T value) {
  return static_cast<i64>(sign_extend(value, sizeof(T)));
}

// Double-width results live in AX for bytes, else in rDX:rAX.
template <class T>
void set_pair(Cpu& cpu, T low, T high) {
  if constexpr (sizeof(T) == 1) {
    cpu.set_reg<u16>(rax, static_cast<u16>(low | high << 8));
  } else {
    cpu.set_reg<T>(rax, low);
    cpu.set_reg<T>(rdx, high);
  }
}

template <class T>
u128 pair(const Cpu& cpu) {
  if constexpr (sizeof(T) == 1) {
    return cpu.reg<u16>(rax);
  } else {
    return u128{cpu.reg<T>(rdx)} << bits_of<T> | cpu.reg<T>(rax);
  }
}

template <class T>
void set_product_flags(Flags& flags, T low, bool overflow) {
  flags.set_szp(low);
  flags.zero = 1;
  flags.adjust = false;
  flags.carry = flags.overflow = overflow;
}

struct Mul {
  template <class T>
  static bool apply(Cpu& cpu, T value) {
    u128 product = u128{cpu.reg<T>(rax)} * value;
    T low = static_cast<T>(product), high = static_cast<T>(product >> bits_of<T>);
    set_pair(cpu, low, high);
    set_product_flags(cpu.flags, low, high != 0);
    return true;
  }
};

template <class T>
T signed_product(Flags& flags, T a, T b, T* high) {
  i128 product = as_signed(a) * as_signed(b);
  T low = static_cast<T>(product);
  if (high != nullptr) {
    *high = static_cast<T>(product >> bits_of<T>);
  }
  set_product_flags(flags, low, product != as_signed(low));
  return low;
}

struct Imul {
  template <class T>
  static bool apply(Cpu& cpu, T value) {
    T high = 0;
    T low = signed_product(cpu.flags, cpu.reg<T>(rax), value, &high);
    set_pair(cpu, low, high);
    return true;
  }
};

struct Div {
  template <class T>
  static bool apply(Cpu& cpu, T divisor) {
    u128 dividend = pair<T>(cpu);
    if (divisor == 0 || dividend / divisor > static_cast<T>(~T{0})) {
      return cpu.raise(vector_de);
    }
    set_pair(cpu, static_cast<T>(dividend / divisor), static_cast<T>(dividend % divisor));
    return true;
  }
};

struct Idiv {
  template <class T>
  static bool apply(Cpu& cpu, T raw) {
    i128 dividend = static_cast<i128>(pair<T>(cpu) << (128 - 2 * bits_of<T>)) >>
                    (128 - 2 * bits_of<T>);
    i128 divisor = as_signed(raw);
    i128 lowest = static_cast<i128>(u128{1} << 127);
    if (divisor == 0 || (divisor == -1 && dividend == lowest)) {
      return cpu.raise(vector_de);
    }
    i128 quotient = dividend / divisor;
    if (quotient != as_signed(static_cast<T>(quotient))) {
      return cpu.raise(vector_de);
    }
    set_pair(cpu, static_cast<T>(quotient), static_cast<T>(dividend % divisor));
    return true;
  }
};

template <class Op, class T>
Step one_reg(Cpu& cpu, const Insn& insn) {
  return Op::apply(cpu, cpu.reg<T>(insn.dst)) ? Step::next : cpu.stopped();
}

template <class Op, class T>
Step one_mem(Cpu& cpu, const Insn& insn) {
  T value = 0;
  bool ok =
      cpu.load(insn.segment, cpu.effective_address(insn), value) && Op::apply(cpu, value);
  return ok ? Step::next : cpu.stopped();
}

template <class Op>
Handler bind_one(const Form& form, Insn&) {
  return by_size(form.size[0], [&]<class T>() -> Handler {
    return form.kind[0] == Kind::reg ? &one_reg<Op, T> : &one_mem<Op, T>;
  });
}

// IMUL reg, r/m (, imm): the second factor is `dst` without an immediate.
template <class T, bool has_imm, bool from_memory>
Step imul_many(Cpu& cpu, const Insn& insn) {
  T factor = 0;
  if constexpr (from_memory) {
    if (!cpu.load(insn.segment, cpu.effective_address(insn), factor)) {
      return cpu.stopped();
    }
  } else {
    factor = cpu.reg<T>(insn.src);
  }
  T other = has_imm ? static_cast<T>(insn.imm) : cpu.reg<T>(insn.dst);
  cpu.set_reg<T>(insn.dst, signed_product<T>(cpu.flags, factor, other, nullptr));
  return Step::next;
}

Handler bind_imul(const Form& form, Insn& insn) {
  // The one-operand form's AX or rDX:rAX are hidden operands.
  if (form.kind[1] == Kind::none) {
    return bind_one<Imul>(form, insn);
  }
  bool has_imm = form.kind[2] == Kind::immediate;
  bool memory = form.kind[1] == Kind::memory;
  return by_size(form.size[0], [&]<class T>() -> Handler {
    if (has_imm) {
      return memory ? &imul_many<T, true, true> : &imul_many<T, true, false>;
    }
    return memory ? &imul_many<T, false, true> : &imul_many<T, false, false>;
  });
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_MUL, bind_one<Mul>},
    {ZYDIS_MNEMONIC_IMUL, bind_imul},
    {ZYDIS_MNEMONIC_DIV, bind_one<Div>},
    {ZYDIS_MNEMONIC_IDIV, bind_one<Idiv>},
};

}  // namespace

std::span<const Row> muldiv_rows() {
  return rows;
}

}  // namespace softcpu
