// The phases of a start as trace spans: what opens a start's trace first shows.
#pragma once

#include "trace/event.h"

namespace launcher {

struct PhaseEvent {
  static constexpr trace::Declaration declaration{
      "phase", trace::Category::machine, trace::Shape::span,
      "One of the phases every start goes through, in order."};
  std::string_view name;

  static constexpr auto fields() {
    return trace::fields(trace::identity("name", &PhaseEvent::name, "which phase"));
  }
};

// A phase lasts as long as the function whose first line this is.
class Phase {
 public:
  explicit Phase(std::string_view name) : span_(PhaseEvent{.name = name}) {}

 private:
  trace::Span<PhaseEvent> span_;
};

}  // namespace launcher
