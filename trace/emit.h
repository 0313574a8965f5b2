// Span, instant() and counter(): what event.h promises. Included by event.h only.
#pragma once

#include <cassert>

#include "trace/declaration.h"
#include "trace/kind.h"
#include "trace/ring.h"

namespace trace {

// One begin/end pair on the calling thread. Spans of a thread nest strictly, as
// C++ scopes do. Not copyable, not movable.
template <class E>
class Span {
 public:
  explicit Span(const E& event, const char* file = __builtin_FILE(),
                int line = __builtin_LINE()) {
    static_assert(E::declaration.shape == Shape::span, "this kind is not a span");
    static_cast<void>(&detail::Catalogue<E>::listed);
    Kind& kind = detail::Catalogue<E>::kind;
    if (kind.on.load(std::memory_order_relaxed)) {
      begin(kind, event, file, line);
    }
  }

  ~Span() {
    if (recorded_) {
      detail::record(detail::Op::end, site_, detail::ring.depth, detail::timestamp(),
                     detail::Nothing{});
      --detail::ring.depth;
    }
  }

  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // Adds what is known only now to the span; call at most once.
  template <class R>
  void result(const R& result) {
    static_assert(std::is_same_v<R, typename E::Result>, "not this kind's Result");
    if (recorded_) {
      detail::record(detail::Op::result, site_, detail::ring.depth, 0, result);
    }
  }

 private:
  void begin(Kind& kind, const E& event, const char* file, int line) {
    site_ = detail::site_id(kind, file, line);
    const auto depth = static_cast<std::uint16_t>(detail::ring.depth + 1);
    if (detail::record(detail::Op::begin, site_, depth, detail::timestamp(), event)) {
      detail::ring.depth = depth;
      recorded_ = true;
    }
  }

  std::uint32_t site_ = 0;
  bool recorded_ = false;
};

namespace detail {

template <class E>
void point(Op op, const E& event, const char* file, int line) {
  static_cast<void>(&Catalogue<E>::listed);
  Kind& kind = Catalogue<E>::kind;
  if (kind.on.load(std::memory_order_relaxed)) {
    record(op, site_id(kind, file, line), ring.depth, timestamp(), event);
  }
}

}  // namespace detail

// Whether events of this kind are recorded now: for a caller that would have to
// compute a field's text.
template <class E>
bool enabled() {
  return detail::Catalogue<E>::kind.on.load(std::memory_order_relaxed);
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
