#include "launcher/monitor.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/chardev.h"
#include "core/report.h"
#include "core/run_state.h"
#include "launcher/unbuilt.h"

namespace launcher {

static void command(const std::string& line) {
  if (line == "quit" || line == "q") {
    core::request_shutdown(core::ShutdownCause::host_quit);
  } else if (!line.empty()) {
    core::info_report("unknown command: '" + line + "' (the monitor knows quit)");
  }
}

static void read_commands(std::string& pending) {
  char bytes[256];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (count <= 0) {
    if (count == 0 || errno != EINTR) {
      core::main_loop_remove_fd(STDIN_FILENO);
    }
    return;
  }
  pending.append(bytes, static_cast<std::size_t>(count));
  for (std::size_t end = pending.find('\n'); end != std::string::npos;
       end = pending.find('\n')) {
    command(pending.substr(0, end));
    pending.erase(0, end + 1);
  }
}

void open_monitor(const options::CommandLine& line) {
  core::set_monitor(command);
  const options::GivenOption* option = line.last("monitor");
  if (option != nullptr && option->value == "stdio") {
    at_option(option->location, [] { core::stdio_claim(); });
    core::main_loop_add_fd(
        STDIN_FILENO, [pending = std::string()]() mutable { read_commands(pending); });
  }
}

}  // namespace launcher
