// The 8254 interval timer without a bus: three 16-bit counters in six modes (Intel
// 8254 data sheet, 231164).
//
//   0..2  counter 0..2: count, or what was latched (status, then count)
//   3     write only: control word, counter latch, read-back command
//
// No counter ticks here. Each remembers when its count was loaded, and what it would
// show now is computed from the time given with every call (guest nanoseconds); so an
// unused timer costs nothing. next_change() says when a counter's output will move by
// itself.
//
// Until its first count a counter stands still (the data sheet leaves it undefined).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace hw {

inline constexpr std::int64_t i8254_hz = 1'193'182;

// Whole ticks in `ns`, and the first nanosecond at which `ticks` have passed.
std::int64_t i8254_ticks(std::int64_t ns);
std::int64_t i8254_ns(std::int64_t ticks);

class I8254Counter {
 public:
  void reset(bool gate);
  void write_control(std::uint8_t value, std::int64_t now);  // not latch, not read-back
  void write_count(std::uint8_t value, std::int64_t now);
  std::uint8_t read(std::int64_t now);
  void latch_count(std::int64_t now);
  void latch_status(std::int64_t now);
  void set_gate(bool level, std::int64_t now);

  bool output(std::int64_t now);
  // The first moment after `now` at which the output changes or pulses; -1: never.
  std::int64_t next_change(std::int64_t now);

  bool gate() const { return gate_; }

  int mode() const { return mode_; }

  std::uint32_t initial_count() const { return count_; }

 private:
  enum class Access : std::uint8_t { low = 1, high = 2, both = 3 };

  std::int64_t elapsed(std::int64_t now) const;  // ticks since the count was loaded
  std::uint16_t current(std::int64_t now);
  std::uint8_t status(std::int64_t now);
  void load(std::uint32_t count, std::int64_t tick);
  void count_written(std::uint16_t raw, std::int64_t now);
  void take_pending(std::int64_t now);
  std::uint32_t decode(std::uint16_t raw) const;
  std::uint16_t encode(std::uint32_t value) const;

  bool periodic() const { return mode_ == 2 || mode_ == 3; }

  bool triggered_by_gate() const { return mode_ == 1 || mode_ == 5; }

  std::uint32_t count_ = 0x10000;  // 1..0x10000 (10000 in BCD)
  std::optional<std::uint32_t>
      pending_;  // written, waits for the period's end or the gate
  std::int64_t pending_since_ = 0;
  std::int64_t loaded_at_ = 0;      // in ticks, as the chip sees its clock
  std::int64_t paused_ticks_ = -1;  // modes 0 and 4 with the gate low: ticks so far
  bool running_ = false;            // a count was loaded (and triggered)
  bool gate_ = true, bcd_ = false;
  int mode_ = 3;
  Access access_ = Access::both;
  bool second_write_ = false, second_read_ = false;
  std::uint8_t low_byte_ = 0;
  std::optional<std::uint16_t> latched_count_;
  std::optional<std::uint8_t> latched_status_;
};

class I8254 {
 public:
  void reset();
  std::uint8_t read(unsigned offset, std::int64_t now);
  void write(unsigned offset, std::uint8_t value, std::int64_t now);

  I8254Counter& counter(int n) { return counters_[static_cast<std::size_t>(n)]; }

 private:
  std::array<I8254Counter, 3> counters_{};
};

}  // namespace hw
