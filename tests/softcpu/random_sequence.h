// Random sequences of integer instructions for real, 32-bit protected and 64-bit mode.
//
// Conventions of the generated code: one register (BP, EBP or R15) always points to the
// operands and is never written; the stack pointer moves by pushes and pops only;
// divisors are made odd, counts of string instructions small, so that nothing faults.
#pragma once

#include "piece_encoder.h"

namespace softcpu_test {

class SequenceGenerator : private PieceEncoder {
 public:
  SequenceGenerator(SequenceMode mode, std::uint32_t seed) : PieceEncoder(mode, seed) {}

  using Make = void (SequenceGenerator::*)();

  struct Kind {
    const char* name;
    Make make;
  };

  // Kinds of pieces that this mode has.
  std::vector<Kind> kinds() const;

  void use(std::vector<Kind> chosen) { chosen_ = std::move(chosen); }

  // 20 to 50 pieces, in which no flag is read that is undefined.
  Sequence next() {
    Sequence sequence = of_kinds(20 + below(31));
    shorten_jumps(sequence.pieces);
    for (FlagFlow flow = flag_flow(sequence.pieces);
         flow.first_bad < sequence.pieces.size(); flow = flag_flow(sequence.pieces)) {
      insert_piece(sequence.pieces, flow.first_bad, compare_registers());
    }
    return sequence;
  }

  // One piece of one kind, behind one that defines all flags.
  Sequence single(const Kind& kind) {
    Sequence sequence{mode_, {compare_registers()}, start()};
    sequence.pieces.push_back(make(kind));
    sequence.pieces.back().jumps_over = 0;
    return sequence;
  }

 private:
  SequenceState start() {
    SequenceState state;
    bool wide = is(SequenceMode::long64);
    for (unsigned i = 0; i < (wide ? 16u : 8u); ++i) {
      state.gpr[i] = wide ? value() : value() & 0xffffffff;
    }
    state.gpr[4] = window_of(mode_) + stack_at;
    state.gpr[base()] = window_of(mode_) + operands_at;
    state.flags = 2 | (value() & all_flags);
    for (auto& byte : state.memory) {
      byte = static_cast<std::uint8_t>(random_());
    }
    return state;
  }

  Sequence of_kinds(unsigned count) {
    Sequence sequence{mode_, {}, start()};
    while (sequence.pieces.size() < count) {
      sequence.pieces.push_back(
          make(chosen_[below(static_cast<unsigned>(chosen_.size()))]));
      Piece& last = sequence.pieces.back();
      last.jumps_over = std::min<unsigned>(
          last.jumps_over, static_cast<unsigned>(count - sequence.pieces.size()));
    }
    return sequence;
  }

  // A distance is one signed byte; what is inserted later needs some of it.
  static void shorten_jumps(std::vector<Piece>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      unsigned& over = pieces[i].jumps_over;
      while (over != 0 && bytes_over(pieces, i, over) > 100) {
        --over;
      }
    }
  }

  Piece make(const Kind& kind) {
    piece_ = Piece{};
    piece_.name = kind.name;
    size_ = 1u << below(is(SequenceMode::long64) ? 4 : 3);
    (this->*kind.make)();
    return piece_;
  }

  Piece compare_registers() { return Piece{"cmp", {0x39, 0xc8}, 0, all_flags, 0, 0}; }

  // ---- kinds of pieces ----------------------------------------------------------------

  static constexpr std::uint64_t logic_flags = all_flags & ~AF;

  void alu_flags(unsigned which) {
    bool logic = which == 1 || which == 4 || which == 6;
    bool carries = which == 2 || which == 3;
    flags(carries ? CF : 0, all_flags, logic ? AF : 0);
  }

  void alu() {
    unsigned which = below(8);
    with_modrm({sized(which * 8 + (below(2) ? 2 : 0))}, any_register());
    alu_flags(which);
  }

  void alu_immediate() {
    unsigned which = below(8);
    bool byte = size_ == 1 || below(2);
    with_modrm({size_ == 1 ? 0x80u : byte ? 0x83u : 0x81u}, which);
    little(value(), byte ? 1 : size_ == 2 ? 2 : 4);
    alu_flags(which);
  }

  void test() {
    if (below(2)) {
      with_modrm({sized(0x84)}, any_register());
    } else {
      with_modrm({sized(0xf6)}, 0);
      immediate();
    }
    flags(0, logic_flags, AF);
  }

  void unary() {
    unsigned which = below(4);
    with_modrm({sized(which < 2 ? 0xfe : 0xf6)}, which);  // inc dec not neg
    flags(0, which == 2 ? 0 : which == 3 ? all_flags : all_flags & ~CF);
  }

