// Random edits of real boots against an oracle that knows nothing of trees: the longest
// common subsequence of the normalised lines (depth, identity, state), by the textbook's
// table. The diff of trees must be sound, and must not call more lines different.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "diff_traces.h"
#include "viz/diff/edits.h"

namespace {

using namespace viz::diff;

std::string data(const std::string& name) {
  return std::string(VITRINE_SOURCE_DIR) + "/tests/data/boots/" + name;
}

// A real event that can be written again at another place.
struct Step {
  int tid = 0;
  int depth = 0;
  trace::Phase phase = trace::Phase::instant;
  const trace::KindText* kind = nullptr;
  std::vector<trace::Arg> args;
};

class Boot {
 public:
  explicit Boot(const std::string& name) : reader_(data(name)) {
    std::map<std::uint64_t, int> depths{{0, -1}};
    trace::Event event;
    while (reader_.next(event)) {
      if (event.is_flow()) {
        continue;
      }
      const int depth = depths.at(event.par) + 1;
      depths[event.seq] = depth;
      for (trace::Arg& arg : event.args) {
        arg.text = texts_.emplace_back(arg.text);
        arg.json = {};
      }
      steps.push_back({event.tid, depth, event.phase, event.kind, event.args});
    }
  }

  std::string text() const {
    diff_test::Collected collected;
    trace::detail::JsonText out(collected);
    trace::write_again(out, reader_.header());
    std::map<int, std::vector<std::uint64_t>> open;
    std::uint64_t seq = 0;
    for (const Step& step : steps) {
      std::vector<std::uint64_t>& around = open[step.tid];
      around.resize(std::min(around.size(), static_cast<std::size_t>(step.depth)));
      trace::Event event;
      event.phase = step.phase;
      event.kind = step.kind;
      event.args = step.args;
      event.tid = step.tid;
      event.seq = ++seq;
      event.ts_ns = seq * 1000;
      event.par = around.empty() ? 0 : around.back();
      event.loc = "a.cc:1";
      // An instant holds nothing: what an edit put under it hangs on its parent.
      const bool span = step.phase == trace::Phase::span;
      around.push_back(span ? seq : event.par);
      trace::write_again(out, event);
    }
    trace::write_end(out);
    out.flush();
    return collected.text;
  }

  // The steps of the subtree at `at`, as long as they are neighbours.
  std::size_t end_of(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < steps.size() && steps[end].tid == steps[at].tid &&
           steps[end].depth > steps[at].depth) {
      ++end;
    }
    return end;
  }

  std::vector<Step> steps;

 private:
  trace::Reader reader_;
  std::deque<std::string> texts_;
};

// Not events that give objects their names: without one, all that is about the object
// means something else, which lines do not know.
bool names_objects(const Step& step) {
  return step.kind->name == "object_property_add_child" ||
         step.kind->name == "object_new";
}

bool safe(const Boot& boot, std::size_t at, std::size_t end) {
  return std::none_of(boot.steps.begin() + static_cast<std::ptrdiff_t>(at),
                      boot.steps.begin() + static_cast<std::ptrdiff_t>(end),
                      names_objects);
}

void edit(Boot& boot, std::mt19937& random) {
  const std::size_t at = random() % boot.steps.size();
  const std::size_t end = boot.end_of(at);
  const auto begin = boot.steps.begin();
  const auto first = begin + static_cast<std::ptrdiff_t>(at);
  const auto last = begin + static_cast<std::ptrdiff_t>(end);
  std::vector<Step> part(first, last);
  if (end - at > 60 || !safe(boot, at, end)) {
    return;
  }
  switch (random() % 5) {
    case 0:  // a subtree less
      boot.steps.erase(first, last);
      return;
    case 1:  // an equal sibling more
      boot.steps.insert(first, part.begin(), part.end());
      return;
    case 2: {  // a loop
      std::vector<Step> loop;
      for (unsigned i = 0, rounds = 2 + random() % 20; i < rounds; ++i) {
        loop.insert(loop.end(), part.begin(), part.end());
      }
      boot.steps.insert(first, loop.begin(), loop.end());
      return;
    }
    case 3:  // other values
      for (trace::Arg& arg : first->args) {
        if (arg.field->role == trace::Role::state &&
            arg.field->type == trace::Type::text) {
          arg.text = "edited";
        }
      }
      return;
    case 4: {  // elsewhere, at the same depth
      const std::size_t to = random() % boot.steps.size();
      if ((to < at || to >= end) && boot.steps[to].tid == part[0].tid) {
        const int deeper = boot.steps[to].depth - part[0].depth;
        for (Step& step : part) {
          step.depth += deeper;
        }
        boot.steps.erase(first, last);
        const std::size_t place = to < at ? to : to - (end - at);
        boot.steps.insert(boot.steps.begin() + static_cast<std::ptrdiff_t>(place),
                          part.begin(), part.end());
      }
      return;
    }
  }
}

