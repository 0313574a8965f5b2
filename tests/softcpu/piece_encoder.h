// Writes pieces of machine code for real, 32-bit protected or 64-bit mode, with random
// operands. See random_sequence.h for the conventions of the code.
#pragma once

#include <initializer_list>

#include "random_operands.h"
#include "sequence.h"

namespace softcpu_test {

class PieceEncoder : protected RandomOperands {
 protected:
  PieceEncoder(SequenceMode mode, std::uint32_t seed)
      : RandomOperands(seed), mode_(mode) {}

  bool is(SequenceMode mode) const { return mode_ == mode; }

  unsigned base() const { return is(SequenceMode::long64) ? 15 : 5; }

  // ---- encoding -----------------------------------------------------------------------

  void emit(std::initializer_list<unsigned> bytes) {
    for (unsigned byte : bytes) {
      piece_.code.push_back(static_cast<std::uint8_t>(byte));
    }
  }

  void little(std::uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      emit({static_cast<unsigned>(v >> (8 * i)) & 0xff});
    }
  }

  void flags(std::uint64_t reads, std::uint64_t defines, std::uint64_t undefines = 0) {
    piece_.reads |= reads & ~piece_.defines;
    piece_.defines = (piece_.defines | defines) & ~undefines;
    piece_.undefines = (piece_.undefines & ~defines) | undefines;
  }

  unsigned any_register() {
    unsigned reg = below(is(SequenceMode::long64) ? 16 : 8);
    return reg == 4 || reg == base() ? below(4) : reg;
  }

  unsigned not_byte() { return size_ = size_ == 1 ? 4 : size_; }

  // The operand size prefix and, in 64-bit mode, REX; `mandatory` goes between.
  void prefixes(unsigned size, unsigned reg, unsigned rm, unsigned mandatory = 0) {
    if (is(SequenceMode::real16) ? size == 4 : size == 2) {
      emit({0x66});
    }
    if (mandatory != 0) {
      emit({mandatory});
    }
    bool low_bytes = size_ == 1 && (reg > 3 || rm > 3);
    if (is(SequenceMode::long64) && (size == 8 || reg > 7 || rm > 7 || low_bytes)) {
      emit({0x40 | (size == 8 ? 8u : 0u) | (reg >> 3) << 2 | rm >> 3});
    }
  }

  void opcode(std::initializer_list<unsigned> bytes) { emit(bytes); }

  // An instruction with ModRM: `reg` is a register or an opcode extension.
  void with_modrm(std::initializer_list<unsigned> bytes, unsigned reg,
                  bool may_be_memory = true, unsigned mandatory = 0) {
    if (!may_be_memory || below(3) != 0) {
      unsigned rm = any_register();
      prefixes(size_, reg, rm, mandatory);
      opcode(bytes);
      emit({0xc0 | (reg & 7) << 3 | (rm & 7)});
      return;
    }
    with_memory(bytes, reg, mandatory);
  }

  void with_memory(std::initializer_list<unsigned> bytes, unsigned reg,
                   unsigned mandatory = 0) {
    bool indexed = below(4) == 0;
    bool real = is(SequenceMode::real16);
    if (indexed) {
      // and ecx,31 (real mode: and si,31) makes an index.
      emit({0x83, real ? 0xe6u : 0xe1u, 0x1f});
      flags(0, all_flags, AF);
    }
    if (below(8) == 0) {
      static constexpr unsigned overrides[] = {0x26, 0x2e, 0x36, 0x3e};
      unsigned segment = overrides[below(4)];
      emit({segment == 0x2e && !is(SequenceMode::long64) ? 0x3eu : segment});
    }
    prefixes(size_, reg, is(SequenceMode::long64) ? 15 : 5, mandatory);
    opcode(bytes);
    unsigned field = (reg & 7) << 3;
    if (!indexed) {
      emit({0x40 | field | (real ? 6u : is(SequenceMode::long64) ? 7u : 5u)});
    } else if (real) {
      emit({0x40 | field | 2u});
    } else {
      emit({0x40 | field | 4u,
            below(3) << 6 | 1u << 3 | (is(SequenceMode::long64) ? 7u : 5u)});
    }
    emit({(below(0x70) + 0xc8) & 0xff});
  }

  unsigned sized(unsigned byte) const { return size_ == 1 ? byte & ~1u : byte | 1u; }

  void immediate() { little(value(), size_ == 1 ? 1 : size_ == 2 ? 2 : 4); }

  // mov REG,imm of the mode's natural address size: 16, 32, 32 (zero extended) bits.
  void load_register(unsigned reg, unsigned v) {
    emit({0xb8 | reg});
    little(v, is(SequenceMode::real16) ? 2 : 4);
  }

  // lea REG,[base+displacement] in address size.
  void lea_base(unsigned reg, unsigned displacement) {
    bool wide = is(SequenceMode::long64);
    if (wide) {
      emit({0x49});
    }
    emit({0x8d, 0x80 | reg << 3 | (is(SequenceMode::real16) ? 6u : wide ? 7u : 5u)});
    little(displacement, is(SequenceMode::real16) ? 2 : 4);
  }

  SequenceMode mode_;
  Piece piece_;
  unsigned size_ = 4;
};

}  // namespace softcpu_test
