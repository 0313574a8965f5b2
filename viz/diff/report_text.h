// A report for people: on a terminal, on a projector, in a log.
#pragma once

#include <cstddef>
#include <string>

#include "viz/diff/report.h"

namespace viz::diff {

struct TextOptions {
  bool colour = false;
  bool explain = false;    // arguments and their effects first
  bool all = false;        // every edit, not only the groups
  std::size_t limit = 12;  // groups of one phase and edits of one group; 0: no limit
};

std::string report_text(const Report& report, const TextOptions& options);

// A group in one line, without its sign: "kvm-i8259 → isa-i8259: 2 objects, 24 steps".
std::string headline(const Report& report, const Group& group);

// "12.3 us", "4.56 ms": three digits.
std::string time_text(double ns);

}  // namespace viz::diff
