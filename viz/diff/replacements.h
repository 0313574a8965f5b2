// One thing in the place of another: steps alike but for names that only their own side
// has among what is left over.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "viz/diff/align.h"

namespace viz::diff {

class Replacements {
 public:
  // Looks at the steps that have no partner yet.
  Replacements(const Tree& a, const Tree& b, const Alignment& alignment);

  // By step: its kind and identity, with a blank for each name of one side alone.
  std::vector<std::uint64_t> symbols_a(std::span<const Index> steps) const;
  std::vector<std::uint64_t> symbols_b(std::span<const Index> steps) const;

 private:
  std::vector<std::uint64_t> symbols(const Tree& tree, std::span<const Index> steps,
                                     const std::unordered_set<std::uint64_t>& other) const;

  const Tree& a_;
  const Tree& b_;
  std::unordered_set<std::uint64_t> in_a_, in_b_;  // names among the leftovers
};

}  // namespace viz::diff
