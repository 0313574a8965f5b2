// "pty": a new pseudo terminal; its name is printed for the user to connect to.
//
// The far end is kept open here too, so coming and going readers are no event. What
// nobody reads stays in the terminal's buffer (some KiB: the start of a boot can be
// read later); when that is full, output is lost and the trace says so.
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "backend/chardev_fd.h"
#include "backend/chardev_options.h"
#include "core/run_state.h"
#include "qom/module.h"

namespace backend {

using namespace core;
using qom::Error;

namespace {

struct PtyChardev : Chardev {
  static constexpr const char* qom_type = "chardev-pty";
  int master = -1;
  int far_end = -1;
};

PtyChardev* as_pty(Chardev* chr) {
  return static_cast<PtyChardev*>(chr);
}

[[noreturn]] void fail(const char* what) {
  throw Error(std::string("Failed to create PTY: ") + what + ": " + std::strerror(errno));
}

void make_raw(int fd) {
  termios terminal;
  if (tcgetattr(fd, &terminal) != 0)
    fail("tcgetattr");
  cfmakeraw(&terminal);
  if (tcsetattr(fd, TCSAFLUSH, &terminal) != 0)
    fail("tcsetattr");
}

void pty_open(Chardev* chr, const ChardevOptions&) {
  PtyChardev* self = as_pty(chr);
  self->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (self->master < 0)
    fail("posix_openpt");
  if (grantpt(self->master) != 0 || unlockpt(self->master) != 0)
    fail("unlockpt");
  const char* found = ptsname(self->master);
  if (!found)
    fail("ptsname");
  const std::string name = found;
  self->far_end = ::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (self->far_end < 0)
    fail(name.c_str());
  make_raw(self->far_end);
  fcntl(self->master, F_SETFL, O_NONBLOCK);
  std::fprintf(stderr, "char device redirected to %s (label %s)\n", name.c_str(),
               chr->label.c_str());
  main_loop_add_fd(
      self->master,
      [self] {
        if (!chardev_read_and_deliver(self, self->master))
          main_loop_remove_fd(self->master);
      },
      [self] { return self->can_read && self->can_read() > 0; });
}

void pty_write(Chardev* chr, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(as_pty(chr)->master, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      chardev_write_lost(chr, bytes.size(), errno);
      return;
    }
  }
}

void pty_close(Chardev* chr) {
  PtyChardev* self = as_pty(chr);
  if (self->master >= 0) {
    main_loop_remove_fd(self->master);
    ::close(std::exchange(self->master, -1));
  }
  if (self->far_end >= 0)
    ::close(std::exchange(self->far_end, -1));
}

void class_init(qom::ObjectClass* klass, void*) {
  auto* cc = qom::class_cast<ChardevClass>(klass);
  cc->open = pty_open;
  cc->write = pty_write;
  cc->close = pty_close;
}

constinit const qom::TypeInfo info{
    .name = "chardev-pty",
    .parent = TYPE_CHARDEV,
    .instance = qom::instance_struct<PtyChardev>(),
    .class_init = class_init,
};

void chardev_pty_register_types() {
  qom::type_register_static(info);
}

}  // namespace

type_init(chardev_pty_register_types)

}  // namespace backend
