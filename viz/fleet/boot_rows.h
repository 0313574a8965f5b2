// One boot as rows of a table: for each distinct step how often it happened and how long
// it took. Two steps are the same, in one boot or in two, if they are of one kind, have
// equal identity values and lie inside the same step; so a loop is one row with a count,
// and one round more changes no other row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "viz/diff/tree.h"

namespace viz::fleet {

struct StepRow {
  std::int64_t step = 0;    // equal in every boot where the same thing happened
  std::int64_t parent = 0;  // the step around it; 0: a thread
  std::string name, cat;
  std::string label;  // "type_initialize edu"
  std::string phase;  // "board"
  std::string loc;
  std::int64_t depth = 0;
};

struct TookRow {
  std::int64_t count = 0;
  std::int64_t start_ns = 0;  // of the first
  std::int64_t self_ns = 0;   // of all together, without the steps inside
  std::int64_t total_ns = 0;  // with them
};

struct BootRows {
  std::string started;         // wall clock, UTC
  std::string command;         // the command line
  std::int64_t structure = 0;  // equal for boots whose canonical traces are
  std::int64_t step_set = 0;   // equal for boots with the same steps, however often
  std::int64_t events = 0;
  std::int64_t lost = 0;
  std::int64_t unended = 0;    // steps that were open when the trace ended
  std::int64_t total_ns = 0;   // from the start to the end of the last step
  std::vector<StepRow> steps;  // each once
  std::vector<TookRow> took;   // of the step at the same place
};

BootRows rows_of(const diff::Tree& tree);

}  // namespace viz::fleet
