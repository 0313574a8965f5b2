// See linux_boot.h. Names and offsets of fields are those of boot.rst ("The Real-Mode
// Kernel Header") and of the kernel's zero-page.rst.
#include "core/linux_boot.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/loader_internal.h"
#include "qom/object.h"

namespace core {

namespace {

constexpr std::uint64_t one_mib = 1ull << 20, four_gib = 1ull << 32;

enum : std::uint64_t {  // the setup header, in the file and in boot_params alike
  setup_sects = 0x1f1,
  syssize = 0x1f4,  // of the protected-mode part, in 16 bytes
  boot_flag = 0x1fe,
  jump_length = 0x201,  // of the header beyond 0x202
  header_magic = 0x202,
  version_field = 0x206,
  type_of_loader = 0x210,
  loadflags = 0x211,
  code32_start = 0x214,
  ramdisk_image = 0x218,
  ramdisk_size = 0x21c,
  cmd_line_ptr = 0x228,
  initrd_addr_max = 0x22c,
  xloadflags = 0x236,
  cmdline_size = 0x238,
  pref_address = 0x258,
  init_size = 0x260,
  setup_header_max = 0x290,  // boot_params has other things from there on
};

enum : std::uint64_t {
  acpi_rsdp_addr = 0x70,
  e820_entries = 0x1e8,
  e820_table = 0x2d0,
  e820_entry_size = 20
};

constexpr std::uint64_t loaded_high = 1;    // loadflags: it belongs at 1 MiB or above
constexpr std::uint64_t xlf_kernel_64 = 1;  // xloadflags: 64-bit entry at +0x200
constexpr std::uint8_t undefined_loader = 0xff;

enum : std::uint16_t {       // protocol versions, and what came with them
  oldest_version = 0x0206,   // cmdline_size
  memory_version = 0x020a,   // pref_address, init_size
  entry_64_version = 0x020c  // xloadflags
};

std::uint64_t field(std::span<const std::byte> file, std::uint64_t offset,
                    unsigned width) {
  if (offset > file.size() || file.size() - offset < width) {
    throw qom::Error("the file ends inside its Linux setup header");
  }
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::to_integer<std::uint64_t>(file[offset + i]) << (8 * i);
  }
  return value;
}

void put(BootParams& page, std::uint64_t offset, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) {
    page[offset + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

std::string mib_text(std::uint64_t bytes) {
  return std::to_string((bytes + one_mib - 1) / one_mib) + " MiB";
}

// ---- the header ---------------------------------------------------------------------

std::string version_text(std::uint64_t version) {
  const std::string minor = std::to_string(version & 0xff);
  return std::to_string(version >> 8) + "." + (minor.size() < 2 ? "0" : "") + minor;
}

void check_protocol(std::span<const std::byte> file) {
  if (field(file, boot_flag, 2) != 0xaa55) {
    throw qom::Error(
        "it has a Linux setup header but no boot signature (0xaa55 at offset 0x1fe)");
  }
  const std::uint64_t version = field(file, version_field, 2);
  if (version < oldest_version) {
    throw qom::Error("it follows version " + version_text(version) +
                     " of the Linux boot protocol; 2.06 (Linux 2.6.22) or newer is"
                     " needed");
  }
  if ((field(file, loadflags, 1) & loaded_high) == 0) {
    throw qom::Error("it is a Linux zImage, for memory below 1 MiB; build a bzImage");
  }
}

// The protected-mode part follows the real-mode part, which counts in sectors.
void find_kernel(std::span<const std::byte> file, std::uint64_t file_size,
                 LinuxHeader& header) {
  constexpr std::uint64_t sector = 512, sectors_if_zero = 4;
  const std::uint64_t sectors = field(file, setup_sects, 1);
  header.kernel_start = ((sectors == 0 ? sectors_if_zero : sectors) + 1) * sector;
  const std::uint64_t least = (header.entry_64 ? linux_entry_64 : 0) + 1;
  const std::uint64_t promised = field(file, syssize, 4) * 16;
  const std::uint64_t there =
      file_size - std::min<std::uint64_t>(file_size, header.kernel_start);
  if (there < least || promised > there + 15) {  // the last 16 need not be whole
    throw qom::Error("it is a truncated Linux kernel: it has " +
                     std::to_string(file_size) + " bytes, and its header promises " +
                     std::to_string(header.kernel_start + std::max(promised, least)));
  }
  header.kernel_size = there;
}

}  // namespace

bool is_linux_boot_image(std::span<const std::byte> file) {
  return file.size() >= header_magic + 4 &&
         std::memcmp(file.data() + header_magic, "HdrS", 4) == 0;
}

LinuxHeader parse_linux_header(std::span<const std::byte> file, std::uint64_t file_size) {
  check_protocol(file);
  LinuxHeader header;
  header.version = static_cast<std::uint16_t>(field(file, version_field, 2));
  header.header_end = std::min<std::uint64_t>(header_magic + field(file, jump_length, 1),
                                              setup_header_max);
  field(file, header.header_end - 1, 1);
  header.entry_64 = header.version >= entry_64_version &&
                    (field(file, xloadflags, 2) & xlf_kernel_64) != 0;
  find_kernel(file, file_size, header);
  header.initrd_end_max = field(file, initrd_addr_max, 4) + 1;
  header.command_line_max = field(file, cmdline_size, 4);
  header.preferred_address = one_mib;
  header.memory_size = header.kernel_size;
  if (header.version >= memory_version) {
    header.preferred_address = field(file, pref_address, 8);
    header.memory_size = std::max(header.kernel_size, field(file, init_size, 4));
  }
  return header;
}

// ---- the plan -------------------------------------------------------------------------

GuestRam find_guest_ram(AddressSpace& memory) {
  GuestRam ram{.low_end = one_mib, .high_size = 0};
  for (const FlatRange& range : memory.flat_view()) {
    const std::uint64_t end = range.start + range.size;
    if (range.region->ram.empty() || range.read_only) {
      continue;
    }
    if (range.start <= ram.low_end && end > ram.low_end && end <= four_gib) {
      ram.low_end = end;
    } else if (range.start == four_gib + ram.high_size) {
      ram.high_size += range.size;
    }
  }
  return ram;
}

LinuxLayout plan_linux_boot(const LinuxHeader& header, const GuestRam& ram,
                            std::string_view command_line) {
  const std::uint64_t line_max = std::min<std::uint64_t>(
      header.command_line_max, linux_low_ram_end - linux_command_line_address - 1);
  if (command_line.size() > line_max) {
    throw qom::Error("its command line has " + std::to_string(command_line.size()) +
                     " bytes; this kernel takes " + std::to_string(line_max) +
                     " (shorten -append)");
  }
  const auto fits = [&](std::uint64_t address) {
    return address >= one_mib && address <= ram.low_end &&
           ram.low_end - address >= header.memory_size;
  };
  LinuxLayout layout;
  layout.command_line_size = command_line.size();
  layout.kernel = header.preferred_address;
  if (!fits(layout.kernel)) {
    throw qom::Error("it needs " + mib_text(header.memory_size) + " of RAM from " +
                     address_text(layout.kernel) +
                     " on; the RAM of this machine below 4 GiB ends at " +
                     address_text(ram.low_end) + "; give more with -m");
  }
  return layout;
}

void plan_initrd(const LinuxHeader& header, const GuestRam& ram, std::uint64_t size,
                 LinuxLayout& layout) {
  constexpr std::uint64_t page = 4096;
  const std::uint64_t kernel_end =
      (layout.kernel + header.memory_size + page - 1) & ~(page - 1);
  const std::uint64_t top = std::min(ram.low_end, header.initrd_end_max) & ~(page - 1);
  const std::uint64_t room = top - std::min(top, kernel_end);
  if (size > room) {
    throw qom::Error("it has " + std::to_string(size) +
                     " bytes, and between the kernel and " + address_text(top) +
                     " there is room for " + std::to_string(room) +
                     "; give more RAM with -m");
  }
  layout.initrd_size = size;
  layout.initrd = size == 0 ? 0 : (top - size) & ~(page - 1);
}

// ---- boot_params --------------------------------------------------------------------

namespace {

void write_memory_map(BootParams& page, const std::vector<LinuxTables::Range>& map) {
  std::uint64_t entry = e820_table;
  for (const LinuxTables::Range& range : map) {
    put(page, entry, range.start, 8);
    put(page, entry + 8, range.size, 8);
    put(page, entry + 16, range.type, 4);
    entry += e820_entry_size;
  }
  put(page, e820_entries, map.size(), 1);
}

}  // namespace

// Of the addresses from 640 KiB to 1 MiB only those of the board's tables are told:
// devices and firmware have the rest.
std::vector<LinuxTables::Range> linux_memory_map(const GuestRam& ram,
                                                 const LinuxTables& tables) {
  constexpr std::uint32_t usable = 1;
  std::vector<LinuxTables::Range> map{{0, linux_low_ram_end, usable}};
  map.insert(map.end(), tables.ranges.begin(), tables.ranges.end());
  map.push_back({one_mib, ram.low_end - one_mib, usable});
  map.push_back({four_gib, ram.high_size, usable});
  std::erase_if(map, [](const LinuxTables::Range& range) { return range.size == 0; });
  return map;
}

BootParams linux_boot_params(const LinuxHeader& header, std::span<const std::byte> file,
                             const GuestRam& ram, const LinuxLayout& layout,
                             const LinuxTables& tables) {
  BootParams page{};
  const auto setup = file.subspan(setup_sects, header.header_end - setup_sects);
  std::copy(setup.begin(), setup.end(), page.begin() + setup_sects);
  put(page, type_of_loader, undefined_loader, 1);
  put(page, code32_start, layout.kernel, 4);
  put(page, ramdisk_image, layout.initrd, 4);
  put(page, ramdisk_size, layout.initrd_size, 4);
  put(page, cmd_line_ptr, linux_command_line_address, 4);
  put(page, acpi_rsdp_addr, tables.rsdp, 8);
  write_memory_map(page, linux_memory_map(ram, tables));
  return page;
}

}  // namespace core
