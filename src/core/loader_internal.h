// Where the loader puts what an image's entry needs: shared by the reading and the
// placing of images. Included by these only.
#pragma once

#include <cstdint>
#include <string>

namespace core {

inline constexpr std::uint64_t gdt_address = 0x1000;
inline constexpr std::uint64_t page_tables_address = 0x2000;
inline constexpr std::uint64_t page_tables_end = 0x8000;  // PML4, PDPT, four directories
inline constexpr std::uint64_t flat_address = 0x7c00;

// Linux (core/linux_boot.h).
inline constexpr std::uint64_t linux_params_address = 0x10000;
inline constexpr std::uint64_t linux_command_line_address = 0x20000;
inline constexpr std::uint64_t linux_low_ram_end = 0x9fc00;  // the last KiB is firmware's
inline constexpr std::uint64_t linux_entry_64 = 0x200;  // the 64-bit entry, in the kernel

inline constexpr std::uint64_t conventional_memory_end =
    0xa0000;  // VGA memory begins here

std::string address_text(std::uint64_t value);  // "0x7c00"

}  // namespace core
