// A tool is one verb of the command line: `vitrine VERB ...`. One file a verb,
// registered at its bottom: `tool_init(types_tool);`. Help lists are generated.
#pragma once

#include <string>
#include <vector>

namespace tools {

// The parts of --help a verb belongs to.
enum class Group { run, look, compare, learn };

struct Tool {
  const char* name = nullptr;  // the verb
  const char* help = nullptr;  // one line
  Group group = Group::look;
  // argv[0] is the verb. Throws qom::Error or std::runtime_error for what the user
  // did wrong (main prints it); returns the exit code.
  int (*main)(int argc, char** argv) = nullptr;
};

void tool_register(const Tool* tool);
const Tool* tool_find(const std::string& name);
std::vector<const Tool*> tool_list();  // by group, then name

}  // namespace tools

#define tool_init(tool)                                            \
  static void __attribute__((constructor)) do_tool_init_##tool() { \
    ::tools::tool_register(&tool);                                 \
  }
