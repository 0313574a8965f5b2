// The bytes of a trace, a line at a time: plain, .zst or .gz, told apart by their
// first bytes, never held whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace trace::detail {

class Bytes {
 public:
  Bytes() = default;
  virtual ~Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  // Fills `to`, at most `size` bytes; 0 at the end. Throws std::runtime_error.
  virtual std::size_t read(char* to, std::size_t size) = 0;
};

// `file` "-" is standard input. Throws std::system_error naming the file.
std::unique_ptr<Bytes> open_bytes(const std::string& file);

// Reads from memory, which must outlive it.
std::unique_ptr<Bytes> memory_bytes(std::string_view text);

class Lines {
 public:
  // No line of a trace is longer: every text in it is cut when recorded.
  static constexpr std::size_t max_line = 4 * 1024 * 1024;

  explicit Lines(std::unique_ptr<Bytes> bytes) : bytes_(std::move(bytes)) {}

  // The next line without its end; valid until the next call. False at the end.
  bool next(std::string_view& line);

  std::uint64_t number() const { return number_; }  // of the line last given

  bool ended() const { return ended_; }  // false: no line end behind it

  bool too_long() const { return too_long_; }

 private:
  bool fill();

  std::unique_ptr<Bytes> bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = true;
  bool too_long_ = false;
  bool at_end_ = false;
};

}  // namespace trace::detail
