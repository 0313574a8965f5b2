// Values crossing the border of a property: what a setter accepts, how text is
// read and how a value is printed. The rules are those of QEMU 4.0's visitors:
// text follows C's base-0 number rules, typed values are checked for their kind.
#include <strings.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "qom/object.h"
#include "qom/property.h"
#include "qom/property_text.h"

namespace qom {

namespace {

[[noreturn]] void wrong_type(std::string_view name, const char* expected) {
  throw Error("Invalid parameter type for '" + std::string(name) +
              "', expected: " + expected);
}

[[noreturn]] void wrong_value(std::string_view name, const char* expected) {
  throw Error("Parameter '" + std::string(name) + "' expects " + expected);
}

const std::string* text_of(const Value& value) {
  const auto* text = std::get_if<Text>(&value);
  return text ? &text->text : nullptr;
}

bool equals(const std::string& a, const char* b) {
  return strcasecmp(a.c_str(), b) == 0;
}

bool parse_bool(const std::string& text, std::string_view name) {
  if (equals(text, "on") || equals(text, "yes") || equals(text, "true")) {
    return true;
  }
  if (equals(text, "off") || equals(text, "no") || equals(text, "false")) {
    return false;
  }
  wrong_type(name, "boolean");
}

// Whether strtoX consumed the whole of a text that holds no NUL itself.
bool consumed(const std::string& text, const char* end) {
  return end != text.c_str() && end == text.c_str() + text.size() && errno == 0;
}

std::int64_t parse_int(const std::string& text, std::string_view name) {
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(text.c_str(), &end, 0);
  if (!consumed(text, end)) {
    wrong_value(name, "int64");
  }
  return number;
}

std::uint64_t parse_uint(const std::string& text, std::string_view name) {
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 0);
  if (!consumed(text, end)) {
    wrong_value(name, "uint64");
  }
  return number;
}

template <class N>
N narrow_unsigned(const Value& value, std::string_view name, const char* expected) {
  const std::uint64_t number = visit_type_uint64(value, name);
  if (number > std::numeric_limits<N>::max()) {
    wrong_value(name, expected);
  }
  return static_cast<N>(number);
}

template <class N>
N narrow_signed(const Value& value, std::string_view name, const char* expected) {
  const std::int64_t number = visit_type_int(value, name);
  if (number < std::numeric_limits<N>::min() || number > std::numeric_limits<N>::max()) {
    wrong_value(name, expected);
  }
  return static_cast<N>(number);
}

int suffix_shift(char suffix) {
  switch (suffix & ~0x20) {
    case 'B':
      return 0;
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    case 'T':
      return 40;
    case 'P':
      return 50;
    case 'E':
      return 60;
    default:
      return -1;
  }
}

std::string printed_size(std::uint64_t size) {
  static constexpr std::array<const char*, 7> suffixes{"",   "Ki", "Mi", "Gi",
                                                       "Ti", "Pi", "Ei"};
  int exponent = 0;
  std::frexp(static_cast<double>(size) / (1000.0 / 1024.0), &exponent);
  const int step = size == 0 ? 0 : std::min((exponent - 1) / 10, 6);
  const double scaled = static_cast<double>(size) / std::ldexp(1.0, step * 10);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%" PRIu64 " (%0.3g %sB)", size, scaled,
                suffixes[static_cast<std::size_t>(step)]);
  return text.data();
}

std::string printed_integer(std::int64_t number, bool human) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(),
                human ? "%" PRId64 " (0x%" PRIx64 ")" : "%" PRId64, number,
                static_cast<std::uint64_t>(number));
  return text.data();
}

}  // namespace

// QEMU 4.0 reads sizes as a double: fractions are truncated after scaling and
// precision ends at 2^53. A number without suffix must be whole.
std::uint64_t parse_size(const std::string& text, std::string_view name) {
  const auto out_of_range = [&]() -> Error {
    return Error("Value '" + text + "' is out of range for parameter '" +
                 std::string(name) + "'");
  };
  const auto malformed = [&]() -> Error {
    Error error("Parameter '" + std::string(name) +
                "' expects a non-negative number below 2^64");
    error.hint =
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
        "and exabytes, respectively.";
    return error;
  };
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || std::isnan(number) || std::isinf(number)) {
    throw errno == ERANGE ? out_of_range() : malformed();
  }
  int shift = 0;
  if (*end != '\0') {
    shift = suffix_shift(*end);
    ++end;
    if (shift < 0) {
      throw malformed();
    }
  }
  if (end != text.c_str() + text.size()) {
    throw malformed();
  }
  if (shift == 0 && number != std::floor(number)) {
    throw malformed();
  }
  const double bytes = std::ldexp(number, shift);
  if (bytes < 0 || bytes >= 18446744073709549568.0) {
    throw out_of_range();
  }
  return static_cast<std::uint64_t>(bytes);
}

