// A type model from lines of which each is one event as JSON: the rows of an .ndjson
// trace, or events written by hand.
#pragma once

#include <functional>
#include <string_view>

#include "viz/model.h"

namespace viz {

// Gives the next line; false at the end. The line lives until the next call.
using NextLine = std::function<bool(std::string_view& line)>;

// A settled model. Lines may also stand in an array, with commas. A last line cut
// short (a killed run) is left out. Throws std::runtime_error with the line's number
// for any other line that is no event.
TypeModel model_from_rows(const NextLine& next);

// The same from memory.
TypeModel model_from_trace_lines(std::string_view text);

}  // namespace viz
