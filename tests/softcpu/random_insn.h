// Random single instructions of 64-bit user code together with the registers they
// start from and the flags the manuals leave undefined after them. Memory operands
// are [rdi + disp8] into one page at `scratch_at`. RSP is never touched.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "random_operands.h"

namespace softcpu_test {

inline constexpr std::uint64_t scratch_at = 0x100000;

struct UserState {
  std::array<std::uint64_t, 16> gpr{};  // in encoding order; [4] (RSP) is ignored
  std::uint64_t flags = 2;
  std::array<std::uint8_t, 64> memory{};  // at scratch_at + 0x800
};

struct Case {
  std::string name;
  std::vector<std::uint8_t> code;
  UserState start;
  std::uint64_t undefined = 0;  // flags that may differ
  bool result_undefined = false;
};

inline constexpr std::uint64_t CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80,
                               OF = 0x800, all_flags = CF | PF | AF | ZF | SF | OF;

class Generator : private RandomOperands {
 public:
  explicit Generator(std::uint32_t seed) : RandomOperands(seed) {}

  Case next() {
    case_ = Case{};
    fill_state();
    size_ = 1u << below(4);
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        alu();
        break;
      case 3:
        group1();
        break;
      case 4:
      case 5:
        unary();
        break;
      case 6:
      case 7:
      case 8:
        shift();
        break;
      case 9:
        double_shift();
        break;
      case 10:
        bits();
        break;
      case 11:
        scan();
        break;
      case 12:
        extend();
        break;
      case 13:
        conditional();
        break;
      case 14:
        multiply();
        break;
      default:
        exchange();
        break;
    }
    return case_;
  }

 private:
  void fill_state() {
    for (auto& reg : case_.start.gpr) {
      reg = value();
    }
    case_.start.gpr[4] = 0;
    case_.start.gpr[7] = scratch_at + 0x800;
    case_.start.flags = 2 | (value() & all_flags);
    for (auto& byte : case_.start.memory) {
      byte = static_cast<std::uint8_t>(value());
    }
  }

  unsigned any_register() {
    unsigned reg = below(16);
    return reg == 4 || reg == 7 ? 0 : reg;
  }

  // prefixes, REX, opcode, ModRM. `reg` is a register or an opcode extension.
  void encode(std::vector<std::uint8_t> opcode, unsigned reg, bool may_be_memory = true,
              std::uint8_t mandatory = 0) {
    bool memory = may_be_memory && below(3) == 0;
    unsigned rm = memory ? 7 : any_register();
    if (size_ == 2) {
      case_.code.push_back(0x66);
    }
    if (mandatory != 0) {
      case_.code.push_back(mandatory);
    }
    unsigned rex = 0x40 | (size_ == 8 ? 8 : 0) | (reg >> 3) << 2 | rm >> 3;
    bool high_byte = size_ == 1 && rm < 8 && reg < 8 && below(3) == 0;
    if (!high_byte) {
      case_.code.push_back(static_cast<std::uint8_t>(rex));
    } else if (!memory && rm >= 4) {
      rm = 4 + below(3);  // ah, ch or dh, but not dil
    }
    if (high_byte && reg == 7) {
      reg = 6;
    }
    case_.code.insert(case_.code.end(), opcode.begin(), opcode.end());
    unsigned mod = memory ? 1 : 3;
    case_.code.push_back(static_cast<std::uint8_t>(mod << 6 | (reg & 7) << 3 | (rm & 7)));
    if (memory) {
      case_.code.push_back(static_cast<std::uint8_t>(below(32)));
    }
  }

  std::uint8_t sized(unsigned opcode) const {
    return static_cast<std::uint8_t>(size_ == 1 ? opcode & ~1u : opcode | 1);
  }

  void immediate(unsigned bytes) {
    std::uint64_t v = value();
    for (unsigned i = 0; i < bytes; ++i) {
      case_.code.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    }
  }

  void alu() {
    unsigned which = below(8);
    case_.name = "alu";
    case_.undefined = which == 1 || which == 4 || which == 6 ? AF : 0;
    encode({sized(which * 8 + (below(2) ? 2 : 0))}, any_register());
  }

