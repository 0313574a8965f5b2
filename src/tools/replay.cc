// `vitrine replay TRACE -o page.html`: a start as a page to step through.
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

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

int replay_main(int argc, char** argv) {
  CLI::App app{
      "Turns a trace into one HTML page to step through; it needs no network and opens "
      "from the file.",
      "vitrine replay"};
  std::string trace, output, notes;
  viz::ReplayOptions options;
  app.add_option("TRACE", trace, "a trace in .json form")->required();
  app.add_option("-o,--output", output, "the page to write; - is standard output")
      ->required()
      ->type_name("FILE");
  app.add_option("--title", options.title, "the page's title; default: the trace's name");
  app.add_option("--max-events", options.max_events, "refuse a longer trace")
      ->capture_default_str();
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
  write_page(output, viz::replay_page(trace, options));
  return 0;
}

constexpr Tool replay_tool{"replay", "turn a trace into a page to step through",
                           Group::look, replay_main};

tool_init(replay_tool);

}  // namespace

}  // namespace tools
