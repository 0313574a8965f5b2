#include "trace/json_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace trace::detail {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// True for bytes that stand for themselves inside a JSON string.
constexpr std::array<bool, 256> plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x80; ++c) {
    table[c] = c != '"' && c != '\\' && c != 0x7f;
  }
  return table;
}();

bool is_plain(char c) {
  return plain[static_cast<unsigned char>(c)];
}

// Writes what stands for the first character of `text`; returns how many bytes of
// `text` that was. `to` has room for 8.
std::size_t escape_one(std::string_view text, char*& to) {
  const char c = text[0];
  const char* shortcut = nullptr;
  switch (c) {
    case '"':
      shortcut = "\\\"";
      break;
    case '\\':
      shortcut = "\\\\";
      break;
    case '\n':
      shortcut = "\\n";
      break;
    case '\r':
      shortcut = "\\r";
      break;
    case '\t':
      shortcut = "\\t";
      break;
    default:
      break;
  }
  if (shortcut != nullptr) {
    *to++ = shortcut[0];
    *to++ = shortcut[1];
    return 1;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f) {
    std::memcpy(to, "\\u00", 4);
    to[4] = hex_digits[byte >> 4];
    to[5] = hex_digits[byte & 15];
    to += 6;
    return 1;
  }
  const std::size_t length = utf8_length(text);
  if (length == 0) {
    std::memcpy(to, "\xef\xbf\xbd", 3);
    to += 3;
    return 1;
  }
  std::memcpy(to, text.data(), length);
  to += length;
  return length;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  // Overlong forms, surrogates, and beyond U+10FFFF.
  const unsigned char second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

void JsonText::content(std::string_view text) {
  while (!text.empty()) {
    make_room(64);
    const std::size_t room = capacity - size_ - 8;
    char* to = at();
    std::size_t taken = 0;
    while (taken < text.size() && taken < room && is_plain(text[taken])) {
      *to++ = text[taken++];
    }
    if (taken < text.size() && taken < room) {
      taken += escape_one(text.substr(taken), to);
    }
    size_ = static_cast<std::size_t>(to - buffer_.get());
    text.remove_prefix(taken);
  }
}

void JsonText::string(std::string_view text) {
  raw("\"");
  content(text);
  raw("\"");
}

void JsonText::real(double value) {
  if (std::isfinite(value)) {
    make_room(32);
    const auto end = std::to_chars(at(), at() + 32, value).ptr;
    size_ = static_cast<std::size_t>(end - buffer_.get());
    return;
  }
  raw(std::isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"");
}

void JsonText::hex(std::uint64_t value) {
  make_room(24);
  char* to = std::copy_n("\"0x", 3, at());
  int digits = value == 0 ? 1 : (std::bit_width(value) + 3) / 4;
  while (digits-- > 0) {
    *to++ = hex_digits[(value >> (4 * digits)) & 15];
  }
  *to++ = '"';
  size_ = static_cast<std::size_t>(to - buffer_.get());
}

void JsonText::object(std::string_view type, std::uint32_t id) {
  raw("\"");
  if (id != 0) {
    content(type);
    raw("#");
    number(id);
  }
  raw("\"");
}

void JsonText::microseconds(std::uint64_t ns) {
  number(ns / 1000);
  const auto fraction = static_cast<unsigned>(ns % 1000);
  make_room(4);
  char* to = at();
  to[0] = '.';
  to[1] = static_cast<char>('0' + fraction / 100);
  to[2] = static_cast<char>('0' + fraction / 10 % 10);
  to[3] = static_cast<char>('0' + fraction % 10);
  size_ += 4;
}

void append_escaped(std::string& to, std::string_view text) {
  while (!text.empty()) {
    if (is_plain(text[0])) {
      to.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    std::array<char, 8> piece{};
    char* end = piece.data();
    const std::size_t taken = escape_one(text, end);
    to.append(piece.data(), end);
    text.remove_prefix(taken);
  }
}

}  // namespace trace::detail
