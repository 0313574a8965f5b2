// The 8254 against its data sheet; time is given in ticks of 1.193182 MHz.
#include "hw/i8254_chip.h"

#include <gtest/gtest.h>

namespace {

using hw::I8254;
using hw::i8254_ns;
using hw::i8254_ticks;

struct I8254Test : ::testing::Test {
  I8254 pit;

  I8254Test() { pit.reset(); }

  void program(unsigned counter, int mode, std::uint16_t count, std::int64_t at = 0) {
    const std::int64_t now = i8254_ns(at);
    pit.write(3, static_cast<std::uint8_t>(counter << 6 | 0x30 | mode << 1), now);
    pit.write(counter, static_cast<std::uint8_t>(count), now);
    pit.write(counter, static_cast<std::uint8_t>(count >> 8), now);
  }

  int read16(unsigned counter, std::int64_t at) {
    const int low = pit.read(counter, i8254_ns(at));
    return low | pit.read(counter, i8254_ns(at)) << 8;
  }

  bool out(int counter, std::int64_t at) {
    return pit.counter(counter).output(i8254_ns(at));
  }

  std::int64_t next(int counter, std::int64_t at) {
    const std::int64_t ns = pit.counter(counter).next_change(i8254_ns(at));
    return ns < 0 ? -1 : i8254_ticks(ns);
  }
};

TEST_F(I8254Test, ticks_and_nanoseconds_convert_back_and_forth) {
  for (const std::int64_t ticks :
       {0ll, 1ll, 2ll, 1193181ll, 1193182ll, 65536ll * 100000}) {
    EXPECT_EQ(i8254_ticks(i8254_ns(ticks)), ticks);
    if (ticks > 0) {
      EXPECT_EQ(i8254_ticks(i8254_ns(ticks) - 1), ticks - 1);
    }
  }
}

TEST_F(I8254Test, mode_0_goes_high_when_the_count_has_run_out_and_stays) {
  program(0, 0, 100);

  EXPECT_FALSE(out(0, 0));
  EXPECT_FALSE(out(0, 99));
  EXPECT_TRUE(out(0, 100));
  EXPECT_TRUE(out(0, 100000));
  EXPECT_EQ(next(0, 10), 100);
  EXPECT_EQ(next(0, 100), -1);
}

TEST_F(I8254Test, mode_0_counts_on_through_zero) {
  program(0, 0, 10);

  EXPECT_EQ(read16(0, 4), 6);
  EXPECT_EQ(read16(0, 12), 0xfffe);
}

TEST_F(I8254Test, a_count_of_zero_means_65536) {
  program(0, 0, 0);

  EXPECT_FALSE(out(0, 65535));
  EXPECT_TRUE(out(0, 65536));
}

TEST_F(I8254Test, mode_2_pulses_low_in_the_last_tick_of_each_period) {
  program(0, 2, 10);

  EXPECT_TRUE(out(0, 8));
  EXPECT_FALSE(out(0, 9));
  EXPECT_TRUE(out(0, 10));
  EXPECT_FALSE(out(0, 19));
  EXPECT_EQ(next(0, 0), 10);
  EXPECT_EQ(next(0, 10), 20);
}

TEST_F(I8254Test, mode_2_counts_from_the_count_to_one) {
  program(0, 2, 10);

  EXPECT_EQ(read16(0, 0), 10);
  EXPECT_EQ(read16(0, 9), 1);
  EXPECT_EQ(read16(0, 10), 10);
}

TEST_F(I8254Test, mode_3_is_a_square_wave_with_the_odd_tick_high) {
  program(0, 3, 5);

  EXPECT_TRUE(out(0, 2));
  EXPECT_FALSE(out(0, 3));
  EXPECT_FALSE(out(0, 4));
  EXPECT_TRUE(out(0, 5));
  EXPECT_EQ(next(0, 0), 3);
  EXPECT_EQ(next(0, 3), 5);
}

TEST_F(I8254Test, mode_3_counts_down_by_two_twice_a_period) {
  program(0, 3, 8);

  EXPECT_EQ(read16(0, 0), 8);
  EXPECT_EQ(read16(0, 1), 6);
  EXPECT_EQ(read16(0, 3), 2);
  EXPECT_EQ(read16(0, 4), 8);
  EXPECT_EQ(read16(0, 7), 2);
}

TEST_F(I8254Test, mode_4_strobes_low_for_one_tick) {
  program(0, 4, 7);

  EXPECT_TRUE(out(0, 6));
  EXPECT_FALSE(out(0, 7));
  EXPECT_TRUE(out(0, 8));
}

TEST_F(I8254Test, mode_1_starts_at_the_rising_gate_and_is_low_for_the_count) {
  program(2, 1, 20);
  EXPECT_TRUE(out(2, 5));

  pit.counter(2).set_gate(true, i8254_ns(10));

  EXPECT_FALSE(out(2, 10));
  EXPECT_FALSE(out(2, 29));
  EXPECT_TRUE(out(2, 30));
}

TEST_F(I8254Test, mode_5_strobes_after_the_rising_gate) {
  program(2, 5, 20);
  pit.counter(2).set_gate(true, i8254_ns(10));

  EXPECT_TRUE(out(2, 29));
  EXPECT_FALSE(out(2, 30));
  EXPECT_TRUE(out(2, 31));
}

TEST_F(I8254Test, a_low_gate_holds_the_count_in_mode_0) {
  pit.counter(2).set_gate(true, 0);
  program(2, 0, 100);
  pit.counter(2).set_gate(false, i8254_ns(30));
  EXPECT_EQ(read16(2, 80), 70);

  pit.counter(2).set_gate(true, i8254_ns(80));

  EXPECT_FALSE(out(2, 149));
  EXPECT_TRUE(out(2, 150));
}

TEST_F(I8254Test, a_low_gate_stops_mode_3_high_and_a_rising_one_starts_it_afresh) {
  pit.counter(2).set_gate(true, 0);
  program(2, 3, 10);
  pit.counter(2).set_gate(false, i8254_ns(7));
  EXPECT_TRUE(out(2, 7));
  EXPECT_EQ(next(2, 7), -1);

  pit.counter(2).set_gate(true, i8254_ns(100));

  EXPECT_TRUE(out(2, 104));
  EXPECT_FALSE(out(2, 105));
}

TEST_F(I8254Test, a_new_count_takes_effect_at_the_end_of_a_running_period) {
  program(0, 2, 100);
  pit.write(0, 10, i8254_ns(50));
  pit.write(0, 0, i8254_ns(50));

  EXPECT_EQ(read16(0, 60), 40);
  EXPECT_EQ(next(0, 60), 100);
  EXPECT_EQ(next(0, 100), 110);
}

TEST_F(I8254Test, a_latched_count_stays_until_it_is_read) {
  program(0, 2, 1000);
  pit.write(3, 0x00, i8254_ns(10));

  EXPECT_EQ(read16(0, 500), 990);
  EXPECT_EQ(read16(0, 500), 500);
}

TEST_F(I8254Test, read_back_latches_status_before_count) {
  program(0, 2, 1000);
  pit.write(3, 0xc2, i8254_ns(10));

  EXPECT_EQ(pit.read(0, 0), 0xb4);  // output high, both bytes, mode 2
  EXPECT_EQ(read16(0, 700), 990);
}

TEST_F(I8254Test, status_says_null_count_until_a_count_is_loaded) {
  pit.write(3, 0x34, 0);
  pit.write(3, 0xe2, 0);

  EXPECT_EQ(pit.read(0, 0) & 0x40, 0x40);
}

TEST_F(I8254Test, one_byte_access_reads_and_writes_only_that_byte) {
  pit.write(3, 0x10, 0);  // low byte, mode 0
  pit.write(0, 50, 0);

  EXPECT_EQ(pit.read(0, i8254_ns(10)), 40);
  EXPECT_EQ(pit.read(0, i8254_ns(11)), 39);
}

TEST_F(I8254Test, BCD_counts_in_decimal) {
  pit.write(3, 0x31, 0);
  pit.write(0, 0x00, 0);
  pit.write(0, 0x10, 0);  // 1000

  EXPECT_EQ(read16(0, 1), 0x0999);
  EXPECT_TRUE(out(0, 1000));
}

TEST_F(I8254Test, an_unprogrammed_counter_stands_still) {
  EXPECT_EQ(next(0, 12345), -1);
}

TEST_F(I8254Test, modes_6_and_7_are_2_and_3) {
  program(0, 7, 100);
  pit.write(3, 0xe2, 0);

  EXPECT_EQ(pit.read(0, 0) & 0x0e, 3 << 1);
}

}  // namespace
