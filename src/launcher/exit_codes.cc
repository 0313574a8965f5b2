#include "launcher/exit_codes.h"

namespace launcher {

int exit_code_of(const core::RunResult& result) {
  using enum core::ShutdownCause;
  switch (result.cause) {
    case none:
    case guest_shutdown:
    case guest_reset:
    case host_quit:
      return static_cast<int>(ExitCode::success);
    case guest_panic:
      return static_cast<int>(ExitCode::guest_panic);
    case debug_exit:
      return result.status & 0xff;
    case triple_fault:
      return static_cast<int>(ExitCode::triple_fault);
    case host_signal:
      return static_cast<int>(ExitCode::signal_base) + result.status;
    case limit:
      return static_cast<int>(ExitCode::limit);
    case internal_error:
      return static_cast<int>(ExitCode::internal_error);
  }
  return static_cast<int>(ExitCode::program_error);
}

}  // namespace launcher
