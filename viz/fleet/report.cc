#include "viz/fleet/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace viz::fleet {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t compared_structures = 20;

const Table& answer(const FleetReport& report, std::string_view name) {
  return std::ranges::find(report.answers, name, &NamedTable::name)->table;
}

ordered_json json_of(const Value& value) {
  return std::visit([](const auto& of) { return ordered_json(of); }, value);
}

ordered_json json_of(const Table& table) {
  ordered_json rows = ordered_json::array();
  for (const std::vector<Value>& row : table.rows) {
    ordered_json object = ordered_json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      object[table.columns[i]] = json_of(row[i]);
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

std::string_view name_of(Period period) {
  switch (period) {
    case Period::month:
      return "month";
    case Period::day:
      return "day";
    case Period::hour:
      return "hour";
    case Period::minute:
      return "minute";
    case Period::second:
      return "second";
  }
  return "";
}

}  // namespace

FleetReport report_of(Fleet& fleet, const Loaded& loaded, const Limits& limits,
                      Period period) {
  FleetReport report;
  report.loaded = loaded;
  report.boots = fleet.boots();
  report.events = fleet.events();
  report.limits = limits;
  report.period = period;
  report.bad = fleet.bad();
  report.answers = fleet.answers(limits, period);
  const Table& structures = answer(report, "structures");
  for (std::size_t i = 0; i < std::min(structures.rows.size(), compared_structures);
       ++i) {
    report.differences.push_back(fleet.differences(structures.integer(i, "example"),
                                                   structures.integer(0, "example")));
  }
  return report;
}

std::string fleet_json(const FleetReport& report) {
  const Loaded& loaded = report.loaded;
  ordered_json json{{"schema", 1},
                    {"boots", report.boots},
                    {"events", report.events},
                    {"files",
                     {{"asked_for", loaded.files},
                      {"loaded", loaded.loaded},
                      {"known", loaded.known},
                      {"changed", loaded.changed},
                      {"same_bytes", loaded.same},
                      {"bad", loaded.bad},
                      {"not_named_as_traces", loaded.left_out}}},
                    {"limits",
                     {{"least_ns", report.limits.least_ns},
                      {"least_percent", report.limits.least_percent},
                      {"least_spreads", report.limits.least_spreads},
                      {"rare_percent", report.limits.rare_percent}}},
                    {"period", name_of(report.period)},
                    {"bad", json_of(report.bad)}};
  for (const NamedTable& of : report.answers) {
    json[of.name] = json_of(of.table);
  }
  ordered_json differences = ordered_json::array();
  for (const auto& [only_here, lacking] : report.differences) {
    differences.push_back({{"only_here", only_here}, {"lacking", lacking}});
  }
  json["structure_differences"] = std::move(differences);
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace viz::fleet
