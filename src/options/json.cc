// JSON as QEMU reads it on a command line: strict, but single quotes are taken too.
// Nesting is limited, so that no text can exhaust the stack.
#include <cctype>

#include "options/document.h"
#include "options/opts.h"

namespace options {

using Kind = Document::Kind;

namespace {

constexpr int deepest = 1024;

[[noreturn]] void fail(const std::string& what) {
  throw qom::Error("JSON parse error, " + what);
}

bool is_word_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Document whole() {
    Document value = read_value(0);
    skip_blanks();
    if (at_ < text_.size()) {
      throw qom::Error("Expecting at most one JSON value");
    }
    return value;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  // The next character that is not blank, not taken.
  char peek() {
    skip_blanks();
    if (at_ >= text_.size()) {
      fail("premature EOI");
    }
    return text_[at_];
  }

  bool take(char c) {
    if (peek() != c) {
      return false;
    }
    ++at_;
    return true;
  }

  Document read_value(int depth);
  Document read_dictionary(int depth);
  Document read_list(int depth);
  Document read_number();
  Document read_keyword();
  std::string read_string();
  void read_escape(std::string& out);
  unsigned read_hex4();

  std::string_view text_;
  std::size_t at_ = 0;
};

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

unsigned JsonReader::read_hex4() {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at_ < text_.size() ? text_[at_++] : ' ';
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
      fail("invalid escape sequence in string");
    }
    const int lower = std::tolower(static_cast<unsigned char>(c));
    code = code * 16 + static_cast<unsigned>(lower >= 'a' ? lower - 'a' + 10 : c - '0');
  }
  return code;
}

void JsonReader::read_escape(std::string& out) {
  constexpr std::string_view letters = "\"'\\/bfnrt";
  constexpr std::string_view meanings = "\"'\\/\b\f\n\r\t";
  const char c = at_ < text_.size() ? text_[at_++] : ' ';
  if (const std::size_t found = letters.find(c); found != std::string_view::npos) {
    out += meanings[found];
    return;
  }
  if (c != 'u') {
    fail("invalid escape sequence in string");
  }
  unsigned code = read_hex4();
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    const unsigned low = read_hex4();
    if (low < 0xdc00 || low > 0xdfff) {
      fail("invalid escape sequence in string");
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code == 0 || (code >= 0xd800 && code < 0xe000)) {
    fail("invalid escape sequence in string");
  }
  append_utf8(out, code);
}

std::string JsonReader::read_string() {
  const std::size_t begin = at_;
  const char quote = text_[at_++];
  std::string out;
  while (at_ < text_.size() && text_[at_] != quote) {
    const char c = text_[at_++];
    if (c == '\\') {
      read_escape(out);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fail("stray " + std::string("'") + std::string(text_.substr(begin)) + "'");
    } else {
      out += c;
    }
  }
  if (at_ >= text_.size()) {
    fail("stray '" + std::string(text_.substr(begin)) + "'");
  }
  ++at_;
  return out;
}

Document JsonReader::read_dictionary(int depth) {
  Document value;
  value.kind = Kind::dictionary;
  ++at_;
  if (take('}')) {
    return value;
  }
  do {
    const char quote = peek();
    if (quote != '"' && quote != '\'') {
      if (is_word_letter(quote) && std::isdigit(static_cast<unsigned char>(quote)) == 0) {
        read_keyword();  // names the word that is no value
      }
      fail(quote == '}' ? "expecting value" : "key is not a string in object");
    }
    std::string key = read_string();
    if (!take(':')) {
      fail("missing : in object pair");
    }
    if (value.find(key) != nullptr) {
      fail("duplicate key");
    }
    Document member = read_value(depth);
    value.members.push_back({std::move(key), std::move(member)});
  } while (take(','));
  if (!take('}')) {
    fail("expected separator in dict");
  }
  return value;
}

Document JsonReader::read_list(int depth) {
  Document value;
  value.kind = Kind::list;
  ++at_;
  if (take(']')) {
    return value;
  }
  do {
    value.items.push_back(read_value(depth));
  } while (take(','));
  if (!take(']')) {
    fail("expected separator in list");
  }
  return value;
}

Document JsonReader::read_number() {
  const std::size_t begin = at_;
  while (at_ < text_.size() &&
         (is_word_letter(text_[at_]) ||
          std::string_view("+-.").find(text_[at_]) != std::string_view::npos)) {
    ++at_;
  }
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (word.find_first_not_of("0123456789+-.eE") != std::string_view::npos ||
      word.find_first_of("0123456789") == std::string_view::npos) {
    fail("stray '" + std::string(word) + "'");
  }
  Document value;
  value.kind = Kind::number;
  value.scalar = std::string(word);
  return value;
}

Document JsonReader::read_keyword() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_word_letter(text_[at_])) {
    ++at_;
  }
  const std::string_view word = text_.substr(begin, at_ - begin);
  Document value;
  if (word == "true" || word == "false") {
    value.kind = Kind::boolean;
    value.scalar = word == "true" ? "on" : "off";
  } else if (word != "null") {
    fail("invalid keyword '" + std::string(word) + "'");
  }
  return value;
}

Document JsonReader::read_value(int depth) {
  if (depth > deepest) {
    fail("nesting is too deep");
  }
  const char c = peek();
  if (c == '{') {
    return read_dictionary(depth + 1);
  }
  if (c == '[') {
    return read_list(depth + 1);
  }
  if (c == '"' || c == '\'') {
    Document value;
    value.kind = Kind::text;
    value.scalar = read_string();
    return value;
  }
  if (c == '-' || std::isdigit(static_cast<unsigned char>(c)) != 0) {
    return read_number();
  }
  if (!is_word_letter(c)) {
    fail("expecting value");
  }
  return read_keyword();
}

}  // namespace

Document json_parse(std::string_view text) {
  return JsonReader(text).whole();
}

}  // namespace options
