// Limits of a run, and the list of those who look at exits. See exit_watch.h; the watch
// for guests that hang is in hang_watch.cc.
#include "core/exit_watch.h"

#include <condition_variable>
#include <memory>
#include <thread>

#include "core/chardev.h"
#include "core/hang_watch.h"
#include "core/run_internal.h"

namespace core {

ExitWatch* first_exit_watch = nullptr;

void exit_watch_add(ExitWatch* watch) {
  watch->next_ = first_exit_watch;
  first_exit_watch = watch;
}

void exit_watch_remove(ExitWatch* watch) {
  ExitWatch** at = &first_exit_watch;
  while (*at != nullptr && *at != watch) {
    at = &(*at)->next_;
  }
  if (*at != nullptr) {
    *at = watch->next_;
  }
}

void exit_watches_tell(CpuState& cpu, const Exit& exit) {
  for (ExitWatch* watch = first_exit_watch; watch != nullptr; watch = watch->next_) {
    watch->exited(cpu, exit);
  }
}

void exit_watches_printed() {
  for (ExitWatch* watch = first_exit_watch; watch != nullptr; watch = watch->next_) {
    watch->printed();
  }
}

namespace {

class ExitLimit : public ExitWatch {
 public:
  explicit ExitLimit(std::uint64_t most) : left_(most) { exit_watch_add(this); }

  ~ExitLimit() override { exit_watch_remove(this); }

  void exited(CpuState&, const Exit&) override {
    if (--left_ == 0) {
      request_limit("exits");
    }
  }

 private:
  std::uint64_t left_;
};

// Asks for the end after so much time of the host, stopped or not.
class WallLimit {
 public:
  explicit WallLimit(double seconds)
      : thread_([this, seconds](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          ended_.wait_for(lock, stop, std::chrono::duration<double>(seconds),
                          [] { return false; });
          if (!stop.stop_requested()) {
            request_limit("wall");
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: ends before the others go
};

}  // namespace

struct RunWatches::Parts {
  std::unique_ptr<ExitLimit> exits;
  std::unique_ptr<WallLimit> wall;
  std::unique_ptr<HangWatcher> hang;
};

RunWatches::RunWatches(const RunLimits& limits, HangWatch hang) : parts_(new Parts) {
  if (limits.exits != 0) {
    parts_->exits = std::make_unique<ExitLimit>(limits.exits);
  }
  if (limits.wall_seconds > 0) {
    parts_->wall = std::make_unique<WallLimit>(limits.wall_seconds);
  }
  if (limits.output != 0) {
    chardev_limit_output(limits.output, [] { request_limit("output"); });
  }
  if (hang.seconds > 0) {
    parts_->hang = std::make_unique<HangWatcher>(hang.seconds, std::move(hang.symbols));
  }
}

RunWatches::~RunWatches() {
  chardev_limit_output(0, {});
  delete parts_;
}

}  // namespace core
