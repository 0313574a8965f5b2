// What the monitor knows to do, as a table: typed on a terminal or sent by gdb.
#pragma once

#include <string>

namespace launcher {

// Does what `line` says and returns what there is to say about it, whole lines. On the
// main loop thread with the big lock held.
std::string monitor_answer(const std::string& line);

}  // namespace launcher
