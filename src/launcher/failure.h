// How the program ends when something was thrown.
#pragma once

namespace launcher {

// Inside a catch: prints what was thrown as "PROG: what", a hint below it, completes
// the trace, and returns the exit code.
int report_failure();

}  // namespace launcher
