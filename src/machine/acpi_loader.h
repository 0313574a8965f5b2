// ACPI's tables for firmware that puts them into memory itself: three files of fw_cfg.
// The third has commands, 128 bytes each, which firmware carries out in their order:
// allocate memory for a file, add a file's address to a number in another one, set a
// checksum.
#pragma once

#include "machine/acpi_tables.h"

namespace machine {

inline constexpr std::string_view acpi_tables_file = "etc/acpi/tables",
                                  acpi_rsdp_file = "etc/acpi/rsdp",
                                  acpi_loader_file = "etc/table-loader";

// Sizes of the files. Their sizes do not change with what the tables say, because
// firmware asks for them before it has set up what the tables tell.
inline constexpr std::size_t acpi_tables_file_size = 0x20000, acpi_rsdp_file_size = 20,
                             acpi_loader_file_size = 0x1000;

struct AcpiFiles {
  std::vector<std::byte> tables, rsdp, loader;
};

AcpiFiles acpi_files(const AcpiBoard& board);

}  // namespace machine
