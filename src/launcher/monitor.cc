#include "launcher/monitor.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "core/chardev.h"
#include "core/run_state.h"
#include "launcher/monitor_commands.h"
#include "launcher/unbuilt.h"

namespace launcher {

// Written at once: the guest's output may share the terminal.
static void command(const std::string& line) {
  const std::string answer = monitor_answer(line);
  std::fputs(answer.c_str(), stdout);
  std::fflush(stdout);
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
