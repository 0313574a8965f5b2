// Traces into a fleet, for the verbs that need one: `vitrine fleet` and `vitrine export`.
#pragma once

#include <string>
#include <vector>

#include "viz/fleet/load.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace tools {

struct FleetSource {
  std::vector<std::string> files;  // and folders
  std::string database;            // empty: in memory
  unsigned threads = 0;            // 0: one for each processor
};

// The options of a verb that say where its boots come from.
void declare_source(CLI::App& app, FleetSource& source);

// Loads what is new; shows progress if standard error is a terminal. Throws
// std::runtime_error if there is nothing to load and nothing loaded before.
viz::fleet::Loaded load_fleet(viz::fleet::Fleet& fleet, const FleetSource& source);

}  // namespace tools
