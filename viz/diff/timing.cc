#include "viz/diff/timing.h"

#include <algorithm>
#include <cmath>

namespace viz::diff {

namespace {

// By step: how long it took itself, without the spans inside.
std::vector<std::uint64_t> self_times(const Tree& tree) {
  std::vector<std::uint64_t> self(tree.size());
  for (Index i = 0; i < tree.size(); ++i) {
    self[i] = tree[i].dur_ns;
    if (i != 0) {
      std::uint64_t& parent = self[tree[i].parent];
      parent -= std::min(parent, tree[i].dur_ns);
    }
  }
  return self;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Took took(std::vector<double> times) {
  Took took;
  took.median_ns = median(times);
  for (double& time : times) {
    time = std::fabs(time - took.median_ns);
  }
  took.spread_ns = median(times);
  return took;
}

// All runs of one side.
class Side {
 public:
  Side(const Tree& first, std::span<const MoreRun> more) : first_(first), more_(more) {
    self_.push_back(self_times(first));
    for (const MoreRun& run : more) {
      self_.push_back(self_times(*run.tree));
    }
  }

  Took self(Index node) const {
    return times(node, [this](std::size_t run, Index at) {
      return static_cast<double>(self_[run][at]);
    });
  }

  Took total(Index node) const {
    return times(node, [this](std::size_t run, Index at) {
      const Tree& tree = run == 0 ? first_ : *more_[run - 1].tree;
      return static_cast<double>(tree[at].dur_ns);
    });
  }

 private:
  template <class Time>
  Took times(Index node, const Time& time) const {
    if (more_.empty()) {
      return {time(0, node), 0};
    }
    std::vector<double> times{time(0, node)};
    for (std::size_t run = 0; run < more_.size(); ++run) {
      if (const Index at = more_[run].from_first[node]; at != none) {
        times.push_back(time(run + 1, at));
      }
    }
    return took(std::move(times));
  }

  const Tree& first_;
  std::span<const MoreRun> more_;
  std::vector<std::vector<std::uint64_t>> self_;
};

bool significant(const Took& a, const Took& b, const TimingOptions& options) {
  const double difference = std::fabs(a.median_ns - b.median_ns);
  return difference >= static_cast<double>(options.least_ns) &&
         difference >= options.least_part * std::min(a.median_ns, b.median_ns) &&
         difference >= options.least_spreads * (a.spread_ns + b.spread_ns);
}

}  // namespace

Timing compare_times(const Tree& a, const Tree& b, const Alignment& alignment,
                     std::span<const MoreRun> more_a, std::span<const MoreRun> more_b,
                     const TimingOptions& options) {
  Timing timing;
  timing.runs_a = more_a.size() + 1;
  timing.runs_b = more_b.size() + 1;
  if (!options.compare) {
    return timing;
  }
  timing.judged = options.judge_single_runs || (!more_a.empty() && !more_b.empty());
  const Side side_a(a, more_a), side_b(b, more_b);
  for (Index i = 1; i < a.size(); ++i) {
    const Index in_b = alignment.to_b[i];
    if (in_b == none || a[i].seq == 0 || (a[i].dur_ns == 0 && b[in_b].dur_ns == 0)) {
      continue;
    }
    const bool phase = a.kind(i).name == "phase";
    if (phase) {
      timing.phases.push_back(
          {std::string(a.value(i, "name")), side_a.total(i), side_b.total(in_b)});
    }
    const Took self_a = side_a.self(i), self_b = side_b.self(in_b);
    if (a[i].ended && b[in_b].ended && significant(self_a, self_b, options)) {
      timing.slower_or_faster.push_back(
          {i, in_b, self_a, self_b, side_a.total(i), side_b.total(in_b)});
    }
  }
  std::ranges::stable_sort(
      timing.slower_or_faster, std::greater<>{}, [](const TimeChange& change) {
        return std::fabs(change.self_a.median_ns - change.self_b.median_ns);
      });
  return timing;
}

}  // namespace viz::diff
