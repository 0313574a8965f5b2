// The MC146818A against its data sheet, and its calendar against the C library.
#include "hw/mc146818_chip.h"

#include <gtest/gtest.h>

#include <ctime>

namespace {

using hw::CalendarTime;
using hw::Mc146818;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t start = 1'700'000'000;  // 2023-11-14 22:13:20 UTC, a Tuesday

struct RtcTest : ::testing::Test {
  Mc146818 rtc;
  std::int64_t now = start * second_ns;

  RtcTest() { rtc.power_on(now, 0); }

  int read(unsigned index) { return rtc.read(index, now); }

  void write(unsigned index, int value) {
    rtc.write(index, static_cast<std::uint8_t>(value), now);
  }

  void pass(double seconds) { now += static_cast<std::int64_t>(seconds * 1e9); }
};

TEST_F(RtcTest, the_calendar_agrees_with_the_C_library) {
  for (std::int64_t t = -3'000'000'000; t < 5'000'000'000; t += 86'400 * 11 + 12'345) {
    const std::time_t host = static_cast<std::time_t>(t);
    std::tm tm{};
    gmtime_r(&host, &tm);
    const CalendarTime got = hw::calendar_from_seconds(t);
    ASSERT_EQ(got.year, tm.tm_year + 1900) << t;
    ASSERT_EQ(got.month, tm.tm_mon + 1) << t;
    ASSERT_EQ(got.day, tm.tm_mday) << t;
    ASSERT_EQ(got.hour, tm.tm_hour) << t;
    ASSERT_EQ(got.minute, tm.tm_min) << t;
    ASSERT_EQ(got.second, tm.tm_sec) << t;
    ASSERT_EQ(got.weekday, tm.tm_wday) << t;
    ASSERT_EQ(hw::seconds_from_calendar(got), t);
  }
}

TEST_F(RtcTest, time_reads_in_BCD_with_its_century) {
  EXPECT_EQ(read(Mc146818::seconds), 0x20);
  EXPECT_EQ(read(Mc146818::minutes), 0x13);
  EXPECT_EQ(read(Mc146818::hours), 0x22);
  EXPECT_EQ(read(Mc146818::day_of_week), 3);
  EXPECT_EQ(read(Mc146818::day_of_month), 0x14);
  EXPECT_EQ(read(Mc146818::month), 0x11);
  EXPECT_EQ(read(Mc146818::year), 0x23);
  EXPECT_EQ(read(Mc146818::century), 0x20);
}

TEST_F(RtcTest, binary_and_twelve_hour_formats_are_honoured) {
  write(Mc146818::reg_b, 0x04);  // binary, 12 hours

  EXPECT_EQ(read(Mc146818::hours), 0x80 | 10);
  EXPECT_EQ(read(Mc146818::minutes), 13);
}

TEST_F(RtcTest, midnight_and_noon_are_twelve_in_twelve_hour_format) {
  write(Mc146818::reg_b, 0x04);
  write(Mc146818::hours, 12);
  EXPECT_EQ(rtc.time(now).hour, 0);
  write(Mc146818::hours, 0x80 | 12);
  EXPECT_EQ(rtc.time(now).hour, 12);
}

TEST_F(RtcTest, the_clock_runs) {
  pass(45);

  EXPECT_EQ(read(Mc146818::seconds), 0x05);
  EXPECT_EQ(read(Mc146818::minutes), 0x14);
}

TEST_F(RtcTest, SET_stops_the_clock_and_clearing_it_starts_from_what_was_written) {
  write(Mc146818::reg_b, 0x82);
  write(Mc146818::hours, 0x05);
  pass(100);
  EXPECT_EQ(read(Mc146818::seconds), 0x20);

  write(Mc146818::reg_b, 0x02);
  pass(1);

  EXPECT_EQ(read(Mc146818::hours), 0x05);
  EXPECT_EQ(read(Mc146818::seconds), 0x21);
}

TEST_F(RtcTest, the_divider_reset_stops_the_clock_too) {
  write(Mc146818::reg_a, 0x70);
  pass(100);
  EXPECT_EQ(read(Mc146818::seconds), 0x20);
  write(Mc146818::reg_a, 0x26);
  EXPECT_EQ(read(Mc146818::seconds), 0x20);
}

TEST_F(RtcTest, update_in_progress_shows_only_just_before_the_update) {
  EXPECT_EQ(read(Mc146818::reg_a), 0x26);
  pass(0.9999);
  EXPECT_EQ(read(Mc146818::reg_a), 0xa6);
  pass(0.0001);
  EXPECT_EQ(read(Mc146818::reg_a), 0x26);
}

TEST_F(RtcTest, register_D_says_the_battery_is_good_and_cannot_be_written) {
  write(Mc146818::reg_d, 0);
  EXPECT_EQ(read(Mc146818::reg_d), 0x80);
}

TEST_F(RtcTest, the_periodic_interrupt_comes_at_the_rate_of_register_A) {
  write(Mc146818::reg_b, 0x42);
  const std::int64_t next = rtc.next_interrupt(now);

  EXPECT_NEAR(static_cast<double>(next - now), 1e9 / 1024, 1e9 / 1024);
  now = next;
  EXPECT_TRUE(rtc.interrupt(now));
  EXPECT_EQ(read(Mc146818::reg_c), 0xc0);
  EXPECT_FALSE(rtc.interrupt(now));
}

TEST_F(RtcTest, rates_1_and_2_mean_256_and_128_hertz) {
  write(Mc146818::reg_b, 0x42);
  write(Mc146818::reg_a, 0x21);
  const std::int64_t first = rtc.next_interrupt(now);
  EXPECT_NEAR(static_cast<double>(rtc.next_interrupt(first) - first), 1e9 / 256, 1e3);
  write(Mc146818::reg_a, 0x22);
  const std::int64_t second = rtc.next_interrupt(now);
  EXPECT_NEAR(static_cast<double>(rtc.next_interrupt(second) - second), 1e9 / 128, 1e3);
}

TEST_F(RtcTest, flags_are_set_without_their_enables_but_do_not_interrupt) {
  read(Mc146818::reg_c);
  pass(1.5);

  EXPECT_FALSE(rtc.interrupt(now));
  EXPECT_EQ(read(Mc146818::reg_c), 0x50);  // periodic and update, no IRQF
}

TEST_F(RtcTest, the_update_interrupt_comes_at_the_next_second) {
  write(Mc146818::reg_b, 0x12);

  EXPECT_EQ(rtc.next_interrupt(now), now + second_ns);
  pass(1);
  EXPECT_TRUE(rtc.interrupt(now));
  EXPECT_EQ(read(Mc146818::reg_c) & 0x90, 0x90);
}

TEST_F(RtcTest, the_alarm_interrupts_at_its_time_of_day) {
  write(Mc146818::seconds_alarm, 0x30);
  write(Mc146818::minutes_alarm, 0x15);
  write(Mc146818::hours_alarm, 0x22);
  write(Mc146818::reg_b, 0x22);

  EXPECT_EQ(rtc.next_interrupt(now), now + 130 * second_ns);
  pass(130);
  EXPECT_TRUE(rtc.interrupt(now));
  EXPECT_EQ(read(Mc146818::reg_c) & 0xa0, 0xa0);
}

TEST_F(RtcTest, an_alarm_byte_of_c0_or_more_matches_every_value) {
  write(Mc146818::seconds_alarm, 0xff);
  write(Mc146818::minutes_alarm, 0xc0);
  write(Mc146818::hours_alarm, 0xff);
  write(Mc146818::reg_b, 0x22);

  EXPECT_EQ(rtc.next_interrupt(now), now + second_ns);
}

TEST_F(RtcTest, an_impossible_alarm_never_comes) {
  write(Mc146818::seconds_alarm, 0x75);
  write(Mc146818::reg_b, 0x22);

  EXPECT_EQ(rtc.next_interrupt(now), -1);
}

TEST_F(RtcTest, reset_clears_interrupt_enables_and_flags_but_no_memory) {
  write(Mc146818::reg_b, 0x72);
  write(0x40, 0x5a);
  pass(3);

  rtc.reset();

  EXPECT_EQ(read(Mc146818::reg_b), 0x02);
  EXPECT_EQ(read(0x40), 0x5a);
}

TEST_F(RtcTest, a_nonsense_calendar_is_kept_in_range) {
  write(Mc146818::reg_b, 0x86);
  for (unsigned index = 0; index < 10; ++index) {
    write(index, 0xff);
  }
  write(Mc146818::century, 0xff);
  write(Mc146818::reg_b, 0x06);

  EXPECT_GE(rtc.time(now).year, 2100);
  EXPECT_LE(rtc.time(now).year, 2262);
}

}  // namespace
