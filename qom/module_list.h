// The lists behind module.h, for the plugin loader and tests.
#pragma once

#include <vector>

#include "qom/module.h"

namespace qom {

struct ModuleEntry {
  void (*init)() = nullptr;
  module_init_type type = MODULE_INIT_MAX;
  const char* name = nullptr;  // of the function; may be null
  const char* file = "";       // where it was registered
  int line = 0;
};

using ModuleTypeList = std::vector<ModuleEntry>;

ModuleTypeList& find_type(module_init_type type);
std::vector<ModuleEntry>& pending_module_inits();     // of files built as plugins
const char* module_type_name(module_init_type type);  // "QOM"
void run_module_entry(const ModuleEntry& entry);      // calls it, traced

}  // namespace qom
