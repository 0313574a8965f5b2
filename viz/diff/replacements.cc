#include "viz/diff/replacements.h"

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

Replacements::Replacements(const Tree& a, const Tree& b, const Alignment& alignment)
    : a_(a), b_(b), in_a_(names(a, alignment.to_b)), in_b_(names(b, alignment.to_a)) {}

std::vector<std::uint64_t> Replacements::symbols(
    const Tree& tree, std::span<const Index> steps,
    const std::unordered_set<std::uint64_t>& other) const {
  std::vector<std::uint64_t> symbols;
  symbols.reserve(steps.size());
  for (const Index step : steps) {
    const std::span<const Word> values = tree.values(step);
    const KindOf& kind = tree.kind(step);
    std::uint64_t symbol = kind.hash;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kind.fields[i].identity) {
        const std::uint64_t name = tree.meaning(step, i);
        symbol = mix(symbol, other.contains(name) ? name : 0);
      }
    }
    symbols.push_back(symbol);
  }
  return symbols;
}

std::vector<std::uint64_t> Replacements::symbols_a(std::span<const Index> steps) const {
  return symbols(a_, steps, in_b_);
}

std::vector<std::uint64_t> Replacements::symbols_b(std::span<const Index> steps) const {
  return symbols(b_, steps, in_a_);
}

}  // namespace viz::diff