bool visit_type_bool(const Value& value, std::string_view name) {
  if (const bool* flag = std::get_if<bool>(&value)) {
    return *flag;
  }
  if (const std::string* text = text_of(value)) {
    return parse_bool(*text, name);
  }
  wrong_type(name, "boolean");
}

std::int64_t visit_type_int(const Value& value, std::string_view name) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value);
      number && *number >> 63 == 0) {
    return static_cast<std::int64_t>(*number);
  }
  if (const std::string* text = text_of(value)) {
    return parse_int(*text, name);
  }
  wrong_type(name, "integer");
}

std::uint64_t visit_type_uint64(const Value& value, std::string_view name) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return static_cast<std::uint64_t>(*number);  // negative ones wrap, as in 4.0
  }
  if (const std::string* text = text_of(value)) {
    return parse_uint(*text, name);
  }
  wrong_value(name, "uint64");
}

std::uint8_t visit_type_uint8(const Value& value, std::string_view name) {
  return narrow_unsigned<std::uint8_t>(value, name, "uint8_t");
}

std::uint16_t visit_type_uint16(const Value& value, std::string_view name) {
  return narrow_unsigned<std::uint16_t>(value, name, "uint16_t");
}

std::uint32_t visit_type_uint32(const Value& value, std::string_view name) {
  return narrow_unsigned<std::uint32_t>(value, name, "uint32_t");
}

std::int8_t visit_type_int8(const Value& value, std::string_view name) {
  return narrow_signed<std::int8_t>(value, name, "int8_t");
}

std::int16_t visit_type_int16(const Value& value, std::string_view name) {
  return narrow_signed<std::int16_t>(value, name, "int16_t");
}

std::int32_t visit_type_int32(const Value& value, std::string_view name) {
  return narrow_signed<std::int32_t>(value, name, "int32_t");
}

std::uint64_t visit_type_size(const Value& value, std::string_view name) {
  if (const std::string* text = text_of(value)) {
    return parse_size(*text, name);
  }
  return visit_type_uint64(value, name);
}

double visit_type_number(const Value& value, std::string_view name) {
  if (const auto* number = std::get_if<double>(&value)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return static_cast<double>(*number);
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return static_cast<double>(*number);
  }
  if (const std::string* text = text_of(value)) {
    char* end = nullptr;
    errno = 0;
    const double number = std::strtod(text->c_str(), &end);
    if (consumed(*text, end) && std::isfinite(number)) {
      return number;
    }
  }
  wrong_type(name, "number");
}

std::string visit_type_str(const Value& value, std::string_view name) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return *text;
  }
  if (const std::string* text = text_of(value)) {
    return *text;
  }
  wrong_type(name, "string");
}

int visit_type_enum(const Value& value, std::string_view name,
                    const std::vector<std::string>& table) {
  const std::string spelling = visit_type_str(value, name);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] == spelling) {
      return static_cast<int>(i);
    }
  }
  throw Error("Invalid parameter '" + spelling + "'");
}

std::string print_value(const Value& value, std::string_view type, bool human) {
  struct Printer {
    std::string_view type;
    bool human;

    std::string operator()(std::monostate) const { return human ? "<null>" : ""; }

    std::string operator()(bool flag) const { return flag ? "true" : "false"; }

    std::string operator()(std::int64_t number) const {
      return printed_integer(number, human);
    }

    std::string operator()(std::uint64_t number) const {
      if (type == "size" && human) {
        return printed_size(number);
      }
      if (type == "size") {
        return std::to_string(number);
      }
      return printed_integer(static_cast<std::int64_t>(number), human);  // as 4.0 does
    }

    std::string operator()(double number) const {
      std::array<char, 400> text{};
      std::snprintf(text.data(), text.size(), "%f", number);
      return text.data();
    }

    std::string operator()(const std::string& text) const {
      return human ? '"' + text + '"' : text;
    }

    std::string operator()(const Text& text) const { return (*this)(text.text); }
  };

  return std::visit(Printer{type, human}, value);
}

}  // namespace qom
