// The MC146818A real-time clock without a bus: a calendar, an alarm, a periodic
// interrupt and 114 bytes that keep their contents (Motorola MC146818A data sheet).
//
//   00 seconds        01 seconds alarm    0a A: update in progress, rate
//   02 minutes        03 minutes alarm    0b B: SET, interrupt enables, format
//   04 hours          05 hours alarm      0c C: interrupt flags, cleared by reading
//   06 day of week    07 day of month     0d D: battery good
//   08 month          09 year             0e-7f memory; 32 is the PC's century
//
// The clock does not tick here: time of day is "the host's clock plus an offset", and
// the flags of register C are brought up to date from the time given with every call
// (nanoseconds since 1970). next_interrupt() says when an enabled one is due.
#pragma once

#include <array>
#include <cstdint>

namespace hw {

struct CalendarTime {
  int year = 1970, month = 1, day = 1;  // month 1..12
  int hour = 0, minute = 0, second = 0;
  int weekday = 4;  // 0 Sunday
};

CalendarTime calendar_from_seconds(std::int64_t seconds_since_1970);
// Fields out of range carry over ("day 32" is the next month's 1st).
std::int64_t seconds_from_calendar(const CalendarTime& time);

class Mc146818 {
 public:
  enum Register : std::uint8_t {
    seconds,
    seconds_alarm,
    minutes,
    minutes_alarm,
    hours,
    hours_alarm,
    day_of_week,
    day_of_month,
    month,
    year,
    reg_a,
    reg_b,
    reg_c,
    reg_d,
    century = 0x32,
  };

  void power_on(std::int64_t now, int base_year);
  void reset();  // RESET pin: interrupt enables and flags
  std::uint8_t read(unsigned index, std::int64_t now);
  void write(unsigned index, std::uint8_t value, std::int64_t now);

  bool interrupt(std::int64_t now);  // IRQ pin
  // The first moment after `now` at which an enabled interrupt is due; -1: none.
  std::int64_t next_interrupt(std::int64_t now);

  std::uint8_t memory(unsigned index) const { return cmos_[index & 0x7f]; }

  void set_memory(unsigned index, std::uint8_t value) { cmos_[index & 0x7f] = value; }

  CalendarTime time(std::int64_t now) const;

 private:
  bool stopped() const;  // SET, or the divider held in reset
  std::int64_t local_ns(std::int64_t now) const;
  std::int64_t period_ns() const;
  void update_flags(std::int64_t now);
  std::int64_t next_alarm(std::int64_t from, std::int64_t end) const;
  std::uint8_t encode(int value) const;
  int decode(std::uint8_t value) const;
  std::uint8_t encode_hour(int hour) const;
  int decode_hour(std::uint8_t value) const;
  void show_time(std::int64_t now);
  void take_time(std::int64_t now);
  void write_reg_a(std::uint8_t value, std::int64_t now);
  void write_reg_b(std::uint8_t value, std::int64_t now);
  std::uint8_t read_reg_a(std::int64_t now) const;
  std::uint8_t read_reg_c(std::int64_t now);

  std::array<std::uint8_t, 128> cmos_{};
  std::int64_t offset_ns_ = 0;    // guest calendar minus host clock
  std::int64_t flags_until_ = 0;  // local time up to which register C is right
  int base_year_ = 0;
};

}  // namespace hw
