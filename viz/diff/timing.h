// Which paired steps took longer or shorter, once it is known which steps are the same.
//
// A step counts as slower or faster only if the difference is over an absolute AND a
// relative threshold and, with several runs of each side, over the spread of both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "viz/diff/align.h"

namespace viz::diff {

struct TimingOptions {
  bool compare = true;
  // One run of each side says little: without this its times are shown, not judged.
  bool judge_single_runs = false;
  std::uint64_t least_ns = 1'000'000;  // smaller differences are noise
  double least_part = 0.5;             // of the smaller of the two times
  double least_spreads = 3;            // median absolute deviations of both, together
};

struct Took {
  double median_ns = 0;
  double spread_ns = 0;  // median absolute deviation; 0 for one run
};

struct TimeChange {
  Index a = none, b = none;
  Took self_a, self_b;    // without the steps inside
  Took total_a, total_b;  // with them
};

struct PhaseTime {
  std::string name;
  Took a, b;
};

struct Timing {
  std::vector<TimeChange> slower_or_faster;  // the largest difference first
  std::vector<PhaseTime> phases;             // of both sides, in order
  bool judged = false;  // false: too few runs to call a difference one
  std::size_t runs_a = 1, runs_b = 1;
};

// One more run of a side, and where its steps are in the first run of that side.
struct MoreRun {
  const Tree* tree = nullptr;
  std::vector<Index> from_first;
};

Timing compare_times(const Tree& a, const Tree& b, const Alignment& alignment,
                     std::span<const MoreRun> more_a, std::span<const MoreRun> more_b,
                     const TimingOptions& options);

}  // namespace viz::diff
