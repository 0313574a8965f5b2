// The longest common subsequence of two lists, as far as it can be had in linear time:
// what Myers' algorithm finds exactly while few things differ, and a good common
// subsequence where many do. Long lists are cut first at what occurs once in both
// (patience), so that chance matches do not pull neighbours apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace viz::diff {

using Symbols = std::span<const std::uint64_t>;

struct Match {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool operator==(const Match&) const = default;
};

using Matches = std::vector<Match>;

// How much was done: what a test of linear cost counts instead of time.
struct Work {
  std::uint64_t visits = 0;
};

// Ascending in both members; a[match.a] == b[match.b].
Matches common_subsequence(Symbols a, Symbols b, Work& work);

// The same if it is certain to be the longest, which it is while the lists differ in a
// few hundred places at most; else nothing.
std::optional<Matches> longest_common_subsequence(Symbols a, Symbols b, Work& work);

// Positions whose run of `length` symbols occurs once in each list, those of them that
// stand in the same order in both.
Matches unique_anchors(Symbols a, Symbols b, std::size_t length, Work& work);

// The longest ascending part of matches sorted by `a`.
Matches longest_ascending(const Matches& matches);

}  // namespace viz::diff
