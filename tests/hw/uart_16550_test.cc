// The 16550A against the PC16550D data sheet.
#include "hw/uart_16550.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using hw::Uart16550;

enum : unsigned { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

constexpr unsigned THR = 0, FCR = 2, DLL = 0, DLM = 1;

struct UartTest : ::testing::Test {
  std::string sent;
  int irq = 0;
  int rooms = 0;
  std::int64_t timeout_ns = -1;
  Uart16550 uart{{
      .interrupt = [this](int level) { irq = level; },
      .transmit = [this](std::uint8_t byte) { sent += static_cast<char>(byte); },
      .room = [this] { ++rooms; },
      .arm_timeout = [this](std::int64_t ns) { timeout_ns = ns; },
      .modem_outputs = {},
  }};

  void receive(const std::string& text) {
    for (const char c : text) {
      uart.receive(static_cast<std::uint8_t>(c));
    }
  }
};

TEST_F(UartTest, after_reset_the_transmitter_is_empty_and_nothing_is_pending) {
  uart.reset();

  EXPECT_EQ(uart.read(LSR), 0x60);
  EXPECT_EQ(uart.read(IIR), 0x01);
  EXPECT_EQ(uart.read(IER), 0);
  EXPECT_EQ(uart.read(MCR), 0);
}

TEST_F(UartTest, a_byte_written_to_THR_leaves_at_once) {
  uart.write(THR, 'A');

  EXPECT_EQ(sent, "A");
  EXPECT_EQ(uart.read(LSR) & 0x60, 0x60);
}

TEST_F(UartTest, the_divisor_latch_hides_the_data_registers) {
  uart.write(LCR, 0x83);
  uart.write(DLL, 0x01);
  uart.write(DLM, 0x02);
  EXPECT_EQ(uart.divisor(), 0x0201);
  EXPECT_EQ(uart.read(DLL), 0x01);
  EXPECT_EQ(uart.read(DLM), 0x02);

  uart.write(LCR, 0x03);
  EXPECT_EQ(uart.read(IER), 0x00);
  EXPECT_EQ(sent, "");
}

TEST_F(UartTest, the_scratch_register_keeps_any_byte) {
  for (int value = 0; value < 256; ++value) {
    uart.write(SCR, static_cast<std::uint8_t>(value));
    ASSERT_EQ(uart.read(SCR), value);
  }
}

TEST_F(UartTest, the_upper_bits_of_IER_and_MCR_read_zero) {
  uart.write(IER, 0xff);
  uart.write(MCR, 0xef);

  EXPECT_EQ(uart.read(IER), 0x0f);
  EXPECT_EQ(uart.read(MCR), 0x0f);
}

TEST_F(UartTest, a_received_byte_raises_the_line_until_it_is_read) {
  uart.write(IER, 0x01);

  receive("x");
  EXPECT_EQ(irq, 1);
  EXPECT_EQ(uart.read(IIR), 0x04);
  EXPECT_EQ(uart.read(LSR) & 0x01, 0x01);

  EXPECT_EQ(uart.read(RBR), 'x');
  EXPECT_EQ(irq, 0);
  EXPECT_EQ(uart.read(LSR) & 0x01, 0);
}

TEST_F(UartTest, without_FIFO_a_second_byte_overwrites_the_first_and_sets_overrun) {
  receive("ab");

  EXPECT_EQ(uart.read(LSR) & 0x03, 0x03);
  EXPECT_EQ(uart.read(LSR) & 0x02, 0);  // cleared by reading
  EXPECT_EQ(uart.read(RBR), 'b');
}

TEST_F(UartTest, with_FIFO_the_seventeenth_byte_is_lost_and_sixteen_stay) {
  uart.write(FCR, 0x01);

  receive("0123456789abcdefX");

  EXPECT_EQ(uart.read(LSR) & 0x02, 0x02);
  std::string got;
  while (uart.read(LSR) & 0x01) {
    got += static_cast<char>(uart.read(RBR));
  }
  EXPECT_EQ(got, "0123456789abcdef");
}

TEST_F(UartTest, the_receive_interrupt_comes_at_the_trigger_level) {
  const struct {
    std::uint8_t fcr;
    int level;
  } cases[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xc1, 14}};

  uart.write(IER, 0x01);
  for (const auto& c : cases) {
    uart.write(FCR, c.fcr | 0x02);
    for (int i = 1; i < c.level; ++i) {
      receive("x");
      ASSERT_EQ(irq, 0) << "trigger " << c.level << " after " << i;
    }
    receive("x");
    EXPECT_EQ(irq, 1) << "trigger " << c.level;
    EXPECT_EQ(uart.read(IIR), 0xc4);
  }
}

