// The 16550A serial chip without a bus: registers, FIFOs and interrupt logic
// (National Semiconductor PC16550D data sheet, 1995). A card such as isa-serial
// puts it behind ports and connects its wires.
//
//   offset  DLAB=0 read / write          DLAB=1
//   0       RBR received / THR to send   DLL divisor, low byte
//   1       IER interrupt enable         DLM divisor, high byte
//   2       IIR which interrupt / FCR FIFO control
//   3       LCR frame format, DLAB
//   4       MCR modem outputs, loopback
//   5       LSR line status
//   6       MSR modem inputs and their changes
//   7       SCR a byte for the programmer
//
// Time: a byte written to THR leaves at once, so the transmitter is always empty;
// only the receiver's character timeout takes guest time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

namespace hw {

class Uart16550 {
 public:
  // What the card connects. Every wire may be left out. Called synchronously from
  // the register access that caused it.
  struct Wires {
    std::function<void(int level)> interrupt;         // INTR, only on changes
    std::function<void(std::uint8_t byte)> transmit;  // SOUT, not in loopback
    std::function<void()> room;  // receive_room() rose from 0: the line may go on
    // Call timeout() after so many nanoseconds of guest time; below 0: do not.
    std::function<void(std::int64_t nanoseconds)> arm_timeout;
    std::function<void()> modem_outputs;  // DTR, RTS, OUT1, OUT2 or break changed
  };

  enum ModemLine : std::uint8_t { cts = 0x10, dsr = 0x20, ri = 0x40, dcd = 0x80 };

  static constexpr int fifo_size = 16;

  Uart16550() = default;

  explicit Uart16550(Wires wires) : wires_(std::move(wires)) {}

  void reset();                        // MR pin
  std::uint8_t read(unsigned offset);  // offset 0..7
  void write(unsigned offset, std::uint8_t value);

  int receive_room() const;                   // how many bytes fit; 0 in loopback
  void receive(std::uint8_t byte);            // a byte arrives at SIN; may overrun
  void receive_break();                       // SIN held low for a whole frame
  void set_modem_inputs(std::uint8_t lines);  // set of ModemLine bits
  void timeout();                             // the character timeout has passed

  std::uint8_t modem_control() const { return mcr_; }

  std::uint8_t line_control() const { return lcr_; }

  std::uint16_t divisor() const { return divisor_; }

  std::int64_t character_nanoseconds() const;  // one frame at the present rate

 private:
  struct Received {
    std::uint8_t byte = 0;
    std::uint8_t errors = 0;  // LSR error bits that belong to this byte
  };

  bool fifo_enabled() const;
  bool loopback() const;
  int trigger() const;
  std::uint8_t interrupt_identity() const;
  std::uint8_t line_status() const;
  std::uint8_t modem_inputs() const;
  void update_interrupt();
  void update_modem_deltas(std::uint8_t before);
  void push(Received received);
  void clear_receiver();
  void restart_timeout();

  std::uint8_t read_receive_buffer();
  std::uint8_t read_interrupt_identity();
  std::uint8_t read_line_status();
  std::uint8_t read_modem_status();
  void write_transmit_holding(std::uint8_t value);
  void write_interrupt_enable(std::uint8_t value);
  void write_fifo_control(std::uint8_t value);
  void write_modem_control(std::uint8_t value);

  Wires wires_;
  std::uint16_t divisor_ = 12;
  std::uint8_t ier_ = 0, fcr_ = 0, lcr_ = 0, mcr_ = 0, scr_ = 0;
  std::uint8_t msr_deltas_ = 0, modem_pins_ = 0;
  std::uint8_t last_byte_ = 0;  // RBR keeps what was read last
  bool overrun_ = false;
  bool thre_interrupt_ = false;  // the "holding register empty" source is pending
  bool timeout_ = false;
  bool interrupt_level_ = false;
  std::array<Received, fifo_size> fifo_{};
  int fifo_head_ = 0, fifo_count_ = 0;  // without FIFO mode, a FIFO of one byte
};

}  // namespace hw
