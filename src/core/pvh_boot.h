// Linux (or another system) as an ELF file, entered as Xen's PVH guests are: a note in
// the file names a 32-bit entry point, and EBX points at what the loader has to tell
// (Xen's public/arch-x86/hvm/start_info.h). Nothing needs to be decompressed.
//
//   0x10000   start info, and behind it the memory map and the list of modules
//   0x20000   command line      end of RAM below 4 GiB: the initial RAM disk
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/linux_boot.h"

namespace core {

// Where a PVH guest is entered: what the notes at [offset, offset + size) of an ELF file
// say; nullopt if they do not. A note that ends beyond is no note.
std::optional<std::uint32_t> pvh_entry(std::span<const std::byte> file,
                                       std::uint64_t offset, std::uint64_t size);

// The start info and what it points at, for linux_params_address.
std::vector<std::byte> pvh_start_info(const GuestRam& ram, const LinuxLayout& layout,
                                      const LinuxTables& tables);

}  // namespace core
