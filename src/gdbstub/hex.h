// Numbers and bytes as the remote protocol writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gdbstub {

int hex_digit(char c);  // -1: none

void append_hex(std::string& text, std::uint64_t value, int digits);
void append_hex(std::string& text, std::span<const std::byte> bytes);
std::string to_hex(std::string_view bytes);

// nullopt: an odd number of digits, or something else among them.
std::optional<std::vector<std::byte>> bytes_of_hex(std::string_view text);

// Reads text from its front; what was read is taken away.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool done() const { return rest_.empty(); }

  bool take(std::string_view word);                    // false: it does not begin so
  std::optional<std::uint64_t> number();               // hexadecimal, at most 64 bits
  std::optional<std::uint64_t> number_and(char then);  // followed by `then`
  std::string_view up_to(char end);                    // `end` is taken too, not returned

 private:
  std::string_view rest_;
};

}  // namespace gdbstub
