// A type model from a trace file, streamed: never the whole trace in memory.
#pragma once

#include <string>
#include <string_view>

#include "viz/model.h"

namespace viz {

// Reads a .json trace with the strict reader, or the rows of an .ndjson one; either
// may be compressed; "-" is standard input. Throws trace::ReadError naming line and
// column, std::system_error naming the file.
TypeModel model_from_trace(const std::string& file);

// The same from memory, .json form only; `name` is for messages.
TypeModel model_from_trace_text(std::string_view text, const std::string& name);

}  // namespace viz
