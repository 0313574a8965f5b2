// -limit and -explain-hang: what a run may use, and what is said of a guest that hangs.
#pragma once

#include "core/exit_watch.h"
#include "options/command_line.h"

namespace launcher {

// Both throw qom::Error about a value that is none.
core::RunLimits limits_of(const options::CommandLine& line);
core::HangWatch hang_watch_of(const options::CommandLine& line);

}  // namespace launcher
