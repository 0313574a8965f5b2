#include "viz/diff/replacements.h"

#include <algorithm>

namespace viz::diff {

namespace {

std::unordered_set<std::uint64_t> names(const Tree& tree,
                                        const std::vector<Index>& partner) {
  std::unordered_set<std::uint64_t> names;
  for (Index i = 1; i < tree.size(); ++i) {
    if (partner[i] != none) {
      continue;
    }
    const std::span<const Word> values = tree.values(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (tree.kind(i).fields[k].identity) {
        names.insert(tree.meaning(i, k));
      }
    }
  }
  return names;
}

}  // namespace

void Replacements::look(const Alignment& alignment) {
  in_a_ = names(a_, alignment.to_b);
  in_b_ = names(b_, alignment.to_a);
}

void Replacements::learn(Index in_a, Index in_b) {
  const std::size_t count = std::min(a_.values(in_a).size(), b_.values(in_b).size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t name_a = a_.meaning(in_a, i), name_b = b_.meaning(in_b, i);
    if (a_.kind(in_a).fields[i].identity && name_a != name_b && !in_b_.contains(name_a) &&
        !in_a_.contains(name_b) && !a_to_b_.contains(name_a) &&
        !known_b_.contains(name_b)) {
      a_to_b_[name_a] = name_b;
      known_b_.insert(name_b);
    }
  }
}

std::vector<std::uint64_t> Replacements::symbols(
    const Tree& tree, std::span<const Index> steps,
    const std::unordered_set<std::uint64_t>& other, bool of_a) const {
  const auto common_name = [&](std::uint64_t name) -> std::uint64_t {
    if (other.contains(name) || (!of_a && known_b_.contains(name))) {
      return name;
    }
    const auto found = a_to_b_.find(name);
    return of_a && found != a_to_b_.end() ? found->second : 0;
  };
  std::vector<std::uint64_t> symbols;
  symbols.reserve(steps.size());
  for (const Index step : steps) {
    const std::span<const Word> values = tree.values(step);
    const KindOf& kind = tree.kind(step);
    std::uint64_t symbol = kind.hash;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kind.fields[i].identity) {
        symbol = mix(symbol, common_name(tree.meaning(step, i)));
      }
    }
    symbols.push_back(symbol);
  }
  return symbols;
}

std::vector<std::uint64_t> Replacements::symbols_a(std::span<const Index> steps) const {
  return symbols(a_, steps, in_b_, true);
}

std::vector<std::uint64_t> Replacements::symbols_b(std::span<const Index> steps) const {
  return symbols(b_, steps, in_a_, false);
}

}  // namespace viz::diff
