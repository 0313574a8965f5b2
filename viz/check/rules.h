// Rules that a trace must obey: what labs and CI stand on. A rules file is JSON
// (trace/schema/vitrine-rules.schema.json); each rule has an id and exactly one of
//
//   count        {"event": S, "exactly" | "at_least" | "at_most": n}
//   before       {"first": S, "then": S}              the first of each, in this order
//   within       {"event": S, "of": S, "us" | "steps": n}   each, so soon after an `of`
//   never_until  {"event": S, "until": S}             none before the first `until`
//   cause        {"event": S, "by": [S, ...]}         each lies in these, outermost first
//   state_at     {"at": S, "event": S, "field": f, "is": pattern}   the last one before
//   same_as      {"trace": file, "cat": [...], "leave_out": [...], "unordered": [...]}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "viz/check/selector.h"

namespace viz::check {

struct Count {
  Selector event;
  std::optional<std::uint64_t> at_least, at_most;
};

struct Before {
  Selector first, then;
};

struct Within {
  Selector event, of;
  std::optional<double> us;
  std::optional<std::uint64_t> steps;
};

struct NeverUntil {
  Selector event, until;
};

struct Cause {
  Selector event;
  std::vector<Selector> by;
};

struct StateAt {
  Selector at, event;
  std::string field, is;
};

struct SameAs {
  std::string trace;  // as it stands in the file, relative to it
  std::vector<std::string> categories, leave_out, unordered;
};

struct Rule {
  std::string id;
  std::string say;   // what it means, for people
  std::string hint;  // what to do when it fails
  std::variant<Count, Before, Within, NeverUntil, Cause, StateAt, SameAs> what;
};

struct Rules {
  std::string title;
  std::string folder;  // of the file: traces are looked for there
  std::vector<Rule> rules;
};

// Throws std::runtime_error that names the file, the rule and what is wrong with it.
Rules load_rules(const std::string& file);
Rules rules_from(std::string_view text, const std::string& name);

// The verdict about one rule.
struct Finding {
  const Rule* rule = nullptr;
  bool holds = false;
  std::string expected, got;
  Index where = diff::none;  // the step to look at
  std::string why;
};

// Rules in the order of the file. Throws for a golden trace that cannot be read.
std::vector<Finding> check(const Tree& tree, const Rules& rules);

struct Result {
  const Rules* rules = nullptr;
  const Tree* tree = nullptr;
  std::vector<Finding> findings;

  bool holds() const;
};

std::string result_text(const Result& result, bool colour);
std::string result_json(const Result& result);   // vitrine-check.schema.json
std::string result_junit(const Result& result);  // XML

}  // namespace viz::check
