// Which verb does the command line name, and which executable knows it?
//
// There are three editions of the program, each the one before it and more:
//
//   kvm   vitrine       starts machines under KVM, and is linked statically: loading
//                       shared libraries takes as long as half a start, and the start
//                       is what people measure
//   run   vitrine-run   also has the software CPU and loads plugins
//   full  vitrine-full  also reads traces and draws
//
// People call `vitrine`; it hands what it has not over to the smallest edition that
// has it. Where no static program can be linked, `vitrine` is the run edition. A name
// beginning with "qemu-system-" means `run`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace launcher {

enum class Edition : std::uint8_t { kvm, run, full };

struct Verb {
  int (*main)(int argc, char** argv) = nullptr;
  int argc = 0;
  char** argv = nullptr;  // argv[0] is the verb
};

std::string version_text();  // one line

// Where another edition lies: in this one's folder, or where it is installed. Empty if it
// is in neither.
std::string program_beside(const std::string& program);

// Throws qom::Error for a verb nobody knows, options::Answer for --help and --version.
// Does not return if another edition takes over.
Verb find_verb(int argc, char** argv, Edition edition);

}  // namespace launcher
