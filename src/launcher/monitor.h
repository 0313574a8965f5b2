// -monitor stdio: commands typed or piped in, one a line (monitor_commands.cc has the
// list).
#pragma once

#include "options/command_line.h"

namespace launcher {

void open_monitor(const options::CommandLine& line);

}  // namespace launcher
