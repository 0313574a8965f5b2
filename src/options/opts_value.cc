// Values of options: on/off, numbers, sizes, identifiers, with 4.0's limits.
//
// Sizes go through a double, as in 4.0: "1e3" and ".5k" are accepted, and beyond
// 2^53 bytes the last digits are lost (qom-semantics 196 to 201).
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "options/opts.h"

namespace options {

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool id_wellformed(std::string_view id) {
  if (id.empty() || !is_letter(id[0])) {
    return false;
  }
  for (const char c : id.substr(1)) {
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') {
      return false;
    }
  }
  return true;
}

static std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

bool parse_option_bool(std::string_view name, const std::string& value) {
  if (value == "on") {
    return true;
  }
  if (value == "off") {
    return false;
  }
  throw qom::Error("Parameter " + quoted(name) + " expects 'on' or 'off'");
}

std::uint64_t parse_option_number(std::string_view name, const std::string& value) {
  errno = 0;
  char* end = nullptr;
  const unsigned long long number = std::strtoull(value.c_str(), &end, 0);
  if (end == value.c_str() || *end != '\0') {
    throw qom::Error("Parameter " + quoted(name) + " expects a number");
  }
  if (errno == ERANGE) {
    throw qom::Error("Value " + quoted(value) + " is too large for parameter " +
                     quoted(name));
  }
  return number;
}

// The factor a suffix letter stands for; 0 if it is none.
static double suffix_factor(char letter) {
  switch (std::toupper(static_cast<unsigned char>(letter))) {
    case 'B':
      return 1;
    case 'K':
      return 1ull << 10;
    case 'M':
      return 1ull << 20;
    case 'G':
      return 1ull << 30;
    case 'T':
      return 1ull << 40;
    case 'P':
      return 1ull << 50;
    case 'E':
      return 1ull << 60;
    default:
      return 0;
  }
}

SizeResult qemu_strtosz(const std::string& text, char default_suffix) {
  errno = 0;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || std::isnan(value)) {
    return {SizeError::invalid, 0};
  }
  double integral = 0;
  const bool has_fraction = std::modf(value, &integral) != 0;
  double factor = suffix_factor(*end);
  if (factor != 0) {
    ++end;
  } else {
    factor = suffix_factor(default_suffix);
  }
  if (*end != '\0' || (factor == 1 && has_fraction)) {
    return {SizeError::invalid, 0};
  }
  // The largest double below 2^64; beyond it the product has no 64-bit value.
  if (value < 0 || value * factor >= 18446744073709550592.0) {
    return {SizeError::range, 0};
  }
  return {SizeError::none, static_cast<std::uint64_t>(value * factor)};
}

std::uint64_t parse_option_size(std::string_view name, const std::string& value) {
  const SizeResult size = qemu_strtosz(value);
  if (size.error == SizeError::range) {
    throw qom::Error("Value " + quoted(value) + " is out of range for parameter " +
                     quoted(name));
  }
  if (size.error == SizeError::invalid) {
    qom::Error error("Parameter " + quoted(name) +
                     " expects a non-negative number below 2^64");
    error.hint =
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
        "and exabytes, respectively.";
    throw error;
  }
  return size.bytes;
}

}  // namespace options
