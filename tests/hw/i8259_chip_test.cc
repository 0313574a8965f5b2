// The 8259A against its data sheet.
#include "hw/i8259_chip.h"

#include <gtest/gtest.h>

namespace {

using hw::I8259;

struct I8259Test : ::testing::Test {
  int intr = 0;
  I8259 pic{2, [this](int level) { intr = level; }};

  void initialise(std::uint8_t icw4 = 0x01, std::uint8_t icw1 = 0x11) {
    pic.write(0, icw1);
    pic.write(1, 0x20);
    if ((icw1 & 0x02) == 0) {
      pic.write(1, 0x04);
    }
    if (icw1 & 0x01) {
      pic.write(1, icw4);
    }
  }

  void pulse(int n) {
    pic.set_input(n, 1);
    pic.set_input(n, 0);
  }
};

TEST_F(I8259Test, initialisation_sets_the_vector_base_and_unmasks_all) {
  pic.write(1, 0xff);
  initialise();

  EXPECT_EQ(pic.vector_base(), 0x20);
  EXPECT_EQ(pic.read(1), 0x00);
}

TEST_F(I8259Test, a_single_chip_without_ICW4_needs_two_words) {
  initialise(0, 0x12);
  pic.write(1, 0xaa);

  EXPECT_EQ(pic.read(1), 0xaa);  // already OCW1
}

TEST_F(I8259Test, a_rising_edge_requests_and_INTA_moves_it_into_service) {
  initialise();
  pulse(3);
  EXPECT_EQ(intr, 1);
  EXPECT_EQ(pic.read(0), 0x08);

  EXPECT_EQ(pic.acknowledge(), 3);

  EXPECT_EQ(intr, 0);
  EXPECT_EQ(pic.irr(), 0);
  EXPECT_EQ(pic.isr(), 0x08);
}

TEST_F(I8259Test, a_masked_input_waits_in_IRR) {
  initialise();
  pic.write(1, 0x08);
  pulse(3);
  EXPECT_EQ(intr, 0);

  pic.write(1, 0x00);

  EXPECT_EQ(intr, 1);
}

TEST_F(I8259Test, a_lower_priority_waits_for_the_end_of_interrupt) {
  initialise();
  pulse(3);
  pic.acknowledge();
  pulse(5);
  EXPECT_EQ(intr, 0);

  pic.write(0, 0x20);

  EXPECT_EQ(intr, 1);
  EXPECT_EQ(pic.acknowledge(), 5);
}

TEST_F(I8259Test, a_higher_priority_interrupts_the_one_in_service) {
  initialise();
  pulse(3);
  pic.acknowledge();

  pulse(1);

  EXPECT_EQ(pic.acknowledge(), 1);
  EXPECT_EQ(pic.isr(), 0x0a);
}

TEST_F(I8259Test, a_specific_EOI_ends_the_named_input) {
  initialise();
  pulse(3);
  pic.acknowledge();
  pulse(1);
  pic.acknowledge();

  pic.write(0, 0x63);

  EXPECT_EQ(pic.isr(), 0x02);
}

TEST_F(I8259Test, rotation_on_EOI_makes_the_ended_input_the_lowest) {
  initialise();
  pulse(4);
  pic.acknowledge();
  pic.write(0, 0xa0);
  pulse(4);
  pulse(6);

  EXPECT_EQ(pic.acknowledge(), 6);
}

TEST_F(I8259Test, set_priority_names_the_lowest_input) {
  initialise();
  pic.write(0, 0xc5);
  pulse(0);
  pulse(6);

  EXPECT_EQ(pic.acknowledge(), 6);
}

TEST_F(I8259Test, automatic_EOI_leaves_nothing_in_service) {
  initialise(0x03);
  pulse(2);

  EXPECT_EQ(pic.acknowledge(), 2);
  EXPECT_EQ(pic.isr(), 0);
}

TEST_F(I8259Test, rotation_in_automatic_EOI_serves_in_turn) {
  initialise(0x03);
  pic.write(0, 0x80);
  pulse(1);
  pic.acknowledge();
  pulse(1);
  pulse(7);

  EXPECT_EQ(pic.acknowledge(), 7);
}

TEST_F(I8259Test, special_mask_mode_lets_lower_priorities_in) {
  initialise();
  pulse(1);
  pic.acknowledge();
  pic.write(1, 0x02);
  pulse(6);
  EXPECT_EQ(intr, 0);

  pic.write(0, 0x68);

  EXPECT_EQ(pic.acknowledge(), 6);
}

TEST_F(I8259Test, special_fully_nested_mode_lets_the_slave_ask_again) {
  initialise(0x11);
  pulse(2);
  pic.acknowledge();

  pulse(2);

  EXPECT_EQ(intr, 1);
}

TEST_F(I8259Test, an_acknowledge_without_a_request_is_input_7_and_not_in_service) {
  initialise();

  EXPECT_EQ(pic.acknowledge(), 7);
  EXPECT_EQ(pic.isr(), 0);
}

TEST_F(I8259Test, a_level_input_asks_again_while_its_line_is_up) {
  initialise();
  pic.set_elcr(0x20);
  pic.set_input(5, 1);
  pic.acknowledge();
  pic.write(0, 0x20);
  EXPECT_EQ(intr, 1);

  pic.set_input(5, 0);

  EXPECT_EQ(intr, 0);
}

TEST_F(I8259Test, an_edge_input_held_high_asks_once) {
  initialise();
  pic.set_input(5, 1);
  pic.acknowledge();

  pic.write(0, 0x20);

  EXPECT_EQ(intr, 0);
}

TEST_F(I8259Test, a_poll_reads_the_pending_input_and_acknowledges_it) {
  initialise();
  pulse(4);
  pic.write(0, 0x0c);

  EXPECT_EQ(pic.read(0), 0x84);
  EXPECT_EQ(pic.isr(), 0x10);
  EXPECT_EQ(pic.read(0), 0x00);  // IRR again
}

TEST_F(I8259Test, a_poll_with_nothing_pending_reads_bit_7_clear) {
  initialise();
  pic.write(0, 0x0c);

  EXPECT_EQ(pic.read(0) & 0x80, 0);
}

TEST_F(I8259Test, OCW3_chooses_between_IRR_and_ISR) {
  initialise();
  pulse(3);
  pic.acknowledge();
  pulse(4);

  pic.write(0, 0x0b);
  EXPECT_EQ(pic.read(0), 0x08);
  pic.write(0, 0x0a);
  EXPECT_EQ(pic.read(0), 0x10);
}

}  // namespace