TEST_F(UartTest, below_the_trigger_level_a_timeout_of_four_characters_interrupts) {
  uart.write(LCR, 0x80);
  uart.write(DLL, 12);  // 9600 baud
  uart.write(DLM, 0);
  uart.write(LCR, 0x03);  // 8N1: ten bits a character
  uart.write(IER, 0x01);
  uart.write(FCR, 0xc1);

  receive("hi");
  EXPECT_NEAR(static_cast<double>(timeout_ns), 4 * 10 * 1e9 / 9600, 1e4);
  EXPECT_EQ(irq, 0);

  uart.timeout();
  EXPECT_EQ(irq, 1);
  EXPECT_EQ(uart.read(IIR), 0xcc);
  uart.read(RBR);
  EXPECT_EQ(irq, 0);  // reading starts the time again
}

TEST_F(UartTest, enabling_the_THR_interrupt_with_an_empty_transmitter_raises_it) {
  uart.write(IER, 0x02);

  EXPECT_EQ(irq, 1);
  EXPECT_EQ(uart.read(IIR), 0x02);
  EXPECT_EQ(irq, 0);  // reading IIR took it back
  uart.write(THR, 'A');
  EXPECT_EQ(irq, 1);
}

TEST_F(UartTest, interrupts_are_reported_in_order_of_priority) {
  uart.write(IER, 0x0f);
  uart.set_modem_inputs(Uart16550::cts);
  uart.receive_break();

  EXPECT_EQ(uart.read(IIR), 0x06);  // line status
  uart.read(LSR);
  EXPECT_EQ(uart.read(IIR), 0x04);  // received data
  uart.read(RBR);
  EXPECT_EQ(uart.read(IIR), 0x02);  // THR empty
  EXPECT_EQ(uart.read(IIR), 0x00);  // modem status
  uart.read(MSR);
  EXPECT_EQ(uart.read(IIR), 0x01);
  EXPECT_EQ(irq, 0);
}

TEST_F(UartTest, a_break_is_a_zero_byte_with_its_error_bit) {
  uart.receive_break();

  EXPECT_EQ(uart.read(LSR) & 0x11, 0x11);
  EXPECT_EQ(uart.read(LSR) & 0x10, 0);
  EXPECT_EQ(uart.read(RBR), 0);
}

TEST_F(UartTest, in_loopback_bytes_come_back_and_nothing_leaves) {
  uart.write(MCR, 0x10);

  uart.write(THR, 0x5a);

  EXPECT_EQ(sent, "");
  EXPECT_EQ(uart.read(RBR), 0x5a);
}

TEST_F(UartTest, in_loopback_the_modem_outputs_feed_the_inputs) {
  const struct {
    std::uint8_t mcr, msr;
  } wires[] = {{0x02, 0x10}, {0x01, 0x20}, {0x04, 0x40}, {0x08, 0x80}, {0x0f, 0xf0}};

  for (const auto& wire : wires) {
    uart.write(MCR, 0x10 | wire.mcr);
    EXPECT_EQ(uart.read(MSR) & 0xf0, wire.msr) << int{wire.mcr};
  }
}

TEST_F(UartTest, host_input_waits_during_loopback_and_is_let_in_after_it) {
  EXPECT_EQ(uart.receive_room(), 1);
  uart.write(MCR, 0x10);
  EXPECT_EQ(uart.receive_room(), 0);

  uart.write(MCR, 0x00);

  EXPECT_EQ(uart.receive_room(), 1);
  EXPECT_EQ(rooms, 1);
}

TEST_F(UartTest, a_full_FIFO_has_no_room_until_a_byte_is_read) {
  uart.write(FCR, 0x01);
  receive("0123456789abcdef");
  EXPECT_EQ(uart.receive_room(), 0);

  uart.read(RBR);

  EXPECT_EQ(uart.receive_room(), 1);
  EXPECT_EQ(rooms, 1);
}

TEST_F(UartTest, changes_of_modem_inputs_are_remembered_until_MSR_is_read) {
  uart.set_modem_inputs(Uart16550::cts | Uart16550::dcd | Uart16550::ri);
  EXPECT_EQ(uart.read(MSR), 0xd9);  // RI rising sets no delta
  EXPECT_EQ(uart.read(MSR), 0xd0);

  uart.set_modem_inputs(Uart16550::cts);
  EXPECT_EQ(uart.read(MSR), 0x1c);  // DCD changed, RI ended
}

TEST_F(UartTest, switching_the_FIFO_mode_empties_it) {
  uart.write(FCR, 0x01);
  receive("abc");

  uart.write(FCR, 0x00);

  EXPECT_EQ(uart.read(LSR) & 0x01, 0);
  EXPECT_EQ(uart.read(IIR) & 0xc0, 0);
}

}  // namespace
