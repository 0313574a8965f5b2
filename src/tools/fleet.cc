// `vitrine fleet`: thousands of boots at once. Which step is rare, which boot is slow and
// where, which boots are built alike, what drifted.
//
//   vitrine fleet FOLDER                      reads, answers, keeps nothing
//   vitrine fleet --db fleet.db FOLDER        reads what is new since the last time
//   vitrine fleet --db fleet.db               answers from what was read before
//
// Exit codes: 0 done, 2 done but files could not be read, 3 an error.
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <system_error>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include "tools/fleet_load.h"
#include "tools/tool.h"
#include "viz/fleet/report.h"

namespace tools {

namespace {

namespace fleet = viz::fleet;

constexpr int some_bad = 2, an_error = 3;

struct Options {
  FleetSource source;
  double least_us = 1000;
  std::int64_t least_percent = 50, least_spreads = 3, rare_percent = 5;
  std::string per, output, colour = "auto";
  std::size_t limit = 10;
  bool json = false;
};

fleet::Period period(const std::string& name, fleet::Fleet& boots) {
  return name == "month"    ? fleet::Period::month
         : name == "day"    ? fleet::Period::day
         : name == "hour"   ? fleet::Period::hour
         : name == "minute" ? fleet::Period::minute
         : name == "second" ? fleet::Period::second
                            : boots.period();
}

void write(const Options& options, const std::string& text) {
  std::FILE* to =
      options.output.empty() ? stdout : std::fopen(options.output.c_str(), "wb");
  if (to == nullptr) {
    throw std::system_error(errno, std::generic_category(),
                            "fleet: cannot write " + options.output);
  }
  const bool whole = std::fwrite(text.data(), 1, text.size(), to) == text.size();
  const bool closed = to == stdout || std::fclose(to) == 0;
  if (!whole || !closed) {
    throw std::runtime_error("fleet: the report could not be written");
  }
}

int answer(const Options& options) {
  fleet::Fleet boots(options.source.database);
  const fleet::Loaded loaded = load_fleet(boots, options.source);
  const fleet::Limits limits{static_cast<std::int64_t>(options.least_us * 1000),
                             options.least_percent, options.least_spreads,
                             options.rare_percent};
  const fleet::FleetReport report =
      fleet::report_of(boots, loaded, limits, period(options.per, boots));
  const bool colour =
      options.colour == "always" || (options.colour == "auto" && options.output.empty() &&
                                     ::isatty(STDOUT_FILENO) == 1);
  write(options, options.json ? fleet::fleet_json(report)
                              : fleet::fleet_text(report, {colour, options.limit}));
  return report.bad.rows.empty() ? 0 : some_bad;
}

void declare(CLI::App& app, Options& options) {
  declare_source(app, options.source);
  app.add_option("--over-us", options.least_us,
                 "A time counts as slower from so many microseconds on")
      ->capture_default_str();
  app.add_option("--over-percent", options.least_percent, "and from so many percent on")
      ->capture_default_str();
  app.add_option("--over-spreads", options.least_spreads,
                 "and from so many spreads (median distances from the median) on")
      ->capture_default_str();
  app.add_option("--rare-percent", options.rare_percent,
                 "A step is rare if at most so many percent of the boots do or lack it")
      ->check(CLI::Range(0, 50))
      ->capture_default_str();
  app.add_option("--per", options.per, "Gather boots by this; else what tells them apart")
      ->check(CLI::IsMember({"month", "day", "hour", "minute", "second"}));
  app.add_option("--limit", options.limit, "Rows of each answer; 0 is all")
      ->capture_default_str();
  app.add_flag("--json", options.json, "For programs (vitrine-fleet.schema.json)");
  app.add_option("-o,--output", options.output, "Write to a file");
  app.add_option("--color", options.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

int fleet_main(int argc, char** argv) {
  CLI::App app{
      "Looks at thousands of boots: rare steps, slow boots and where, equal structures,\n"
      "drift over time.\n"
      "Exit codes: 0 done, 2 done but some files could not be read, 3 an error.",
      "vitrine fleet"};
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : an_error;
  }
  try {
    return answer(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitrine: %s\n", error.what());
    return an_error;
  }
}

constexpr Tool fleet_tool{"fleet", "thousands of boots: rare steps, slow boots, drift",
                          Group::compare, fleet_main};

tool_init(fleet_tool);

}  // namespace

}  // namespace tools
