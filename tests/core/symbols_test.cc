// Names of places in guest code, from a System.map and from ELF files, whole and broken.
#include "core/symbols.h"

#include <elf.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "fixture.h"

namespace {

using core::Symbols;

class SymbolsOf {
 public:
  explicit SymbolsOf(const std::string& bytes)
      : path_(::testing::TempDir() + "vitrine-symbols-" + std::to_string(::getpid())) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }

  ~SymbolsOf() { ::unlink(path_.c_str()); }

  Symbols read() const { return Symbols(path_); }

 private:
  std::string path_;
};

template <class Record>
void append(std::string& out, const Record& record) {
  out.append(reinterpret_cast<const char*>(&record), sizeof record);
}

// Two symbols, "first" at 0x1000 with 0x10 bytes and "second" at 0x2000.
std::string elf() {
  const std::string names("\0first\0second\0", 14);
  constexpr std::size_t symbols = 3;
  const std::uint64_t names_at = sizeof(Elf64_Ehdr) + symbols * sizeof(Elf64_Sym);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_shoff = names_at + names.size();
  header.e_shnum = 2;
  std::string out;
  append(out, header);
  append(out, Elf64_Sym{});
  append(out, Elf64_Sym{.st_name = 1,
                        .st_info = STT_FUNC,
                        .st_other = 0,
                        .st_shndx = 1,
                        .st_value = 0x1000,
                        .st_size = 0x10});
  append(out, Elf64_Sym{.st_name = 7,
                        .st_info = STT_NOTYPE,
                        .st_other = 0,
                        .st_shndx = 1,
                        .st_value = 0x2000,
                        .st_size = 0});
  out += names;
  Elf64_Shdr table{};
  table.sh_type = SHT_SYMTAB;
  table.sh_offset = sizeof header;
  table.sh_size = symbols * sizeof(Elf64_Sym);
  table.sh_link = 1;
  Elf64_Shdr strings{};
  strings.sh_type = SHT_STRTAB;
  strings.sh_offset = names_at;
  strings.sh_size = names.size();
  append(out, table);
  append(out, strings);
  return out;
}

TEST(Symbols, a_map_names_code_and_what_is_behind_its_beginning) {
  const Symbols symbols = SymbolsOf(
                              "ffffffff81000000 T _text\nffffffff81000040 t helper\n"
                              "ffffffff82000000 D data\n")
                              .read();

  EXPECT_EQ(symbols.name(0xffffffff81000000), "_text");
  EXPECT_EQ(symbols.name(0xffffffff81000052), "helper+0x12");
  EXPECT_EQ(symbols.name(0xffffffff80ffffff), "");
  EXPECT_EQ(symbols.name(0xffffffff82000000), "");
}

TEST(Symbols, an_ELF_file_names_its_functions_as_far_as_they_reach) {
  const Symbols symbols = SymbolsOf(elf()).read();

  EXPECT_EQ(symbols.name(0x1000), "first");
  EXPECT_EQ(symbols.name(0x100f), "first+0xf");
  EXPECT_EQ(symbols.name(0x1500), "");
  EXPECT_EQ(symbols.name(0x2004), "second+0x4");
}

TEST(Symbols, every_truncation_is_an_error_or_fewer_names_not_a_crash) {
  const std::string whole = elf();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      const Symbols symbols = SymbolsOf(whole.substr(0, size)).read();
      EXPECT_FALSE(symbols.empty()) << size;
    } catch (const qom::Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("names no places")) << size;
    }
  }
}

TEST(Symbols, a_table_that_lies_about_its_place_has_no_names) {
  std::string lying = elf();
  const std::uint64_t far = ~std::uint64_t{0} - 7;
  std::memcpy(lying.data() + offsetof(Elf64_Ehdr, e_shoff), &far, sizeof far);

  EXPECT_THROW(SymbolsOf(lying).read(), qom::Error);
}

TEST(Symbols, a_file_of_something_else_is_refused_with_what_would_do) {
  EXPECT_THROW(SymbolsOf("hello\n").read(), qom::Error);
}

}  // namespace
