// `vitrine check`: does a trace obey the rules of a file? What labs and CI stand on.
//
//   vitrine check TRACE RULES            a recorded trace
//   vitrine check RULES -- ARGS          runs `vitrine run ARGS` first
//
// Exit codes: 0 every rule holds, 1 one does not, 3 an error (in the rules, too).
#include <cstdio>
#include <exception>
#include <fstream>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include "tools/boot.h"
#include "tools/tool.h"
#include "viz/check/rules.h"

namespace tools {

namespace {

constexpr int an_error = 3;

struct Options {
  std::vector<std::string> files;
  BootOptions boot;
  int timeout = 60;
  bool json = false;
  std::string junit;
};

int check(const Options& options, const Behind& behind) {
  const std::size_t wanted = behind.any ? 1 : 2;
  if (options.files.size() != wanted) {
    throw std::runtime_error(
        behind.any ? "check: give the rules, then -- and the arguments of the run"
                   : "check: give a trace and the rules; or the rules, -- and the "
                     "arguments of a run");
  }
  // The rules first: a mistake in them is told before anything runs.
  const viz::check::Rules rules = viz::check::load_rules(options.files.back());
  ScratchFolder scratch;
  std::string file = options.files.front();
  if (behind.any) {
    file = scratch.file("trace.json");
    record_boot(behind.first, options.boot, file);
  }
  const viz::diff::Tree tree = viz::diff::Tree::load(file);
  const viz::check::Result result{&rules, &tree, viz::check::check(tree, rules)};
  const std::string text = options.json
                               ? result_json(result)
                               : result_text(result, ::isatty(STDOUT_FILENO) == 1);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!options.junit.empty()) {
    std::ofstream out(options.junit, std::ios::binary);
    out << result_junit(result);
    out.close();
    if (!out) {
      throw std::runtime_error("check: cannot write " + options.junit);
    }
  }
  return result.holds() ? 0 : 1;
}

int check_main(int argc, char** argv) {
  CLI::App app{
      "Checks a trace against a file of rules: vitrine check TRACE RULES, or\n"
      "vitrine check RULES -- ARGS to run `vitrine run ARGS` first.\n"
      "Exit codes: 0 every rule holds, 1 one does not, 3 an error.",
      "vitrine check"};
  Options options;
  app.add_option("FILE", options.files, "The trace and the rules (JSON)")->expected(1, 2);
  app.add_flag("--json", options.json, "For programs (vitrine-check.schema.json)");
  app.add_option("--junit", options.junit, "Write the verdict as JUnit's XML too");
  app.add_option("--until", options.boot.until,
                 "Where a run stops: a checkpoint, or `end` (of the guest)")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout, "Seconds a run may take")
      ->capture_default_str();
  const Behind behind = take_behind(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : an_error;
  }
  options.boot.timeout = std::chrono::seconds(options.timeout);
  try {
    return check(options, behind);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitrine: %s\n", error.what());
    return an_error;
  }
}

constexpr Tool check_tool{"check", "does a trace obey the rules of a file?",
                          Group::compare, check_main};

tool_init(check_tool);

}  // namespace

}  // namespace tools
