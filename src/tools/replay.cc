// `vitrine replay TRACE -o page.html`: a start as a page to step through.
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <CLI/CLI.hpp>

#include "tools/tool.h"
#include "viz/replay.h"

namespace tools {

namespace {

void write_page(const std::string& name, const std::string& page) {
  if (name == "-") {
    std::cout << page;
    return;
  }
  std::ofstream out(name, std::ios::binary);
  out << page;
  out.close();
  if (!out) {
    throw std::runtime_error("cannot write '" + name +
                             "': check the folder and its rights");
  }
}

// "100-2000", "100-" or "-2000".
void read_steps(const std::string& text, viz::ReplayOptions& options) {
  const std::size_t dash = text.find('-');
  const auto number = [&](std::string_view part, std::uint64_t& to) {
    if (part.empty()) {
      return true;
    }
    const auto [end, error] = std::from_chars(part.begin(), part.end(), to);
    return error == std::errc() && end == part.end();
  };
  if (dash == std::string::npos || text.size() == 1 ||
      !number(std::string_view(text).substr(0, dash), options.first) ||
      !number(std::string_view(text).substr(dash + 1), options.last) ||
      options.first > options.last) {
    throw std::runtime_error("--steps " + text +
                             ": write FIRST-LAST with numbers of events, for example "
                             "--steps 1-200000 or --steps 200000-");
  }
}

void warn_of_cut(const viz::ReplayPage& page) {
  if (page.steps < page.chosen) {
    std::cerr << "warning: the page has the first " << page.steps << " of " << page.chosen
              << " events; choose with --only 'PATTERN' or --steps FIRST-LAST, or raise "
                 "--max-events\n";
  }
}

int replay_main(int argc, char** argv) {
  CLI::App app{
      "Turns a trace into one HTML page to step through; it needs no network and opens "
      "from the file.",
      "vitrine replay"};
  std::string trace, output, notes, steps;
  viz::ReplayOptions options;
  app.add_option("TRACE", trace, "a trace in .json form")->required();
  app.add_option("-o,--output", output, "the page to write; - is standard output")
      ->required()
      ->type_name("FILE");
  app.add_option("--title", options.title, "the page's title; default: the trace's name");
  app.add_option("--max-events", options.max_events,
                 "of a longer trace only so many steps go into the page")
      ->capture_default_str();
  app.add_option("--only", options.only,
                 "only events that fit, as -trace enable=: 'vcpu_*', cat:qom, -kvm_ioctl")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_option("--steps", steps, "only events of these numbers (seq)")
      ->type_name("FIRST-LAST");
  app.add_option("--notes", notes,
                 "a teacher's notes and questions beside the steps (viz/lesson.h tells "
                 "the form)")
      ->type_name("LESSON.md");
  app.add_option("--sources", options.sources,
                 "the program's source folder: the lines around each step's place go "
                 "into the page")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (options.title.empty()) {
    options.title = trace;
  }
  if (!notes.empty()) {
    std::ifstream in(notes, std::ios::binary);
    if (!in) {
      throw std::runtime_error("cannot read the notes '" + notes +
                               "': check the name and its rights");
    }
    options.notes.assign(std::istreambuf_iterator<char>(in), {});
    options.notes_name = notes;
  }
  if (!steps.empty()) {
    read_steps(steps, options);
  }
  const viz::ReplayPage page = viz::replay_page(trace, options);
  warn_of_cut(page);
  write_page(output, page.html);
  return 0;
}

constexpr Tool replay_tool{"replay", "turn a trace into a page to step through",
                           Group::look, replay_main};

tool_init(replay_tool);

}  // namespace

}  // namespace tools
