// "stdio": the terminal this program runs in. Options: signal=on|off (on: ^C is a
// signal to this program; off: it is a byte for the guest), mux=on|off (on: the monitor
// has the terminal too, escape_keys.h).
//
// While a guest has the terminal it gets keys one by one and unechoed. The terminal
// is put back when the device closes, at normal exit, and when a signal kills the
// program: then first the terminal, then the signal's default.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <optional>

#include "backend/chardev_fd.h"
#include "backend/chardev_options.h"
#include "backend/escape_keys.h"
#include "core/run_state.h"
#include "qom/module.h"

namespace backend {

using namespace core;

namespace {

struct StdioChardev : FdChardev {
  static constexpr const char* qom_type = "chardev-stdio";
  bool holds_terminal = false;
  std::optional<EscapeKeys> keys;        // mux=on
  std::deque<std::uint8_t> for_guest{};  // keys it has no room for yet
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

// ---- mux=on ---------------------------------------------------------------------------

void deliver_keys(StdioChardev* self) {
  const int room = self->can_read ? self->can_read() : 0;
  const auto count =
      std::min(self->for_guest.size(), static_cast<std::size_t>(std::max(room, 0)));
  if (count == 0)
    return;
  const auto end = self->for_guest.begin() + static_cast<std::ptrdiff_t>(count);
  const std::vector<std::uint8_t> keys(self->for_guest.begin(), end);
  self->for_guest.erase(self->for_guest.begin(), end);
  chardev_deliver(self, keys);
}

void print(StdioChardev* self, const std::string& text) {
  fd_chardev_write(self,
                   {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void read_keys(StdioChardev* self) {
  std::array<std::uint8_t, 256> keys;
  const ssize_t got = ::read(self->fd_in, keys.data(), keys.size());
  if (got > 0) {
    self->keys->typed(std::span(keys).first(static_cast<std::size_t>(got)));
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    main_loop_remove_fd(self->fd_in);
  }
}

// Keys are read even if the guest takes none: C-a x ends a guest that hangs, too.
void listen_to_keys(StdioChardev* self) {
  self->keys.emplace(EscapeKeys::Users{
      .guest =
          [self](std::span<const std::uint8_t> keys) {
            constexpr std::size_t most_waiting = 4096;  // what is typed beyond is lost
            const std::size_t room = most_waiting - self->for_guest.size();
            const auto taken = keys.first(std::min(keys.size(), room));
            self->for_guest.insert(self->for_guest.end(), taken.begin(), taken.end());
            deliver_keys(self);
          },
      .monitor = [](const std::string& line) { monitor_command(line); },
      .print = [self](const std::string& text) { print(self, text); },
      .quit = [] { request_shutdown(ShutdownCause::host_quit); }});
  main_loop_add_fd(
      self->fd_in, [self] { read_keys(self); },
      [self] {  // asked again when the guest has room
        deliver_keys(self);
        return true;
      });
}

// ---- the type -------------------------------------------------------------------------

void stdio_open(Chardev* chr, const ChardevOptions& options) {
  const bool signals = option_bool(options, "signal", true);
  stdio_claim();
  auto* self = static_cast<StdioChardev*>(chr);
  self->holds_terminal = true;
  self->owns_fd = false;
  self->fd_in = STDIN_FILENO;
  self->fd_out = STDOUT_FILENO;
  make_raw(signals);
  if (option_bool(options, "mux", false))
    listen_to_keys(self);
  else
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
