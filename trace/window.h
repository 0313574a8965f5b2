// Recording only a part of a run, so that a long one leaves a small trace: from a
// checkpoint on, for a number of vCPU turns, each Nth of them.
//
// Outside the window the checkpoints are still recorded, and `trace_window` says where
// it opened and closed. A span that was open when the window closed gets its end; one
// that was open when it opened is not in the trace.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trace/ring.h"

namespace trace {

struct Window {
  std::string from{};       // a checkpoint; empty: from the first event on
  std::uint64_t turns = 0;  // that many recorded ones; 0: to the end of the run
  std::uint64_t every = 1;  // each Nth turn is recorded, the others leave no event
};

// Before open(); it ends with the session. Throws std::invalid_argument for a name that
// is not of checkpoint_names(), or `every` 0.
void set_window(const Window& window);

std::vector<std::string_view> checkpoint_names();

namespace detail {

inline constinit std::atomic<bool> turns_count{false};

bool begin_turn();  // true: the thread was muted
void reach_window(std::string_view checkpoint);

// What the header of the trace says of the window; empty without one.
std::string describe_window();

}  // namespace detail

// One turn of a vCPU: entering the guest, and what its exit led to. Any thread; costs a
// load and a branch where no window counts turns.
class Turn {
 public:
  Turn()
      : muted_(detail::turns_count.load(std::memory_order_relaxed) &&
               detail::begin_turn()) {}

  ~Turn() {
    if (muted_) {
      detail::ring.muted = false;
    }
  }

  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  bool muted_;
};

}  // namespace trace
