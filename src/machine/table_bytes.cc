#include "machine/table_bytes.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace machine {

TableBytes& TableBytes::number(std::uint64_t value, unsigned width) {
  bytes_.resize(bytes_.size() + width);
  put(bytes_.size() - width, value, width);
  return *this;
}

TableBytes& TableBytes::text(std::string_view text, std::size_t width, char fill) {
  for (std::size_t i = 0; i < width; ++i) {
    bytes_.push_back(static_cast<std::byte>(i < text.size() ? text[i] : fill));
  }
  return *this;
}

TableBytes& TableBytes::bytes(std::initializer_list<std::uint8_t> values) {
  std::transform(values.begin(), values.end(), std::back_inserter(bytes_),
                 [](std::uint8_t value) { return static_cast<std::byte>(value); });
  return *this;
}

TableBytes& TableBytes::append(const TableBytes& other) {
  bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  return *this;
}

TableBytes& TableBytes::zeros(std::size_t count) {
  bytes_.resize(bytes_.size() + count);
  return *this;
}

void TableBytes::put(std::size_t at, std::uint64_t value, unsigned width) {
  assert(at <= bytes_.size() && bytes_.size() - at >= width);
  for (unsigned i = 0; i < width; ++i) {
    bytes_[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

void TableBytes::set_checksum(std::size_t at, std::size_t count) {
  put(at, 0, 1);
  unsigned sum = 0;
  for (const std::byte byte : span().first(count)) {
    sum += std::to_integer<unsigned>(byte);
  }
  put(at, 0u - sum, 1);
}

}  // namespace machine
