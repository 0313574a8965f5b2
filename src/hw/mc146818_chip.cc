#include "hw/mc146818_chip.h"

#include <algorithm>

namespace hw {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t divider_hz = 32'768;
// Nanoseconds in 64 bits reach 292 years; a calendar set beyond 1780 to 2160 stays there.
constexpr std::int64_t farthest_second = 6'000'000'000;
constexpr std::int64_t update_warning_ns =
    244'000;  // UIP rises so long before the update

enum : std::uint8_t {
  a_update_in_progress = 0x80,
  a_divider = 0x70,
  a_divider_reset = 0x60,
  a_rate = 0x0f,
};

enum : std::uint8_t {
  b_set = 0x80,
  b_periodic = 0x40,
  b_alarm = 0x20,
  b_update = 0x10,
  b_binary = 0x04,
  b_24_hours = 0x02,
};

// Register C; the three flags stand at the places of their enables in B.
enum : std::uint8_t {
  c_interrupt = 0x80,
  c_periodic = b_periodic,
  c_alarm = b_alarm,
  c_update = b_update,
  c_flags = c_periodic | c_alarm | c_update,
};

constexpr std::uint8_t d_valid = 0x80;
constexpr std::uint8_t hour_pm = 0x80;
constexpr std::uint8_t alarm_any = 0xc0;  // an alarm byte with these bits matches all

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  return a - floor_div(a, b) * b;
}

// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so
// that the leap day is a year's last.
std::int64_t days_from_civil(std::int64_t year, int month, std::int64_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t month_from_march = (month + 9) % 12;
  const std::int64_t leap_days = floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
  return 365 * y + leap_days + (153 * month_from_march + 2) / 5 + (day - 1) - 719'468;
}

}  // namespace

