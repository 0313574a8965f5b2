// A type model from a trace file, streamed: never the whole trace in memory.
#pragma once

#include <string>
#include <string_view>

#include "trace/read/reader.h"
#include "viz/model.h"
#include "viz/model_events.h"

namespace viz {

// Reads a .json trace with the strict reader, or the rows of an .ndjson one; either
// may be compressed; "-" is standard input. Throws trace::ReadError naming line and
// column, std::system_error naming the file.
TypeModel model_from_trace(const std::string& file);

// The same from memory, .json form only; `name` is for messages.
TypeModel model_from_trace_text(std::string_view text, const std::string& name);

// An event of the reader with its values as text; lives until the reader's next().
TypeEvent type_event(const trace::Event& event);

// True for the .ndjson form: rows begin with an object, the array form with a bracket.
bool trace_has_rows(const std::string& file);

}  // namespace viz
