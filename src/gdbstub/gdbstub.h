// The gdb stub as the start-up sees it: a debugger on a character device.
#pragma once

#include <functional>
#include <string>

#include "core/chardev.h"

namespace gdbstub {

// From now on `chr` belongs to the stub; a debugger may connect, go, and connect again.
// `monitor` answers gdb's `monitor COMMAND`. Once in a run.
void gdbserver_start(core::Chardev* chr,
                     std::function<std::string(const std::string& command)> monitor);

// The run is over with this exit status. Before the character devices are closed; does
// nothing without gdbserver_start().
void gdb_exit(int status);

}  // namespace gdbstub
