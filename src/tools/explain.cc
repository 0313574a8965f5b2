// `vitrine explain COMMAND LINE...`: what every argument of a QEMU command line is,
// means, becomes, and which other it belongs to. Nothing is started.
//
// --json writes one object:
//
//   {"program": "qemu-system-x86_64" or "",
//    "arguments": [
//      {"number": 7, "text": "-netdev user,id=n0", "option": "netdev", "group": "netdev",
//       "id": "n0", "type": "user", "half": "host" | "guest" | "none",
//       "meaning": {"en": "...", "zh": "..."},
//       "status": "works" | "ignored" | "not built" | "refused",
//       "notes": [{"en": "...", "zh": "..."}],
//       "becomes": [{"path": "...", "type": "...", "properties": ["..."]}],
//       "names": [{"key": "netdev", "id": "n0", "with": 7}],    with: null if nowhere
//       "used_by": [8]}]}
//
// option, group, id and type are "" where there is none.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/explain_model.h"
#include "tools/picture_file.h"
#include "tools/tool.h"
#include "trace/session.h"
#include "viz/text.h"

namespace tools {

namespace {

using nlohmann::ordered_json;

struct Request {
  bool json = false;
  bool spellings = false;
  std::string language, file, output, format;
};

// Bytes of a command line that are no UTF-8 must not end the program.
std::string clean(const std::string& text) {
  return viz::visible(text, 100000);
}

// ---- as JSON ------------------------------------------------------------------------

ordered_json text_json(const Text& text) {
  return {{"en", clean(text.en)}, {"zh", clean(text.zh)}};
}

const char* half_name(Half half) {
  return half == Half::host ? "host" : half == Half::guest ? "guest" : "none";
}

ordered_json argument_json(const Argument& argument) {
  ordered_json notes = ordered_json::array();
  for (const Text& note : argument.notes) {
    notes.push_back(text_json(note));
  }
  ordered_json becomes = ordered_json::array();
  for (const Became& became : argument.becomes) {
    ordered_json properties = ordered_json::array();
    for (const std::string& property : became.properties) {
      properties.push_back(clean(property));
    }
    becomes.push_back({{"path", clean(became.path)},
                       {"type", clean(became.type)},
                       {"properties", std::move(properties)}});
  }
  ordered_json names = ordered_json::array();
  for (const NamedId& named : argument.names) {
    names.push_back(
        {{"key", clean(named.key)},
         {"id", clean(named.id)},
         {"with", named.with == 0 ? ordered_json() : ordered_json(named.with)}});
  }
  return {{"number", argument.number},
          {"text", clean(argument.text)},
          {"option", argument.option},
          {"group", argument.group},
          {"id", clean(argument.id)},
          {"type", clean(argument.type)},
          {"half", half_name(argument.half)},
          {"meaning", text_json(argument.meaning)},
          {"status", verdict_name(argument.verdict)},
          {"notes", std::move(notes)},
          {"becomes", std::move(becomes)},
          {"names", std::move(names)},
          {"used_by", argument.used_by}};
}

std::string as_json(const Explanation& explanation) {
  ordered_json arguments = ordered_json::array();
  for (const Argument& argument : explanation.arguments) {
    arguments.push_back(argument_json(argument));
  }
  const ordered_json all{{"program", clean(explanation.program)},
                         {"arguments", std::move(arguments)}};
  return all.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// ---- as text ------------------------------------------------------------------------

struct Words {
  const char *group, *id, *becomes, *with, *used_by, *nowhere, *note;
  const char* verdicts[4];
};

constexpr Words english{"group",   "id",
                        "becomes", "with",
                        "used by", "not on this line",
                        "note",    {"works", "ignored", "not built", "refused"}};
constexpr Words chinese{"组",     "标识",     "成为", "配合",
                        "被引用", "本行没有", "注",   {"可用", "忽略", "未实现", "拒绝"}};

void append_head(std::string& out, const Argument& argument, const Words& words) {
  std::string number = std::to_string(argument.number);
  number.insert(0, number.size() < 3 ? 3 - number.size() : 0, ' ');
  out += number + "  " + clean(argument.text) + "\n     [" +
         words.verdicts[static_cast<std::size_t>(argument.verdict)] + "]";
  if (!argument.group.empty()) {
    out += std::string(" ") + words.group + " " + argument.group;
  }
  if (!argument.id.empty()) {
    out += std::string(", ") + words.id + " " + clean(argument.id);
  }
  out += "\n";
}

void append_becomes(std::string& out, const Argument& argument, const Words& words) {
  for (const Became& became : argument.becomes) {
    out += std::string("     ") + words.becomes + " " + clean(became.path);
    out += became.type.empty() ? "" : " (" + clean(became.type) + ")";
    const char* separator = ": ";
    for (const std::string& property : became.properties) {
      out += separator + clean(property);
      separator = ", ";
    }
    out += "\n";
  }
}

void append_pairs(std::string& out, const Argument& argument, const Words& words) {
  for (const NamedId& named : argument.names) {
    out += std::string("     ") + words.with + " ";
    out += named.with == 0 ? "(" + std::string(words.nowhere) + ")"
                           : std::to_string(named.with);
    out +=
        ": " + clean(named.key) + (named.id.empty() ? "" : "=" + clean(named.id)) + "\n";
  }
  if (argument.used_by.empty()) {
    return;
  }
  out += std::string("     ") + words.used_by;
  for (const std::size_t number : argument.used_by) {
    out += " " + std::to_string(number);
  }
  out += "\n";
}

std::string as_text(const Explanation& explanation, bool zh) {
  const Words& words = zh ? chinese : english;
  std::string out;
  for (const Argument& argument : explanation.arguments) {
    append_head(out, argument, words);
    out += "     " + clean(zh ? argument.meaning.zh : argument.meaning.en) + "\n";
    append_pairs(out, argument, words);
    append_becomes(out, argument, words);
    for (const Text& note : argument.notes) {
      out +=
          std::string("     ") + words.note + ": " + clean(zh ? note.zh : note.en) + "\n";
    }
  }
  return out;
}

// ---- the table of spellings ---------------------------------------------------------

std::string spellings_text(bool zh) {
  std::string out;
  for (const Spelling& row : tools::spellings()) {
    out += std::string(row.older) + "\n  -> " + row.newer + "\n     " + row.since + ": " +
           (zh ? row.zh : row.en) + "\n";
  }
  return out;
}

std::string spellings_json() {
  ordered_json rows = ordered_json::array();
  for (const Spelling& row : tools::spellings()) {
    rows.push_back({{"older", row.older},
                    {"newer", row.newer},
                    {"since", row.since},
                    {"why", {{"en", row.en}, {"zh", row.zh}}}});
  }
  return rows.dump(1) + "\n";
}

// ---- the verb -----------------------------------------------------------------------

// Our own options come first; from the first other word on it is the command line.
std::size_t own_arguments(int argc, char** argv) {
  static constexpr const char* with_value[] = {"--lang", "--file", "-o", "--output",
                                               "--format"};
  static constexpr const char* alone[] = {"--json", "--spellings", "--help"};
  int at = 1;
  for (; at < argc; ++at) {
    const std::string_view word = argv[at];
    bool own = false;
    for (const char* name : alone) {
      own = own || word == name;
    }
    for (const char* name : with_value) {
      const bool joined = word.starts_with(std::string(name) + "=");
      own = own || joined || word == name;
      at += word == name && at + 1 < argc ? 1 : 0;
    }
    if (!own) {
      break;
    }
  }
  return static_cast<std::size_t>(at);
}

// One argument a line; a line that begins with # is a comment.
std::vector<std::string> read_words(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::istream& in = name == "-" ? std::cin : file;
  if (!in) {
    throw std::runtime_error("cannot read '" + name + "': " + std::strerror(errno));
  }
  std::vector<std::string> words;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("#")) {
      words.push_back(line);
    }
  }
  while (!words.empty() && words.back().empty()) {
    words.pop_back();
  }
  return words;
}

void write_out(const std::string& bytes, const std::string& name) {
  if (name.empty() || name == "-") {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return;
  }
  std::ofstream out(name, std::ios::binary);
  if (!(out << bytes) || !out.flush()) {
    throw std::runtime_error("cannot write '" + name + "': " + std::strerror(errno));
  }
}

// txt, json, or what Graphviz draws.
std::string format_of(const Request& request) {
  if (!request.format.empty()) {
    return request.format;
  }
  if (request.json) {
    return "json";
  }
  const std::size_t dot = request.output.rfind('.');
  const std::string ending =
      dot == std::string::npos ? "txt" : request.output.substr(dot + 1);
  for (const char* known : {"json", "dot", "svg", "png", "pdf"}) {
    if (ending == known) {
      return ending;
    }
  }
  return "txt";
}

void declare(CLI::App& app, Request& request) {
  app.add_flag("--json", request.json, "as one JSON object, for programs");
  app.add_option("--lang", request.language, "en or zh; without it LANG decides")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_option("--file", request.file,
                 "read the command line from a file, one argument a line");
  app.add_flag("--spellings", request.spellings,
               "the table of older and newer spellings");
  app.add_option("-o,--output", request.output, "write to a file; .svg, .dot... draw");
  app.add_option("--format", request.format, "txt, json, dot, svg, png, pdf")
      ->check(CLI::IsMember({"txt", "json", "dot", "svg", "png", "pdf"}));
  app.footer(
      "These options come first; what follows them is the command line, with or without\n"
      "the emulator's name:\n"
      "  vitrine explain qemu-system-x86_64 -m 2048 -netdev user,id=n0 -device "
      "e1000,netdev=n0\n"
      "  vitrine explain -o line.svg -m 2048 -hda disk.img\n"
      "  vitrine explain --spellings\n"
      "\n"
      "--json writes {program, arguments}; an argument is {number, text, option, group, "
      "id,\n"
      "type, half: host|guest|none, meaning: {en, zh}, status: works|ignored|not built|\n"
      "refused, notes: [{en, zh}], becomes: [{path, type, properties}],\n"
      "names: [{key, id, with: number or null}], used_by: [numbers]}.");
}

int explain_main(int argc, char** argv) {
  const auto own = static_cast<int>(own_arguments(argc, argv));
  Request request;
  CLI::App app("Explains a QEMU command line, argument by argument; starts nothing.",
               "vitrine explain");
  declare(app, request);
  try {
    app.parse(own, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  trace::discard();
  const bool zh = wants_chinese(request.language);
  const std::string format = format_of(request);
  if (request.spellings) {
    write_out(format == "json" ? spellings_json() : spellings_text(zh), request.output);
    return 0;
  }
  const bool dashes = own < argc && std::string_view(argv[own]) == "--";
  std::vector<std::string> words(argv + own + (dashes ? 1 : 0), argv + argc);
  if (!request.file.empty()) {
    words = read_words(request.file);
  }
  if (words.empty()) {
    throw std::runtime_error("no command line to explain; see `vitrine explain --help`");
  }
  const Explanation explanation = explain_command_line(std::move(words));
  if (format == "json" || format == "txt") {
    write_out(format == "json" ? as_json(explanation) : as_text(explanation, zh),
              request.output);
  } else {
    write_out(draw_explanation(explanation, format, zh), request.output);
  }
  return 0;
}

constexpr Tool explain_tool{"explain",
                            "say what every argument of a QEMU command line means",
                            Group::learn, explain_main};

}  // namespace

tool_init(explain_tool);

}  // namespace tools
