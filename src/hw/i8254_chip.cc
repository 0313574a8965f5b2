#include "hw/i8254_chip.h"

#include <algorithm>

namespace hw {

namespace {

// Control word: bits 7-6 counter (3: read-back), 5-4 access (0: latch), 3-1 mode, 0 BCD.
constexpr int read_back = 3;

enum : std::uint8_t { read_back_no_count = 0x20, read_back_no_status = 0x10 };

enum : std::uint8_t { status_output = 0x80, status_null_count = 0x40 };

constexpr std::int64_t ns_per_second = 1'000'000'000;

}  // namespace

std::int64_t i8254_ticks(std::int64_t ns) {
  const std::int64_t seconds = ns / ns_per_second, rest = ns % ns_per_second;
  return seconds * i8254_hz + rest * i8254_hz / ns_per_second;
}

std::int64_t i8254_ns(std::int64_t ticks) {
  const std::int64_t seconds = ticks / i8254_hz, rest = ticks % i8254_hz;
  return seconds * ns_per_second + (rest * ns_per_second + i8254_hz - 1) / i8254_hz;
}

void I8254Counter::reset(bool gate) {
  *this = I8254Counter{};
  gate_ = gate;
}

// ---- counts -------------------------------------------------------------------

std::uint32_t I8254Counter::decode(std::uint16_t raw) const {
  if (!bcd_) {
    return raw == 0 ? 0x10000 : raw;
  }
  std::uint32_t value = 0;
  for (int digit = 3; digit >= 0; --digit) {
    value = value * 10 + std::min((raw >> (4 * digit)) & 15, 9);
  }
  return value == 0 ? 10000 : value;
}

std::uint16_t I8254Counter::encode(std::uint32_t value) const {
  if (!bcd_) {
    return static_cast<std::uint16_t>(value);
  }
  std::uint16_t raw = 0;
  for (int digit = 0; digit < 4; ++digit) {
    raw = static_cast<std::uint16_t>(raw | (value % 10) << (4 * digit));
    value /= 10;
  }
  return raw;
}

std::int64_t I8254Counter::elapsed(std::int64_t now) const {
  if (!running_) {
    return 0;
  }
  return paused_ticks_ >= 0 ? paused_ticks_
                            : std::max<std::int64_t>(i8254_ticks(now) - loaded_at_, 0);
}

std::uint16_t I8254Counter::current(std::int64_t now) {
  take_pending(now);
  const std::int64_t ticks = elapsed(now), count = count_;
  const std::int64_t modulus = bcd_ ? 10000 : 0x10000;
  std::int64_t value = 0;
  if (mode_ == 2) {
    value = count - ticks % count;
  } else if (mode_ == 3) {  // counts down by two, twice a period
    const std::int64_t half =
        ticks % count < (count + 1) / 2 ? ticks % count : ticks % count - (count + 1) / 2;
    value = (count & ~1ll) - 2 * half;
  } else {  // counts on through zero
    value = ((count - ticks) % modulus + modulus) % modulus;
  }
  return encode(static_cast<std::uint32_t>(std::max<std::int64_t>(value, 0) % modulus));
}

void I8254Counter::load(std::uint32_t count, std::int64_t tick) {
  count_ = count;
  loaded_at_ = tick;
  running_ = true;
  pending_.reset();
  const bool gate_pauses = mode_ == 0 || mode_ == 4;
  paused_ticks_ = gate_pauses && !gate_ ? 0 : -1;
}

// When does a new count take effect? Modes 0 and 4: now. Modes 1 and 5: at the gate's
// next rising edge. Modes 2 and 3: at the end of the period that is running.
void I8254Counter::count_written(std::uint16_t raw, std::int64_t now) {
  const std::uint32_t count = decode(raw);
  if (triggered_by_gate() || (periodic() && (running_ || !gate_))) {
    take_pending(now);
    pending_ = count;
    pending_since_ = now;
  } else {
    load(count, i8254_ticks(now));
  }
}

void I8254Counter::take_pending(std::int64_t now) {
  if (!pending_ || !periodic() || !running_ || !gate_) {
    return;
  }
  const std::int64_t periods = elapsed(pending_since_) / count_ + 1;
  const std::int64_t end = loaded_at_ + periods * count_;
  if (i8254_ticks(now) >= end) {
    load(*pending_, end);
  }
}

// ---- registers ----------------------------------------------------------------

void I8254Counter::write_control(std::uint8_t value, std::int64_t) {
  access_ = static_cast<Access>((value >> 4) & 3);
  mode_ = (value >> 1) & 7;
  mode_ = mode_ > 5 ? mode_ & 3 : mode_;  // 6 and 7 are 2 and 3
  bcd_ = (value & 1) != 0;
  running_ = second_write_ = second_read_ = false;
  paused_ticks_ = -1;
  pending_.reset();
  latched_count_.reset();
  latched_status_.reset();
}

void I8254Counter::write_count(std::uint8_t value, std::int64_t now) {
  switch (access_) {
    case Access::low:
      count_written(value, now);
      break;
    case Access::high:
      count_written(static_cast<std::uint16_t>(value << 8), now);
      break;
    case Access::both:
      if (!second_write_) {
        low_byte_ = value;
        if (mode_ == 0) {
          running_ = false;  // the first byte stops the count and lowers the output
        }
      } else {
        count_written(static_cast<std::uint16_t>(value << 8 | low_byte_), now);
      }
      second_write_ = !second_write_;
      break;
  }
}

std::uint8_t I8254Counter::read(std::int64_t now) {
  if (latched_status_) {
    const std::uint8_t value = *latched_status_;
    latched_status_.reset();
    return value;
  }
  const std::uint16_t value = latched_count_ ? *latched_count_ : current(now);
  if (access_ != Access::both) {
    latched_count_.reset();
    return static_cast<std::uint8_t>(access_ == Access::low ? value : value >> 8);
  }
  second_read_ = !second_read_;
  if (second_read_) {
    return static_cast<std::uint8_t>(value);
  }
  latched_count_.reset();
  return static_cast<std::uint8_t>(value >> 8);
}

void I8254Counter::latch_count(std::int64_t now) {
  if (!latched_count_) {  // a second latch before the read is ignored
    latched_count_ = current(now);
  }
}

void I8254Counter::latch_status(std::int64_t now) {
  if (!latched_status_) {
    latched_status_ = status(now);
  }
}

std::uint8_t I8254Counter::status(std::int64_t now) {
  take_pending(now);
  const bool null_count = !running_ || pending_.has_value();
  return static_cast<std::uint8_t>(
      (output(now) ? status_output : 0) | (null_count ? status_null_count : 0) |
      static_cast<int>(access_) << 4 | mode_ << 1 | (bcd_ ? 1 : 0));
}

// ---- gate and output ------------------------------------------------------------

void I8254Counter::set_gate(bool level, std::int64_t now) {
  if (level == gate_) {
    return;
  }
  take_pending(now);
  const std::int64_t ticks = elapsed(now);
  gate_ = level;
  if (mode_ == 0 || mode_ == 4) {  // the gate holds the count
    if (!level) {
      paused_ticks_ = running_ ? ticks : -1;
    } else if (paused_ticks_ >= 0) {
      loaded_at_ = i8254_ticks(now) - paused_ticks_;
      paused_ticks_ = -1;
    }
  } else if (level && (running_ || pending_)) {  // the rising edge starts it afresh
    load(pending_.value_or(count_), i8254_ticks(now));
  }
}

bool I8254Counter::output(std::int64_t now) {
  take_pending(now);
  const std::int64_t ticks = elapsed(now), count = count_;
  if (!running_) {
    return mode_ != 0;
  }
  switch (mode_) {
    case 0:
      return ticks >= count;
    case 1:
      return ticks >= count;
    case 2:
      return !gate_ || ticks % count != count - 1 || count == 1;
    case 3:
      return !gate_ || ticks % count < (count + 1) / 2;
    default:  // 4 and 5: low for one tick when the count has run out
      return ticks != count;
  }
}

std::int64_t I8254Counter::next_change(std::int64_t now) {
  take_pending(now);
  if (!running_ || (!gate_ && !triggered_by_gate())) {
    return -1;
  }
  const std::int64_t ticks = elapsed(now), count = count_;
  std::int64_t next = 0;
  if (mode_ == 2) {  // the low tick at a period's end counts as one pulse
    next = (ticks / count + 1) * count;
  } else if (mode_ == 3) {
    const std::int64_t period = ticks / count * count, half = (count + 1) / 2;
    next = ticks - period < half && half < count ? period + half : period + count;
  } else if (ticks < count) {
    next = count;
  } else if (mode_ >= 4 && ticks == count) {
    next = count + 1;
  } else {
    return -1;
  }
  return i8254_ns(loaded_at_ + next);
}

// ---- the chip -------------------------------------------------------------------

void I8254::reset() {
  for (int n = 0; n < 3; ++n) {
    counter(n).reset(n != 2);  // the gates of counters 0 and 1 are tied high
  }
}

std::uint8_t I8254::read(unsigned offset, std::int64_t now) {
  // The control word cannot be read: nothing drives the bus.
  return offset < 3 ? counter(static_cast<int>(offset)).read(now) : 0xff;
}

void I8254::write(unsigned offset, std::uint8_t value, std::int64_t now) {
  if (offset < 3) {
    counter(static_cast<int>(offset)).write_count(value, now);
    return;
  }
  const int selected = value >> 6;
  if (selected == read_back) {
    for (int n = 0; n < 3; ++n) {
      if ((value & (2 << n)) == 0) {
        continue;
      }
      if ((value & read_back_no_count) == 0) {
        counter(n).latch_count(now);
      }
      if ((value & read_back_no_status) == 0) {
        counter(n).latch_status(now);
      }
    }
  } else if ((value & 0x30) == 0) {
    counter(selected).latch_count(now);
  } else {
    counter(selected).write_control(value, now);
  }
}

}  // namespace hw