  void group1() {
    unsigned which = below(8);
    bool byte = size_ == 1 || below(2);
    case_.name = "alu imm";
    case_.undefined = which == 1 || which == 4 || which == 6 ? AF : 0;
    encode({static_cast<std::uint8_t>(size_ == 1 ? 0x80 : byte ? 0x83 : 0x81)}, which);
    immediate(byte ? 1 : size_ == 2 ? 2 : 4);
  }

  void unary() {
    case_.name = "unary";
    switch (below(5)) {
      case 0:
        encode({sized(0xfe)}, 0);
        break;
      case 1:
        encode({sized(0xfe)}, 1);
        break;
      case 2:
        encode({sized(0xf6)}, 2);
        break;
      case 3:
        encode({sized(0xf6)}, 3);
        break;
      default:
        case_.undefined = AF;
        encode({sized(0xf6)}, 0);
        immediate(size_ == 1 ? 1 : size_ == 2 ? 2 : 4);
    }
  }

  unsigned choose_count(std::uint8_t& count) {
    count = static_cast<std::uint8_t>(below(3) ? below(12) : value());
    return count & (size_ == 8 ? 63 : 31);
  }

  void shift() {
    static constexpr unsigned kinds[] = {0, 1, 2, 3, 4, 5, 7};
    unsigned kind = kinds[below(7)];
    std::uint8_t count = 1;
    unsigned masked = 1, form = below(3);
    if (form != 0) {
      masked = choose_count(count);
    }
    case_.name = "shift";
    if (masked != 0) {
      case_.undefined |= kind >= 4 ? AF : 0;
      case_.undefined |= masked != 1 ? OF : 0;
      case_.undefined |= kind >= 4 && masked > size_ * 8 ? CF : 0;
    }
    case_.start.gpr[1] = (case_.start.gpr[1] & ~0xffull) | count;
    encode({sized(form == 0 ? 0xd0 : form == 1 ? 0xc0 : 0xd2)}, kind);
    if (form == 1) {
      case_.code.push_back(count);
    }
  }

  void double_shift() {
    size_ = size_ == 1 ? 4 : size_;
    std::uint8_t count = 0;
    unsigned masked = choose_count(count);
    bool by_cl = below(2), right = below(2);
    case_.name = "double shift";
    if (masked != 0) {
      case_.undefined = AF | (masked != 1 ? OF : 0);
    }
    case_.result_undefined = masked > size_ * 8;
    case_.start.gpr[1] = (case_.start.gpr[1] & ~0xffull) | count;
    encode({0x0f, static_cast<std::uint8_t>((right ? 0xac : 0xa4) + by_cl)},
           any_register());
    if (!by_cl) {
      case_.code.push_back(count);
    }
  }

  void bits() {
    size_ = size_ == 1 ? 8 : size_;
    case_.name = "bit test";
    case_.undefined = OF | SF | AF | PF;
    if (below(2)) {
      encode({0x0f, 0xba}, 4 + below(4));
      immediate(1);
    } else {
      static constexpr std::uint8_t opcodes[] = {0xa3, 0xab, 0xb3, 0xbb};
      encode({0x0f, opcodes[below(4)]}, any_register(), false);
    }
  }

  void scan() {
    size_ = size_ == 1 ? 8 : size_;
    case_.name = "scan";
    switch (below(4)) {
      case 3:
        bmi();
        break;
      case 0:
        case_.undefined = CF | OF | SF | AF | PF;
        encode({0x0f, static_cast<std::uint8_t>(0xbc + below(2))}, any_register());
        break;
      case 1:
        encode({0x0f, 0xb8}, any_register(), true, 0xf3);
        break;
      default:
        case_.undefined = OF | SF | AF | PF;
        case_.name = "lzcnt/tzcnt";
        encode({0x0f, static_cast<std::uint8_t>(0xbc + below(2))}, any_register(), true,
               0xf3);
    }
  }

