// Fuzz target over one option text, parsed with and without an implied key and with
// typed keys. Round trip: what is printed and parsed again is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "options/opts.h"
#include "trace/session.h"

namespace {

using options::Abbreviation;
using options::QemuOptDesc;
using options::QemuOpts;
using options::QemuOptsList;
using options::QemuOptType;

constexpr QemuOptDesc typed[] = {{"b", QemuOptType::boolean},
                                 {"n", QemuOptType::number},
                                 {"z", QemuOptType::size},
                                 {"s", QemuOptType::string}};

void parse_typed(const std::string& text) {
  QemuOptsList list{"typed", "s", false, typed};
  try {
    const QemuOpts* opts = options::qemu_opts_parse(&list, text, Abbreviation::permitted);
    options::qemu_opt_get_bool(opts, "b", false);
    options::qemu_opt_get_number(opts, "n", 0);
    options::qemu_opt_get_size(opts, "z", 0);
  } catch (const qom::Error&) {
  }
}

// Keys and values come back as they were, as long as no key holds what ends a key.
bool printable(const QemuOpts* opts) {
  for (const options::QemuOpt& opt : opts->head) {
    if (opt.name.find_first_of(",=") != std::string::npos || opt.name == "id") {
      return false;
    }
  }
  // The id is looked for by plain text, so a value may pretend to hold one.
  return !opts->id &&
         options::qemu_opts_print(opts, ",").find("id=") == std::string::npos;
}

void round_trip(const std::string& text, Abbreviation abbreviation) {
  QemuOptsList list{"any", "implied"};
  QemuOptsList again{"again", "implied"};
  try {
    const QemuOpts* first = options::qemu_opts_parse(&list, text, abbreviation);
    if (!printable(first)) {
      return;
    }
    const std::string printed = options::qemu_opts_print(first, ",");
    const QemuOpts* second =
        options::qemu_opts_parse(&again, printed, Abbreviation::refused);
    if (options::qemu_opts_print(second, ",") != printed) {
      std::abort();
    }
  } catch (const qom::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = (trace::discard(), true);
  static_cast<void>(quiet);
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(data[i]);
  }
  parse_typed(text);
  round_trip(text, Abbreviation::permitted);
  round_trip(text, Abbreviation::refused);
  options::has_help_option(text);
  return 0;
}
