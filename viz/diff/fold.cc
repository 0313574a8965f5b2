#include "viz/diff/fold.h"

namespace viz::diff {

namespace {

constexpr std::size_t longest_body = 24;

// How many symbols from `at` on are the same `body` symbols later.
std::size_t repeated(Symbols symbols, std::size_t at, std::size_t body) {
  std::size_t same = 0;
  while (at + same + body < symbols.size() &&
         symbols[at + same] == symbols[at + same + body]) {
    ++same;
  }
  return same;
}

}  // namespace

std::vector<Run> fold(Symbols symbols, Work& work) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < symbols.size();) {
    Run best{static_cast<std::uint32_t>(at), 1, 1};
    for (std::size_t body = 1; body <= longest_body && at + 2 * body <= symbols.size();
         ++body) {
      const std::size_t same = repeated(symbols, at, body);
      work.visits += same + 1;
      const std::size_t rounds = same / body + 1;
      if (rounds >= (body == 1 ? 2 : 3) &&
          rounds * body > std::size_t{best.body} * best.rounds) {
        best.body = static_cast<std::uint32_t>(body);
        best.rounds = static_cast<std::uint32_t>(rounds);
      }
      // A longer body cannot cover more than all there is.
      if (same > 4 * longest_body) {
        break;
      }
    }
    runs.push_back(best);
    at = best.end();
  }
  return runs;
}

}  // namespace viz::diff
