// "stdio": the terminal this program runs in. Option: signal=on|off (on: ^C is a
// signal to this program; off: it is a byte for the guest).
//
// While a guest has the terminal it gets keys one by one and unechoed. The terminal
// is put back when the device closes, at normal exit, and when a signal kills the
// program: then first the terminal, then the signal's default.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "backend/chardev_fd.h"
#include "backend/chardev_options.h"
#include "qom/module.h"

namespace backend {

using namespace core;

namespace {

struct StdioChardev : FdChardev {
  static constexpr const char* qom_type = "chardev-stdio";
  bool holds_terminal = false;
};

// One terminal. Read by signal handlers: plain data.
std::atomic<bool> is_raw = false;
termios saved_terminal;

void restore_terminal() {
  if (is_raw.exchange(false))
    tcsetattr(STDIN_FILENO, TCSANOW, &saved_terminal);
}

// Installed with SA_RESETHAND: raising again takes the default action.
extern "C" void restore_and_die(int number) {
  restore_terminal();
  raise(number);
}

// Those that kill and are still at their default.
void restore_on_signals() {
  for (const int number :
       {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction old = {};
    sigaction(number, nullptr, &old);
    if (old.sa_handler != SIG_DFL)
      continue;
    struct sigaction action = {};
    action.sa_handler = restore_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

void make_raw(bool signals) {
  if (tcgetattr(STDIN_FILENO, &saved_terminal) != 0)
    return;  // not a terminal: a pipe or a file is fine as it is
  static const int registered = std::atexit(restore_terminal);
  (void)registered;
  restore_on_signals();
  termios raw = saved_terminal;
  raw.c_iflag &= ~static_cast<tcflag_t>(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
                                        IGNCR | ICRNL | IXON);
  raw.c_oflag |= OPOST;
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | IEXTEN);
  if (!signals)
    raw.c_lflag &= ~static_cast<tcflag_t>(ISIG);
  raw.c_cflag = (raw.c_cflag & ~static_cast<tcflag_t>(CSIZE | PARENB)) | CS8;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  is_raw = true;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void stdio_open(Chardev* chr, const ChardevOptions& options) {
  const bool signals = option_bool(options, "signal", true);
  stdio_claim();
  auto* self = static_cast<StdioChardev*>(chr);
  self->holds_terminal = true;
  self->owns_fd = false;
  self->fd_in = STDIN_FILENO;
  self->fd_out = STDOUT_FILENO;
  make_raw(signals);
  fd_chardev_listen(self);
}

void stdio_close(Chardev* chr) {
  fd_chardev_close(chr);
  if (!static_cast<StdioChardev*>(chr)->holds_terminal)
    return;
  restore_terminal();
  stdio_release();
}

void class_init(qom::ObjectClass* klass, void*) {
  auto* cc = qom::class_cast<ChardevClass>(klass);
  cc->open = stdio_open;
  cc->close = stdio_close;
}

constinit const qom::TypeInfo info{
    .name = "chardev-stdio",
    .parent = TYPE_CHARDEV_FD,
    .instance = qom::instance_struct<StdioChardev>(),
    .class_init = class_init,
};

void chardev_stdio_register_types() {
  qom::type_register_static(info);
}

}  // namespace

type_init(chardev_stdio_register_types)

}  // namespace backend
