// A start reduced to what a debugger can see of any QEMU with symbols: functions of the
// start entered, classes made with their interfaces, objects made by type, children
// added, devices realized. In this view a measured start of QEMU 4.0 and a trace of ours
// are traces of the same form, and a diff compares them step by step.
//
// The order in which classes are made is that of a hash table in QEMU, so each class is
// one step by itself here; compare with `unordered = {"type_initialize"}`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "viz/diff/edits.h"

namespace viz::diff {

struct StartupStep {
  enum class What : std::uint8_t {
    function,
    klass,
    interface_class,
    made,
    child,
    realize
  };
  What what = What::function;
  std::string name;    // function, or type: of the class, the new object, the child
  std::string parent;  // child: the parent's type
  std::string detail;  // interface, property name, "true"/"false"
};

struct Startup {
  std::string source;  // the command line
  std::vector<StartupStep> steps;
  std::set<std::string> types;  // registered, as far as the source tells
};

// The format of ground facts: {"command_line": ..., "events": [["phase", f], ["class",
// T],
// ["new", T], ["child", P, name, T], ["realize", T], ...]}. Throws std::runtime_error.
Startup startup_from_measured(std::string_view text, const std::string& name);
// A trace of ours, by its file. Throws what the reader throws.
Startup startup_from_trace(const std::string& file);
// Either of them, told apart by its beginning.
Startup load_startup(const std::string& file);

// The view as a trace in .json form.
std::string startup_trace(const Startup& startup);

// How many steps agree, by phase. Types only one of the sides knows are counted apart.
struct ParityRow {
  std::string phase;
  std::uint64_t agree = 0, missing = 0, extra = 0, foreign = 0;
};

// `theirs` is the model, `ours` is judged.
std::vector<ParityRow> parity(const Startup& theirs, const Startup& ours);
std::string parity_text(const std::vector<ParityRow>& rows);

}  // namespace viz::diff
