// How breakpoints and watchpoints become four debug registers and what does not fit.
#include "gdbstub/points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gdbstub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr core::DebugFacilities four{.registers = 4, .watchpoints = true};
constexpr core::DebugFacilities any{.any_number = true, .watchpoints = true};

Point software(std::uint64_t address) {
  return {PointKind::software, address, 1};
}

TEST(Points, a_software_breakpoint_takes_a_register_while_one_is_free) {
  PointList points;
  points.insert(software(0x1000), four);

  const Plan plan = points.plan(four);

  EXPECT_EQ(plan.control.breakpoint_mask, 1);
  EXPECT_EQ(plan.control.breakpoint[0], 0x1000u);
  EXPECT_THAT(plan.traps, IsEmpty());
}

TEST(Points, the_fifth_software_breakpoint_is_a_trap) {
  PointList points;
  for (std::uint64_t i = 0; i < 5; ++i) {
    points.insert(software(0x1000 + i), four);
  }

  EXPECT_THAT(points.plan(four).traps, ElementsAre(0x1004u));
}

TEST(Points, a_watchpoint_drives_a_software_breakpoint_out_of_its_register) {
  PointList points;
  for (std::uint64_t i = 0; i < 4; ++i) {
    points.insert(software(0x1000 + i), four);
  }

  EXPECT_EQ(points.insert({PointKind::write, 0x2000, 4}, four), InsertResult::done);
  EXPECT_THAT(points.plan(four).traps, ElementsAre(0x1003u));
}

TEST(Points, a_fifth_hardware_breakpoint_finds_no_room) {
  PointList points;
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(points.insert({PointKind::hardware, i, 1}, four), InsertResult::done);
  }

  EXPECT_EQ(points.insert({PointKind::hardware, 9, 1}, four), InsertResult::no_room);
}

TEST(Points, a_crooked_watchpoint_is_made_of_aligned_pieces) {
  PointList points;

  points.insert({PointKind::write, 0x1003, 7}, four);

  std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;
  for (const core::Watchpoint& piece : points.plan(four).control.watchpoints) {
    pieces.emplace_back(piece.address, piece.length);
  }
  EXPECT_THAT(pieces, ElementsAre(std::pair(0x1003u, 1u), std::pair(0x1004u, 4u),
                                  std::pair(0x1008u, 2u)));
}

TEST(Points, a_watchpoint_too_long_for_the_registers_finds_no_room) {
  PointList points;

  EXPECT_EQ(points.insert({PointKind::write, 0x1000, 33}, four), InsertResult::no_room);
}

TEST(Points, the_registers_know_no_reading_alone) {
  PointList points;

  EXPECT_EQ(points.insert({PointKind::read, 0x1000, 4}, four), InsertResult::unsupported);
  EXPECT_EQ(points.insert({PointKind::read, 0x1000, 4}, any), InsertResult::done);
}

TEST(Points, what_an_engine_cannot_watch_is_compared_if_it_is_a_write) {
  constexpr core::DebugFacilities blind{.registers = 4};
  PointList points;

  EXPECT_EQ(points.insert({PointKind::access, 0x1000, 4}, blind),
            InsertResult::unsupported);
  EXPECT_EQ(points.insert({PointKind::write, 0x1000, 4}, blind), InsertResult::done);
  EXPECT_EQ(points.plan(blind).compared.size(), 1u);
  EXPECT_EQ(points.insert({PointKind::write, 0x1000, 4093}, blind),
            InsertResult::no_room);
}

TEST(Points, an_engine_without_debugging_is_not_asked) {
  PointList points;

  EXPECT_EQ(points.insert(software(0), {}), InsertResult::unsupported);
}

TEST(Points, the_same_point_twice_is_one) {
  PointList points;
  points.insert(software(0x1000), four);
  points.insert(software(0x1000), four);

  EXPECT_TRUE(points.remove(software(0x1000)));
  EXPECT_TRUE(points.empty());
}

TEST(Points, their_number_has_an_end) {
  PointList points;
  InsertResult last = InsertResult::done;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    last = points.insert(software(i), any);
  }

  EXPECT_EQ(last, InsertResult::no_room);
}

}  // namespace
}  // namespace gdbstub
