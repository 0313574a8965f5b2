// The MultiProcessor table (Intel MultiProcessor Specification 1.4, chapter 4): CPUs,
// busses, the I/O APIC and which line leads to which of its pins, for operating systems
// that do not read ACPI's tables.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/table_bytes.h"

namespace machine {

struct MpBoard {
  std::vector<std::uint32_t> apic_ids;  // those beyond 254 have no place in the table
  std::uint32_t cpu_signature = 0;      // CPUID leaf 1, EAX
  std::uint32_t cpu_features = 0;       // and EDX
  bool pci = false;
  std::array<std::uint8_t, 4> pirq_lines{};  // where PCI's interrupt wires A to D lead
};

// The pointer that is searched for, and behind it the table: for `address`, a multiple
// of 16 in the last KiB of base memory or from 0xf0000 on.
TableBytes mp_table(const MpBoard& board, std::uint32_t address);

}  // namespace machine
