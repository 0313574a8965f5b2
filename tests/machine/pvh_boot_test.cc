// ELF kernels with a PVH note: which notes count, and what the kernel is told. Offsets
// are those of Xen's start info, written out here once more.
#include "core/pvh_boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace core;

std::uint64_t number(std::span<const std::byte> bytes, std::size_t at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

std::string word(std::uint32_t value) {
  std::string out;
  for (unsigned i = 0; i < 4; ++i) {
    out += static_cast<char>(value >> (8 * i));
  }
  return out;
}

// Name and contents are padded to multiples of four bytes.
std::string note(std::uint32_t type, std::string name, std::string contents) {
  std::string out = word(static_cast<std::uint32_t>(name.size())) +
                    word(static_cast<std::uint32_t>(contents.size())) + word(type);
  name.resize((name.size() + 3) & ~3u);
  contents.resize((contents.size() + 3) & ~3u);
  return out + name + contents;
}

const std::string xen("Xen\0", 4);

std::optional<std::uint32_t> entry_of(const std::string& notes) {
  return pvh_entry(std::as_bytes(std::span(notes.data(), notes.size())), 0, notes.size());
}

TEST(PvhNote, the_entry_is_found_behind_other_notes) {
  const std::string notes = note(3, std::string("GNU\0", 4), "build id, 17 byte") +
                            note(6, xen, "linux") + note(18, xen, word(0x1000370));

  EXPECT_EQ(entry_of(notes), 0x1000370u);
}

TEST(PvhNote, the_type_of_another_name_is_no_entry) {
  EXPECT_EQ(entry_of(note(18, std::string("GNU\0", 4), word(0x1000370))), std::nullopt);
}

TEST(PvhNote, every_truncation_is_no_entry_and_no_crash) {
  const std::string notes = note(6, xen, "linux") + note(18, xen, word(0x1000370));
  for (std::size_t size = 0; size < notes.size(); ++size) {
    EXPECT_EQ(entry_of(notes.substr(0, size)), std::nullopt) << size;
  }
}

TEST(PvhNote, notes_outside_the_file_are_none) {
  const std::string notes = note(18, xen, word(0x1000370));
  const auto bytes = std::as_bytes(std::span(notes.data(), notes.size()));

  EXPECT_EQ(pvh_entry(bytes, 4, notes.size()), std::nullopt);
  EXPECT_EQ(pvh_entry(bytes, ~0ull, 8), std::nullopt);
}

TEST(PvhNote, lengths_that_wrap_around_are_no_entry) {
  std::string notes = note(18, xen, word(0x1000370));
  notes.replace(0, 4, word(0xffffffff));

  EXPECT_EQ(entry_of(notes), std::nullopt);
}

TEST(PvhStartInfo, it_leads_to_command_line_memory_map_and_initial_RAM_disk) {
  const GuestRam ram{.low_end = 64 << 20, .high_size = 0};
  const LinuxLayout layout{
      .kernel = 0, .initrd = 0x3f00000, .initrd_size = 5, .command_line_size = 0};
  LinuxTables tables;
  tables.rsdp = 0xf0000;
  const std::vector<std::byte> info = pvh_start_info(ram, layout, tables);

  EXPECT_EQ(number(info, 0, 4), 0x336ec578u);
  EXPECT_EQ(number(info, 4, 4), 1u);
  EXPECT_EQ(number(info, 24, 8), 0x20000u);
  EXPECT_EQ(number(info, 32, 8), 0xf0000u);
  ASSERT_EQ(number(info, 48, 4), 2u);
  const std::size_t map = number(info, 40, 8) - 0x10000;
  EXPECT_EQ(number(info, map + 24, 8), 0x100000u);
  EXPECT_EQ(number(info, map + 32, 8), 63u << 20);
  EXPECT_EQ(number(info, map + 40, 4), 1u);
  ASSERT_EQ(number(info, 12, 4), 1u);
  const std::size_t module = number(info, 16, 8) - 0x10000;
  EXPECT_EQ(number(info, module, 8), 0x3f00000u);
  EXPECT_EQ(number(info, module + 8, 8), 5u);
  EXPECT_EQ(info.size(), module + 32);
}

TEST(PvhStartInfo, without_an_initial_RAM_disk_there_is_no_module) {
  const GuestRam ram{.low_end = 64 << 20, .high_size = 0};
  const std::vector<std::byte> info = pvh_start_info(ram, {}, {});

  EXPECT_EQ(number(info, 12, 4), 0u);
  EXPECT_EQ(number(info, 16, 8), 0u);
}

}  // namespace
