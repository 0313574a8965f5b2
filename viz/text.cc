// Escaping, one decoder for all of it.
#include "viz/text.h"

#include <cstdint>
#include <cstdio>

#include "trace/catalogue.h"

namespace viz {
namespace {

struct Char {
  std::uint32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

// Decodes one UTF-8 character; an invalid byte is a character of size 1.
Char decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
    return {lead, 1, false};
  }
  std::uint32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return {lead, 1, false};
    }
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool valid = code >= smallest[size] && code <= 0x10ffff && !surrogate;
  return valid ? Char{code, size, true} : Char{lead, 1, false};
}

bool reorders(std::uint32_t code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x200e || code == 0x200f || code == 0x061c;
}

// C0, DEL, C1, line and paragraph separators, byte order mark, non-characters.
bool control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
         code == 0x2029 || code == 0xfeff || (code & 0xfffe) == 0xfffe ||
         (code >= 0xfdd0 && code <= 0xfdef);
}

std::string spelled(const Char& c) {
  char out[16];
  std::snprintf(out, sizeof out, c.code < 0x100 ? "\\x%02x" : "\\u%04x", c.code);
  return out;
}

}  // namespace

std::string visible(std::string_view text, std::size_t max_chars) {
  std::string out;
  for (std::size_t at = 0, chars = 0; at < text.size(); ++chars) {
    if (chars == max_chars) {
      return out + "\u2026";
    }
    const Char c = decode(text.substr(at));
    if (!c.valid || control(c.code) || reorders(c.code)) {
      out += spelled(c);
    } else {
      out.append(text.substr(at, c.size));
    }
    at += c.size;
  }
  return out;
}

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string dot_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string node_id(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const Char c = decode(name.substr(at));
    const bool plain = c.valid && !control(c.code) && !reorders(c.code) &&
                       c.code != '\\' && c.code != '&' && c.code != '%' && c.code != '~';
    for (const char byte : name.substr(at, c.size)) {
      char hex[4];
      std::snprintf(hex, sizeof hex, "~%02X", static_cast<unsigned char>(byte));
      out += plain ? std::string(1, byte) : hex;
    }
    at += c.size;
  }
  return out;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    return text.find(pattern) != std::string_view::npos;
  }
  return trace::glob_matches(pattern, text);
}

}  // namespace viz
