// Loading a file of types built apart from the program: QEMU's loadable modules.
//
// A plugin is a shared object whose sources were compiled with VITRINE_PLUGIN
// (find_package(Vitrine) does that). Opening it puts its type_init() functions on
// a pending list; loading runs them at once. A plugin stays loaded for the life of
// the program. What is wrong with a file is a qom::Error, and nothing of the file
// is registered then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qom {

// The `-plugin FILE` option. Throws qom::Error:
//   "Failed to open module: ..."              no such file, not a library, ...
//   "Failed to initialize module: FILE..."    no plugin, another build, bad types
void module_load_file(const std::string& path);

// Loads PREFIX NAME.so from the first directory that has it. A name is tried once,
// also when that failed. False: tried before, or no directory has it.
bool module_load_one(std::string_view prefix, std::string_view name);

// The file of PREFIX NAME.so in the first directory that has it, or "".
std::string module_file(std::string_view prefix, std::string_view name);

// $VITRINE_MODULE_DIR, the configured directory, EXECDIR/.., EXECDIR.
std::vector<std::string> module_directories();

void module_forget_names_for_test();

}  // namespace qom
