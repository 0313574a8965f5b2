// Repeated runs in a list of symbols.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/diff/sequence.h"

namespace viz::diff {

// `rounds` times the `body` symbols that begin at `first`; a body of one and one round
// is a symbol that does not repeat.
struct Run {
  std::uint32_t first = 0;
  std::uint32_t body = 1;
  std::uint32_t rounds = 1;

  std::uint32_t end() const { return first + body * rounds; }
};

// The list as runs, without gaps. A body has at most 24 symbols; one of several symbols
// counts as repeated from three rounds on.
std::vector<Run> fold(Symbols symbols, Work& work);

}  // namespace viz::diff
