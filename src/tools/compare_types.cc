// `vitrine compare-types A B`: two type hierarchies, printed and drawn. Each side is a
// trace, a list of types, a real QEMU, or this program itself.
//
// The exit code says it in one number: 0 the same, 1 different.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "tools/own_types.h"
#include "tools/picture_file.h"
#include "tools/qmp_types.h"
#include "tools/tool.h"
#include "viz/model_json.h"
#include "viz/text.h"
#include "viz/type_diff.h"

namespace tools {

namespace {

struct Request {
  std::vector<std::string> sides;  // files, or "ours"
  std::vector<std::string> qemus;
  std::string format, output, language;
  bool dark = false;
  viz::PictureOptions picture;
};

// A list of types says "types" or begins with the first type; a trace says so itself.
bool is_type_list(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  std::string head(4096, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (head[first] == '{' || head[first] == '[') &&
         head.find("vitrine_trace") == std::string::npos &&
         head.find("\"trace\":\"vitrine\"") == std::string::npos &&
         head.find("\"boot\":") == std::string::npos && !viz::looks_like_model_json(head);
}

viz::TypeModel model_of(const std::string& side) {
  if (side == "ours") {
    return types_of_this_program();
  }
  if (!is_type_list(side)) {
    return types_of_file(side);
  }
  std::ifstream in(side, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  try {
    viz::TypeModel model = viz::model_from_list_json(text);
    model.source = side.substr(side.rfind('/') + 1);
    return model;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error("cannot read '" + side + "': " + error.what());
  }
}

viz::TypeModel model_of_qemu(const std::string& binary) {
  QmpOptions options;
  options.binary = binary;
  return types_of_qemu(options);
}

void declare(CLI::App& app, Request& request) {
  app.add_option("SIDE", request.sides,
                 "two of: a trace, a model or a list of types as JSON, ours")
      ->type_name("A B");
  app.add_option("--qemu", request.qemus,
                 "ask this QEMU binary; it stands where a side is missing")
      ->type_name("BIN");
  app.add_option("-o,--output", request.output, "the file to write; - is standard output")
      ->type_name("FILE");
  app.add_option("--format", request.format,
                 "txt, json, dot, svg, png or pdf; default: as FILE ends, else txt")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(picture_formats()));
  app.add_option("--lang", request.language, "en or zh; default: as LANG says")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_flag("--dark", request.dark, "for a dark page");
  declare_type_selection(app, request.picture.select);
}

// Files first, then QEMUs; a missing A is this program.
std::pair<viz::TypeModel, viz::TypeModel> both_sides(const Request& request) {
  std::vector<viz::TypeModel> models;
  if (request.sides.size() + request.qemus.size() == 1) {
    models.push_back(types_of_this_program());
  }
  for (const std::string& side : request.sides) {
    models.push_back(model_of(side));
  }
  for (const std::string& binary : request.qemus) {
    models.push_back(model_of_qemu(binary));
  }
  if (models.size() != 2) {
    throw std::runtime_error(
        "compare-types needs two sides: vitrine compare-types ours boot.json, or "
        "vitrine compare-types ours --qemu qemu-system-x86_64");
  }
  return {std::move(models[0]), std::move(models[1])};
}

int compare_types_main(int argc, char** argv) {
  Request request;
  CLI::App app("Compares two type hierarchies.", "vitrine compare-types");
  declare(app, request);
  app.footer(
      "Exit code: 0 the same, 1 different.\n"
      "  vitrine compare-types ours --qemu qemu-system-x86_64\n"
      "  vitrine compare-types ours qemu-4.0-types.json -o missing.svg\n"
      "  vitrine compare-types qemu-4.0-types.json qemu-7.2-types.json --root device");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto [a, b] = both_sides(request);
  const viz::TypeComparison comparison = viz::compare_types(a, b);
  const std::string format = picture_format(request.format, request.output);
  const std::size_t names = request.picture.select.all ? a.size() + b.size() : 40;
  if (format == "txt") {
    write_picture(viz::comparison_text(a, b, comparison, names), request.output, format);
  } else if (format == "json") {
    write_picture(viz::comparison_json(a, b, comparison), request.output, format);
  } else {
    request.picture.chinese = wants_chinese(request.language);
    request.picture.theme = request.dark ? &viz::dark_theme() : &viz::light_theme();
    const viz::Graph graph = viz::draw_comparison(a, b, comparison, request.picture);
    write_picture(format == "dot" ? graph.dot()
                                  : graph.render(format == "dot-json" ? "json" : format),
                  request.output, format);
  }
  return comparison.differences.empty() ? 0 : 1;
}

const Tool compare_types_tool{
    .name = "compare-types",
    .help = "compare two type hierarchies: ours, of a trace, of a list, of a QEMU",
    .group = Group::compare,
    .main = compare_types_main,
};

}  // namespace

}  // namespace tools

using tools::compare_types_tool;
tool_init(compare_types_tool)
