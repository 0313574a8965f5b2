// A command line explained: what each argument is, means, becomes and belongs to. Nothing
// is started and no host file is opened, but those that options read while parsing.
//
// The model is what `vitrine explain` prints, writes as JSON and draws.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tools/explain_data.h"
#include "viz/graph.h"
#include "viz/theme.h"

namespace tools {

// What an argument turns into: an object, or something of an object.
struct Became {
  std::string path;                     // "/machine/peripheral/net0", or words
  std::string type;                     // of the object; may be empty
  std::vector<std::string> properties;  // set by the argument
};

// An id that the argument names.
struct NamedId {
  std::string key;       // "netdev"
  std::string id;        // "hostnet0"
  std::size_t with = 0;  // number of the argument that owns it; 0: none on this line
};

enum class Verdict : std::uint8_t { works, ignored, not_built, refused };
const char* verdict_name(Verdict verdict);  // "works", "ignored", "not built", "refused"

struct Text {
  std::string en, zh;
};

struct Argument {
  std::size_t number = 0;  // from 1
  std::string text;        // as typed: "-m 2048"
  std::string option;      // empty for an unknown word
  std::string group;       // empty if it belongs to none
  std::string id;
  std::string type;  // driver, back end, board; empty if it names none
  Half half = Half::none;
  Text meaning;
  Verdict verdict = Verdict::works;
  std::vector<Text> notes;
  std::vector<std::pair<std::string, std::string>> keys;
  std::vector<Became> becomes;
  std::vector<NamedId> names;
  std::vector<std::size_t> used_by;  // numbers of arguments that name this one
};

struct Explanation {
  std::string program;  // the first words, if they are no options
  std::vector<Argument> arguments;
};

// `words` may begin with the emulator's name. Registers types and option groups; call it
// once a process.
Explanation explain_command_line(std::vector<std::string> words);

// The status of one option and why, in explain_verdict.cc. `line_machine`: the board of
// the whole line, empty for the default.
void judge(Argument& argument, const std::string& line_machine);
// Fills names and used_by, in explain_pairs.cc.
void pair_up(std::vector<Argument>& arguments);

// The drawing: host half left, guest half right, edges by id; in explain_picture.cc.
// `format`: dot, svg, png or pdf.
viz::Graph explanation_graph(const Explanation& explanation, bool chinese,
                             const viz::Theme& theme);
std::string draw_explanation(const Explanation& explanation, const std::string& format,
                             bool chinese);

}  // namespace tools
