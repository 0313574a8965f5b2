// -monitor stdio: of the monitor only `quit` is built, so that a script can end a
// stopped machine.
#pragma once

#include "options/command_line.h"

namespace launcher {

void open_monitor(const options::CommandLine& line);

}  // namespace launcher