  // Three-byte VEX, map 2, register forms: ANDN, BEXTR, BLSR, BLSMSK, BLSI.
  void bmi() {
    unsigned reg = any_register(), source = any_register(), rm = any_register();
    unsigned form = below(3);
    case_.name = "bmi1";
    case_.undefined = AF | PF | (form == 1 ? SF : 0);
    unsigned extension = 1 + below(3);
    auto rxb = static_cast<std::uint8_t>((form == 2 || reg < 8 ? 0x80 : 0) | 0x40 |
                                         (rm < 8 ? 0x20 : 0) | 2);
    auto wvl = static_cast<std::uint8_t>((size_ == 8 ? 0x80 : 0) | (~source & 15) << 3);
    static constexpr std::uint8_t opcodes[] = {0xf2, 0xf7, 0xf3};
    unsigned middle = form == 2 ? extension : reg & 7;
    case_.code = {0xc4, rxb, wvl, opcodes[form],
                  static_cast<std::uint8_t>(0xc0 | middle << 3 | (rm & 7))};
  }

  void extend() {
    size_ = size_ == 1 ? 4 : size_;
    case_.name = "extend";
    switch (below(5)) {
      case 0:
        if (size_ == 2) {
          case_.code.push_back(0x66);
        } else if (size_ == 8) {
          case_.code.push_back(0x48);
        }
        case_.code.push_back(static_cast<std::uint8_t>(0x98 + below(2)));
        break;
      case 1:
        encode({0x63}, any_register());
        break;
      case 2:
        size_ = below(2) ? 4 : 8;
        case_.code = {static_cast<std::uint8_t>(size_ == 8 ? 0x48 : 0x40), 0x0f,
                      static_cast<std::uint8_t>(0xc8 + below(4))};
        break;
      default: {
        static constexpr std::uint8_t opcodes[] = {0xb6, 0xb7, 0xbe, 0xbf};
        encode({0x0f, opcodes[below(4)]}, any_register());
      }
    }
  }

  void conditional() {
    case_.name = "conditional";
    if (below(2)) {
      size_ = 1;
      encode({0x0f, static_cast<std::uint8_t>(0x90 + below(16))}, 0);
    } else {
      size_ = size_ == 1 ? 4 : size_;
      encode({0x0f, static_cast<std::uint8_t>(0x40 + below(16))}, any_register());
    }
  }

  void multiply() {
    case_.undefined = SF | ZF | AF | PF;
    case_.name = "multiply";
    unsigned form = below(5);
    if (form < 2) {
      encode({sized(0xf6)}, 4 + form);
    } else if (form == 2) {
      divide();
    } else {
      size_ = size_ == 1 ? 4 : size_;
      if (below(2)) {
        encode({0x0f, 0xaf}, any_register());
        return;
      }
      bool byte = below(2);
      encode({static_cast<std::uint8_t>(byte ? 0x6b : 0x69)}, any_register());
      immediate(byte ? 1 : size_ == 2 ? 2 : 4);
    }
  }

  // A divisor in RBX that cannot overflow the quotient.
  void divide() {
    bool is_signed = below(2);
    case_.name = "divide";
    case_.undefined = all_flags;
    auto& gpr = case_.start.gpr;
    gpr[3] = (value() & 0x7f) + 2;
    gpr[2] = 0;
    gpr[0] = size_ == 1 ? value() & 0x7f
                        : value() & (~std::uint64_t{0} >> 1 >> (64 - size_ * 8));
    if (is_signed && size_ > 1 && below(2)) {
      gpr[0] = ~gpr[0];
      gpr[2] = ~std::uint64_t{0};
    }
    if (size_ == 2) {
      case_.code.push_back(0x66);
    } else if (size_ == 8) {
      case_.code.push_back(0x48);
    }
    case_.code.push_back(sized(0xf6));
    case_.code.push_back(static_cast<std::uint8_t>(0xc3 | (is_signed ? 7 : 6) << 3));
  }

  void exchange() {
    case_.name = "exchange";
    switch (below(4)) {
      case 0:
        encode({sized(0x86)}, any_register());
        break;
      case 1:
        encode({0x0f, sized(0xc0)}, any_register());
        break;
      case 2:
        case_.name = "cmpxchg";
        if (below(2)) {
          case_.start.gpr[0] = case_.start.gpr[3];
        }
        encode({0x0f, sized(0xb0)}, any_register());
        break;
      default: {
        static constexpr std::uint8_t opcodes[] = {0x9e, 0x9f, 0xf5, 0xf8, 0xf9};
        case_.code.push_back(opcodes[below(5)]);
      }
    }
  }

  Case case_;
  unsigned size_ = 4;
};

}  // namespace softcpu_test
