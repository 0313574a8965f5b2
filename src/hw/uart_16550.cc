// The 16550A's registers; section numbers are those of the PC16550D data sheet.
#include "hw/uart_16550.h"

#include <algorithm>
#include <utility>

namespace hw {

namespace {

// IER, 8.7: which sources may raise INTR.
enum : std::uint8_t {
  ier_received = 0x01,
  ier_holding_empty = 0x02,
  ier_line_status = 0x04,
  ier_modem_status = 0x08,
  ier_mask = 0x0f,
};

// IIR, 8.6, table IV: highest priority first.
enum : std::uint8_t {
  iir_line_status = 0x06,
  iir_received = 0x04,
  iir_timeout = 0x0c,
  iir_holding_empty = 0x02,
  iir_modem_status = 0x00,
  iir_none = 0x01,
  iir_fifos_on = 0xc0,
};

// FCR, 8.5.
enum : std::uint8_t {
  fcr_enable = 0x01,
  fcr_clear_receiver = 0x02,
  fcr_clear_transmitter = 0x04,
  fcr_dma_mode = 0x08,
  fcr_trigger_shift = 6,
};

// LCR, 8.1.
enum : std::uint8_t {
  lcr_word_length = 0x03,
  lcr_two_stop_bits = 0x04,
  lcr_parity = 0x08,
  lcr_break = 0x40,
  lcr_divisor_latch = 0x80,
};

// MCR, 8.8.
enum : std::uint8_t {
  mcr_dtr = 0x01,
  mcr_rts = 0x02,
  mcr_out1 = 0x04,
  mcr_out2 = 0x08,
  mcr_loopback = 0x10,
  mcr_mask = 0x1f,
};

// LSR, 8.4.
enum : std::uint8_t {
  lsr_data_ready = 0x01,
  lsr_overrun = 0x02,
  lsr_parity = 0x04,
  lsr_framing = 0x08,
  lsr_break = 0x10,
  lsr_holding_empty = 0x20,
  lsr_transmitter_empty = 0x40,
  lsr_fifo_error = 0x80,
  lsr_errors = lsr_overrun | lsr_parity | lsr_framing | lsr_break,
};

// MSR, 8.9: the low half tells what changed since the last read.
enum : std::uint8_t {
  msr_delta_cts = 0x01,
  msr_delta_dsr = 0x02,
  msr_ring_ended = 0x04,
  msr_delta_dcd = 0x08,
};

constexpr std::int64_t input_clock_hz = 1'843'200;  // the PC's crystal

}  // namespace

void Uart16550::reset() {  // table III
  ier_ = fcr_ = lcr_ = mcr_ = 0;
  divisor_ = 12;
  msr_deltas_ = 0;
  overrun_ = thre_interrupt_ = false;
  clear_receiver();
  update_interrupt();
}

std::uint8_t Uart16550::read(unsigned offset) {
  const bool latch = (lcr_ & lcr_divisor_latch) != 0;
  switch (offset & 7) {
    case 0:
      return latch ? static_cast<std::uint8_t>(divisor_) : read_receive_buffer();
    case 1:
      return latch ? static_cast<std::uint8_t>(divisor_ >> 8) : ier_;
    case 2:
      return read_interrupt_identity();
    case 3:
      return lcr_;
    case 4:
      return mcr_;
    case 5:
      return read_line_status();
    case 6:
      return read_modem_status();
    default:
      return scr_;
  }
}

void Uart16550::write(unsigned offset, std::uint8_t value) {
  const bool latch = (lcr_ & lcr_divisor_latch) != 0;
  switch (offset & 7) {
    case 0:
      if (latch) {
        divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
      } else {
        write_transmit_holding(value);
      }
      break;
    case 1:
      if (latch) {
        divisor_ = static_cast<std::uint16_t>((divisor_ & 0x00ff) | value << 8);
      } else {
        write_interrupt_enable(value);
      }
      break;
    case 2:
      write_fifo_control(value);
      break;
    case 3: {
      const bool break_changed = ((lcr_ ^ value) & lcr_break) != 0;
      lcr_ = value;
      if (break_changed && wires_.modem_outputs) {
        wires_.modem_outputs();
      }
      break;
    }
    case 4:
      write_modem_control(value);
      break;
    case 7:
      scr_ = value;
      break;
    default:  // LSR and MSR: "writing is not recommended"; the bits stay
      break;
  }
}

// ---- the receiver -----------------------------------------------------------

int Uart16550::receive_room() const {
  if (loopback()) {
    return 0;  // SIN is disconnected: what the host sends waits outside
  }
  return (fifo_enabled() ? fifo_size : 1) - fifo_count_;
}

void Uart16550::receive(std::uint8_t byte) {
  if (!loopback()) {
    push({byte, 0});
  }
}

void Uart16550::receive_break() {
  if (!loopback()) {
    push({0, lsr_break | lsr_framing});
  }
}

void Uart16550::push(Received received) {
  const int capacity = fifo_enabled() ? fifo_size : 1;
  if (fifo_count_ == capacity) {
    overrun_ = true;
    if (!fifo_enabled()) {
      fifo_[static_cast<std::size_t>(fifo_head_)] = received;  // RBR is overwritten
    }
  } else {
    fifo_[static_cast<std::size_t>((fifo_head_ + fifo_count_) % fifo_size)] = received;
    ++fifo_count_;
  }
  restart_timeout();
  update_interrupt();
}

std::uint8_t Uart16550::read_receive_buffer() {
  if (fifo_count_ > 0) {
    const bool was_full = receive_room() == 0 && !loopback();
    last_byte_ = fifo_[static_cast<std::size_t>(fifo_head_)].byte;
    fifo_head_ = (fifo_head_ + 1) % fifo_size;
    --fifo_count_;
    restart_timeout();
    update_interrupt();
    if (was_full && wires_.room) {
      wires_.room();
    }
  }
  return last_byte_;
}

void Uart16550::clear_receiver() {
  fifo_head_ = fifo_count_ = 0;
  restart_timeout();
}

// 8.5 "FIFO timeout": four character times without a byte in or out, while some
// bytes wait. Any access to the FIFO starts the time again.
void Uart16550::restart_timeout() {
  timeout_ = false;
  if (wires_.arm_timeout) {
    const bool waiting = fifo_enabled() && fifo_count_ > 0;
    wires_.arm_timeout(waiting ? 4 * character_nanoseconds() : -1);
  }
}

void Uart16550::timeout() {
  if (fifo_enabled() && fifo_count_ > 0) {
    timeout_ = true;
    update_interrupt();
  }
}

std::int64_t Uart16550::character_nanoseconds() const {
  const int data_bits = 5 + (lcr_ & lcr_word_length);
  const int bits = 1 + data_bits + ((lcr_ & lcr_parity) ? 1 : 0) +
                   ((lcr_ & lcr_two_stop_bits) ? 2 : 1);
  const std::int64_t divisor = divisor_ == 0 ? 0x10000 : divisor_;
  return bits * divisor * 16 * 1'000'000'000 / input_clock_hz;
}

// ---- the transmitter --------------------------------------------------------

void Uart16550::write_transmit_holding(std::uint8_t value) {
  thre_interrupt_ = false;
  update_interrupt();
  if (loopback()) {
    push({value, 0});
  } else if (wires_.transmit) {
    wires_.transmit(value);
  }
  thre_interrupt_ = true;  // the byte has left: empty again
  update_interrupt();
}

// ---- status and interrupts --------------------------------------------------

bool Uart16550::fifo_enabled() const {
  return (fcr_ & fcr_enable) != 0;
}

bool Uart16550::loopback() const {
  return (mcr_ & mcr_loopback) != 0;
}

int Uart16550::trigger() const {
  constexpr std::array<int, 4> levels{1, 4, 8, 14};
  return fifo_enabled() ? levels[fcr_ >> fcr_trigger_shift] : 1;
}

std::uint8_t Uart16550::line_status() const {
  std::uint8_t status = lsr_holding_empty | lsr_transmitter_empty;
  if (overrun_) {
    status |= lsr_overrun;
  }
  for (int i = 0; i < fifo_count_; ++i) {
    const Received& entry = fifo_[static_cast<std::size_t>((fifo_head_ + i) % fifo_size)];
    if (i == 0) {
      status |= lsr_data_ready | entry.errors;
    }
    if (entry.errors != 0 && fifo_enabled()) {
      status |= lsr_fifo_error;
    }
  }
  return status;
}

std::uint8_t Uart16550::interrupt_identity() const {
  if ((ier_ & ier_line_status) && (line_status() & lsr_errors)) {
    return iir_line_status;
  }
  if ((ier_ & ier_received) && fifo_count_ >= trigger()) {
    return iir_received;
  }
  if ((ier_ & ier_received) && timeout_) {
    return iir_timeout;
  }
  if ((ier_ & ier_holding_empty) && thre_interrupt_) {
    return iir_holding_empty;
  }
  if ((ier_ & ier_modem_status) && msr_deltas_ != 0) {
    return iir_modem_status;
  }
  return iir_none;
}

void Uart16550::update_interrupt() {
  const bool level = interrupt_identity() != iir_none;
  if (level != interrupt_level_) {
    interrupt_level_ = level;
    if (wires_.interrupt) {
      wires_.interrupt(level ? 1 : 0);
    }
  }
}

std::uint8_t Uart16550::read_interrupt_identity() {
  const std::uint8_t identity = interrupt_identity();
  if (identity == iir_holding_empty) {
    thre_interrupt_ = false;  // table IV: reading IIR clears it if it is the source
    update_interrupt();
  }
  return static_cast<std::uint8_t>(identity | (fifo_enabled() ? iir_fifos_on : 0));
}

std::uint8_t Uart16550::read_line_status() {
  const std::uint8_t status = line_status();
  overrun_ = false;
  if (fifo_count_ > 0) {
    fifo_[static_cast<std::size_t>(fifo_head_)].errors = 0;
  }
  update_interrupt();
  return status;
}

void Uart16550::write_interrupt_enable(std::uint8_t value) {
  const bool newly = (value & ~ier_ & ier_holding_empty) != 0;
  ier_ = value & ier_mask;
  if (newly) {
    thre_interrupt_ = true;  // the holding register is empty right now
  }
  update_interrupt();
}

void Uart16550::write_fifo_control(std::uint8_t value) {
  const bool had_no_room = receive_room() == 0;
  if (((fcr_ ^ value) & fcr_enable) != 0 || (value & fcr_clear_receiver) != 0) {
    clear_receiver();  // 8.5: also cleared by changing modes
  }
  if ((value & fcr_enable) == 0) {
    fcr_ = 0;  // the other bits are only programmed while bit 0 is written as 1
  } else {
    fcr_ =
        static_cast<std::uint8_t>(value & ~(fcr_clear_receiver | fcr_clear_transmitter));
  }
  restart_timeout();
  update_interrupt();
  if (had_no_room && receive_room() > 0 && wires_.room) {
    wires_.room();
  }
}

// ---- modem lines ------------------------------------------------------------

// In loopback the four outputs are wired to the four inputs (8.8).
std::uint8_t Uart16550::modem_inputs() const {
  if (!loopback()) {
    return modem_pins_;
  }
  return static_cast<std::uint8_t>(
      ((mcr_ & mcr_rts) ? cts : 0) | ((mcr_ & mcr_dtr) ? dsr : 0) |
      ((mcr_ & mcr_out1) ? ri : 0) | ((mcr_ & mcr_out2) ? dcd : 0));
}

void Uart16550::update_modem_deltas(std::uint8_t before) {
  const std::uint8_t after = modem_inputs();
  const int changed = before ^ after;
  msr_deltas_ |= static_cast<std::uint8_t>(((changed & cts) ? msr_delta_cts : 0) |
                                           ((changed & dsr) ? msr_delta_dsr : 0) |
                                           ((before & ~after & ri) ? msr_ring_ended : 0) |
                                           ((changed & dcd) ? msr_delta_dcd : 0));
  update_interrupt();
}

void Uart16550::set_modem_inputs(std::uint8_t lines) {
  const std::uint8_t before = modem_inputs();
  modem_pins_ = lines & (cts | dsr | ri | dcd);
  update_modem_deltas(before);
}

void Uart16550::write_modem_control(std::uint8_t value) {
  const std::uint8_t before = modem_inputs();
  const bool had_no_room = receive_room() == 0;
  const bool changed = mcr_ != (value & mcr_mask);
  mcr_ = value & mcr_mask;
  update_modem_deltas(before);
  if (changed && wires_.modem_outputs) {
    wires_.modem_outputs();
  }
  if (had_no_room && receive_room() > 0 && wires_.room) {
    wires_.room();
  }
}

std::uint8_t Uart16550::read_modem_status() {
  const std::uint8_t status = modem_inputs() | msr_deltas_;
  msr_deltas_ = 0;
  update_interrupt();
  return status;
}

}  // namespace hw