  void inc_short() {
    size_ = below(2) ? 2 : 4;
    prefixes(size_, 0, 0);
    emit({(below(2) ? 0x40u : 0x48u) | any_register()});
    flags(0, all_flags & ~CF);
  }

  void mov() {
    switch (below(3)) {
      case 0:
        with_modrm({sized(0x88 + (below(2) ? 2 : 0))}, any_register());
        break;
      case 1:
        with_modrm({sized(0xc6)}, 0);
        immediate();
        break;
      default: {
        unsigned reg = any_register();
        not_byte();
        prefixes(size_, 0, reg);
        emit({0xb8 | (reg & 7)});
        little(value(), size_);
      }
    }
  }

  void extend() {
    static constexpr unsigned opcodes[] = {0xb6, 0xb7, 0xbe, 0xbf};
    not_byte();
    with_modrm({0x0f, opcodes[below(4)]}, any_register());
  }

  void widen() {
    not_byte();
    prefixes(size_, 0, 0);
    emit({0x98 + below(2)});
  }

  void lea() {
    not_byte();
    with_memory({0x8d}, any_register());
  }

  void xchg() { with_modrm({sized(0x86)}, any_register()); }

  void xadd() {
    with_modrm({0x0f, sized(0xc0)}, any_register());
    flags(0, all_flags);
  }

  void cmpxchg() {
    with_modrm({0x0f, sized(0xb0)}, any_register());
    flags(0, all_flags);
  }

  void cmpxchg8b() {
    size_ = is(SequenceMode::real16) ? 2 : 4;
    with_memory({0x0f, 0xc7}, 1);
    flags(0, ZF);
  }

  void shift() {
    static constexpr unsigned kinds_of[] = {0, 1, 2, 3, 4, 5, 7};
    unsigned kind = kinds_of[below(7)], form = below(3);
    unsigned count = form == 0 ? 1 : below(3) ? below(12) : below(256);
    with_modrm({sized(form == 0 ? 0xd0 : form == 1 ? 0xc0 : 0xd2)}, kind);
    if (form == 1) {
      emit({count});
    }
    std::uint64_t reads = kind == 2 || kind == 3 ? CF : 0;
    std::uint64_t set = kind < 4 ? CF | OF : all_flags, lost = kind < 4 ? 0 : AF;
    unsigned masked = count & (size_ == 8 ? 63 : 31);
    if (form == 2) {
      flags(reads, 0, lost | OF | (kind >= 4 && kind != 7 && size_ < 4 ? CF : 0));
    } else if (masked != 0) {
      bool beyond = kind >= 4 && kind != 7 && masked >= size_ * 8;
      flags(reads, set, lost | (masked != 1 ? OF : 0) | (beyond ? CF : 0));
    }
  }

  void double_shift() {
    size_ = is(SequenceMode::long64) && below(2) ? 8 : 4;
    bool by_cl = below(2), right = below(2);
    unsigned count = below(32);
    with_modrm({0x0f, (right ? 0xacu : 0xa4u) + by_cl}, any_register());
    if (by_cl) {
      flags(0, 0, AF | OF);
      return;
    }
    emit({count});
    if (count != 0) {
      flags(0, all_flags, AF | (count != 1 ? OF : 0));
    }
  }

  void bit_test() {
    static constexpr unsigned opcodes[] = {0xa3, 0xab, 0xb3, 0xbb};
    not_byte();
    if (below(2)) {
      with_modrm({0x0f, 0xba}, 4 + below(4));
      emit({below(256)});
    } else {
      with_modrm({0x0f, opcodes[below(4)]}, any_register(), false);
    }
    flags(0, CF, OF | SF | AF | PF);
  }

  // The source is made non-zero: of zero the manuals leave the result undefined.
  void scan() {
    not_byte();
    unsigned source = any_register(), reg = any_register();
    prefixes(size_, 0, source);
    emit({0x83, 0xc8 | (source & 7), 1});
    prefixes(size_, reg, source);
    emit({0x0f, 0xbc + below(2), 0xc0 | (reg & 7) << 3 | (source & 7)});
    flags(0, ZF, CF | OF | SF | AF | PF);
  }

  void popcnt() {
    not_byte();
    with_modrm({0x0f, 0xb8}, any_register(), true, 0xf3);
    flags(0, all_flags);
  }

  void lzcnt() {
    not_byte();
    with_modrm({0x0f, 0xbc + below(2)}, any_register(), true, 0xf3);
    flags(0, CF | ZF, OF | SF | AF | PF);
  }

