#include "viz/diff/words.h"

#include <algorithm>
#include <cstring>

namespace viz::diff {

namespace {

constexpr std::size_t block_bytes = 1 << 16;

// Eight bytes at a time, least significant first whatever the host's order.
std::uint64_t eight_bytes(const char* from, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return value;
}

}  // namespace

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = text.size();
  while (text.size() >= 8) {
    hash = mix(hash, eight_bytes(text.data(), 8));
    text.remove_prefix(8);
  }
  return mix(hash, eight_bytes(text.data(), text.size()));
}

Words::Words() : slots_(1024, none) {}

std::size_t Words::slot_of(std::string_view text, std::uint64_t hash) const {
  const std::size_t last = slots_.size() - 1;
  std::size_t slot = hash & last;
  while (slots_[slot] != none &&
         (hashes_[slots_[slot]] != hash || texts_[slots_[slot]] != text)) {
    slot = (slot + 1) & last;
  }
  return slot;
}

Word Words::find(std::string_view text) const {
  return slots_[slot_of(text, hash_of(text))];
}

Word Words::word(std::string_view text) {
  const std::uint64_t hash = hash_of(text);
  std::size_t slot = slot_of(text, hash);
  if (slots_[slot] != none) {
    return slots_[slot];
  }
  if (blocks_.empty() ||
      blocks_.back().capacity() - blocks_.back().size() < text.size()) {
    blocks_.emplace_back().reserve(std::max(block_bytes, text.size()));
  }
  std::string& block = blocks_.back();
  const std::size_t at = block.size();
  block += text;
  const auto word = static_cast<Word>(texts_.size());
  texts_.push_back(std::string_view(block).substr(at));
  hashes_.push_back(hash);
  slots_[slot] = word;
  if (texts_.size() * 2 > slots_.size()) {
    grow();
  }
  return word;
}

void Words::grow() {
  slots_.assign(slots_.size() * 2, none);
  const std::size_t last = slots_.size() - 1;
  for (Word word = 0; word < texts_.size(); ++word) {
    std::size_t slot = hashes_[word] & last;
    while (slots_[slot] != none) {
      slot = (slot + 1) & last;
    }
    slots_[slot] = word;
  }
}

}  // namespace viz::diff
