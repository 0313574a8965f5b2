// Taking one line of a trace apart. Every step either advances or refuses with the
// column where it stood.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "trace/declaration.h"
#include "trace/kind.h"

namespace trace::detail {

// What a line is refused with; the reader adds file and line.
struct ScanError {
  std::size_t column = 0;
  std::string what;
};

class Scan {
 public:
  // Unescaped strings that need memory are kept in `store`.
  Scan(std::string_view line, std::deque<std::string>& store)
      : line_(line), store_(&store) {}

  bool at_end() const { return at_ == line_.size(); }

  std::size_t position() const { return at_; }

  std::string_view since(std::size_t from) const {
    return line_.substr(from, at_ - from);
  }

  // Takes exactly this text, or refuses.
  void expect(std::string_view text);

  // Refuses whatever the line still has.
  void expect_end() const {
    if (!at_end()) {
      refuse("expected the end of the line");
    }
  }

  // Takes this text if it is next.
  bool accept(std::string_view text) {
    if (line_.substr(at_).starts_with(text)) {
      at_ += text.size();
      return true;
    }
    return false;
  }

  std::uint64_t natural();
  std::int64_t integer();
  double real();
  std::uint64_t hex();           // quoted
  std::uint64_t microseconds();  // as nanoseconds
  std::string_view string();     // quoted; unescaped
  bool boolean();

  [[noreturn]] void refuse(const std::string& what) const {
    throw ScanError{at_ + 1, what};
  }

 private:
  std::string_view escaped_string(std::size_t start);
  void one_escape(std::string& to);

  std::string_view line_;
  std::size_t at_ = 0;
  std::deque<std::string>* store_;
};

}  // namespace trace::detail
