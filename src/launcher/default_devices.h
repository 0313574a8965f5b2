// The devices 4.0 gives a PC that nobody asked for, as far as they are not built here.
#pragma once

#include <string>
#include <vector>

#include "core/machine.h"
#include "options/command_line.h"

namespace launcher {

// Their type names. Empty under -nodefaults, on a board without a place for them, and for
// each one that the line switches off or names another in the place of. Once
// open_drives() has run.
std::vector<std::string> unbuilt_default_devices(const options::CommandLine& line,
                                                 const core::MachineClass* mc);

}  // namespace launcher