CalendarTime calendar_from_seconds(std::int64_t total) {
  const std::int64_t days = floor_div(total, seconds_per_day);
  const std::int64_t rest = floor_mod(total, seconds_per_day);
  CalendarTime time;
  time.hour = static_cast<int>(rest / 3600);
  time.minute = static_cast<int>(rest / 60 % 60);
  time.second = static_cast<int>(rest % 60);
  time.weekday = static_cast<int>(floor_mod(days + 4, 7));
  // 400 Gregorian years have 146097 days; the estimate is off by at most one year.
  std::int64_t guess = 1970 + floor_div(days * 400, 146'097);
  while (days_from_civil(guess + 1, 1, 1) <= days) {
    ++guess;
  }
  while (days_from_civil(guess, 1, 1) > days) {
    --guess;
  }
  time.year = static_cast<int>(guess);
  time.month = 1;
  while (time.month < 12 && days_from_civil(guess, time.month + 1, 1) <= days) {
    ++time.month;
  }
  time.day = static_cast<int>(days - days_from_civil(guess, time.month, 1)) + 1;
  return time;
}

std::int64_t seconds_from_calendar(const CalendarTime& time) {
  const std::int64_t months = time.month - 1;
  const std::int64_t year = time.year + floor_div(months, 12);
  const int month = static_cast<int>(floor_mod(months, 12)) + 1;
  return days_from_civil(year, month, time.day) * seconds_per_day + time.hour * 3600 +
         time.minute * 60 + time.second;
}

// ---- formats --------------------------------------------------------------------

std::uint8_t Mc146818::encode(int value) const {
  return static_cast<std::uint8_t>(
      (cmos_[reg_b] & b_binary) ? value : value / 10 << 4 | value % 10);
}

int Mc146818::decode(std::uint8_t value) const {
  return (cmos_[reg_b] & b_binary) ? value : (value >> 4) * 10 + (value & 15);
}

std::uint8_t Mc146818::encode_hour(int hour) const {
  if (cmos_[reg_b] & b_24_hours) {
    return encode(hour);
  }
  const int twelve = hour % 12 == 0 ? 12 : hour % 12;
  return static_cast<std::uint8_t>(encode(twelve) | (hour >= 12 ? hour_pm : 0));
}

int Mc146818::decode_hour(std::uint8_t value) const {
  if (cmos_[reg_b] & b_24_hours) {
    return decode(value);
  }
  return decode(value & 0x7f) % 12 + ((value & hour_pm) ? 12 : 0);
}

// ---- time of day ------------------------------------------------------------------

bool Mc146818::stopped() const {
  return (cmos_[reg_b] & b_set) != 0 || (cmos_[reg_a] & a_divider) >= a_divider_reset;
}

std::int64_t Mc146818::local_ns(std::int64_t now) const {
  return now + offset_ns_;
}

CalendarTime Mc146818::time(std::int64_t now) const {
  return calendar_from_seconds(floor_div(local_ns(now), ns_per_second));
}

// Writes the calendar registers from the running clock.
void Mc146818::show_time(std::int64_t now) {
  const CalendarTime t = time(now);
  const int counted = t.year - base_year_;
  cmos_[seconds] = encode(t.second);
  cmos_[minutes] = encode(t.minute);
  cmos_[hours] = encode_hour(t.hour);
  cmos_[day_of_week] = encode(t.weekday + 1);
  cmos_[day_of_month] = encode(t.day);
  cmos_[month] = encode(t.month);
  cmos_[year] = encode(static_cast<int>(floor_mod(counted, 100)));
  cmos_[century] = encode(static_cast<int>(floor_mod(floor_div(counted, 100), 100)));
}

// Makes the running clock show what the calendar registers say.
void Mc146818::take_time(std::int64_t now) {
  CalendarTime t;
  t.second = decode(cmos_[seconds]);
  t.minute = decode(cmos_[minutes]);
  t.hour = decode_hour(cmos_[hours]);
  t.day = decode(cmos_[day_of_month]);
  t.month = decode(cmos_[month]);
  t.year = decode(cmos_[year]) + 100 * decode(cmos_[century]) + base_year_;
  const std::int64_t total =
      std::clamp(seconds_from_calendar(t), -farthest_second, farthest_second);
  offset_ns_ = total * ns_per_second - now;
  flags_until_ = local_ns(now);
}

void Mc146818::power_on(std::int64_t now, int base_year) {
  base_year_ = base_year;
  offset_ns_ = 0;
  flags_until_ = now;
  cmos_[reg_a] = 0x26;  // 32768 Hz time base, 1024 Hz periodic rate
  cmos_[reg_b] = b_24_hours;
  cmos_[reg_c] = 0;
  cmos_[reg_d] = d_valid;
  show_time(now);
}

void Mc146818::reset() {
  cmos_[reg_b] &= static_cast<std::uint8_t>(~(b_periodic | b_alarm | b_update | 0x08));
  cmos_[reg_c] = 0;
}

// ---- flags and interrupts -----------------------------------------------------------

std::int64_t Mc146818::period_ns() const {
  int rate = cmos_[reg_a] & a_rate;
  if (rate == 0 || (cmos_[reg_a] & a_divider) >= a_divider_reset) {
    return 0;
  }
  if (rate <= 2) {
    rate += 7;  // with a 32768 Hz time base 1 and 2 mean 256 and 128 Hz
  }
  return (std::int64_t{1} << (rate - 1)) * ns_per_second / divider_hz;
}

// The first second of [from, end) at which the alarm bytes match the time of day, or
// `end`. Hours and minutes that do not match are skipped whole.
std::int64_t Mc146818::next_alarm(std::int64_t from, std::int64_t end) const {
  const auto wanted = [](std::uint8_t value, int decoded) {
    return (value & alarm_any) == alarm_any ? -1 : decoded;
  };
  const int second = wanted(cmos_[seconds_alarm], decode(cmos_[seconds_alarm]));
  const int minute = wanted(cmos_[minutes_alarm], decode(cmos_[minutes_alarm]));
  const int hour = wanted(cmos_[hours_alarm], decode_hour(cmos_[hours_alarm]));
  if (second > 59 || minute > 59 || hour > 23) {
    return end;
  }
  std::int64_t at = from;
  while (at < end) {
    const std::int64_t rest = floor_mod(at, seconds_per_day);
    if (hour >= 0 && rest / 3600 != hour) {
      at += 3600 - rest % 3600;
    } else if (minute >= 0 && rest / 60 % 60 != minute) {
      at += 60 - rest % 60;
    } else if (second >= 0 && rest % 60 != second) {
      ++at;
    } else {
      return at;
    }
  }
  return end;
}

// Sets the flags of what happened since the last call, whether enabled or not.
void Mc146818::update_flags(std::int64_t now) {
  const std::int64_t from = flags_until_, to = local_ns(now);
  flags_until_ = to;
  if (to <= from) {
    return;
  }
  std::uint8_t flags = 0;
  const std::int64_t period = period_ns();
  if (period > 0 && floor_div(to, period) != floor_div(from, period)) {
    flags |= c_periodic;
  }
  const std::int64_t first = floor_div(from, ns_per_second) + 1;
  const std::int64_t last = floor_div(to, ns_per_second);
  if (!stopped() && last >= first) {
    flags |= c_update;
    // The same time of day comes again after a day: no need to look further.
    const std::int64_t end = std::min(last + 1, first + seconds_per_day);
    if (next_alarm(first, end) < end) {
      flags |= c_alarm;
    }
  }
  cmos_[reg_c] |= flags;
}

bool Mc146818::interrupt(std::int64_t now) {
  update_flags(now);
  return (cmos_[reg_c] & cmos_[reg_b] & c_flags) != 0;
}

std::int64_t Mc146818::next_interrupt(std::int64_t now) {
  const std::int64_t local = local_ns(now);
  const std::uint8_t enabled = cmos_[reg_b];
  std::int64_t next = -1;
  const auto consider = [&](std::int64_t at) {
    next = next < 0 ? at : std::min(next, at);
  };
  const std::int64_t period = period_ns();
  if ((enabled & b_periodic) && period > 0) {
    consider((floor_div(local, period) + 1) * period - offset_ns_);
  }
  const std::int64_t second = floor_div(local, ns_per_second) + 1;
  if ((enabled & b_update) && !stopped()) {
    consider(second * ns_per_second - offset_ns_);
  }
  if ((enabled & b_alarm) && !stopped()) {
    const std::int64_t end = second + seconds_per_day;
    if (const std::int64_t at = next_alarm(second, end); at < end) {
      consider(at * ns_per_second - offset_ns_);
    }
  }
  return next;
}

// ---- registers ------------------------------------------------------------------------

std::uint8_t Mc146818::read(unsigned index, std::int64_t now) {
  index &= 0x7f;
  switch (index) {
    case reg_a:
      return read_reg_a(now);
    case reg_c:
      return read_reg_c(now);
    case seconds:
    case minutes:
    case hours:
    case day_of_week:
    case day_of_month:
    case month:
    case year:
    case century:
      if (!stopped()) {
        show_time(now);
      }
      return cmos_[index];
    default:
      return cmos_[index];
  }
}

void Mc146818::write(unsigned index, std::uint8_t value, std::int64_t now) {
  index &= 0x7f;
  switch (index) {
    case reg_a:
      write_reg_a(value, now);
      break;
    case reg_b:
      write_reg_b(value, now);
      break;
    case reg_c:
    case reg_d:
      break;  // read only
    case seconds:
    case minutes:
    case hours:
    case day_of_week:
    case day_of_month:
    case month:
    case year:
    case century:
      update_flags(now);
      if (stopped()) {
        cmos_[index] = value;
      } else {
        show_time(now);
        cmos_[index] = value;
        take_time(now);
      }
      break;
    default:
      update_flags(now);
      cmos_[index] = value;
      break;
  }
}

std::uint8_t Mc146818::read_reg_a(std::int64_t now) const {
  const bool updating = !stopped() && floor_mod(local_ns(now), ns_per_second) >=
                                          ns_per_second - update_warning_ns;
  return static_cast<std::uint8_t>(cmos_[reg_a] | (updating ? a_update_in_progress : 0));
}

void Mc146818::write_reg_a(std::uint8_t value, std::int64_t now) {
  update_flags(now);
  const bool was_stopped = stopped();
  if (!was_stopped) {
    show_time(now);
  }
  cmos_[reg_a] = value & static_cast<std::uint8_t>(~a_update_in_progress);
  if (was_stopped && !stopped()) {
    take_time(now);
  }
}

void Mc146818::write_reg_b(std::uint8_t value, std::int64_t now) {
  update_flags(now);
  const bool was_stopped = stopped();
  if (!was_stopped) {
    show_time(now);
  }
  cmos_[reg_b] = (value & b_set) ? value & static_cast<std::uint8_t>(~b_update) : value;
  if (was_stopped && !stopped()) {
    take_time(now);
  }
}

std::uint8_t Mc146818::read_reg_c(std::int64_t now) {
  update_flags(now);
  std::uint8_t value = cmos_[reg_c] & c_flags;
  if (value & cmos_[reg_b]) {
    value |= c_interrupt;
  }
  cmos_[reg_c] = 0;
  return value;
}

}  // namespace hw
