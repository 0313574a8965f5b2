#include "core/pvh_boot.h"

#include <cstring>

#include "core/loader_internal.h"

namespace core {

namespace {

constexpr std::uint32_t start_info_magic = 0x336ec578, start_info_version = 1;
constexpr std::uint64_t start_info_size = 56, module_size = 32, memory_range_size = 24;
constexpr std::uint32_t physical_entry_note = 18;

// Little-endian numbers one behind the other.
class Numbers {
 public:
  void u32(std::uint64_t value) { add(value, 4); }

  void u64(std::uint64_t value) { add(value, 8); }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void add(std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) {
      bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
    }
  }

  std::vector<std::byte> bytes_;
};

std::uint32_t number(std::span<const std::byte> bytes, std::uint64_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

}  // namespace

// A note: sizes of its name and its contents, its type, then both, each padded to 4.
std::optional<std::uint32_t> pvh_entry(std::span<const std::byte> file,
                                       std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint64_t header = 12;
  if (offset > file.size() || file.size() - offset < size) {
    return std::nullopt;
  }
  const auto notes = file.subspan(offset, size);
  const auto padded = [](std::uint64_t bytes) { return (bytes + 3) & ~std::uint64_t{3}; };
  for (std::uint64_t at = 0; at <= size && size - at >= header;) {
    const std::uint64_t name = number(notes, at), contents = number(notes, at + 4);
    const std::uint64_t contents_at = at + header + padded(name);
    if (contents_at > size || size - contents_at < contents) {
      return std::nullopt;
    }
    if (number(notes, at + 8) == physical_entry_note && name == 4 && contents >= 4 &&
        std::memcmp(notes.data() + at + header, "Xen", 4) == 0) {
      return number(notes, contents_at);
    }
    at = contents_at + padded(contents);
  }
  return std::nullopt;
}

std::vector<std::byte> pvh_start_info(const GuestRam& ram, const LinuxLayout& layout,
                                      const LinuxTables& tables) {
  const std::vector<LinuxTables::Range> map = linux_memory_map(ram, tables);
  const std::uint64_t map_at = linux_params_address + start_info_size;
  const std::uint64_t modules_at = map_at + map.size() * memory_range_size;
  const bool has_initrd = layout.initrd_size != 0;
  Numbers out;
  out.u32(start_info_magic);
  out.u32(start_info_version);
  out.u32(0);  // flags
  out.u32(has_initrd ? 1 : 0);
  out.u64(has_initrd ? modules_at : 0);
  out.u64(linux_command_line_address);
  out.u64(tables.rsdp);
  out.u64(map_at);
  out.u32(map.size());
  out.u32(0);
  for (const LinuxTables::Range& range : map) {
    out.u64(range.start);
    out.u64(range.size);
    out.u32(range.type);
    out.u32(0);
  }
  static_assert(module_size == 4 * 8);
  if (has_initrd) {
    out.u64(layout.initrd);
    out.u64(layout.initrd_size);
    out.u64(0);  // no command line of its own
    out.u64(0);
  }
  return out.take();
}

}  // namespace core
