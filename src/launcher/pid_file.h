// -pidfile: the process number in a file, written once the command line is known to
// be good and removed when the program ends.
#pragma once

#include "options/command_line.h"

namespace launcher {

void write_pid_file(const options::CommandLine& line);  // throws qom::Error
void remove_pid_file();

}  // namespace launcher
