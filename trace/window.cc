#include "trace/window.h"

#include <stdexcept>

#include "trace/event.h"
#include "trace/recorder_state.h"

namespace trace {

namespace {

struct TraceWindow {
  static constexpr Declaration declaration{
      "trace_window", Category::host, Shape::instant,
      "Recording of more than checkpoints begins or ends (-trace from=, exits=)."};
  bool open = false;

  static constexpr auto fields() {
    return trace::fields(trace::state("open", &TraceWindow::open, "it begins"));
  }
};

// `window`, `set` and `waiting` change under the recorder's lock; turns are counted by
// whichever vCPU has one.
struct Current {
  Window window;
  bool set = false;
  std::atomic<bool> waiting{false};  // for the checkpoint
  std::atomic<std::uint64_t> turn{0};
};

Current& current() {
  static auto* const the_current = new Current;  // also after main() has ended
  return *the_current;
}

bool counts_turns(const Window& window) {
  return window.turns != 0 || window.every != 1;
}

void pause(bool paused) {
  detail::State& s = detail::state();
  const std::lock_guard guard(s.lock);
  s.paused = paused;
  detail::switch_all(s);
}

void open_window() {
  pause(false);
  instant(TraceWindow{.open = true});
  detail::turns_count.store(counts_turns(current().window), std::memory_order_relaxed);
}

void close_window() {
  instant(TraceWindow{.open = false});
  pause(true);
}

void check(const Window& window) {
  if (!window.from.empty() && !detail::is_checkpoint(window.from)) {
    throw std::invalid_argument("there is no checkpoint '" + window.from + "'");
  }
  if (window.every == 0) {
    throw std::invalid_argument("each 0th turn is none");
  }
}

}  // namespace

void set_window(const Window& window) {
  check(window);
  Current& now = current();
  now.window = window;
  now.set = !window.from.empty() || counts_turns(window);
  now.turn = 0;
  now.waiting = !window.from.empty();
  if (now.waiting) {
    pause(true);
  } else {
    detail::turns_count.store(counts_turns(window), std::memory_order_relaxed);
  }
}

bool detail::begin_turn() {
  Current& now = current();
  const Window& window = now.window;
  const std::uint64_t turn = now.turn.fetch_add(1, std::memory_order_relaxed);
  if (window.turns != 0 && turn / window.every >= window.turns) {
    if (turn == window.turns * window.every) {
      close_window();
    }
    return false;
  }
  ring.muted = turn % window.every != 0;
  return ring.muted;
}

void detail::reach_window(std::string_view checkpoint) {
  Current& now = current();
  if (now.waiting.load(std::memory_order_relaxed) && checkpoint == now.window.from &&
      now.waiting.exchange(false)) {
    open_window();
  }
}

bool detail::outlasts_window(const Declaration& declaration) {
  return is_checkpoint(declaration.name) ||
         declaration.name == TraceWindow::declaration.name;
}

void detail::forget_window(State& s) {
  s.paused = false;
  turns_count.store(false, std::memory_order_relaxed);
  current().waiting = false;
  current().set = false;
}

std::string detail::describe_window() {
  const Current& now = current();
  if (!now.set) {
    return {};
  }
  const Window& window = now.window;
  std::string text = window.from.empty() ? "" : "from " + window.from + ", ";
  text += window.turns == 0 ? "" : "for " + std::to_string(window.turns) + " exits, ";
  text += window.every == 1 ? "" : "one of " + std::to_string(window.every) + ", ";
  if (!counts_turns(window)) {
    return text.substr(0, text.size() - 2);
  }
  return text + "out of " + std::to_string(now.turn.load()) + " exits in all";
}

}  // namespace trace
