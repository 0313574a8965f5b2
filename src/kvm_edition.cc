// What the KVM edition leaves out (launcher/verb.h): code that needs a shared library,
// which a statically linked program cannot have. The launcher hands command lines that
// ask for these over before anything starts; an error tells where a line got past that.
#include <string>

#include "accel/tcg.h"
#include "qom/base.h"
#include "qom/plugin.h"

namespace {

[[noreturn]] void not_here(const std::string& what) {
  qom::Error error(what + " is not in this executable");
  error.hint = "Start the machine with vitrine-run, which is built beside it.";
  throw error;
}

}  // namespace

void accel::tcg_init(core::AccelState*, core::MachineState*) {
  not_here("the software CPU (tcg)");
}

bool qom::module_load_one(std::string_view prefix, std::string_view name) {
  if (const std::string path = module_file(prefix, name); !path.empty()) {
    not_here("the loader of plugins, wanted for " + path + ",");
  }
  return false;
}

void qom::module_load_file(const std::string& path) {
  not_here("the loader of plugins, wanted for " + path + ",");
}
