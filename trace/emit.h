// Span, instant() and counter(): what event.h promises. Included by event.h only.
#pragma once

#include "trace/event.h"

namespace trace {

// One begin/end pair on the calling thread. Spans of a thread nest strictly, as
// C++ scopes do. Not copyable, not movable.
template <class E>
class Span {
 public:
  explicit Span(const E& event, const char* file = __builtin_FILE(),
                int line = __builtin_LINE()) {
    (void)event, (void)file, (void)line;
  }
  ~Span() {}
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // Adds what is known only now to the span's end record; call at most once.
  template <class R>
  void result(const R& result) {
    (void)result;
  }
};

template <class E>
void instant(const E&, const char* = __builtin_FILE(), int = __builtin_LINE()) {}

template <class E>
void counter(const E&, const char* = __builtin_FILE(), int = __builtin_LINE()) {}

// One of the named moments of a start: main.enter, modules.done, options.done,
// machine.selected, machine.created, accel.ready, machine.ready, vcpu.first_run,
// guest.exit.
inline void checkpoint(std::string_view, const char* = __builtin_FILE(), int = __builtin_LINE()) {}

// Names the calling thread in the trace. tid: 1 main, 2.. helpers, 10+n vcpu n.
inline void name_thread(int, std::string_view) {}

}  // namespace trace
