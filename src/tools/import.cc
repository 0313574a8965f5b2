// `vitrine import`: starts of real QEMU, made comparable.
//
//   vitrine import START -o START.json       as a trace, in the reduced startup view
//   vitrine import START --parity TRACE      how much of it a trace of ours does too
//   vitrine import START --parity-run        the same, running START's command line here
//
// START is a measured start (tests/data/qemu-4.0/startup-*.json) or a trace of ours: the
// view of both has the same form, so `vitrine diff` compares them step by step.
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/boot.h"
#include "tools/tool.h"
#include "viz/diff/startup_view.h"

namespace tools {

namespace {

struct Options {
  std::string start, output, trace;
  bool run = false;
};

void write_view(const std::string& file, const viz::diff::Startup& startup) {
  std::ofstream out(file, std::ios::binary);
  out << viz::diff::startup_trace(startup);
  out.close();
  if (!out) {
    throw std::runtime_error("import: cannot write " + file);
  }
}

// The words behind the program's name.
std::vector<std::string> arguments_of(const std::string& command_line) {
  std::vector<std::string> words = split_words(command_line);
  if (words.size() < 2) {
    throw std::runtime_error("import: the measured start names no command line to run");
  }
  words.erase(words.begin());
  return words;
}

int import(const Options& options) {
  const viz::diff::Startup theirs = viz::diff::load_startup(options.start);
  if (!options.output.empty()) {
    write_view(options.output, theirs);
  }
  ScratchFolder scratch;
  std::string trace = options.trace;
  if (options.run) {
    trace = scratch.file("ours.json");
    record_boot(arguments_of(theirs.source), {}, trace);
  }
  if (!trace.empty()) {
    const viz::diff::Startup ours = viz::diff::startup_from_trace(trace);
    std::printf("%s\n%s", theirs.source.c_str(),
                viz::diff::parity_text(viz::diff::parity(theirs, ours)).c_str());
  }
  return 0;
}

int import_main(int argc, char** argv) {
  CLI::App app{
      "Turns a measured start of QEMU into a trace, and says how much of it we do too.\n"
      "Both in the startup view: functions, classes, objects, children, realized "
      "devices.",
      "vitrine import"};
  Options options;
  app.add_option("START", options.start, "A measured start, or a trace of ours")
      ->required();
  app.add_option("-o,--output", options.output, "Write the startup view as a trace");
  auto* trace =
      app.add_option("--parity", options.trace, "Compare with this trace of ours");
  app.add_flag("--parity-run", options.run, "Compare with a run of its command line")
      ->excludes(trace);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (options.output.empty() && options.trace.empty() && !options.run) {
    throw std::runtime_error(
        "import: say what to do: -o FILE, --parity TRACE or "
        "--parity-run");
  }
  return import(options);
}

constexpr Tool import_tool{"import", "a start of real QEMU as a trace to compare with",
                           Group::compare, import_main};

tool_init(import_tool);

}  // namespace

}  // namespace tools
