// What a diff has to say, gathered for people: edits of one subject and phase make one
// group ("kvm-i8259 in the place of isa-i8259, 24 steps"), and each group is traced back
// to the arguments of the command line that differ.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/diff/edits.h"
#include "viz/diff/timing.h"

namespace viz::diff {

// A difference between the two command lines. An argument of many parts ("pc,accel=kvm")
// is one of these for each part that differs.
struct Argument {
  std::string option;  // "machine", without dashes
  std::string key;     // "accel"; empty: the argument itself
  std::string a, b;    // the two values
  bool in_a = false, in_b = false;
  std::string used_in;           // the phase that reads it
  std::string whole_a, whole_b;  // the argument with all its parts
};

// The options of a run as its trace tells them, each with its argument.
struct Option {
  std::string name, argument, used_in;
  bool operator==(const Option&) const = default;
};

std::vector<Option> options_of(const Tree& tree);

// The options of A with this one difference as it is in B.
std::vector<Option> with_change(std::vector<Option> options, const Argument& argument);

// "-machine accel=kvm", "no -nodefaults".
std::string text_of(const Argument& argument, bool in_a);

enum class Evidence : std::uint8_t {
  unknown,    // no argument is known to cause it
  only,       // it is the only argument that differs
  read_here,  // the phase in which it happens reads the argument
  linked,     // shares names with a group that the argument names
  named,      // its steps name the argument's value
  together,   // it comes only when several arguments are changed
  confirmed,  // it comes when only this argument is changed
};

std::string_view to_string(Evidence evidence);

struct Group {
  EditKind kind = EditKind::removed;
  std::vector<std::string> phases;
  std::string subject;               // a type, or an event's name
  std::vector<std::uint32_t> edits;  // into Edits::list
  std::uint64_t steps_a = 0, steps_b = 0;
  std::vector<std::uint32_t> causes;  // into Report::arguments
  Evidence evidence = Evidence::unknown;
};

struct Report {
  const Tree* a = nullptr;
  const Tree* b = nullptr;
  Alignment alignment;
  Edits edits;
  std::vector<Group> groups;  // in the order of their first edit
  std::vector<Argument> arguments;
  Timing timing;

  // 0 the same, 1 the structure differs, 2 only times do.
  int verdict() const {
    const bool slower = timing.judged && !timing.slower_or_faster.empty();
    return !edits.totals.same() ? 1 : slower ? 2 : 0;
  }
};

struct ReportOptions {
  AlignOptions align;
  TimingOptions timing;
  std::vector<const Tree*> more_a, more_b;  // further runs of each side, for times
};

// The trees must outlive the report.
Report compare(const Tree& a, const Tree& b, const ReportOptions& options = {});

// The parts compare() is made of.
std::vector<Group> groups_of(const Tree& a, const Tree& b, const Edits& edits);
std::vector<Argument> arguments_of(const Tree& a, const Tree& b);
void find_causes(Report& report);

// The swap test: `alone[i]` compares A with a run in which only argument i was changed.
// Causes that it shows are confirmed; what none of them shows needs several.
void confirm_causes(Report& report, const std::vector<Report>& alone);

// What an edit is, the same in every comparison in which it turns up.
std::uint64_t signature(const Tree& a, const Tree& b, const Edit& edit);

// The step an edit shows: of B where there is one.
struct Shown {
  const Tree* tree = nullptr;
  Index node = none;
};

Shown shown(const Tree& a, const Tree& b, const Edit& edit);

// The edit that comes first in time: what comes after may follow from it.
const Edit* first_divergence(const Report& report);

// The steps around one, from the outermost in: "phase board > machine_run_board_init pc".
std::string chain_of(const Tree& tree, Index node);

}  // namespace viz::diff
