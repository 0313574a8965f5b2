// What each kind of rule asks of a trace.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <unordered_set>

#include "viz/check/rules.h"
#include "viz/diff/report.h"
#include "viz/diff/report_text.h"

namespace viz::check {

namespace {

using diff::none;

std::string step_text(const Tree& tree, Index node) {
  return "\"" + tree.label(node) + "\" (step " + std::to_string(tree[node].seq) + ")";
}

std::string times(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " time" : " times");
}

class Checker {
 public:
  Checker(const Tree& tree, const Rules& rules) : tree_(tree), rules_(rules) {}

  Finding check(const Rule& rule) {
    finding_ = {};
    finding_.rule = &rule;
    std::visit([this](const auto& what) { (*this)(what); }, rule.what);
    return finding_;
  }

  void operator()(const Count& rule);
  void operator()(const Before& rule);
  void operator()(const Within& rule);
  void operator()(const NeverUntil& rule);
  void operator()(const Cause& rule);
  void operator()(const StateAt& rule);
  void operator()(const SameAs& rule);

 private:
  void fails(std::string got, Index where, std::string why) {
    finding_.holds = false;
    finding_.got = std::move(got);
    finding_.where = where;
    finding_.why = std::move(why);
  }

  void holds(std::string got, Index where = none) {
    finding_.holds = true;
    finding_.got = std::move(got);
    finding_.where = where;
  }

  // For an event that never happens: what is most like it.
  std::string absent(const Selector& selector) const;
  bool caused(Index node, const std::vector<Selector>& by) const;

