// -gdb DEVICE and -s: a debugger may connect.
#pragma once

#include "options/command_line.h"

namespace launcher {

// Opens what the last of them names, and says where it listens. Throws qom::Error if that
// is not possible.
void start_gdbserver(const options::CommandLine& line);

}  // namespace launcher
