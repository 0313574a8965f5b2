// Which step of one trace is which step of the other.
//
// Two equal subtrees are paired as a whole, by their hash. Below two steps of one key
// the children are paired: first those whose key occurs once on both sides, then the
// gaps between, with repeated runs folded ("vcpu_run, cpu_out" 412 times is one symbol),
// equal content before equal keys. What is left over in the same place and differs only
// in names that the other side does not know was replaced: kvm-i8259 by isa-i8259. What
// is left over on both sides and has a key of its own there has moved: a class that is
// made on first need moves with its first user.
//
// Cost: linear in the steps, and in the steps times the differences where lists differ;
// `Alignment::work` counts it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "viz/diff/sequence.h"
#include "viz/diff/tree.h"

namespace viz::diff {

// A run of repeated steps that is longer on one side.
struct Loop {
  Index a = 0, b = 0;      // the first step of each run
  std::uint32_t body = 1;  // steps in one round
  std::uint32_t rounds_a = 0, rounds_b = 0;
};

struct Alignment {
  std::vector<Index> to_b;  // by step of A; none: only in A
  std::vector<Index> to_a;
  std::unordered_set<Index> moved;  // steps of B that stand elsewhere than in A
  std::vector<Loop> loops;          // of different length, in the order they were met
  Work work;
};

struct AlignOptions {
  // Events whose order among their siblings means nothing.
  std::set<std::string, std::less<>> unordered;
  bool replacements = true;
  bool moves = true;
};

Alignment align(const Tree& a, const Tree& b, const AlignOptions& options = {});

}  // namespace viz::diff
