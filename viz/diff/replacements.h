// One thing in the place of another: steps alike but for names that only their own side
// has among what is left over.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "viz/diff/align.h"

namespace viz::diff {

class Replacements {
 public:
  Replacements(const Tree& a, const Tree& b) : a_(a), b_(b) {}

  // Looks at the steps that have no partner yet.
  void look(const Alignment& alignment);

  // From a step of A and the one of B in its place: which name stands for which. What is
  // known so is no blank any more, so that one thing is replaced by one other.
  void learn(Index in_a, Index in_b);

  // By step: its kind and identity, with a blank for each name of one side alone.
  std::vector<std::uint64_t> symbols_a(std::span<const Index> steps) const;
  std::vector<std::uint64_t> symbols_b(std::span<const Index> steps) const;

 private:
  std::vector<std::uint64_t> symbols(const Tree& tree, std::span<const Index> steps,
                                     const std::unordered_set<std::uint64_t>& other,
                                     bool of_a) const;

  const Tree& a_;
  const Tree& b_;
  std::unordered_set<std::uint64_t> in_a_, in_b_;  // names among the leftovers
  std::unordered_map<std::uint64_t, std::uint64_t> a_to_b_;
  std::unordered_set<std::uint64_t> known_b_;
};

}  // namespace viz::diff
