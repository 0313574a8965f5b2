// Linux kernels with a setup header (bzImage), by the Linux x86 boot protocol: the
// kernel's Documentation/arch/x86/boot.rst. The kernel's real-mode part is not run: the
// loader does its work and enters the protected-mode part.
//
//   0x01000   descriptor table, 0x02000 page tables (core/loader.h)
//   0x10000   boot_params, the "zero page": the setup header, the memory map, where the
//             command line and the initial RAM disk are
//   0x20000   command line, ended by a zero byte
//   preferred address: the kernel, whose init_size bytes are kept free (a relocatable one
//             may be loaded below, but moves itself there)
//   end of RAM below 4 GiB, or the kernel's limit: the initial RAM disk ends there
//   0xe0000   tables of the board (LinuxTables), where firmware would have put them
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/memory.h"

namespace core {

// What the loader needs of a setup header, checked. Offsets lie inside the file.
struct LinuxHeader {
  std::uint16_t version = 0;       // 0x020f is 2.15
  std::uint64_t header_end = 0;    // file offset of the setup header's end
  std::uint64_t kernel_start = 0;  // file offset of the protected-mode part
  std::uint64_t kernel_size = 0;   // its bytes in the file
  bool entry_64 = false;           // it can be entered in 64-bit mode
  std::uint64_t preferred_address = 0;
  std::uint64_t memory_size = 0;     // needed from the load address on
  std::uint64_t initrd_end_max = 0;  // an initial RAM disk ends there at most
  std::uint64_t command_line_max = 0;
};

// Where RAM is: [0, 640 KiB), [1 MiB, low_end) and high_size bytes from 4 GiB on.
struct GuestRam {
  std::uint64_t low_end = 0, high_size = 0;
};

struct LinuxLayout {
  std::uint64_t kernel = 0;
  std::uint64_t initrd = 0, initrd_size = 0;
  std::uint64_t command_line_size = 0;
};

// What firmware would have left in memory for the kernel: ACPI's tables and the like.
struct LinuxTables {
  struct Part {
    std::uint64_t address = 0;
    std::vector<std::byte> bytes;
  };

  // Addresses no RAM of the kernel's: a type of the memory map (1 RAM, 2 reserved, 3
  // ACPI).
  struct Range {
    std::uint64_t start = 0, size = 0;
    std::uint32_t type = 2;
  };

  std::vector<Part> parts;
  std::vector<Range> ranges;  // by address, between 640 KiB and 1 MiB
  std::uint64_t rsdp = 0;     // address of ACPI's root pointer; 0: none
};

using BootParams = std::array<std::byte, 4096>;

// "HdrS" where a setup header has it.
bool is_linux_boot_image(std::span<const std::byte> file);
// `head`: the file's beginning, all of its setup header; `file_size`: of the whole file.
// Throws qom::Error saying what is wrong; the caller knows the name.
LinuxHeader parse_linux_header(std::span<const std::byte> head, std::uint64_t file_size);

// RAM as the CPU sees it now.
GuestRam find_guest_ram(AddressSpace& memory);
// Throws qom::Error if the kernel or the command line does not fit.
LinuxLayout plan_linux_boot(const LinuxHeader& header, const GuestRam& ram,
                            std::string_view command_line);
// Adds the initial RAM disk to the plan; throws qom::Error if it does not fit.
void plan_initrd(const LinuxHeader& header, const GuestRam& ram, std::uint64_t size,
                 LinuxLayout& layout);
// RAM that a kernel may use and what is around it, by address.
std::vector<LinuxTables::Range> linux_memory_map(const GuestRam& ram,
                                                 const LinuxTables& tables);
BootParams linux_boot_params(const LinuxHeader& header, std::span<const std::byte> file,
                             const GuestRam& ram, const LinuxLayout& layout,
                             const LinuxTables& tables = {});

}  // namespace core
