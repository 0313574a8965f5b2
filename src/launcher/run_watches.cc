#include "launcher/run_watches.h"

#include <cstdlib>
#include <string>

#include "launcher/unbuilt.h"
#include "options/opts.h"

namespace launcher {

using options::QemuOptDesc;
using options::QemuOpts;
using options::QemuOptsList;

// Kept apart from 4.0's option groups, which are compared with it.
static constexpr QemuOptDesc limit_desc[] = {{"wall", options::QemuOptType::string},
                                             {"exits", options::QemuOptType::number},
                                             {"output", options::QemuOptType::size}};
static constexpr QemuOptDesc hang_desc[] = {{"seconds", options::QemuOptType::string},
                                            {"symbols", options::QemuOptType::string}};

static double seconds_of(const QemuOpts* opts, const char* key) {
  const char* text = options::qemu_opt_get(opts, key);
  if (text == nullptr) {
    return 0;
  }
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  constexpr double longest = 1e9;
  if (end == text || *end != '\0' || !(value > 0) || value > longest) {
    throw qom::Error(std::string("Parameter '") + key +
                     "' expects a number of seconds, more than 0");
  }
  return value;
}

// The elements of the option, if it was given; the last one counts.
template <class Use>
static void with_option(const options::CommandLine& line, const char* name,
                        QemuOptsList& list, Use use) {
  const options::GivenOption* option = line.last(name);
  if (option == nullptr) {
    return;
  }
  at_option(option->location, [&] {
    use(options::qemu_opts_parse(&list, option->value, options::Abbreviation::permitted));
  });
  options::qemu_opts_reset(&list);
}

core::RunLimits limits_of(const options::CommandLine& line) {
  static QemuOptsList list{"limit", nullptr, false, limit_desc};
  core::RunLimits limits;
  with_option(line, "limit", list, [&](const QemuOpts* opts) {
    limits = {.wall_seconds = seconds_of(opts, "wall"),
              .exits = options::qemu_opt_get_number(opts, "exits", 0),
              .output = options::qemu_opt_get_size(opts, "output", 0)};
  });
  return limits;
}

core::HangWatch hang_watch_of(const options::CommandLine& line) {
  static QemuOptsList list{"explain-hang", "seconds", false, hang_desc};
  core::HangWatch hang;
  with_option(line, "explain-hang", list, [&](const QemuOpts* opts) {
    hang.seconds = seconds_of(opts, "seconds");
    if (const char* symbols = options::qemu_opt_get(opts, "symbols")) {
      hang.symbols = core::Symbols(symbols);
    }
  });
  return hang;
}

}  // namespace launcher
