// The MultiProcessor table as an operating system walks it: offsets are those of the
// MultiProcessor Specification 1.4, chapter 4.
#include "machine/mp_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace {

using machine::mp_table;
using machine::MpBoard;
using machine::TableBytes;

constexpr std::uint32_t address = 0xf0040;

MpBoard three_cpus() {
  return {.apic_ids = {0, 1, 2}, .pci = true, .pirq_lines = {10, 10, 11, 11}};
}

std::uint64_t number(const TableBytes& table, std::size_t at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::to_integer<std::uint64_t>(table.span()[at + i]) << (8 * i);
  }
  return value;
}

unsigned sum(const TableBytes& table, std::size_t from, std::size_t count) {
  unsigned out = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    out += static_cast<unsigned>(number(table, i, 1));
  }
  return out & 0xff;
}

// Where the entries of each kind begin, by their lengths; the last address is the end.
std::multimap<std::uint64_t, std::size_t> entries(const TableBytes& table) {
  constexpr std::size_t lengths[] = {20, 8, 8, 8, 8};
  std::multimap<std::uint64_t, std::size_t> out;
  std::size_t at = 16 + 44;
  for (std::uint64_t left = number(table, 16 + 34, 2); left > 0; --left) {
    const std::uint64_t kind = number(table, at, 1);
    out.emplace(kind, at);
    at += lengths[kind];
  }
  EXPECT_EQ(at, table.size());
  return out;
}

TEST(MpTable, the_pointer_leads_to_a_table_that_adds_up_to_zero) {
  const TableBytes table = mp_table(three_cpus(), address);

  EXPECT_EQ(number(table, 0, 4), 0x5f504d5fu);  // "_MP_"
  EXPECT_EQ(number(table, 4, 4), address + 16);
  EXPECT_EQ(sum(table, 0, 16), 0u);
  EXPECT_EQ(number(table, 16, 4), 0x504d4350u);  // "PCMP"
  EXPECT_EQ(number(table, 20, 2), table.size() - 16);
  EXPECT_EQ(sum(table, 16, table.size() - 16), 0u);
}

TEST(MpTable, every_CPU_is_enabled_and_one_boots) {
  const TableBytes table = mp_table(three_cpus(), address);

  std::vector<std::uint64_t> ids, flags;
  const auto all = entries(table);
  const auto [first, last] = all.equal_range(0);
  for (auto it = first; it != last; ++it) {
    ids.push_back(number(table, it->second + 1, 1));
    flags.push_back(number(table, it->second + 3, 1));
  }

  EXPECT_THAT(ids, testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(flags, testing::ElementsAre(3, 1, 1));
}

TEST(MpTable, pins_of_neighbouring_slots_lead_to_lines_as_the_board_is_wired) {
  const TableBytes table = mp_table(three_cpus(), address);

  std::map<std::uint64_t, std::uint64_t> pin_of;  // (slot, pin) -> pin of the I/O APIC
  const auto all = entries(table);
  const auto [first, last] = all.equal_range(3);
  for (auto it = first; it != last; ++it) {
    if (number(table, it->second + 4, 1) == 1) {
      pin_of[number(table, it->second + 5, 1)] = number(table, it->second + 7, 1);
    }
  }

  EXPECT_EQ(pin_of.at(1 << 2 | 0), 10u);
  EXPECT_EQ(pin_of.at(2 << 2 | 0), 10u);
  EXPECT_EQ(pin_of.at(3 << 2 | 0), 11u);
  EXPECT_EQ(pin_of.at(1 << 2 | 3), 11u);
  EXPECT_EQ(pin_of.size(), 31u * 4);
}

TEST(MpTable, ISA_lines_are_pins_of_the_same_number) {
  MpBoard board = three_cpus();
  board.pci = false;
  const TableBytes table = mp_table(board, address);

  unsigned lines = 0;
  const auto all = entries(table);
  const auto [first, last] = all.equal_range(3);
  for (auto it = first; it != last; ++it) {
    EXPECT_EQ(number(table, it->second + 5, 1), number(table, it->second + 7, 1));
    ++lines;
  }
  EXPECT_EQ(lines, 15u);  // all but the cascade
}

}  // namespace