  // ANDN, and BLSR, BLSMSK, BLSI: three-byte VEX, map 2.
  void bmi1() {
    unsigned reg = any_register(), source = any_register(), rm = any_register();
    bool group = below(2), wide = below(2);
    unsigned middle = group ? 1 + below(3) : reg & 7;
    emit({0xc4, (group || reg < 8 ? 0x80u : 0u) | 0x40u | (rm < 8 ? 0x20u : 0u) | 2u,
          (wide ? 0x80u : 0u) | (~source & 15) << 3, group ? 0xf3u : 0xf2u,
          0xc0 | middle << 3 | (rm & 7)});
    flags(0, CF | ZF | SF | OF, AF | PF);
  }

  void bswap() {
    size_ = is(SequenceMode::long64) && below(2) ? 8 : 4;
    unsigned reg = any_register();
    prefixes(size_, 0, reg);
    emit({0x0f, 0xc8 | (reg & 7)});
  }

  static std::uint64_t flags_of(unsigned condition) {
    static constexpr std::uint64_t read[] = {OF, CF, ZF,      CF | ZF,
                                             SF, PF, SF | OF, SF | OF | ZF};
    return read[condition >> 1];
  }

  void setcc() {
    unsigned condition = below(16);
    size_ = 1;
    with_modrm({0x0f, 0x90 + condition}, 0);
    flags(flags_of(condition), 0);
  }

  void cmovcc() {
    unsigned condition = below(16);
    not_byte();
    with_modrm({0x0f, 0x40 + condition}, any_register());
    flags(flags_of(condition), 0);
  }

  void jcc() {
    unsigned condition = below(18);
    emit({condition < 16 ? 0x70 + condition : condition == 16 ? 0xebu : 0xe3u, 0});
    piece_.jumps_over = 1 + below(4);
    flags(condition < 16 ? flags_of(condition) : 0, 0);
  }

  void multiply() {
    switch (below(3)) {
      case 0:
        with_modrm({sized(0xf6)}, 4 + below(2));
        break;
      case 1:
        not_byte();
        with_modrm({0x0f, 0xaf}, any_register());
        break;
      default:
        not_byte();
        with_modrm({0x69}, any_register());
        immediate();
    }
    flags(0, CF | OF, SF | ZF | AF | PF);
  }

  // A dividend of one word, halved if signed, and an odd divisor: cannot overflow.
  void divide() {
    bool is_signed = below(2);
    if (size_ == 1) {
      emit({0xb4, 0x00, 0x24, 0x7f});  // mov ah,0; and al,127
    } else {
      prefixes(size_, 0, 0);
      emit({0xd1, 0xe8});  // shr eax,1
      prefixes(size_, 0, 0);
      emit({0x31, 0xd2});  // xor edx,edx
    }
    emit({0x80, 0xcb, 0x01});  // or bl,1
    prefixes(size_, 0, 0);
    emit({sized(0xf6), is_signed ? 0xfbu : 0xf3u});
    flags(0, 0, all_flags);
  }

  void flag_code() {
    switch (below(4)) {
      case 0:
        emit({0xf5});
        return flags(CF, CF);
      case 1:
        emit({0xf8 + below(2)});
        return flags(0, CF);
      case 2:
        emit({0x9f});
        return flags(all_flags & ~OF, 0);
      default:
        emit({0x9e});
        return flags(0, all_flags & ~OF);
    }
  }

  void stack_size() {
    unsigned wide = is(SequenceMode::long64) ? 8 : 4;
    size_ = below(3) == 0 ? 2 : wide;
  }

  void push() {
    stack_size();
    unsigned reg = any_register();
    switch (below(4)) {
      case 0:
        prefixes(size_, 0, 0);
        emit({0x6a, below(256)});
        break;
      case 1:
        prefixes(size_, 0, 0);
        emit({0x68});
        immediate();
        break;
      case 2:
        with_memory({0xff}, 6);
        break;
      default:
        prefixes(size_, 0, reg);
        emit({0x50 | (reg & 7)});
    }
  }

  void pop() {
    stack_size();
    unsigned reg = any_register();
    if (below(4) == 0) {
      with_memory({0x8f}, 0);
      return;
    }
    prefixes(size_, 0, reg);
    emit({0x58 | (reg & 7)});
  }

  // PUSHA, or POPA and the base register again.
  void all_registers() {
    size_ = below(2) ? 2 : 4;
    bool restore = below(2);
    prefixes(size_, 0, 0);
    emit({restore ? 0x61u : 0x60u});
    if (restore) {
      load_register(5, static_cast<unsigned>(window_of(mode_) + operands_at));
    }
  }

