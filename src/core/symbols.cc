#include "core/symbols.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>

#include "core/loader.h"
#include "qom/object.h"

namespace core {

namespace {

constexpr std::uint64_t largest_file = std::uint64_t{2} << 30;

// Functions, and labels of assembler; not the names of files and sections.
bool names_code(unsigned char info) {
  const unsigned type = info & 0xf;
  return type == STT_FUNC || type == STT_NOTYPE;
}

// A record of a file, zeros if it does not lie inside.
template <class Record>
Record record_at(const std::string& bytes, std::uint64_t offset) {
  Record record{};
  if (offset <= bytes.size() && bytes.size() - offset >= sizeof record) {
    std::memcpy(&record, bytes.data() + offset, sizeof record);
  }
  return record;
}

std::string text_at(const std::string& bytes, std::uint64_t offset) {
  return offset < bytes.size() ? std::string(bytes.c_str() + offset) : std::string();
}

struct Found {
  std::uint64_t address = 0, size = 0;
  std::string name;
};

template <class Header, class Section, class Sym>
std::vector<Found> symbols_of(const std::string& bytes) {
  std::vector<Found> found;
  const auto header = record_at<Header>(bytes, 0);
  const auto section = [&](std::uint64_t index) {
    return record_at<Section>(bytes, header.e_shoff + index * sizeof(Section));
  };
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const Section table = section(i);
    if (table.sh_type != SHT_SYMTAB) {
      continue;
    }
    const Section names = section(table.sh_link);
    const std::uint64_t count =
        std::min<std::uint64_t>(table.sh_size, bytes.size()) / sizeof(Sym);
    for (std::uint64_t n = 0; n < count; ++n) {
      const auto symbol = record_at<Sym>(bytes, table.sh_offset + n * sizeof(Sym));
      if (symbol.st_name != 0 && symbol.st_shndx != SHN_UNDEF &&
          symbol.st_shndx != SHN_ABS && names_code(symbol.st_info)) {
        found.push_back({symbol.st_value, symbol.st_size,
                         text_at(bytes, names.sh_offset + symbol.st_name)});
      }
    }
  }
  return found;
}

}  // namespace

Symbols::Symbols(const std::string& file) {
  const std::vector<std::byte> read = read_image_file(file, largest_file);
  const std::string bytes(reinterpret_cast<const char*>(read.data()), read.size());
  if (bytes.starts_with(ELFMAG)) {
    read_elf(bytes);
  } else {
    read_map(bytes);
  }
  if (all_.empty()) {
    qom::Error error("'" + file + "' names no places in guest code");
    error.hint = "An ELF file with a symbol table is taken (vmlinux), or a System.map.";
    throw qom::Error(error);
  }
  std::stable_sort(all_.begin(), all_.end(), [](const Symbol& a, const Symbol& b) {
    return a.address < b.address;
  });
}

void Symbols::read_elf(const std::string& bytes) {
  const bool wide = bytes.size() > EI_CLASS && bytes[EI_CLASS] == ELFCLASS64;
  for (Found& found : wide ? symbols_of<Elf64_Ehdr, Elf64_Shdr, Elf64_Sym>(bytes)
                           : symbols_of<Elf32_Ehdr, Elf32_Shdr, Elf32_Sym>(bytes)) {
    all_.push_back({found.address, found.size, std::move(found.name)});
  }
}

// Lines "ffffffff81000000 T _text".
void Symbols::read_map(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::uint64_t address = 0;
    const char* end = line.data() + line.size();
    const auto [after, error] = std::from_chars(line.data(), end, address, 16);
    constexpr std::string_view code = "tTwW";
    if (error == std::errc{} && end - after > 3 && after[0] == ' ' && after[2] == ' ' &&
        code.find(after[1]) != std::string_view::npos) {
      const std::string_view name(after + 3, static_cast<std::size_t>(end - after - 3));
      all_.push_back({address, 0, std::string(name.substr(0, name.find('\t')))});
    }
  }
}

std::string Symbols::name(std::uint64_t address) const {
  constexpr std::uint64_t farthest = 1 << 20;
  auto above = std::upper_bound(
      all_.begin(), all_.end(), address,
      [](std::uint64_t value, const Symbol& symbol) { return value < symbol.address; });
  if (above == all_.begin()) {
    return {};
  }
  const Symbol& symbol = *--above;
  const std::uint64_t offset = address - symbol.address;
  if (offset > std::max(symbol.size, symbol.size == 0 ? farthest : 0)) {
    return {};
  }
  if (offset == 0) {
    return symbol.name;
  }
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, offset, 16).ptr;
  return symbol.name + "+0x" + std::string(digits, end);
}

}  // namespace core
