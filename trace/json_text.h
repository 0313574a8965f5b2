// JSON text built by hand into one big buffer: no allocation per value, no locale, no
// format string. What is written through this is what the reader accepts, to the byte.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "trace/output.h"

namespace trace::detail {

class JsonText {
 public:
  explicit JsonText(Output& output)
      : output_(output), buffer_(std::make_unique_for_overwrite<char[]>(capacity)) {}

  // Appends text that is JSON already.
  void raw(std::string_view text) {
    make_room(text.size());
    std::memcpy(buffer_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }

  // Appends a quoted string. Bytes that are not UTF-8 become U+FFFD.
  void string(std::string_view text);

  template <class I>
  void number(I value) {
    make_room(24);
    const auto end = std::to_chars(at(), at() + 24, value).ptr;
    size_ = static_cast<std::size_t>(end - buffer_.get());
  }

  void real(double value);        // not-a-number and infinities become strings
  void hex(std::uint64_t value);  // "0x3f8", quoted
  void object(std::string_view type, std::uint32_t number);  // "kvm-accel#1", quoted
  void microseconds(std::uint64_t ns);                       // 12.345

  void flush() {
    output_.write({buffer_.get(), size_});
    size_ = 0;
  }

 private:
  static constexpr std::size_t capacity = 1 << 18;

  char* at() { return buffer_.get() + size_; }

  void make_room(std::size_t bytes) {
    if (capacity - size_ < bytes) {
      flush();
    }
  }

  void content(std::string_view text);

  Output& output_;
  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;
};

// Appends the text of a JSON string's content to `to`.
void append_escaped(std::string& to, std::string_view text);

// The length of the UTF-8 sequence at the start of `text`, 0 if it is not valid.
std::size_t utf8_length(std::string_view text);

}  // namespace trace::detail
