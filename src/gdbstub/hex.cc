#include "gdbstub/hex.h"

namespace gdbstub {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

void append_hex(std::string& text, std::uint64_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[value >> shift & 15];
  }
}

void append_hex(std::string& text, std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    append_hex(text, static_cast<std::uint64_t>(byte), 2);
  }
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  append_hex(text, std::as_bytes(std::span(bytes)));
  return text;
}

std::optional<std::vector<std::byte>> bytes_of_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return bytes;
}

bool Cursor::take(std::string_view word) {
  if (!rest_.starts_with(word)) {
    return false;
  }
  rest_.remove_prefix(word.size());
  return true;
}

std::optional<std::uint64_t> Cursor::number() {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < rest_.size() && hex_digit(rest_[digits]) >= 0; ++digits) {
    if (value >> 60 != 0) {
      return std::nullopt;
    }
    value = value << 4 | static_cast<std::uint64_t>(hex_digit(rest_[digits]));
  }
  if (digits == 0) {
    return std::nullopt;
  }
  rest_.remove_prefix(digits);
  return value;
}

std::optional<std::uint64_t> Cursor::number_and(char then) {
  const auto value = number();
  return value && take(std::string_view(&then, 1)) ? value : std::nullopt;
}

std::string_view Cursor::up_to(char end) {
  const std::size_t at = rest_.find(end);
  const std::string_view part = rest_.substr(0, at);
  rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + 1);
  return part;
}

}  // namespace gdbstub
