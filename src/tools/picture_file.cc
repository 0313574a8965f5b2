#include "tools/picture_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "viz/model_json.h"
#include "viz/trace_model.h"

namespace tools {

namespace {

// More than any picture has.
constexpr int most_rows = 1'000'000;

// The whole file if it is a model written by --format json, else nothing.
std::string read_model_text(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  std::string text(64, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!viz::looks_like_model_json(text)) {
    return {};
  }
  in.clear();
  text.append(std::istreambuf_iterator<char>(in), {});
  return text;
}

}  // namespace

const std::vector<std::string>& picture_formats() {
  static const std::vector<std::string> formats{"txt", "json", "dot",     "svg",
                                                "png", "pdf",  "dot-json"};
  return formats;
}

std::string picture_format(const std::string& asked, const std::string& output) {
  if (!asked.empty()) {
    return asked;
  }
  const std::size_t dot = output.rfind('.');
  const std::string ending =
      dot == std::string::npos ? std::string() : output.substr(dot + 1);
  if (output.empty() || output == "-") {
    return "txt";
  }
  const std::vector<std::string>& formats = picture_formats();
  if (std::find(formats.begin(), formats.end(), ending) != formats.end()) {
    return ending;
  }
  throw std::runtime_error("cannot tell the format from '" + output +
                           "': end it in .txt, .json, .dot, .svg, .png or .pdf, or give "
                           "--format");
}

void write_picture(const std::string& bytes, const std::string& output,
                   const std::string& format) {
  if (!output.empty() && output != "-") {
    std::ofstream out(output, std::ios::binary);
    if (!(out << bytes) || !out.flush()) {
      throw std::runtime_error("cannot write '" + output + "': " + std::strerror(errno));
    }
    return;
  }
  if ((format == "png" || format == "pdf") && isatty(STDOUT_FILENO) != 0) {
    throw std::runtime_error("a " + format + " is not for a terminal: give -o FILE");
  }
  std::cout << bytes << std::flush;
}

bool wants_chinese(const std::string& language) {
  if (!language.empty()) {
    return language == "zh";
  }
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') {
      return std::string_view(value).starts_with("zh");
    }
  }
  return false;
}

std::vector<std::string> take_arguments(int& argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--") {
      std::vector<std::string> taken(argv + i + 1, argv + argc);
      argc = i;
      return taken;
    }
  }
  return {};
}

viz::TypeModel types_of_file(const std::string& name) {
  const std::string text = name == "-" ? std::string() : read_model_text(name);
  viz::TypeModel model =
      text.empty() ? viz::model_from_trace(name) : viz::model_from_json(text);
  if (model.source.empty()) {
    model.source = name == "-" ? "standard input" : name.substr(name.rfind('/') + 1);
  }
  if (model.size() == 0) {
    throw std::runtime_error("'" + name +
                             "' holds no types: was it recorded with the qom "
                             "events switched off?");
  }
  return model;
}

void declare_type_selection(CLI::App& app, viz::SelectOptions& select) {
  app.add_option("--root", select.root, "only this type and what is below it")
      ->type_name("TYPE");
  app.add_option("--ancestors-of", select.ancestors_of,
                 "one type: its ancestors, siblings, children and interfaces")
      ->type_name("TYPE")
      ->excludes("--root");
  app.add_option("--depth", select.depth, "levels below the root")
      ->type_name("N")
      ->check(CLI::Range(0, most_rows));
  app.add_option(
         "--match", select.match,
         "only types with such a name, and their ancestors (* and ?; a plain word "
         "is looked for anywhere in the name)")
      ->type_name("GLOB");
  app.add_flag("--only-used", select.only_used, "only types that became objects");
  app.add_flag("--all", select.all, "everything, however big the picture gets");
  app.add_option(
         "--fold", select.fold,
         "name so many of a long list of siblings, count the rest; 0: a node each")
      ->type_name("N")
      ->check(CLI::Range(0, most_rows))
      ->capture_default_str();
  app.add_option("--rows", select.rows, "height of the page in rows of text")
      ->type_name("N")
      ->check(CLI::Range(1, most_rows))
      ->capture_default_str();
}

}  // namespace tools