  // The image keeps the arithmetic flags and DF only.
  void push_flags() {
    emit({0x9c, 0x58, 0x25});  // pushf; pop eax; and eax,...; push eax
    little(0xcd5, is(SequenceMode::real16) ? 2 : 4);
    emit({0x50});
    flags(all_flags, logic_flags, AF);
  }

  void pop_flags() {
    load_register(0, static_cast<unsigned>((value() & all_flags) | 2));
    emit({0x50, 0x9d});
    flags(0, all_flags);
  }

  void frame() { emit({0xc8, 0x10, 0x00, 0x00, 0xc9}); }  // enter 16,0; leave

  // Calls a RET; the return address, which depends on the place, is then overwritten.
  void call() {
    emit({0xe8});
    little(2, is(SequenceMode::real16) ? 2 : 4);
    emit({0xeb, 0x01, 0xc3, 0x50, 0x58});
  }

  void loop() {
    load_register(1, 1 + below(5));
    emit({0xff, 0xc2, 0xe2, 0xfc});  // inc edx; loop
    flags(0, all_flags & ~CF);
  }

  void string_operation() {
    static constexpr unsigned opcodes[] = {0xa4, 0xaa, 0xac, 0xa6, 0xae};
    unsigned which = below(5), count = below(12), repeat = below(3);
    bool compares = which >= 3;
    lea_base(6, 0x100 + below(0x200));
    lea_base(7, 0x100 + below(0x200));
    load_register(1, count);
    emit({below(2) ? 0xfcu : 0xfdu});
    prefixes(size_, 0, 0, repeat == 0 ? 0 : repeat == 1 || !compares ? 0xf3 : 0xf2);
    emit({sized(opcodes[which]), 0xfc});
    if (compares && (repeat == 0 || count != 0)) {
      flags(0, all_flags);
    }
  }

  void xlat() {
    lea_base(3, below(0x100));
    emit({0xd7});
  }

  void decimal_adjust() {
    emit({below(2) ? 0x27u : 0x2fu});  // daa das
    flags(CF | AF, all_flags, OF);
  }

  void ascii_adjust() {
    emit({below(2) ? 0x37u : 0x3fu});  // aaa aas
    flags(AF, CF | AF, OF | SF | ZF | PF);
  }

  void ascii_multiply() {
    emit({0xd4 + below(2), 1 + below(255)});  // aam aad
    flags(0, SF | ZF | PF, OF | AF | CF);
  }

  std::vector<Kind> chosen_;
};

inline std::vector<SequenceGenerator::Kind> SequenceGenerator::kinds() const {
  using G = SequenceGenerator;
  std::vector<Kind> all = {
      {"alu", &G::alu},
      {"alu imm", &G::alu_immediate},
      {"test", &G::test},
      {"unary", &G::unary},
      {"mov", &G::mov},
      {"extend", &G::extend},
      {"widen", &G::widen},
      {"lea", &G::lea},
      {"xchg", &G::xchg},
      {"xadd", &G::xadd},
      {"cmpxchg", &G::cmpxchg},
      {"cmpxchg8b", &G::cmpxchg8b},
      {"shift", &G::shift},
      {"double shift", &G::double_shift},
      {"bit test", &G::bit_test},
      {"scan", &G::scan},
      {"popcnt", &G::popcnt},
      {"lzcnt", &G::lzcnt},
      {"bswap", &G::bswap},
      {"setcc", &G::setcc},
      {"cmovcc", &G::cmovcc},
      {"jcc", &G::jcc},
      {"multiply", &G::multiply},
      {"divide", &G::divide},
      {"flag code", &G::flag_code},
      {"push", &G::push},
      {"pop", &G::pop},
      {"push flags", &G::push_flags},
      {"pop flags", &G::pop_flags},
      {"enter and leave", &G::frame},
      {"call", &G::call},
      {"loop", &G::loop},
      {"string", &G::string_operation},
      {"xlat", &G::xlat},
  };
  if (is(SequenceMode::long64)) {
    all.push_back({"bmi1", &G::bmi1});
  } else {
    all.push_back({"inc short", &G::inc_short});
    all.push_back({"pusha and popa", &G::all_registers});
    all.push_back({"daa", &G::decimal_adjust});
    all.push_back({"aaa", &G::ascii_adjust});
    all.push_back({"aam", &G::ascii_multiply});
  }
  return all;
}

}  // namespace softcpu_test
