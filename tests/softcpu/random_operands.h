// Random numbers for generated instructions.
#pragma once

#include <cstdint>
#include <random>

namespace softcpu_test {

class RandomOperands {
 protected:
  explicit RandomOperands(std::uint32_t seed) : random_(seed) {}

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  // Values near the edges find more than uniform ones.
  std::uint64_t value() {
    std::uint64_t v = (std::uint64_t{random_()} << 32) | random_();
    switch (below(6)) {
      case 0:
        return v & 0xff;
      case 1:
        return std::uint64_t{1} << below(64);
      case 2:
        return (std::uint64_t{1} << below(64)) - 1;
      case 3:
        return ~(v & 0xff);
      case 4:
        return below(2) ? 0 : 0x8080808080808080;
      default:
        return v;
    }
  }

  std::mt19937 random_;
};

}  // namespace softcpu_test
