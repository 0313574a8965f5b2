// MOVS, STOS, LODS, CMPS, SCAS with their repeat prefixes. A repeated instruction
// commits every item, so a fault or an interrupt leaves it resumable; it returns to the
// run loop after a bounded number of items. MOVS and STOS work in chunks of a page
// when both sides are plain memory.
#include <algorithm>

#include "softcpu/decoder.h"
#include "softcpu/string_registers.h"

namespace softcpu {
namespace {

constexpr u64 items_per_turn = 4096;

struct Movs {
  static constexpr bool compares = false;

  template <class T>
  static bool one(Cpu& cpu, const Insn& insn, StringRegisters& s) {
    T value = 0;
    if (!cpu.load(insn.segment, s.source(), value) ||
        !cpu.store<T>(seg_es, s.destination(), value)) {
      return false;
    }
    s.step(rsi, 1);
    s.step(rdi, 1);
    return true;
  }

  template <class T>
  static u64 many(Cpu& cpu, const Insn& insn, StringRegisters& s, u64 count) {
    u64 from = 0, to = 0;
    if (!cpu.linear(insn.segment, s.source(), sizeof(T), Access::read, from) ||
        !cpu.linear(seg_es, s.destination(), sizeof(T), Access::write, to)) {
      return 0;
    }
    count = std::min(
        {count, s.items_in_page(s.source(), from), s.items_in_page(s.destination(), to)});
    unsigned bytes = static_cast<unsigned>(count * sizeof(T));
    if (count == 0 || !cpu.linear(insn.segment, s.source(), bytes, Access::read, from) ||
        !cpu.linear(seg_es, s.destination(), bytes, Access::write, to)) {
      return 0;
    }
    const std::byte* source = cpu.direct(from, bytes, Access::read);
    std::byte* target = cpu.direct(to, bytes, Access::write);
    if (source == nullptr || target == nullptr) {
      return 0;
    }
    if (target > source && target < source + bytes) {
      for (u64 i = 0; i < bytes; i += sizeof(T)) {  // overlap repeats a pattern
        T value;
        std::memcpy(&value, source + i, sizeof(T));
        std::memcpy(target + i, &value, sizeof(T));
      }
    } else {
      std::memmove(target, source, bytes);
    }
    s.step(rsi, count);
    s.step(rdi, count);
    return count;
  }
};

struct Stos {
  static constexpr bool compares = false;

  template <class T>
  static bool one(Cpu& cpu, const Insn&, StringRegisters& s) {
    if (!cpu.store<T>(seg_es, s.destination(), cpu.reg<T>(rax))) {
      return false;
    }
    s.step(rdi, 1);
    return true;
  }

  template <class T>
  static u64 many(Cpu& cpu, const Insn&, StringRegisters& s, u64 count) {
    u64 to = 0;
    if (!cpu.linear(seg_es, s.destination(), sizeof(T), Access::write, to)) {
      return 0;
    }
    count = std::min(count, s.items_in_page(s.destination(), to));
    unsigned bytes = static_cast<unsigned>(count * sizeof(T));
    if (count == 0 || !cpu.linear(seg_es, s.destination(), bytes, Access::write, to)) {
      return 0;
    }
    std::byte* target = cpu.direct(to, bytes, Access::write);
    if (target == nullptr) {
      return 0;
    }
    T value = cpu.reg<T>(rax);
    for (u64 i = 0; i < bytes; i += sizeof(T)) {
      std::memcpy(target + i, &value, sizeof(T));
    }
    s.step(rdi, count);
    return count;
  }
};

struct NoChunks {
  template <class T>
  static u64 many(Cpu&, const Insn&, StringRegisters&, u64) {
    return 0;
  }
};

struct Lods : NoChunks {
  static constexpr bool compares = false;

  template <class T>
  static bool one(Cpu& cpu, const Insn& insn, StringRegisters& s) {
    T value = 0;
    if (!cpu.load(insn.segment, s.source(), value)) {
      return false;
    }
    cpu.set_reg<T>(rax, value);
    s.step(rsi, 1);
    return true;
  }
};

struct Cmps : NoChunks {
  static constexpr bool compares = true;

