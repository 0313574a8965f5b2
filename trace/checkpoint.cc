// The named moments of a start. Each is an event kind of its own, so that viewers
// show its name and comparing tools can align on it.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <string_view>

#include "trace/event.h"
#include "trace/recorder_state.h"
#include "trace/window.h"

namespace trace {

namespace {

constexpr std::array<Declaration, 9> checkpoints{{
    {"main.enter", Category::host, Shape::instant, "main() has begun."},
    {"modules.done", Category::module, Shape::instant, "Every module has registered."},
    {"options.done", Category::option, Shape::instant, "The command line is parsed."},
    {"machine.selected", Category::machine, Shape::instant,
     "The machine class is chosen."},
    {"machine.created", Category::machine, Shape::instant, "The machine object exists."},
    {"accel.ready", Category::accel, Shape::instant, "The accelerator can run guests."},
    {"machine.ready", Category::machine, Shape::instant,
     "Every device is realized and reset."},
    {"vcpu.first_run", Category::vcpu, Shape::instant,
     "A vCPU executes for the first time."},
    {"guest.exit", Category::guest, Shape::instant, "The guest has ended."},
}};

template <std::size_t N>
struct Checkpoint {
  static constexpr Declaration declaration = checkpoints[N];

  static constexpr auto fields() { return trace::fields(); }
};

using Emit = void (*)(const char* file, int line);

template <std::size_t... N>
constexpr auto emitters(std::index_sequence<N...>) {
  return std::array<Emit, sizeof...(N)>{
      [](const char* file, int line) { instant(Checkpoint<N>{}, file, line); }...};
}

}  // namespace

void checkpoint(std::string_view name, const char* file, int line) {
  static constexpr auto emit = emitters(std::make_index_sequence<checkpoints.size()>{});
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    if (checkpoints[i].name == name) {
      emit[i](file, line);
      detail::reach_window(name);
      return;
    }
  }
  assert(!"checkpoint() knows only the names listed in trace/checkpoint.cc");
}

std::vector<std::string_view> checkpoint_names() {
  std::vector<std::string_view> names;
  for (const Declaration& declaration : checkpoints) {
    names.push_back(declaration.name);
  }
  return names;
}

bool detail::is_checkpoint(std::string_view name) {
  return std::ranges::any_of(
      checkpoints, [&](const Declaration& known) { return known.name == name; });
}

}  // namespace trace
