// Span, instant() and counter(): what event.h promises. Included by event.h only.
#pragma once

#include <cassert>

#include "trace/declaration.h"
#include "trace/kind.h"
#include "trace/ring.h"

namespace trace {

namespace detail {

inline bool recorded(const Kind& kind) {
  return kind.on.load(std::memory_order_relaxed) && !ring.muted;
}

}  // namespace detail

// One begin/end pair on the calling thread. Spans of a thread nest strictly, as
// C++ scopes do: it ends with its scope, or with result(). Not copyable, not movable.
template <class E>
class Span {
 public:
  explicit Span(const E& event, const char* file = __builtin_FILE(),
                int line = __builtin_LINE()) {
    static_assert(E::declaration.shape == Shape::span, "this kind is not a span");
    static_cast<void>(&detail::Catalogue<E>::listed);
    Kind& kind = detail::Catalogue<E>::kind;
    if (detail::recorded(kind)) {
      begin(kind, event, file, line);
    }
  }

  ~Span() {
    if (place_ != 0) {
      detail::record(detail::Op::end, place_, detail::timestamp(), detail::Nothing{});
      --detail::ring.depth;
    }
  }

  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // Ends the span here, with what is known only now: one record says both. What the
  // scope still does after this is outside the span.
  template <class R>
  void result(const R& result) {
    static_assert(std::is_same_v<R, typename E::Result>, "not this kind's Result");
    if (place_ != 0 &&
        detail::record(detail::Op::result, place_, detail::timestamp(), result)) {
      --detail::ring.depth;
      place_ = 0;
    }
  }

 private:
  void begin(Kind& kind, const E& event, const char* file, int line) {
    const auto depth = static_cast<std::uint16_t>(detail::ring.depth + 1);
    const std::uint64_t place = detail::place(detail::site_id(kind, file, line), depth);
    if (detail::record(detail::Op::begin, place, detail::timestamp(), event)) {
      detail::ring.depth = depth;
      place_ = place;
    }
  }

  std::uint64_t place_ = 0;  // of the span that is open; 0: none is recorded
};

namespace detail {

template <class E>
void point(Op op, const E& event, const char* file, int line) {
  static_cast<void>(&Catalogue<E>::listed);
  Kind& kind = Catalogue<E>::kind;
  if (recorded(kind)) {
    record(op, place(site_id(kind, file, line), ring.depth), timestamp(), event);
  }
}

}  // namespace detail

// Whether events of this kind are recorded now: for a caller that would have to
// compute a field's text.
template <class E>
bool enabled() {
  return detail::recorded(detail::Catalogue<E>::kind);
}

template <class E>
void instant(const E& event, const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) {
  static_assert(E::declaration.shape == Shape::instant, "this kind is not an instant");
  detail::point(detail::Op::instant, event, file, line);
}

template <class E>
void counter(const E& event, const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) {
  static_assert(E::declaration.shape == Shape::counter, "this kind is not a counter");
  detail::point(detail::Op::counter, event, file, line);
}

// One of the named moments of a start: main.enter, modules.done, options.done,
// machine.selected, machine.created, accel.ready, machine.ready, vcpu.first_run,
// guest.exit. Each is a kind of its own; asserts that the name is one of these.
void checkpoint(std::string_view name, const char* file = __builtin_FILE(),
                int line = __builtin_LINE());

// Names the calling thread in the trace. tid: 1 main, 2.. helpers, 10+n vcpu n.
// A thread that never calls this gets 100, 101, ... in order of first event.
void name_thread(int tid, std::string_view name);

}  // namespace trace
