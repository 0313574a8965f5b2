// A type model from the text of a trace: an array with one event a line (.json), or
// a header line and one row a line (.ndjson).
#pragma once

#include <string_view>

#include "viz/model.h"

namespace viz {

// A settled model. A last line cut short (a killed run) is left out. Throws
// std::runtime_error with the line's number for any other line that is no event.
TypeModel model_from_trace_lines(std::string_view text);

}  // namespace viz
