// -trace, -d and -D: what is recorded, and where it goes.
#pragma once

#include <string>
#include <vector>

#include "options/command_line.h"
#include "trace/window.h"

namespace launcher {

// What the words of a command line ask of the recorder, found before it is parsed.
struct TraceRequest {
  bool asked = false;
  bool watched = false;   // -watch
  bool mistaken = false;  // the parser of the command line will say what is wrong
  std::string file;       // empty: none named
  std::vector<std::string> patterns;
  trace::Window window;
};

TraceRequest find_trace_request(const std::vector<std::string>& args);

// Answers -trace help and -d help; opens the log with the items of -d.
void start_logging(const options::CommandLine& line);

}  // namespace launcher