// One number a step: depth, identity and state.
std::vector<std::uint64_t> lines_of(const Tree& tree) {
  std::vector<std::uint64_t> lines(tree.size()), depths(tree.size());
  for (Index i = 1; i < tree.size(); ++i) {
    depths[i] = depths[tree[i].parent] + 1;
    lines[i] = mix(depths[i], tree[i].key);
    for (std::size_t k = 0; k < tree.values(i).size(); ++k) {
      lines[i] = mix(lines[i], tree.meaning(i, k));
    }
  }
  return lines;
}

std::size_t longest(const std::vector<std::uint64_t>& a,
                    const std::vector<std::uint64_t>& b) {
  std::vector<std::uint32_t> row(b.size() + 1), above(b.size() + 1);
  for (const std::uint64_t line : a) {
    above.swap(row);
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = line == b[j] ? above[j] + 1 : std::max(row[j], above[j + 1]);
    }
  }
  return row.back();
}

// What holds for every alignment, right or not.
void expect_sound(const Tree& a, const Tree& b, const Alignment& alignment) {
  for (Index i = 1; i < b.size(); ++i) {
    const Index in_a = alignment.to_a[i];
    if (in_a == none) {
      continue;
    }
    ASSERT_EQ(alignment.to_b[in_a], i) << "pairs are pairs from both sides";
    if (!alignment.moved.contains(i)) {
      ASSERT_EQ(alignment.to_b[a[in_a].parent], b[i].parent) << b.label(i);
    }
  }
  for (Index parent = 0; parent < b.size(); ++parent) {
    Index before = 0;
    for (const Index child : b.children(parent)) {
      const Index in_a = alignment.to_a[child];
      if (in_a != none && !alignment.moved.contains(child)) {
        ASSERT_LT(before, in_a) << "siblings stay in order: " << b.label(child);
        before = in_a;
      }
    }
  }
}

struct Score {
  std::uint64_t cases = 0, agree = 0, oracle = 0, worse = 0;
};

void compare_one(const Tree& a, const std::string& text, Score& score) {
  const Tree b = Tree::from_text(text, "edited");
  const Alignment alignment = align(a, b);
  expect_sound(a, b, alignment);
  const auto lines_a = lines_of(a), lines_b = lines_of(b);
  const Edits edits = edits_of(a, b, alignment);
  ASSERT_EQ(edits.totals.same(), lines_a == lines_b);
  ASSERT_EQ(edits.totals.agree + edits.totals.changed + edits.totals.replaced +
                edits.totals.removed,
            a.steps());
  const std::size_t oracle = longest(lines_a, lines_b);
  // Its lines and the two that stand for trace and thread are no steps.
  std::size_t kept = 0;
  for (Index i = 0; i < b.size(); ++i) {
    const Index in_a = alignment.to_a[i];
    kept += in_a != none && lines_a[in_a] == lines_b[i] ? 1 : 0;
  }
  ++score.cases;
  score.agree += kept;
  score.oracle += oracle;
  score.worse += kept < oracle ? 1 : 0;
}

// The table of the oracle is what takes long under a sanitizer, and it is not what a
// sanitizer is for.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

class DiffOracle : public testing::TestWithParam<const char*> {};

// Never fewer lines kept than the oracle keeps. More are kept where something moved.
TEST_P(DiffOracle, random_edits_are_found_as_the_oracle_finds_them) {
  const int cases = sanitized ? 100 : 750;
  std::mt19937 random(7);
  const Boot boot(GetParam());
  const Tree a = Tree::from_text(boot.text(), "boot");
  Score score;
  for (int i = 0; i < cases && !HasFatalFailure(); ++i) {
    Boot edited(GetParam());
    const unsigned edits = 1 + random() % 12;
    for (unsigned k = 0; k < edits; ++k) {
      edit(edited, random);
    }
    compare_one(a, edited.text(), score);
  }
  std::printf("%llu cases: %llu lines kept, the oracle keeps %llu\n",
              static_cast<unsigned long long>(score.cases),
              static_cast<unsigned long long>(score.agree),
              static_cast<unsigned long long>(score.oracle));
  EXPECT_EQ(score.cases, static_cast<std::uint64_t>(cases));
  EXPECT_EQ(score.worse, 0U);
}

INSTANTIATE_TEST_SUITE_P(Boots, DiffOracle,
                         testing::Values("pc-kvm.json.zst", "pc-tcg.json.zst",
                                         "isapc-kvm.json.zst", "guest-tcg.json.zst"));

}  // namespace
