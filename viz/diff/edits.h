// The differences as a list: what was removed, added, moved, changed or repeated another
// number of times, in the order in which a replay meets them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "viz/diff/align.h"

namespace viz::diff {

enum class EditKind : std::uint8_t { removed, added, moved, changed, replaced, repeated };

std::string_view to_string(EditKind kind);

// A value that differs between two paired steps.
struct Change {
  std::string field;
  std::string a, b;  // empty: the step gave no result
};

struct Edit {
  EditKind kind = EditKind::removed;
  Index a = none;  // the step in A: all of it and inside it, for removed
  Index b = none;
  std::uint32_t steps_a = 0;  // steps this edit stands for, without what moved away
  std::uint32_t steps_b = 0;
  const Loop* loop = nullptr;  // repeated
};

struct Totals {
  std::uint64_t removed = 0, added = 0;  // steps
  std::uint64_t moved = 0;               // subtrees
  std::uint64_t changed = 0;             // steps of equal identity
  std::uint64_t replaced = 0;            // steps in the place of others
  std::uint64_t loops = 0;
  std::uint64_t agree = 0;  // paired steps of equal state

  bool same() const { return removed + added + moved + changed + replaced + loops == 0; }
};

struct Edits {
  std::vector<Edit> list;
  Totals totals;
};

Edits edits_of(const Tree& a, const Tree& b, const Alignment& alignment);

// The values that differ between two paired steps.
std::vector<Change> changes(const Tree& a, Index in_a, const Tree& b, Index in_b);

// The phase of the start a step belongs to: "board", "before main", "vcpu 0".
std::string phase_of(const Tree& tree, Index node);

}  // namespace viz::diff
