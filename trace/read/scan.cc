#include "trace/read/scan.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "trace/json_text.h"

namespace trace::detail {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

void Scan::expect(std::string_view text) {
  if (accept(text)) {
    return;
  }
  while (at_ < line_.size() && !text.empty() && line_[at_] == text[0]) {
    ++at_;
    text.remove_prefix(1);
  }
  refuse(at_end() ? "the line ends where `" + std::string(text) + "` should stand"
                  : "expected `" + std::string(text) + "`");
}

std::uint64_t Scan::natural() {
  std::uint64_t value = 0;
  const char* begin = line_.data() + at_;
  const char* end = line_.data() + line_.size();
  const auto result = std::from_chars(begin, end, value);
  if (result.ec == std::errc::invalid_argument) {
    refuse("expected a number");
  }
  if (result.ec != std::errc{}) {
    refuse("the number is too large");
  }
  if (*begin == '0' && result.ptr - begin > 1) {
    refuse("a number does not begin with 0");
  }
  at_ += static_cast<std::size_t>(result.ptr - begin);
  return value;
}

std::int64_t Scan::integer() {
  if (!accept("-")) {
    const std::uint64_t value = natural();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      refuse("the number is too large");
    }
    return static_cast<std::int64_t>(value);
  }
  const std::uint64_t value = natural();
  if (value == 0 || value > std::uint64_t{1} << 63) {
    refuse("no such negative number");
  }
  return static_cast<std::int64_t>(~value + 1);
}

double Scan::real() {
  const std::size_t start = at_;
  for (const auto& [name, value] :
       {std::pair("\"nan\"", std::numeric_limits<double>::quiet_NaN()),
        std::pair("\"inf\"", std::numeric_limits<double>::infinity()),
        std::pair("\"-inf\"", -std::numeric_limits<double>::infinity())}) {
    if (accept(name)) {
      return value;
    }
  }
  double value = 0;
  const char* begin = line_.data() + at_;
  const auto result = std::from_chars(begin, line_.data() + line_.size(), value);
  if (result.ec != std::errc{} || !std::isfinite(value)) {
    refuse("expected a number");
  }
  std::array<char, 40> again{};
  const auto end = std::to_chars(again.data(), again.data() + again.size(), value).ptr;
  at_ += static_cast<std::size_t>(result.ptr - begin);
  if (since(start) !=
      std::string_view(again.data(), static_cast<std::size_t>(end - again.data()))) {
    at_ = start;
    refuse("not the shortest form of this number");
  }
  return value;
}

std::uint64_t Scan::hex() {
  expect("\"0x");
  std::uint64_t value = 0;
  const std::size_t start = at_;
  while (!at_end() && hex_value(line_[at_]) >= 0) {
    value = value << 4 | static_cast<unsigned>(hex_value(line_[at_]));
    ++at_;
  }
  const std::size_t digits = at_ - start;
  if (digits == 0 || digits > 16 || (digits > 1 && line_[start] == '0')) {
    at_ = start;
    refuse("expected a hexadecimal number of 1 to 16 lower-case digits");
  }
  expect("\"");
  return value;
}

std::uint64_t Scan::microseconds() {
  const std::size_t start = at_;
  const std::uint64_t whole = natural();
  if (whole > std::numeric_limits<std::uint64_t>::max() / 1000 - 1) {
    at_ = start;
    refuse("the time is too large");
  }
  expect(".");
  std::uint64_t fraction = 0;
  for (int digit = 0; digit < 3; ++digit) {
    if (at_end() || !is_digit(line_[at_])) {
      refuse("a time has three decimals");
    }
    fraction = fraction * 10 + static_cast<unsigned>(line_[at_++] - '0');
  }
  return whole * 1000 + fraction;
}

bool Scan::boolean() {
  if (accept("true")) {
    return true;
  }
  if (accept("false")) {
    return false;
  }
  refuse("expected true or false");
}

std::string_view Scan::string() {
  expect("\"");
  const std::size_t start = at_;
  while (at_ < line_.size()) {
    const char c = line_[at_];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"') {
      return line_.substr(start, at_++ - start);
    }
    if (c == '\\') {
      return escaped_string(start);
    }
    if (byte < 0x20 || byte == 0x7f) {
      refuse("a control character must be escaped");
    }
    const std::size_t length = byte < 0x80 ? 1 : utf8_length(line_.substr(at_));
    if (length == 0) {
      refuse("not UTF-8");
    }
    at_ += length;
  }
  refuse("the string does not end");
}

std::string_view Scan::escaped_string(std::size_t start) {
  std::string& text = store_->emplace_back(line_.substr(start, at_ - start));
  while (at_ < line_.size()) {
    const char c = line_[at_];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"') {
      ++at_;
      return text;
    }
    if (c == '\\') {
      one_escape(text);
      continue;
    }
    if (byte < 0x20 || byte == 0x7f) {
      refuse("a control character must be escaped");
    }
    const std::size_t length = utf8_length(line_.substr(at_));
    if (length == 0) {
      refuse("not UTF-8");
    }
    text += line_.substr(at_, length);
    at_ += length;
  }
  refuse("the string does not end");
}

void Scan::one_escape(std::string& to) {
  constexpr std::string_view codes = "\"\\nrt";
  constexpr std::string_view meanings = "\"\\\n\r\t";
  const std::string_view rest = line_.substr(at_ + 1);
  const std::size_t found = rest.empty() ? std::string_view::npos : codes.find(rest[0]);
  if (found != std::string_view::npos) {
    to.push_back(meanings[found]);
    at_ += 2;
    return;
  }
  // The only other escape the writer uses is \u00XX for control characters.
  if (rest.starts_with("u00") && rest.size() >= 5) {
    const int high = hex_value(rest[3]);
    const int low = hex_value(rest[4]);
    const int value = high * 16 + low;
    const bool shorter = value == '\n' || value == '\r' || value == '\t';
    if (high >= 0 && low >= 0 && !shorter && (value < 0x20 || value == 0x7f)) {
      to.push_back(static_cast<char>(value));
      at_ += 6;
      return;
    }
  }
  refuse("an escape that a trace does not use");
}

}  // namespace trace::detail