  template <class T>
  static bool one(Cpu& cpu, const Insn& insn, StringRegisters& s) {
    T left = 0, right = 0;
    if (!cpu.load(insn.segment, s.source(), left) ||
        !cpu.load(seg_es, s.destination(), right)) {
      return false;
    }
    cpu.flags.sub(left, right);
    s.step(rsi, 1);
    s.step(rdi, 1);
    return true;
  }
};

struct Scas : NoChunks {
  static constexpr bool compares = true;

  template <class T>
  static bool one(Cpu& cpu, const Insn&, StringRegisters& s) {
    T value = 0;
    if (!cpu.load(seg_es, s.destination(), value)) {
      return false;
    }
    cpu.flags.sub(cpu.reg<T>(rax), value);
    s.step(rdi, 1);
    return true;
  }
};

template <class Op, class T>
Step repeated(Cpu& cpu, const Insn& insn, StringRegisters& s) {
  bool chunks = !s.down() && !(cpu.system_flags & flag_tf);
  u64 budget = cpu.system_flags & flag_tf ? 1 : items_per_turn;
  u64 done = 0;
  while (s.count() != 0 && done < budget) {
    if (!Op::template one<T>(cpu, insn, s)) {
      cpu.time.advance(done);
      return cpu.stopped();
    }
    s.use_count(1);
    ++done;
    if (Op::compares && cpu.flags.zf() != (insn.rep == Rep::rep)) {
      cpu.time.advance(done);
      return Step::next;
    }
    if (!cpu.mmio.empty()) {
      break;  // each item that met a device is told to the machine before the next
    }
    if (chunks && s.count() != 0) {
      u64 many = Op::template many<T>(cpu, insn, s, std::min(s.count(), items_per_turn));
      s.use_count(many);
      done += many;
    }
  }
  cpu.time.advance(done);
  return s.count() != 0 ? Step::repeat : Step::next;
}

template <class Op, class T>
Step string_op(Cpu& cpu, const Insn& insn) {
  StringRegisters s(cpu, insn, sizeof(T));
  if (insn.rep != Rep::none) {
    return repeated<Op, T>(cpu, insn, s);
  }
  return Op::template one<T>(cpu, insn, s) ? Step::next : cpu.stopped();
}

template <class Op, class T>
Handler bind(const Form& form, Insn&) {
  // MOVSD and CMPSD are also SSE2 mnemonics, with visible vector operands.
  bool vector = form.insn.meta.category != ZYDIS_CATEGORY_STRINGOP;
  return vector ? nullptr : &string_op<Op, T>;
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_MOVSB, bind<Movs, u8>},  {ZYDIS_MNEMONIC_MOVSW, bind<Movs, u16>},
    {ZYDIS_MNEMONIC_MOVSD, bind<Movs, u32>}, {ZYDIS_MNEMONIC_MOVSQ, bind<Movs, u64>},
    {ZYDIS_MNEMONIC_STOSB, bind<Stos, u8>},  {ZYDIS_MNEMONIC_STOSW, bind<Stos, u16>},
    {ZYDIS_MNEMONIC_STOSD, bind<Stos, u32>}, {ZYDIS_MNEMONIC_STOSQ, bind<Stos, u64>},
    {ZYDIS_MNEMONIC_LODSB, bind<Lods, u8>},  {ZYDIS_MNEMONIC_LODSW, bind<Lods, u16>},
    {ZYDIS_MNEMONIC_LODSD, bind<Lods, u32>}, {ZYDIS_MNEMONIC_LODSQ, bind<Lods, u64>},
    {ZYDIS_MNEMONIC_CMPSB, bind<Cmps, u8>},  {ZYDIS_MNEMONIC_CMPSW, bind<Cmps, u16>},
    {ZYDIS_MNEMONIC_CMPSD, bind<Cmps, u32>}, {ZYDIS_MNEMONIC_CMPSQ, bind<Cmps, u64>},
    {ZYDIS_MNEMONIC_SCASB, bind<Scas, u8>},  {ZYDIS_MNEMONIC_SCASW, bind<Scas, u16>},
    {ZYDIS_MNEMONIC_SCASD, bind<Scas, u32>}, {ZYDIS_MNEMONIC_SCASQ, bind<Scas, u64>},
};

}  // namespace

std::span<const Row> string_rows() {
  return rows;
}

}  // namespace softcpu
