// The tables in which firmware tells an operating system about a PC (ACPI 6, chapter 5),
// for machines that start one without firmware.
//
//   RSDP -> RSDT -> FADT -> FACS, DSDT     power management, devices in AML
//                -> MADT                   interrupt controllers, one local APIC a CPU
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/table_bytes.h"

namespace machine {

// Whom the tables are by.
inline constexpr std::string_view acpi_oem = "VITRIN", acpi_oem_table = "VITRINE ";

// What the tables tell. Interrupt lines are as they arrive at the I/O APIC's pins.
struct AcpiBoard {
  std::vector<std::uint32_t> apic_ids;  // empty: no APICs, so no MADT
  std::uint16_t pm_port = 0;            // of the power management registers
  std::uint16_t gpe_port = 0;
  std::uint8_t sci_irq = 9;
  std::array<std::uint8_t, 4> pirq_lines{};  // where PCI's interrupt wires A to D lead
  std::uint32_t pci_memory_start = 0;        // devices may be put from there on
  bool vga = false;                          // there is a video card
};

// A number in the tables that is the address of one of them.
struct AcpiPointer {
  std::size_t at = 0;
  unsigned width = 4;
};

// A byte by which all bytes of a table add up to zero.
struct AcpiChecksum {
  std::size_t at = 0, start = 0, length = 0;
};

struct AcpiTables {
  TableBytes tables;  // for the address they were made for
  TableBytes rsdp;    // for any address that is a multiple of 16
  std::vector<AcpiPointer> pointers;
  std::vector<AcpiChecksum> checksums;
};

// Of the RSDP, which is not one of the tables.
inline constexpr AcpiPointer acpi_rsdp_pointer{16, 4};
inline constexpr AcpiChecksum acpi_rsdp_checksum{8, 0, 20};

// The tables, to be put at `address`, a multiple of 64 below 4 GiB. Made for address 0
// their pointers are offsets, for firmware that finds a place for them itself
// (acpi_loader.h).
AcpiTables acpi_tables(const AcpiBoard& board, std::uint32_t address);
// The DSDT alone, header included.
TableBytes acpi_dsdt(const AcpiBoard& board);

}  // namespace machine
