#include "machine/mp_table.h"

#include <algorithm>

namespace machine {

namespace {

constexpr std::uint32_t local_apic_address = 0xfee00000, io_apic_address = 0xfec00000;
constexpr std::uint8_t revision_1_4 = 4;
constexpr std::uint8_t isa_bus = 0, pci_bus = 1, io_apic_id = 0, all_local_apics = 0xff;

enum : std::uint8_t {  // kinds of entries, in the order they come in
  processor_entry = 0,
  bus_entry = 1,
  io_apic_entry = 2,
  interrupt_entry = 3,
  local_interrupt_entry = 4,
};

enum : std::uint8_t { vectored = 0, nmi = 1, from_8259 = 3 };  // kinds of interrupts

enum : std::uint16_t { as_its_bus_says = 0, level_active_high = 0x000d };

struct Entries {
  TableBytes bytes;
  std::uint16_t count = 0;

  void interrupt(std::uint8_t entry, std::uint8_t kind, std::uint16_t flags,
                 std::uint8_t bus, std::uint8_t source, std::uint8_t apic,
                 std::uint8_t pin) {
    bytes.bytes({entry, kind}).number(flags, 2).bytes({bus, source, apic, pin});
    ++count;
  }
};

void add_processors(Entries& out, const MpBoard& board) {
  constexpr std::uint8_t integrated_apic = 0x14, enabled = 1, boot_processor = 2;
  for (const std::uint32_t id : board.apic_ids) {
    if (id >= 255) {
      continue;
    }
    const bool first = id == board.apic_ids.front();
    out.bytes.bytes({processor_entry, static_cast<std::uint8_t>(id), integrated_apic,
                     static_cast<std::uint8_t>(enabled | (first ? boot_processor : 0))});
    out.bytes.number(board.cpu_signature, 4).number(board.cpu_features, 4).zeros(8);
    ++out.count;
  }
}

void add_busses(Entries& out, const MpBoard& board) {
  out.bytes.bytes({bus_entry, isa_bus}).text("ISA", 6);
  ++out.count;
  if (board.pci) {
    out.bytes.bytes({bus_entry, pci_bus}).text("PCI", 6);
    ++out.count;
  }
}

// ISA line n is pin n; line 2 is how the second 8259 reaches the first.
void add_isa_lines(Entries& out, const MpBoard& board) {
  for (std::uint8_t line = 0; line < 16; ++line) {
    if (line == 2) {
      continue;
    }
    const bool shared =
        board.pci &&
        (line == 9 || std::find(board.pirq_lines.begin(), board.pirq_lines.end(), line) !=
                          board.pirq_lines.end());
    out.interrupt(interrupt_entry, vectored, shared ? level_active_high : as_its_bus_says,
                  isa_bus, line, io_apic_id, line);
  }
}

// Pins of slots, wired as PIIX3's are (hw/piix3.cc).
void add_pci_pins(Entries& out, const MpBoard& board) {
  constexpr unsigned slots = 32, pins = 4;
  for (unsigned slot = 1; board.pci && slot < slots; ++slot) {
    for (unsigned pin = 0; pin < pins; ++pin) {
      out.interrupt(interrupt_entry, vectored, level_active_high, pci_bus,
                    static_cast<std::uint8_t>(slot << 2 | pin), io_apic_id,
                    board.pirq_lines[(slot + pin - 1) % pins]);
    }
  }
}

Entries entries_of(const MpBoard& board) {
  Entries out;
  add_processors(out, board);
  add_busses(out, board);
  out.bytes.bytes({io_apic_entry, io_apic_id, 0x11, 1}).number(io_apic_address, 4);
  ++out.count;
  add_isa_lines(out, board);
  add_pci_pins(out, board);
  out.interrupt(local_interrupt_entry, from_8259, as_its_bus_says, isa_bus, 0,
                static_cast<std::uint8_t>(board.apic_ids.front()), 0);
  out.interrupt(local_interrupt_entry, nmi, as_its_bus_says, isa_bus, 0, all_local_apics,
                1);
  return out;
}

}  // namespace

TableBytes mp_table(const MpBoard& board, std::uint32_t address) {
  constexpr std::uint32_t pointer_size = 16;
  constexpr std::size_t header_size = 44, pointer_checksum_at = 10, checksum_at = 7;
  const Entries entries = entries_of(board);
  TableBytes table;
  table.text("PCMP", 4).number(header_size + entries.bytes.size(), 2);
  table.bytes({revision_1_4, 0}).text("VITRINE", 8).text("PC", 12).zeros(6);
  table.number(entries.count, 2).number(local_apic_address, 4).zeros(4);
  table.append(entries.bytes);
  table.set_checksum(checksum_at, table.size());

  TableBytes pointer;
  pointer.text("_MP_", 4).number(address + pointer_size, 4);
  pointer.bytes({pointer_size / 16, revision_1_4}).zeros(6);
  pointer.set_checksum(pointer_checksum_at, pointer_size);
  return pointer.append(table);
}

}  // namespace machine
