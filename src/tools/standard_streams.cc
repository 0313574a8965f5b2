// Standard input, output and error, as a careful program finds and leaves them.
//
// A program started without one of the three (`vitrine ... >&-`) would give its number
// to the first file it opens, and what is meant for the terminal would land there: in the
// record file of a trace, for example. So the missing ones are made first: an empty
// input, and outputs that refuse to be written to.
//
// Text that could not be written (a full disk behind `>`) must not look like success: at
// the end it is an error.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace tools {
namespace {

constexpr int failed = 1;

void check_output() {
  // Asked first: a successful flush of what came after a lost line says nothing.
  const bool lost = std::ferror(stdout) != 0;
  if (std::fflush(stdout) == 0 && !lost) {
    return;
  }
  std::fprintf(stderr, "vitrine: cannot write to standard output: %s\n",
               std::strerror(errno));
  _exit(failed);
}

__attribute__((constructor)) void prepare_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) {
      // The lowest free number is this one. For output: no writing to it.
      static_cast<void>(open("/dev/null", O_RDONLY));
    }
  }
  static_cast<void>(std::atexit(check_output));
}

}  // namespace
}  // namespace tools
