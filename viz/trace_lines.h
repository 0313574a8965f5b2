// A type model from lines of which each is one event as JSON: the rows of an .ndjson
// trace, or events written by hand.
#pragma once

#include <functional>
#include <string_view>

#include "viz/model.h"
#include "viz/model_events.h"

namespace viz {

// Gives the next line; false at the end. The line lives until the next call.
using NextLine = std::function<bool(std::string_view& line)>;

// The lines of a text in memory, which must outlive what is returned.
NextLine lines_of(std::string_view text);

// What a row says beside the event.
struct Row {
  std::string cat;
  int tid = 0;
  bool instant = false;
};

// Calls `take` with every event. Lines may also stand in an array, with commas; the
// header line and counters are no events. A last line cut short (a killed run) is left
// out. Throws std::runtime_error with the line's number for any other line that is none.
void each_row(const NextLine& next,
              const std::function<void(const TypeEvent&, const Row&)>& take);

// A settled model. Throws as each_row() does.
TypeModel model_from_rows(const NextLine& next);

// The same from memory.
TypeModel model_from_trace_lines(std::string_view text);

}  // namespace viz
