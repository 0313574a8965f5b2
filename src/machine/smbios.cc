#include "machine/smbios.h"

#include <algorithm>

#include "machine/table_bytes.h"

namespace machine {

namespace {

constexpr std::string_view maker = "Vitrine";
constexpr std::uint64_t kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

// Structures one behind the other. Each has a header, fixed fields, then its strings,
// which the fields name by number.
class Structures {
 public:
  // `fields`: without the header of four bytes.
  void add(std::uint8_t type, std::uint16_t handle, const TableBytes& fields,
           std::initializer_list<std::string_view> strings = {}) {
    const std::size_t begin = out_.size();
    out_.bytes({type, static_cast<std::uint8_t>(4 + fields.size())});
    out_.number(handle, 2).append(fields);
    for (const std::string_view string : strings) {
      out_.text(string, string.size() + 1, '\0');
    }
    out_.zeros(strings.size() == 0 ? 2 : 1);
    ++count_;
    largest_ = std::max(largest_, out_.size() - begin);
  }

  // Leads to them; where they are is firmware's to say.
  TableBytes anchor() const {
    constexpr std::uint8_t size = 0x1f, version_bcd = 0x28;
    constexpr std::size_t intermediate_at = 16, intermediate_checksum_at = 21;
    TableBytes dmi;
    dmi.text("_DMI_", 5).number(0, 1).number(out_.size(), 2).number(0, 4);
    dmi.number(count_, 2).number(version_bcd, 1);
    dmi.set_checksum(intermediate_checksum_at - intermediate_at, dmi.size());
    TableBytes all;
    all.text("_SM_", 4).bytes({0, size, 2, 8}).number(largest_, 2).zeros(6).append(dmi);
    all.set_checksum(4, all.size());
    return all;
  }

  std::vector<std::byte> take() { return out_.take(); }

 private:
  TableBytes out_;
  unsigned count_ = 0;
  std::size_t largest_ = 0;
};

constexpr std::uint16_t no_handle = 0xffff, no_error_handle = 0xfffe;
constexpr std::uint16_t memory_array_handle = 0x1000;

// The first three groups of digits are numbers, so little endian.
TableBytes uuid_field(const std::array<std::uint8_t, 16>& uuid) {
  constexpr std::size_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  TableBytes out;
  for (const std::size_t index : order) {
    out.number(uuid[index], 1);
  }
  return out;
}

void add_system(Structures& out, const SmbiosBoard& board) {
  constexpr std::uint8_t power_switch = 6;
  TableBytes fields;
  fields.bytes({1, 2, 3, 0}).append(uuid_field(board.uuid)).bytes({power_switch, 0, 0});
  out.add(1, 0x100, fields, {maker, board.product, board.version});
}

void add_chassis(Structures& out, const SmbiosBoard& board) {
  constexpr std::uint8_t other = 1, safe = 3, unknown = 2;
  TableBytes fields;
  fields.bytes({1, other, 2, 0, 0, safe, safe, safe, unknown}).zeros(9);
  out.add(3, 0x300, fields, {maker, board.version});
}

void add_processor(Structures& out, const SmbiosBoard& board, unsigned socket) {
  constexpr std::uint8_t central = 3, other = 1, enabled = 0x41;
  constexpr std::uint16_t megahertz = 2000, unknown = 2;
  const std::string name = "CPU " + std::to_string(socket);
  TableBytes fields;
  fields.bytes({1, central, other, 2}).zeros(8).bytes({3, 0}).number(0, 2);
  fields.number(megahertz, 2).number(megahertz, 2).bytes({enabled, other});
  fields.number(no_handle, 2).number(no_handle, 2).number(no_handle, 2).zeros(3);
  fields.number(std::min(board.cores, 255u), 1).number(std::min(board.cores, 255u), 1);
  fields.number(std::min(board.cores * board.threads, 255u), 1);
  fields.number(unknown, 2).number(other, 2);
  out.add(4, static_cast<std::uint16_t>(0x400 + socket), fields,
          {name, maker, board.version});
}

void add_memory_array(Structures& out, std::uint64_t size, unsigned modules) {
  constexpr std::uint8_t on_board = 1, system_memory = 3, multi_bit_ecc = 6;
  constexpr std::uint32_t see_extended = 0x80000000;
  const bool large = size / kib >= see_extended;
  TableBytes fields;
  fields.bytes({on_board, system_memory, multi_bit_ecc});
  fields.number(large ? see_extended : size / kib, 4).number(no_error_handle, 2);
  fields.number(modules, 2).number(large ? size : 0, 8);
  out.add(16, memory_array_handle, fields);
}

void add_memory_module(Structures& out, unsigned index, std::uint64_t size) {
  constexpr std::uint8_t dimm = 9, ram = 7;
  constexpr std::uint16_t unknown_width = 0xffff, see_extended = 0x7fff, other = 2;
  const std::uint64_t megabytes = size / mib;
  const bool large = megabytes >= see_extended;
  const std::string name = "DIMM " + std::to_string(index);
  TableBytes fields;
  fields.number(memory_array_handle, 2).number(no_error_handle, 2);
  fields.number(unknown_width, 2).number(unknown_width, 2);
  fields.number(large ? see_extended : megabytes, 2).bytes({dimm, 0, 1, 0, ram});
  fields.number(other, 2).number(0, 2).bytes({2, 0, 0, 0, 0});
  fields.number(large ? megabytes : 0, 4).zeros(8);
  out.add(17, static_cast<std::uint16_t>(0x1100 + index), fields, {name, maker});
}

void add_memory_range(Structures& out, std::uint16_t index, std::uint64_t start,
                      std::uint64_t size) {
  TableBytes fields;
  fields.number(start / kib, 4).number((start + size) / kib - 1, 4);
  fields.number(memory_array_handle, 2).number(1, 1).zeros(16);
  out.add(19, static_cast<std::uint16_t>(0x1300 + index), fields);
}

void add_memory(Structures& out, const SmbiosBoard& board) {
  constexpr std::uint64_t module_size = 16 * gib, four_gib = 4 * gib;
  const std::uint64_t size = board.below_4g + board.above_4g;
  const auto modules = static_cast<unsigned>((size + module_size - 1) / module_size);
  add_memory_array(out, size, modules);
  for (unsigned i = 0; i < modules; ++i) {
    add_memory_module(out, i, std::min(module_size, size - i * module_size));
  }
  add_memory_range(out, 0, 0, board.below_4g);
  if (board.above_4g != 0) {
    add_memory_range(out, 1, four_gib, board.above_4g);
  }
}

}  // namespace

SmbiosFiles smbios_files(const SmbiosBoard& board) {
  Structures out;
  add_system(out, board);
  add_chassis(out, board);
  for (unsigned socket = 0; socket < board.sockets; ++socket) {
    add_processor(out, board, socket);
  }
  add_memory(out, board);
  TableBytes no_errors;
  out.add(32, 0x2000, no_errors.zeros(7));
  out.add(127, 0x7f00, {});
  SmbiosFiles files;
  files.anchor = out.anchor().take();
  files.tables = out.take();
  return files;
}

}  // namespace machine
