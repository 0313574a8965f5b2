// IN, OUT, INS, OUTS: exits to the machine. OUT completes first and then exits; IN
// exits, and completes when run() is called again with the data. Repeated forms pass
// as many items in one exit as lie in one page, as KVM does; all go to one port.
#include <algorithm>

#include "softcpu/decoder.h"
#include "softcpu/string_registers.h"

namespace softcpu {

// I/O permission (SDM vol. 1 19.5): CPL against IOPL, then the TSS's bitmap.
bool Cpu::port_allowed(u16 port, unsigned size) {
  if (!protected_mode() || cpl <= iopl()) {
    return true;
  }
  const core::Segment& tr = seg[seg_tr];
  u64 offset = 0, bits = 0;
  if (!(tr.type & 8) || tr.limit < 103) {
    return raise(vector_gp, 0);
  }
  if (!system_load(tr.base + 102, 2, offset)) {
    return false;
  }
  offset += port / 8;
  if (offset + 1 > tr.limit) {
    return raise(vector_gp, 0);
  }
  if (!system_load(tr.base + offset, 2, bits)) {
    return false;
  }
  u64 wanted = ((u64{1} << size) - 1) << (port & 7);
  return (bits & wanted) == 0 || raise(vector_gp, 0);
}

namespace {

core::exit::Io port_exit(Cpu& cpu, u16 port, u8 size, u32 count,
                         core::Direction direction) {
  cpu.port_data.resize(u64{size} * count);
  return core::exit::Io{core::Port{port}, size, count, direction, cpu.port_data};
}

// The port is in DX, or an immediate.
u16 port_of(const Cpu& cpu, const Insn& insn) {
  return insn.condition ? static_cast<u16>(insn.imm & 0xff) : cpu.reg<u16>(rdx);
}

template <class T>
Step out(Cpu& cpu, const Insn& insn) {
  u16 port = port_of(cpu, insn);
  if (!cpu.port_allowed(port, sizeof(T))) {
    return cpu.stopped();
  }
  cpu.exit = port_exit(cpu, port, sizeof(T), 1, core::Direction::out);
  T value = cpu.reg<T>(rax);
  std::memcpy(cpu.port_data.data(), &value, sizeof(T));
  return Step::exit;
}

template <class T>
Step in(Cpu& cpu, const Insn& insn) {
  if (cpu.port_state == PortState::ready) {
    T value = 0;
    std::memcpy(&value, cpu.port_data.data(), sizeof(T));
    cpu.port_state = PortState::idle;
    cpu.set_reg<T>(rax, value);
    return Step::next;
  }
  u16 port = port_of(cpu, insn);
  if (!cpu.port_allowed(port, sizeof(T))) {
    return cpu.stopped();
  }
  cpu.exit = port_exit(cpu, port, sizeof(T), 1, core::Direction::in);
  cpu.port_state = PortState::waiting;
  return Step::retry;
}

// How many items of a repeated INS or OUTS go into one exit. The first item is
// always touched with its faults; more only when they lie in plain memory.
u64 batch(Cpu& cpu, StringRegisters& s, u8 segment, u64 offset, unsigned item,
          Access access) {
  u64 at = 0;
  if (s.down() || !cpu.linear(segment, offset, item, access, at)) {
    return 1;
  }
  u64 count = std::min(s.count(), std::max<u64>(1, s.items_in_page(offset, at)));
  unsigned bytes = static_cast<unsigned>(count * item);
  bool plain = cpu.linear(segment, offset, bytes, access, at) &&
               cpu.direct(at, bytes, access) != nullptr;
  return plain ? count : 1;
}

template <class T>
Step outs(Cpu& cpu, const Insn& insn) {
  StringRegisters s(cpu, insn, sizeof(T));
  bool repeated = insn.rep != Rep::none;
  if (repeated && s.count() == 0) {
    return Step::next;
  }
  u16 port = cpu.reg<u16>(rdx);
  T first = 0;
  if (!cpu.port_allowed(port, sizeof(T)) || !cpu.load(insn.segment, s.source(), first)) {
    return cpu.stopped();
  }
  u64 items =
      repeated ? batch(cpu, s, insn.segment, s.source(), sizeof(T), Access::read) : 1;
  cpu.exit =
      port_exit(cpu, port, sizeof(T), static_cast<u32>(items), core::Direction::out);
  std::memcpy(cpu.port_data.data(), &first, sizeof(T));
  if (items > 1) {
    u64 at = 0;
    unsigned bytes = static_cast<unsigned>(items * sizeof(T));
    cpu.linear(insn.segment, s.source(), bytes, Access::read, at);
    std::memcpy(cpu.port_data.data(), cpu.direct(at, bytes, Access::read), bytes);
  }
  s.step(rsi, items);
  if (repeated) {
    s.use_count(items);
    if (s.count() != 0) {
      return Step::exit_here;
    }
  }
  return Step::exit;
}

// Writes the items the machine supplied to ES:DI.
template <class T>
Step store_input(Cpu& cpu, const Insn& insn, StringRegisters& s) {
  u64 items = cpu.port_data.size() / sizeof(T);
  for (u64 i = 0; i < items; ++i) {
    T value = 0;
    std::memcpy(&value, cpu.port_data.data() + i * sizeof(T), sizeof(T));
    if (!cpu.store<T>(seg_es, (s.destination() + i * sizeof(T)) & insn.address_mask,
                      value)) {
      return cpu.stopped();
    }
  }
  cpu.port_state = PortState::idle;
  s.step(rdi, items);
  if (insn.rep != Rep::none) {
    s.use_count(items);
    return s.count() != 0 ? Step::repeat : Step::next;
  }
  return Step::next;
}

template <class T>
Step ins(Cpu& cpu, const Insn& insn) {
  StringRegisters s(cpu, insn, sizeof(T));
  if (cpu.port_state == PortState::ready) {
    return store_input<T>(cpu, insn, s);
  }
  bool repeated = insn.rep != Rep::none;
  if (repeated && s.count() == 0) {
    return Step::next;
  }
  u16 port = cpu.reg<u16>(rdx);
  u64 at = 0, physical = 0;
  if (!cpu.port_allowed(port, sizeof(T)) ||
      !cpu.linear(seg_es, s.destination(), sizeof(T), Access::write, at) ||
      !cpu.translate(seg_es, at, Access::write, cpu.cpl == 3, physical) ||
      !cpu.translate(seg_es, (at + sizeof(T) - 1) & cpu.linear_mask, Access::write,
                     cpu.cpl == 3, physical)) {
    return cpu.stopped();
  }
  u64 items =
      repeated ? batch(cpu, s, seg_es, s.destination(), sizeof(T), Access::write) : 1;
  cpu.exit =
      port_exit(cpu, port, sizeof(T), static_cast<u32>(items), core::Direction::in);
  cpu.port_state = PortState::waiting;
  return Step::retry;
}

void note_port(const Form& form, Insn& insn) {
  insn.condition = form.kind[0] == Kind::immediate || form.kind[1] == Kind::immediate;
}

// IN's data operand is the first, OUT's the second.
Handler bind_in(const Form& form, Insn& insn) {
  note_port(form, insn);
  return by_size(form.size[0], []<class T>() -> Handler { return &in<T>; });
}

Handler bind_out(const Form& form, Insn& insn) {
  note_port(form, insn);
  return by_size(form.size[1], []<class T>() -> Handler { return &out<T>; });
}

constexpr Row rows[] = {
    {ZYDIS_MNEMONIC_IN, bind_in},
    {ZYDIS_MNEMONIC_OUT, bind_out},
    {ZYDIS_MNEMONIC_INSB, bind_fixed<ins<u8>>},
    {ZYDIS_MNEMONIC_INSW, bind_fixed<ins<u16>>},
    {ZYDIS_MNEMONIC_INSD, bind_fixed<ins<u32>>},
    {ZYDIS_MNEMONIC_OUTSB, bind_fixed<outs<u8>>},
    {ZYDIS_MNEMONIC_OUTSW, bind_fixed<outs<u16>>},
    {ZYDIS_MNEMONIC_OUTSD, bind_fixed<outs<u32>>},
};

}  // namespace

std::span<const Row> io_rows() {
  return rows;
}

}  // namespace softcpu
