// The bytes of a table that an operating system reads in memory: numbers little endian,
// a checksum that makes all bytes add up to zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace machine {

class TableBytes {
 public:
  TableBytes& number(std::uint64_t value, unsigned width);
  // `text`, cut or filled up with `fill` to `width` characters.
  TableBytes& text(std::string_view text, std::size_t width, char fill = ' ');
  TableBytes& bytes(std::initializer_list<std::uint8_t> values);
  TableBytes& append(const TableBytes& other);
  TableBytes& zeros(std::size_t count);

  // Overwrites what was appended before; [at, at + width) lies inside.
  void put(std::size_t at, std::uint64_t value, unsigned width);
  // Sets the byte `at` so that the first `count` bytes add up to zero.
  void set_checksum(std::size_t at, std::size_t count);

  std::size_t size() const { return bytes_.size(); }

  std::span<const std::byte> span() const { return bytes_; }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace machine
