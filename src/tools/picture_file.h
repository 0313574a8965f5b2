// What the verbs that draw share: formats, files, the selection of types, language.
#pragma once

#include <string>
#include <vector>

#include "viz/model.h"
#include "viz/select.h"

namespace CLI {
class App;
}

namespace tools {

// txt, json, dot, svg, png, pdf, dot-json (Graphviz' own).
const std::vector<std::string>& picture_formats();

// `asked`, else as `output` ends, else txt. Throws std::runtime_error for an ending that
// says nothing.
std::string picture_format(const std::string& asked, const std::string& output);

// To the file, or to standard output if `output` is empty or "-". Throws
// std::runtime_error with what the system says.
void write_picture(const std::string& bytes, const std::string& output,
                   const std::string& format);

// Takes "-- ARGS..." off the end of the command line.
std::vector<std::string> take_arguments(int& argc, char** argv);

// A trace, or a model written by --format json. Throws for a file without a type.
viz::TypeModel types_of_file(const std::string& name);

// --root, --match... and the others that say which types are drawn.
void declare_type_selection(CLI::App& app, viz::SelectOptions& select);

// "zh" or "en"; if nothing was asked for, as LC_ALL, LC_MESSAGES or LANG say.
bool wants_chinese(const std::string& language);

}  // namespace tools
