// The main loop's waiting: descriptors, timers, signals, wake-ups. See run_state.h.
//
// poll() on a short list is enough for a PC's handful of descriptors. Other threads
// and signal handlers reach it through a pipe.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "core/memory.h"
#include "core/run_internal.h"

namespace core {
namespace {

class WakePipe {
 public:
  WakePipe() {
    if (pipe(ends_) != 0)
      throw std::system_error(errno, std::generic_category(), "pipe for the main loop");
    for (const int end : ends_) {
      fcntl(end, F_SETFL, O_NONBLOCK);
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
  }

  ~WakePipe() {
    close(ends_[0]);
    close(ends_[1]);
  }

  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  int read_end() const { return ends_[0]; }

  int write_end() const { return ends_[1]; }

  // Also called by signal handlers: a full pipe means that a wake-up is on its way.
  static void ring(int fd) {
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = write(fd, &byte, 1);
  }

  void drain() const {
    char bytes[64];
    while (read(ends_[0], bytes, sizeof bytes) > 0) {
    }
  }

 private:
  int ends_[2] = {-1, -1};
};

constexpr std::int64_t awake = -2;     // not waiting: no wake-up needed
constexpr std::int64_t no_limit = -1;  // waits for ever

struct Watch {
  std::function<void()> readable;
  std::function<bool()> wanted;
};

struct Loop {
  WakePipe pipe;
  std::map<int, std::shared_ptr<Watch>> watched;
  std::int64_t sleeps_until = awake;  // deadline in virtual ns
};

Loop& loop() {
  static Loop state;
  return state;
}

// What a signal handler may touch.
std::atomic<int> signal_pipe = -1;
std::atomic<int> signal_seen = 0;

bool stop_on_interrupt = false;

void act_on_signal(int number) {
  if (number == SIGINT && stop_on_interrupt)
    vm_stop(StopCause::paused);
  else
    request_shutdown(ShutdownCause::host_signal, number);
}

extern "C" void on_signal(int number) {
  const int saved = errno;
  signal_seen.store(number);
  WakePipe::ring(signal_pipe.load());
  errno = saved;
}

constexpr int watched_signals[] = {SIGINT, SIGTERM, SIGHUP};
struct sigaction saved_actions[std::size(watched_signals)];
struct sigaction saved_pipe_action;

// Nanoseconds until the next timer; no_limit if time stands still or is counted.
std::int64_t nanoseconds_to_wait() {
  const std::int64_t deadline = timers_next_deadline();
  if (deadline < 0 || clock_counts_instructions() || !runstate_is_running())
    return no_limit;
  return std::max<std::int64_t>(deadline - clock_virtual_ns(), 0);
}

int wait_for(std::vector<pollfd>& fds, std::int64_t nanoseconds) {
#ifdef __linux__
  timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000),
                 static_cast<long>(nanoseconds % 1'000'000'000)};
  return ppoll(fds.data(), fds.size(), nanoseconds < 0 ? nullptr : &limit, nullptr);
#else
  const auto milliseconds = static_cast<int>((nanoseconds + 999'999) / 1'000'000);
  return poll(fds.data(), static_cast<nfds_t>(fds.size()),
              nanoseconds < 0 ? -1 : milliseconds);
#endif
}

void serve(const std::vector<pollfd>& fds) {
  for (const pollfd& fd : fds) {
    if (fd.revents == 0)
      continue;
    const auto watcher = loop().watched.find(fd.fd);
    if (watcher == loop().watched.end())
      continue;
    // Held: the callback may remove itself.
    const auto watch = watcher->second;
    watch->readable();
  }
}

}  // namespace

void main_loop_wait(std::unique_lock<std::mutex>& lock) {
  Loop& state = loop();
  std::vector<pollfd> fds{{state.pipe.read_end(), POLLIN, 0}};
  for (const auto& [fd, watch] : state.watched)
    if (!watch->wanted || watch->wanted())
      fds.push_back({fd, POLLIN, 0});
  const std::int64_t limit = nanoseconds_to_wait();
  state.sleeps_until = limit < 0 ? no_limit : timers_next_deadline();
  lock.unlock();
  const int ready = wait_for(fds, limit);
  lock.lock();
  state.sleeps_until = awake;
  if (fds[0].revents)
    state.pipe.drain();
  if (const int number = signal_seen.exchange(0))
    act_on_signal(number);
  if (ready > 0)
    serve(fds);
  if (runstate_is_running() && !clock_counts_instructions())
    timers_run_expired();
  memory_commit();
}

void main_loop_add_fd(int fd, std::function<void()> readable,
                      std::function<bool()> wanted) {
  auto watch = std::make_shared<Watch>();
  watch->readable = std::move(readable);
  watch->wanted = std::move(wanted);
  loop().watched[fd] = std::move(watch);
  main_loop_wake();
}

void main_loop_remove_fd(int fd) {
  loop().watched.erase(fd);
  main_loop_wake();
}

void main_loop_wake() {
  WakePipe::ring(loop().pipe.write_end());
}

void main_loop_deadline_changed(std::int64_t deadline_ns) {
  const std::int64_t until = loop().sleeps_until;
  if (until == awake || (until != no_limit && until <= deadline_ns))
    return;
  main_loop_wake();
}

void interrupt_stops(bool yes) {
  stop_on_interrupt = yes;
}

void remember_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: waiting for a file that does not open ends, too.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : watched_signals)
    sigaction(number, &action, nullptr);
}

SignalWatch::SignalWatch() {
  signal_pipe = loop().pipe.write_end();
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(watched_signals); ++i)
    sigaction(watched_signals[i], &action, &saved_actions[i]);
  // A reader that went away is an error of write(), not the end of the program.
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &saved_pipe_action);
  if (const int number = signal_seen.exchange(0))
    request_shutdown(ShutdownCause::host_signal, number);
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < std::size(watched_signals); ++i)
    sigaction(watched_signals[i], &saved_actions[i], nullptr);
  sigaction(SIGPIPE, &saved_pipe_action, nullptr);
  signal_seen = 0;  // one that came while the run ended was for this run
}

}  // namespace core
