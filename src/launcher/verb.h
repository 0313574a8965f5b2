// Which verb does the command line name, and which executable knows it?
//
// There are two editions of the program. `vitrine` starts machines and nothing else:
// it loads no library it does not need, because its start is what people measure.
// `vitrine-full` also reads traces and draws; `vitrine` hands everything but `run`
// over to it. A name beginning with "qemu-system-" means `run`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace launcher {

enum class Edition : std::uint8_t { slim, full };

struct Verb {
  int (*main)(int argc, char** argv) = nullptr;
  int argc = 0;
  char** argv = nullptr;  // argv[0] is the verb
};

std::string version_text();  // one line

// Throws qom::Error for a verb nobody knows, options::Answer for --help and --version.
// Does not return if the other edition takes over.
Verb find_verb(int argc, char** argv, Edition edition);

}  // namespace launcher
