// The steps of a start below its phases, under the names of QEMU's functions for the same
// work, so that our start and QEMU's can be laid side by side.
#pragma once

#include "trace/event.h"

namespace core {

struct StartupFunction {
  static constexpr trace::Declaration declaration{
      "startup_step", trace::Category::machine, trace::Shape::span,
      "A step of the start, under the name of QEMU's function for it."};
  std::string_view function;

  static constexpr auto fields() {
    return trace::fields(trace::identity("function", &StartupFunction::function,
                                         "QEMU's function that does this"));
  }
};

// A step lasts as long as the block it is declared in.
class StartupStep {
 public:
  explicit StartupStep(std::string_view function, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE())
      : span_(StartupFunction{.function = function}, file, line) {}

 private:
  trace::Span<StartupFunction> span_;
};

}  // namespace core
