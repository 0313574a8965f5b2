#include "viz/diff/align.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>

#include "viz/diff/fold.h"
#include "viz/diff/moves.h"
#include "viz/diff/replacements.h"

namespace viz::diff {

namespace {

// A part that moved may hold parts that moved away from it, and so on.
constexpr int most_rounds = 16;
// Equal steps in a row that, occurring once on both sides, are the same ones.
constexpr std::size_t anchor_run = 6;

using Nodes = std::vector<Index>;
using View = std::span<const Index>;

// A run's symbol is its body, however often that repeats.
std::vector<std::uint64_t> symbols_of(const std::vector<Run>& runs, Symbols keys) {
  std::vector<std::uint64_t> symbols;
  symbols.reserve(runs.size());
  for (const Run& run : runs) {
    std::uint64_t symbol = run.body;
    for (std::uint32_t i = 0; i < run.body; ++i) {
      symbol = mix(symbol, keys[run.first + i]);
    }
    symbols.push_back(symbol);
  }
  return symbols;
}

class Aligner {
 public:
  Aligner(const Tree& a, const Tree& b, const AlignOptions& options)
      : a_(a), b_(b), options_(options) {
    result_.to_b.assign(a.size(), none);
    result_.to_a.assign(b.size(), none);
  }

  Alignment run() {
    pair(0, 0);
    drain();
    // What was replaced holds equal steps, and then fewer names are of one side alone.
    for (int round = 0; options_.replacements && round < most_rounds; ++round) {
      if (!replace()) {
        break;
      }
    }
    for (int round = 0; options_.moves && round < most_rounds; ++round) {
      const Matches moved = find_moves(a_, b_, result_);
      for (const Match& match : moved) {
        result_.moved.insert(match.b);
        pair(match.a, match.b);
      }
      if (moved.empty()) {
        break;
      }
      drain();
    }
    return std::move(result_);
  }

 private:
  void pair(Index a, Index b);
  void drain();
  void children(Index a, Index b);
  void take_unordered(Nodes& a, Nodes& b);
  void in_order(View a, View b);
  void gap(View a, View b);
  bool by_content(View a, View b);
  void folded(View a, View b);
  void one_sided(View a, View b);
  void surplus(const Tree& tree, View rest, View all);
  void same_run(View a, View b, const Run& run_a, const Run& run_b);
  void plain(View a, View b);
  void leftover(View a, View b);
  using Gaps = std::map<Index, Nodes>;

  bool replace();
  Gaps gaps(const Tree& tree, Index parent, Index other_parent);
  Index replaced(Index a, Index b);

  // Pairs the positions of `matches`; `between` gets the gaps before, between, behind.
  template <class Between>
  void along(View a, View b, const Matches& matches, const Between& between) {
    std::size_t from_a = 0, from_b = 0;
    for (const Match& match : matches) {
      between(a.subspan(from_a, match.a - from_a), b.subspan(from_b, match.b - from_b));
      pair(a[match.a], b[match.b]);
      from_a = match.a + 1;
      from_b = match.b + 1;
    }
    between(a.subspan(from_a), b.subspan(from_b));
  }

  std::vector<std::uint64_t> keys(const Tree& tree, View nodes) const {
    std::vector<std::uint64_t> keys(nodes.size());
    std::ranges::transform(nodes, keys.begin(), [&](Index i) { return tree[i].key; });
    return keys;
  }

  std::vector<std::uint64_t> hashes(const Tree& tree, View nodes) const {
    std::vector<std::uint64_t> hashes(nodes.size());
    std::ranges::transform(nodes, hashes.begin(), [&](Index i) { return tree[i].hash; });
    return hashes;
  }

