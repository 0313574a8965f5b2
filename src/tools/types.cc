// `vitrine types`: the type hierarchy as a picture, as text or as data.
//
// Where the types come from: a trace (or a model written by --format json), a real
// QEMU binary (--qemu), or, with neither, this program's own table. Where they go:
// the terminal as a tree, or a file whose ending says the format.
#include <cstdlib>
#include <stdexcept>

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "tools/own_types.h"
#include "tools/picture_file.h"
#include "tools/qmp_types.h"
#include "tools/tool.h"
#include "viz/model_json.h"
#include "viz/picture.h"
#include "viz/tree_text.h"

namespace tools {
namespace {

struct Request {
  std::string trace;
  QmpOptions qemu;
  double timeout_seconds = 10;
  std::string output;
  std::string format;
  std::string theme = "light";
  bool no_legend = false;
  std::string picture_name = "types";
  viz::PictureOptions picture;
};

void declare_source(CLI::App& app, Request& request) {
  app.add_option("TRACE", request.trace,
                 "a trace, or a model written by --format json; without it (and without "
                 "--qemu) the types of this program");
  app.add_option("--qemu", request.qemu.binary,
                 "ask this QEMU binary over QMP; arguments for it follow after --")
      ->type_name("BIN");
  app.add_option("--timeout", request.timeout_seconds, "seconds the QEMU may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
}

void declare_output(CLI::App& app, Request& request) {
  app.add_option("-o,--output", request.output, "the file to write; - is standard output")
      ->type_name("FILE");
  app.add_option("--format", request.format,
                 "txt, json (the model), dot, svg, png, pdf or dot-json (Graphviz'); "
                 "default: as FILE ends, else txt")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(picture_formats()));
  std::vector<std::string> pictures;
  for (const viz::Picture* picture : viz::picture_list()) {
    if (picture->draw) {
      pictures.emplace_back(picture->name);
    }
  }
  app.add_option("--picture", request.picture_name, "which picture to draw")
      ->type_name("NAME")
      ->check(CLI::IsMember(pictures))
      ->capture_default_str();
  app.add_option("--theme", request.theme, "light or dark")
      ->check(CLI::IsMember({"light", "dark"}))
      ->capture_default_str();
  app.add_option("--interface-edges", request.picture.select.interface_edges,
                 "draw the dashed edges to interfaces if they are at most so many")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--clusters", request.picture.families,
               "a band behind each family of types");
  app.add_flag("--no-legend", request.no_legend, "no title, no legend");
}

viz::TypeModel read_model(Request& request) {
  if (!request.qemu.binary.empty()) {
    request.qemu.timeout = std::chrono::milliseconds(
        static_cast<std::int64_t>(request.timeout_seconds * 1000));
    return types_of_qemu(request.qemu);
  }
  if (!request.trace.empty()) {
    return types_of_file(request.trace);
  }
  return types_of_this_program();
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col
                                                                           : 100;
}

std::string drawn(const viz::TypeModel& model, const Request& request,
                  const std::string& format) {
  if (format == "json") {
    return viz::model_to_json(model);
  }
  if (format == "txt") {
    const bool terminal = request.output.empty() && isatty(STDOUT_FILENO) != 0;
    return viz::types_as_text(model, {.select = request.picture.select,
                                      .colour = terminal && !std::getenv("NO_COLOR"),
                                      .width = terminal ? terminal_width() : 100});
  }
  const viz::Graph graph =
      viz::picture_find(request.picture_name)->draw(model, request.picture);
  return format == "dot" ? graph.dot()
                         : graph.render(format == "dot-json" ? "json" : format);
}

int types_main(int argc, char** argv) {
  Request request;
  request.qemu.arguments = take_arguments(argc, argv);
  CLI::App app("Draws the type hierarchy: of a trace, of a QEMU binary, or its own.",
               "vitrine types");
  declare_source(app, request);
  declare_type_selection(app, request.picture.select);
  declare_output(app, request);
  app.footer(
      "Without -o and --format: a tree on standard output.\n"
      "  vitrine types boot.json -o types.svg\n"
      "  vitrine types --qemu qemu-system-x86_64 --root pci-device -o pci.png\n"
      "  vitrine types --qemu qemu-system-x86_64 -o used.svg --only-used -- -machine pc");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (!request.trace.empty() && !request.qemu.binary.empty()) {
    throw std::runtime_error("give a TRACE or --qemu, not both");
  }
  if (!request.qemu.arguments.empty() && request.qemu.binary.empty()) {
    throw std::runtime_error("arguments after -- are for --qemu BIN, which is missing");
  }
  request.picture.theme = &viz::theme_by_name(request.theme);
  request.picture.legend = !request.no_legend;
  const std::string format = picture_format(request.format, request.output);
  write_picture(drawn(read_model(request), request, format), request.output, format);
  return 0;
}

const Tool types_tool{
    .name = "types",
    .help = "draw the type hierarchy of a trace, of a QEMU binary, or its own",
    .group = Group::look,
    .main = types_main,
};

}  // namespace
}  // namespace tools

using tools::types_tool;
tool_init(types_tool)
