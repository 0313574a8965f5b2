// A fleet's answers for people and for programs.
#pragma once

#include <cstdint>
#include <string>

#include "viz/fleet/fleet.h"
#include "viz/fleet/load.h"

namespace viz::fleet {

struct FleetReport {
  Loaded loaded;
  std::int64_t boots = 0;
  std::int64_t events = 0;
  Limits limits;
  Period period = Period::day;
  Table bad;
  std::vector<NamedTable> answers;
  // By row of `structures`, the first few: steps that only this boot has, or only the
  // most frequent one.
  std::vector<std::pair<std::int64_t, std::int64_t>> differences;
};

FleetReport report_of(Fleet& fleet, const Loaded& loaded, const Limits& limits,
                      Period period);

struct FleetTextOptions {
  bool colour = false;
  std::size_t limit = 10;  // rows of each answer; 0: all
};

std::string fleet_text(const FleetReport& report, const FleetTextOptions& options = {});
// vitrine-fleet.schema.json
std::string fleet_json(const FleetReport& report);

}  // namespace viz::fleet