  const Tree& a_;
  const Tree& b_;
  const AlignOptions& options_;
  Alignment result_;
  View all_a_, all_b_;         // the children being paired
  bool rounds_known_ = false;  // of the run that is being paired
  std::size_t budget_ = 0;     // steps that may still be looked at to count their rounds
  Matches open_;               // pairs whose children are still to be paired
  std::unique_ptr<Replacements> replacements_;  // once the equal steps are paired
};

void Aligner::pair(Index a, Index b) {
  if (a_[a].hash != b_[b].hash || a_[a].size != b_[b].size) {
    result_.to_b[a] = b;
    result_.to_a[b] = a;
    open_.push_back({a, b});
    return;
  }
  result_.work.visits += a_[a].size;
  for (Index k = 0; k < a_[a].size; ++k) {
    // A part that moved away before its surroundings did stays where it is paired.
    if (result_.to_b[a + k] == none && result_.to_a[b + k] == none) {
      result_.to_b[a + k] = b + k;
      result_.to_a[b + k] = a + k;
    }
  }
}

void Aligner::drain() {
  while (!open_.empty()) {
    const Match match = open_.back();
    open_.pop_back();
    children(match.a, match.b);
  }
}

void Aligner::children(Index a, Index b) {
  Nodes of_a = a_.children(a), of_b = b_.children(b);
  result_.work.visits += of_a.size() + of_b.size();
  // Only those without a partner: after a move some may have one elsewhere.
  std::erase_if(of_a, [&](Index i) { return result_.to_b[i] != none; });
  std::erase_if(of_b, [&](Index i) { return result_.to_a[i] != none; });
  if (!options_.unordered.empty()) {
    take_unordered(of_a, of_b);
  }
  all_a_ = of_a;
  all_b_ = of_b;
  budget_ = 4 * (of_a.size() + of_b.size()) + 1;
  in_order(of_a, of_b);
  if (replacements_ != nullptr) {
    replaced(a, b);
  }
}

// Equal content first, then equal keys, wherever they stand.
void Aligner::take_unordered(Nodes& a, Nodes& b) {
  for (const auto symbol : {&Node::hash, &Node::key}) {
    std::unordered_map<std::uint64_t, Nodes> waiting;
    for (auto i = b.rbegin(); i != b.rend(); ++i) {
      if (options_.unordered.contains(b_.kind(*i).name)) {
        waiting[b_[*i].*symbol].push_back(*i);
      }
    }
    for (const Index i : a) {
      const auto found = waiting.find(a_[i].*symbol);
      if (found != waiting.end() && !found->second.empty() &&
          options_.unordered.contains(a_.kind(i).name)) {
        pair(i, found->second.back());
        found->second.pop_back();
      }
    }
    std::erase_if(a, [&](Index i) { return result_.to_b[i] != none; });
    std::erase_if(b, [&](Index i) { return result_.to_a[i] != none; });
  }
}

void Aligner::in_order(View a, View b) {
  // Equal ends need no search.
  while (!a.empty() && !b.empty() && a_[a.front()].hash == b_[b.front()].hash) {
    pair(a.front(), b.front());
    a = a.subspan(1);
    b = b.subspan(1);
  }
  while (!a.empty() && !b.empty() && a_[a.back()].hash == b_[b.back()].hash) {
    pair(a.back(), b.back());
    a = a.first(a.size() - 1);
    b = b.first(b.size() - 1);
  }
  if (a.empty() || b.empty()) {
    gap(a, b);
    return;
  }
  const auto keys_a = keys(a_, a), keys_b = keys(b_, b);
  along(a, b, unique_anchors(keys_a, keys_b, 1, result_.work),
        [this](View left, View right) { gap(left, right); });
}

// Between steps that occur once: equal content first. Where that would take a long
// search, the lists are cut at runs of equal content that occur once.
void Aligner::gap(View a, View b) {
  if (by_content(a, b)) {
    return;
  }
  const auto hashes_a = hashes(a_, a), hashes_b = hashes(b_, b);
  along(a, b, unique_anchors(hashes_a, hashes_b, anchor_run, result_.work),
        [this](View left, View right) {
          if (!by_content(left, right)) {
            folded(left, right);
          }
        });
}

// False if it would take too long.
bool Aligner::by_content(View a, View b) {
  if (a.empty() || b.empty()) {
    one_sided(a, b);
    return true;
  }
  const auto hashes_a = hashes(a_, a), hashes_b = hashes(b_, b);
  const auto longest = longest_common_subsequence(hashes_a, hashes_b, result_.work);
  if (longest.has_value()) {
    along(a, b, *longest, [this](View left, View right) { leftover(left, right); });
  }
  return longest.has_value();
}

void Aligner::one_sided(View a, View b) {
  surplus(a_, a, all_a_);
  surplus(b_, b, all_b_);
}

// Repeated runs are one symbol each.
void Aligner::folded(View a, View b) {
  const auto keys_a = keys(a_, a), keys_b = keys(b_, b);
  const std::vector<Run> runs_a = fold(keys_a, result_.work);
  const std::vector<Run> runs_b = fold(keys_b, result_.work);
  const auto symbols_a = symbols_of(runs_a, keys_a),
             symbols_b = symbols_of(runs_b, keys_b);
  std::size_t from_a = 0, from_b = 0;
  for (const Match& match : common_subsequence(symbols_a, symbols_b, result_.work)) {
    const Run &run_a = runs_a[match.a], &run_b = runs_b[match.b];
    plain(a.subspan(from_a, run_a.first - from_a),
          b.subspan(from_b, run_b.first - from_b));
    same_run(a, b, run_a, run_b);
    from_a = run_a.end();
    from_b = run_b.end();
  }
  plain(a.subspan(from_a), b.subspan(from_b));
}

// What only one side has may be further rounds of what both have just before or behind.
void Aligner::surplus(const Tree& tree, View rest, View all) {
  if (rest.empty() || rounds_known_) {
    return;
  }
  const bool of_a = &tree == &a_;
  const std::vector<Index>& partner = of_a ? result_.to_b : result_.to_a;
  const auto key = [&](std::size_t i) { return tree[all[i]].key; };
  const auto paired = [&](std::size_t i) { return partner[all[i]] != none; };
  const auto offset = static_cast<std::size_t>(rest.data() - all.data());
  for (const Run& run : fold(keys(tree, rest), result_.work)) {
    const std::size_t first = offset + run.first, end = offset + run.end();
    std::size_t before = 0, behind = 0;  // steps of the same pattern that both have
    while (first > before && budget_ > before && paired(first - before - 1) &&
           key(first - before - 1) == key(first - before - 1 + run.body)) {
      ++before;
    }
    while (end + behind < all.size() && budget_ > before + behind &&
           paired(end + behind) && key(end + behind) == key(end + behind - run.body)) {
      ++behind;
    }
    result_.work.visits += before + behind;
    if (budget_ <= before + behind) {
      return;  // many gaps in one long loop: rounds are not counted at each
    }
    budget_ -= before + behind;
    const auto shared = static_cast<std::uint32_t>((before + behind) / run.body);
    if (shared == 0) {
      continue;
    }
    const std::size_t start = first - before / run.body * run.body;
    const Index mine = all[start];
    const Index theirs = partner[before >= run.body ? mine : all[end]];
    if (theirs != none) {
      const std::uint32_t more = shared + run.rounds;
      result_.loops.push_back(of_a ? Loop{mine, theirs, run.body, more, shared}
                                   : Loop{theirs, mine, run.body, shared, more});
    }
  }
}

void Aligner::same_run(View a, View b, const Run& run_a, const Run& run_b) {
  if (run_a.rounds != run_b.rounds) {
    result_.loops.push_back(
        {a[run_a.first], b[run_b.first], run_a.body, run_a.rounds, run_b.rounds});
  }
  rounds_known_ = true;
  plain(a.subspan(run_a.first, run_a.end() - run_a.first),
        b.subspan(run_b.first, run_b.end() - run_b.first));
  rounds_known_ = false;
}

// Equal content first; what lies between is paired by key.
void Aligner::plain(View a, View b) {
  const auto hashes_a = hashes(a_, a), hashes_b = hashes(b_, b);
  along(a, b, common_subsequence(hashes_a, hashes_b, result_.work),
        [this](View left, View right) { leftover(left, right); });
}

void Aligner::leftover(View a, View b) {
  if (a.empty() || b.empty()) {
    one_sided(a, b);
    return;
  }
  const auto keys_a = keys(a_, a), keys_b = keys(b_, b);
  along(a, b, common_subsequence(keys_a, keys_b, result_.work),
        [this](View left, View right) { one_sided(left, right); });
}

// Now that it is known what each side has alone, every place is looked at once more.
// Stops where much of what was alone has found a partner: then it is known better.
// Returns whether any has.
bool Aligner::replace() {
  constexpr Index much = 8;  // an eighth
  bool any = false;
  const auto alone = std::ranges::count(result_.to_b, none);
  if (replacements_ == nullptr) {
    replacements_ = std::make_unique<Replacements>(a_, b_);
  }
  replacements_->look(result_);
  for (Index i = 0; i < a_.size(); ++i) {
    const Index b = result_.to_b[i];
    if (b == none) {
      continue;
    }
    if (a_[i].hash == b_[b].hash && a_[i].size == b_[b].size) {
      i = a_.last(i) - 1;  // nothing inside is alone
      continue;
    }
    const Index paired = replaced(i, b);
    any = any || paired != 0;
    drain();
    if (static_cast<std::int64_t>(paired) * much > alone) {
      return true;
    }
  }
  return any;
}

// The steps alone among the children, by the paired step in front of them.
Aligner::Gaps Aligner::gaps(const Tree& tree, Index parent, Index other_parent) {
  const bool of_a = &tree == &a_;
  const Tree& other = of_a ? b_ : a_;
  const std::vector<Index>& partner = of_a ? result_.to_b : result_.to_a;
  Gaps gaps;
  Index before = none;
  for (const Index child : tree.children(parent)) {
    ++result_.work.visits;
    const Index pair = partner[child];
    if (pair == none) {
      gaps[before].push_back(child);
    } else if (other[pair].parent == other_parent &&
               !options_.unordered.contains(tree.kind(child).name)) {
      before = of_a ? pair : child;
    }
  }
  return gaps;
}

// Returns how many steps lie in what it paired.
Index Aligner::replaced(Index a, Index b) {
  const Gaps of_b = gaps(b_, b, a);
  if (of_b.empty()) {
    return 0;
  }
  Index steps = 0;
  for (const auto& [before, in_a] : gaps(a_, a, b)) {
    const auto in_b = of_b.find(before);
    if (in_b == of_b.end()) {
      continue;
    }
    const auto symbols_a = replacements_->symbols_a(in_a);
    const auto symbols_b = replacements_->symbols_b(in_b->second);
    for (const Match& match : common_subsequence(symbols_a, symbols_b, result_.work)) {
      const Index x = in_a[match.a], y = in_b->second[match.b];
      replacements_->learn(x, y);
      pair(x, y);
      steps += a_[x].size;
    }
  }
  return steps;
}

}  // namespace

Alignment align(const Tree& a, const Tree& b, const AlignOptions& options) {
  return Aligner(a, b, options).run();
}

}  // namespace viz::diff
