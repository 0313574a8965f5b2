#include "viz/diff/moves.h"

#include <unordered_map>

namespace viz::diff {

namespace {

struct Candidate {
  Index a = none, b = none;
  std::uint32_t count_a = 0, count_b = 0;

  bool unique() const { return count_a == 1 && count_b == 1; }
};

using Candidates = std::unordered_map<std::uint64_t, Candidate>;

// Equal content that is more than a single point is no chance.
constexpr Index telling_size = 3;

class Moves {
 public:
  Moves(const Tree& a, const Tree& b, Alignment& alignment)
      : a_(a), b_(b), alignment_(alignment) {}

  Matches find() {
    if (!count_leftovers()) {
      return {};
    }
    count_everywhere();
    return choose();
  }

 private:
  bool count_leftovers();
  void count_everywhere();
  Matches choose();
  Index partner(Index node) const;

  const Tree& a_;
  const Tree& b_;
  Alignment& alignment_;
  Candidates contents_, keys_;
};

bool Moves::count_leftovers() {
  alignment_.work.visits += a_.size() + b_.size();
  for (Index i = 0; i < a_.size(); ++i) {
    if (alignment_.to_b[i] != none) {
      continue;
    }
    keys_[a_[i].key];
    if (a_[i].size >= telling_size) {
      Candidate& candidate = contents_[a_[i].hash];
      candidate.a = i;
      ++candidate.count_a;
    }
  }
  if (keys_.empty()) {
    return false;
  }
  for (Index i = 0; i < b_.size(); ++i) {
    if (alignment_.to_a[i] != none) {
      continue;
    }
    if (const auto found = contents_.find(b_[i].hash);
        found != contents_.end() && b_[i].size >= telling_size) {
      found->second.b = i;
      ++found->second.count_b;
    }
  }
  return true;
}

// A key counts as a name only if it occurs once in the whole trace, not just once
// among the leftovers.
void Moves::count_everywhere() {
  alignment_.work.visits += a_.size() + b_.size();
  for (Index i = 0; i < a_.size(); ++i) {
    if (const auto found = keys_.find(a_[i].key); found != keys_.end()) {
      found->second.a = i;
      ++found->second.count_a;
    }
  }
  for (Index i = 0; i < b_.size(); ++i) {
    if (const auto found = keys_.find(b_[i].key); found != keys_.end()) {
      found->second.b = i;
      ++found->second.count_b;
    }
  }
}

Index Moves::partner(Index node) const {
  const auto content = contents_.find(a_[node].hash);
  if (content != contents_.end() && content->second.unique() &&
      content->second.a == node) {
    return content->second.b;
  }
  const auto key = keys_.find(a_[node].key);
  return key != keys_.end() && key->second.unique() ? key->second.b : none;
}

Matches Moves::choose() {
  Matches chosen;
  std::vector<bool> covered(b_.size());
  for (Index i = 0; i < a_.size();) {
    const Index b = alignment_.to_b[i] == none ? partner(i) : none;
    if (b == none || alignment_.to_a[b] != none || covered[b]) {
      ++i;
      continue;
    }
    chosen.push_back({i, b});
    for (Index k = b; k < b_.last(b); ++k) {
      covered[k] = true;
    }
    i = a_.last(i);
  }
  return chosen;
}

}  // namespace

Matches find_moves(const Tree& a, const Tree& b, Alignment& alignment) {
  return Moves(a, b, alignment).find();
}

}  // namespace viz::diff
