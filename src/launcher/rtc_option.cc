#include "launcher/rtc_option.h"

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/report.h"
#include "options/groups.h"

namespace launcher {

static std::int64_t nanoseconds(std::time_t seconds) {
  return static_cast<std::int64_t>(seconds) * 1'000'000'000;
}

// "2006-06-17T16:01:21" or "2006-06-17", as UTC.
static std::int64_t parse_date(const std::string& text) {
  std::tm date{};
  char rest = 0;
  const int fields =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%c", &date.tm_year, &date.tm_mon,
                  &date.tm_mday, &date.tm_hour, &date.tm_min, &date.tm_sec, &rest);
  const bool day_only = std::sscanf(text.c_str(), "%4d-%2d-%2d%c", &date.tm_year,
                                    &date.tm_mon, &date.tm_mday, &rest) == 3;
  if (fields != 6 && !day_only) {
    qom::Error error("invalid datetime format");
    error.hint = "valid formats: '2006-06-17T16:01:21' or '2006-06-17'";
    throw error;
  }
  date.tm_year -= 1900;
  date.tm_mon -= 1;
  return nanoseconds(timegm(&date));
}

// The host's wall clock reading as if it were UTC.
static std::int64_t local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  localtime_r(&now, &date);
  return nanoseconds(timegm(&date));
}

static bool follows_guest_time(std::string_view clock) {
  if (clock != "host" && clock != "rt" && clock != "vm") {
    throw qom::Error("invalid option value '" + std::string(clock) + "'");
  }
  return clock == "vm";
}

void configure_rtc() {
  const options::QemuOpts* opts = options::only_opts(options::qemu_rtc_opts);
  const char* base = options::qemu_opt_get(opts, "base");
  const char* clock = options::qemu_opt_get(opts, "clock");
  const char* driftfix = options::qemu_opt_get(opts, "driftfix");
  const std::string base_text = base == nullptr ? "utc" : base;
  const std::string_view drift = driftfix == nullptr ? "none" : driftfix;
  const bool virtual_time = follows_guest_time(clock == nullptr ? "host" : clock);
  if (drift != "none" && drift != "slew") {
    throw qom::Error("invalid option value '" + std::string(drift) + "'");
  }
  if (base_text == "localtime") {
    core::clock_set_host_base(local_time(), virtual_time);
  } else if (base_text != "utc") {
    core::clock_set_host_base(parse_date(base_text), virtual_time);
  } else if (virtual_time) {
    core::clock_set_host_base(nanoseconds(std::time(nullptr)), virtual_time);
  }
}

}  // namespace launcher
