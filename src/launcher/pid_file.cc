#include "launcher/pid_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace launcher {

static std::string& pid_file() {
  static std::string path;
  return path;
}

void write_pid_file(const options::CommandLine& line) {
  const options::GivenOption* option = line.last("pidfile");
  if (option == nullptr) {
    return;
  }
  const int fd =
      ::open(option->value.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw qom::Error(std::string("cannot create PID file: Cannot open pid file: ") +
                     std::strerror(errno));
  }
  const std::string text = std::to_string(::getpid()) + "\n";
  const bool written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  pid_file() = option->value;
  if (!written) {
    throw qom::Error("cannot create PID file: '" + option->value +
                     "' could not be written");
  }
}

void remove_pid_file() {
  if (!pid_file().empty()) {
    ::unlink(pid_file().c_str());
    pid_file().clear();
  }
}

}  // namespace launcher
