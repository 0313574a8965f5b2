// Texts kept once: a trace says the same few thousand names and numbers a million
// times. A word is a number; its hash is that of its letters, so that words of two
// traces compare although each trace numbers its own.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace viz::diff {

// Hashes are equal on every host and in every run: they are compared across traces.
std::uint64_t hash_of(std::string_view text);

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  std::uint64_t mixed = (hash ^ (value + 0x9e3779b97f4a7c15U)) * 0xff51afd7ed558ccdU;
  mixed ^= mixed >> 32;
  mixed *= 0xc4ceb9fe1a85ec53U;
  return mixed ^ mixed >> 29;
}

using Word = std::uint32_t;

class Words {
 public:
  Words();

  Word word(std::string_view text);
  // `none` if the text never occurred.
  Word find(std::string_view text) const;

  std::string_view text(Word word) const { return texts_[word]; }

  std::uint64_t hash(Word word) const { return hashes_[word]; }

  std::size_t size() const { return texts_.size(); }

  static constexpr Word none = 0xffffffff;

 private:
  std::size_t slot_of(std::string_view text, std::uint64_t hash) const;
  void grow();

  std::vector<std::string_view> texts_;
  std::vector<std::uint64_t> hashes_;
  std::vector<Word> slots_;  // open addressing; size is a power of two
  std::deque<std::string> blocks_;
};

}  // namespace viz::diff
