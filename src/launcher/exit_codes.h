// What the program's exit code says. One list for every way a run ends; a shorter form
// is at the end of `vitrine run -help` (options/option_help.cc).
//
//   0         the guest shut the machine down, or a text was asked for and printed;
//             also a guest reset under -no-reboot
//   1         nothing ran: a wrong option, a missing file, a host that cannot do it
//   odd       isa-debug-exit: the guest wrote v and the code is (v << 1) | 1; v = 0
//             gives 1 too, as in QEMU, so a test guest writes v > 0
//   2         a guest panic was reported
//   4         triple fault
//   6         the accelerator could not go on: an instruction or a state it cannot run
//   8         a limit of -limit was reached: wall time, exits or output
//   70        we are wrong: an error nobody expected
//   signal    SIGINT (^C), SIGTERM, SIGHUP: after the trace is complete the program
//             dies of that very signal, so a shell shows 128 + its number and a parent
//             sees it as a signal, not as a code a guest could have chosen
//
// Even codes cannot come from isa-debug-exit.
#pragma once

#include "core/run_state.h"

namespace launcher {

enum class ExitCode : int {
  success = 0,
  user_error = 1,
  guest_panic = 2,
  triple_fault = 4,
  internal_error = 6,
  limit = 8,
  program_error = 70,
  signal_base = 128,
};

// The code of a finished run; signal_base + number for a signal.
int exit_code_of(const core::RunResult& result);

}  // namespace launcher