  const Tree& tree_;
  const Rules& rules_;
  Finding finding_;
};

std::string Checker::absent(const Selector& selector) const {
  std::size_t same_name = 0;
  Index first = none;
  for (Index i = 1; i < tree_.size(); ++i) {
    if (pattern_matches(selector.name, tree_.kind(i).name)) {
      first = first == none ? i : first;
      ++same_name;
    }
  }
  if (same_name == 0) {
    return "no event of this trace has the name " + selector.name;
  }
  return selector.name + " happens " + times(same_name) +
         ", but never with these values; the first is " + step_text(tree_, first);
}

void Checker::operator()(const Count& rule) {
  const std::vector<Index> found = rule.event.all(tree_);
  const std::string event = rule.event.text();
  const bool exact = rule.at_least == rule.at_most;
  finding_.expected =
      event + (exact ? " exactly " + times(*rule.at_least)
               : rule.at_least.has_value() && rule.at_most.has_value()
                   ? " " + std::to_string(*rule.at_least) + " to " + times(*rule.at_most)
               : rule.at_least.has_value() ? " at least " + times(*rule.at_least)
                                           : " at most " + times(*rule.at_most));
  const std::string got = times(found.size());
  if (rule.at_least.has_value() && found.size() < *rule.at_least) {
    fails(got, found.empty() ? none : found.back(),
          found.empty() ? absent(rule.event)
                        : "the last one is " + step_text(tree_, found.back()));
  } else if (rule.at_most.has_value() && found.size() > *rule.at_most) {
    const Index extra = found[*rule.at_most];
    fails(got, extra, "the first that is too many is " + step_text(tree_, extra));
  } else {
    holds(got);
  }
}

void Checker::operator()(const Before& rule) {
  finding_.expected = rule.first.text() + " before " + rule.then.text();
  const std::vector<Index> first = rule.first.all(tree_), then = rule.then.all(tree_);
  if (first.empty() || then.empty()) {
    const Selector& missing = first.empty() ? rule.first : rule.then;
    fails(missing.text() + " never happens", none, absent(missing));
  } else if (tree_[first[0]].seq > tree_[then[0]].seq) {
    fails(step_text(tree_, then[0]) + " comes first", then[0],
          step_text(tree_, first[0]) + " comes only " +
              std::to_string(tree_[first[0]].seq - tree_[then[0]].seq) + " steps later");
  } else {
    holds(step_text(tree_, first[0]) + ", then " + step_text(tree_, then[0]), first[0]);
  }
}

void Checker::operator()(const Within& rule) {
  const std::string limit = rule.us.has_value() ? diff::time_text(*rule.us * 1e3)
                                                : std::to_string(*rule.steps) + " steps";
  finding_.expected =
      "each " + rule.event.text() + " within " + limit + " of " + rule.of.text();
  const std::vector<Index> events = rule.event.all(tree_), starts = rule.of.all(tree_);
  auto start = starts.begin();
  Index last = none;
  for (const Index event : events) {
    while (start != starts.end() && tree_[*start].seq < tree_[event].seq) {
      last = *start++;
    }
    if (last == none) {
      fails(step_text(tree_, event) + " without one before it", event,
            starts.empty() ? absent(rule.of)
                           : "the first " + rule.of.text() + " comes later");
      return;
    }
    const double ns =
        static_cast<double>(tree_[event].ts_ns) - static_cast<double>(tree_[last].ts_ns);
    const std::uint64_t steps = tree_[event].seq - tree_[last].seq;
    if (rule.us.has_value() ? ns > *rule.us * 1e3 : steps > *rule.steps) {
      fails(step_text(tree_, event) + " after " +
                (rule.us.has_value() ? diff::time_text(ns)
                                     : std::to_string(steps) + " steps"),
            event, "the " + rule.of.text() + " before it is " + step_text(tree_, last));
      return;
    }
  }
  if (events.empty()) {
    fails("it never happens", none, absent(rule.event));
  } else {
    holds(times(events.size()) + ", each in time");
  }
}

void Checker::operator()(const NeverUntil& rule) {
  finding_.expected = "no " + rule.event.text() + " before " + rule.until.text();
  const std::vector<Index> events = rule.event.all(tree_), ends = rule.until.all(tree_);
  if (ends.empty()) {
    fails(rule.until.text() + " never happens", events.empty() ? none : events[0],
          absent(rule.until));
  } else if (!events.empty() && tree_[events[0]].seq < tree_[ends[0]].seq) {
    fails(step_text(tree_, events[0]), events[0],
          step_text(tree_, ends[0]) + " comes only " +
              std::to_string(tree_[ends[0]].seq - tree_[events[0]].seq) + " steps later");
  } else {
    holds("none", ends[0]);
  }
}

// The steps around `node` have the selectors in this order, others between.
bool Checker::caused(Index node, const std::vector<Selector>& by) const {
  auto wanted = by.rbegin();
  for (Index at = tree_[node].parent; at != none && wanted != by.rend();
       at = tree_[at].parent) {
    wanted += wanted->matches(tree_, at) ? 1 : 0;
  }
  return wanted == by.rend();
}

void Checker::operator()(const Cause& rule) {
  std::string chain;
  for (const Selector& by : rule.by) {
    chain += (chain.empty() ? "" : ", then ") + by.text();
  }
  finding_.expected = "each " + rule.event.text() + " inside " + chain;
  const std::vector<Index> events = rule.event.all(tree_);
  const auto other =
      std::ranges::find_if(events, [&](Index i) { return !caused(i, rule.by); });
  if (events.empty()) {
    fails("it never happens", none, absent(rule.event));
  } else if (other != events.end()) {
    const std::string around = diff::chain_of(tree_, *other);
    fails(step_text(tree_, *other), *other,
          around.empty() ? "it lies in no other step" : "it lies in " + around);
  } else {
    holds(times(events.size()) + ", each there", events[0]);
  }
}

void Checker::operator()(const StateAt& rule) {
  finding_.expected = "at " + rule.at.text() + ", " + rule.field + " of the last " +
                      rule.event.text() + " is " + rule.is;
  const std::vector<Index> points = rule.at.all(tree_), events = rule.event.all(tree_);
  if (points.empty()) {
    fails(rule.at.text() + " never happens", none, absent(rule.at));
    return;
  }
  Index last = none;
  for (const Index event : events) {
    last = tree_[event].seq <= tree_[points[0]].seq ? event : last;
  }
  if (last == none) {
    fails("none has happened by then", points[0],
          events.empty() ? absent(rule.event)
                         : "the first comes later: " + step_text(tree_, events[0]));
    return;
  }
  const std::string value(tree_.value(last, rule.field));
  if (pattern_matches(rule.is, value)) {
    holds(rule.field + " is " + value, last);
  } else {
    fails(rule.field + " is " + (value.empty() ? "nothing" : value), last,
          "the last one before is " + step_text(tree_, last));
  }
}

void Checker::operator()(const SameAs& rule) {
  const std::string file = (std::filesystem::path(rules_.folder) / rule.trace).string();
  finding_.expected = "the same steps as " + rule.trace;
  diff::LoadOptions load;
  load.categories = {rule.categories.begin(), rule.categories.end()};
  load.leave_out = {rule.leave_out.begin(), rule.leave_out.end()};
  const Tree golden = Tree::load(file, load);
  const Tree ours = Tree::load(tree_.file(), load);
  diff::ReportOptions options;
  options.align.unordered = {rule.unordered.begin(), rule.unordered.end()};
  options.timing.compare = false;
  const diff::Report report = diff::compare(golden, ours, options);
  const diff::Totals& totals = report.edits.totals;
  if (totals.same()) {
    holds(std::to_string(totals.agree) + " steps agree");
    return;
  }
  const diff::Edit* first = diff::first_divergence(report);
  const diff::Shown at = diff::shown(golden, ours, *first);
  fails(std::to_string(totals.removed) + " steps missing, " +
            std::to_string(totals.added) + " too many, " +
            std::to_string(totals.changed + totals.replaced) + " others, " +
            std::to_string(totals.moved) + " elsewhere",
        none,
        "the first difference: " + std::string(to_string(first->kind)) + " \"" +
            at.tree->label(at.node) + "\" in " + diff::phase_of(*at.tree, at.node));
}

}  // namespace

std::vector<Finding> check(const Tree& tree, const Rules& rules) {
  Checker checker(tree, rules);
  std::vector<Finding> findings;
  for (const Rule& rule : rules.rules) {
    findings.push_back(checker.check(rule));
  }
  return findings;
}

}  // namespace viz::check
