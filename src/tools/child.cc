#include "tools/child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_line = 16U << 20;
constexpr std::size_t kept_errors = 2000;                  // bytes of its standard error
constexpr std::size_t shown_errors = 300;                  // of those, in a message
constexpr auto patience = std::chrono::milliseconds(500);  // for a child asked to end

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void close_fd(int& fd) {
  if (fd >= 0) {
    ::close(fd);
    fd = -1;
  }
}

// Between fork and exec: system calls only.
[[noreturn]] void become(char** argv, const int* fds, int report) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a parent killed takes its child along
#endif
  setpgid(0, 0);
  dup2(fds[0], 0);
  dup2(fds[0], 1);
  dup2(fds[1], 2);
  signal(SIGPIPE, SIG_DFL);
  execv(argv[0], argv);
  const int why = errno;
  const auto ignored = ::write(report, &why, sizeof why);
  (void)ignored;
  _exit(127);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (access(name.c_str(), F_OK) != 0) {
      throw std::runtime_error("cannot start '" + name + "': there is no such file");
    }
    return name;
  }
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "/usr/bin:/bin";
  while (!name.empty() && !rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    std::string candidate = rest.substr(0, colon) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    rest.erase(0, std::min(colon + 1, rest.size()));
  }
  throw std::runtime_error(
      "cannot start '" + name +
      "': no such program in PATH; give its full path, or install it "
      "(apt install qemu-system-x86)");
}

Child::Child(const std::vector<std::string>& argv, Clock::time_point deadline)
    : program_(argv.at(0)), deadline_(deadline) {
  start(argv);
}

void Child::start(const std::vector<std::string>& argv) {
  int talk[2] = {-1, -1};
  int errors[2] = {-1, -1};
  int report[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) != 0 ||
      pipe2(errors, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) {
    throw_errno("cannot make pipes for '" + program_ + "'");
  }
  talk_ = talk[0];
  errors_ = errors[0];
  std::vector<char*> words;
  for (const std::string& word : argv) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec's argument is older.
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  const int fds[2] = {talk[1], errors[1]};
  pid_ = fork();
  if (pid_ == 0) {
    become(words.data(), fds, report[1]);
  }
  close_fd(talk[1]);
  close_fd(errors[1]);
  close_fd(report[1]);
  int why = pid_ < 0 ? errno : 0;
  const bool refused = pid_ < 0 || ::read(report[0], &why, sizeof why) == sizeof why;
  close_fd(report[0]);
  if (refused) {
    if (pid_ > 0) {
      waitpid(pid_, nullptr, 0);
    }
    close_fd(talk_);
    close_fd(errors_);
    throw std::system_error(why, std::generic_category(),
                            "cannot start '" + program_ + "'");
  }
  fcntl(errors_, F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  close_fd(talk_);
  if (pid_ > 0) {
    const auto until = Clock::now() + patience;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (Clock::now() >= until || Clock::now() >= deadline_) {
        kill(-pid_, SIGKILL);
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        break;
      }
      usleep(2000);
    }
    kill(-pid_, SIGKILL);  // children of its own that outlived it
  }
  close_fd(errors_);
}

void Child::take_errors() {
  char bytes[4096];
  for (;;) {
    const ssize_t got = ::read(errors_, bytes, sizeof bytes);
    if (got <= 0) {
      return;
    }
    errors_text_.append(bytes, static_cast<std::size_t>(got));
    if (errors_text_.size() > kept_errors) {
      errors_text_.erase(0, errors_text_.size() - kept_errors);
    }
  }
}

std::string Child::last_words() {
  take_errors();
  std::string words;
  for (const char c : errors_text_.substr(errors_text_.size() -
                                          std::min(errors_text_.size(), shown_errors))) {
    words +=
        c == '\n' ? std::string(" / ") : std::string(1, c < 0x20 || c == 0x7f ? '?' : c);
  }
  while (words.ends_with(" / ")) {
    words.erase(words.size() - 3);
  }
  return words;
}

void Child::fail(const std::string& why) {
  const std::string words = last_words();
  throw std::runtime_error("'" + program_ + "' " + why +
                           (words.empty() ? "" : "; its last words: " + words));
}

void Child::wait_for_output() {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) {
      fail("gave no answer in the time allowed");
    }
    pollfd fds[2] = {{talk_, POLLIN, 0}, {errors_, POLLIN, 0}};
    const int wait = static_cast<int>(std::min<std::int64_t>(left.count() + 1, 1000));
    if (poll(fds, errors_ < 0 ? 1 : 2, wait) < 0 && errno != EINTR) {
      throw_errno("cannot wait for '" + program_ + "'");
    }
    if (fds[1].revents & POLLIN) {
      take_errors();
    } else if (fds[1].revents != 0) {
      close_fd(errors_);  // closed by the child: no more to poll
    }
    if (fds[0].revents != 0) {
      return;
    }
  }
}

std::string Child::read_line() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = unread_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    searched = unread_.size();
    if (searched > longest_line) {
      fail("prints without end and without a line break");
    }
    wait_for_output();
    char bytes[65536];
    const ssize_t got = recv(talk_, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      fail("ended, or closed its output, before it answered");
    }
    unread_.append(bytes, static_cast<std::size_t>(got));
  }
}

void Child::write(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t sent =
        send(talk_, text.data() + done, text.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      fail("does not read its input");
    } else if (errno != EINTR) {
      fail("ended, or closed its input");
    }
  }
}

}  // namespace tools
