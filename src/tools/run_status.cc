#include "tools/run_status.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace tools {

namespace {

constexpr std::size_t kept_lines = 1000;

std::string arg(const trace::Event& event, std::string_view name) {
  for (const trace::Arg& one : event.args) {
    if (one.field->name == name) {
      return std::string(one.text);
    }
  }
  return {};
}

bool has_begun(const trace::Event& event) {
  return event.phase == trace::Phase::open_span || event.phase == trace::Phase::instant;
}

}  // namespace

const std::vector<std::string>& phases_of_a_run() {
  static const std::vector<std::string> names{
      "modules", "options", "machine-class", "machine", "backends", "accelerator",
      "board",   "devices", "reset",         "run",     "shutdown"};
  return names;
}

void RunStatus::take_phase(const trace::Event& event) {
  const std::string name = arg(event, "name");
  const auto known = std::ranges::find(phases_, name, &Phase::name);
  Phase& phase = known == phases_.end()
                     ? phases_.emplace_back(Phase{name, event.ts_ns, 0, true})
                     : *known;
  phase.open = event.phase == trace::Phase::open_span;
  phase.dur_ns = event.dur_ns;
}

void RunStatus::take(const trace::Event& event) {
  events_ = std::max(events_, event.seq);
  now_ns_ = std::max(now_ns_, event.ts_ns + event.dur_ns);
  const std::string_view name = event.name();
  if (name == "phase") {
    take_phase(event);
  } else if (name == "vcpu_run") {
    if (event.phase == trace::Phase::span) {
      ++exits_[arg(event, "reason")].total;
    }
  } else if (name == "guest_console") {
    console_.push_back(arg(event, "text"));
    if (console_.size() > kept_lines) {
      console_.pop_front();
      ++console_before_;
    }
  } else if (name == "type_register" || name == "type_register_internal") {
    ++types_;
  } else if (name == "type_initialize" && event.phase == trace::Phase::span) {
    // A class of an interface belongs to the type that has it ("edu::hotplug-handler").
    classes_ += arg(event, "name").find("::") == std::string::npos ? 1 : 0;
  } else if (name == "object_new" || name == "object_initialize") {
    objects_ += event.phase == trace::Phase::span || event.phase == trace::Phase::instant;
  } else if (name == "object_finalize") {
    objects_ -= event.phase == trace::Phase::span || event.phase == trace::Phase::instant;
  } else if (name == "machine_run_board_init") {
    machine_ = arg(event, "machine");
  } else if (name == "guest_exit" && has_begun(event)) {
    end_ = arg(event, "cause");
  }
}

void RunStatus::measure(double seconds) {
  if (seconds <= 0) {
    return;
  }
  for (auto& [reason, exits] : exits_) {
    exits.per_second =
        static_cast<double>(exits.total - std::exchange(exits.before, exits.total)) /
        seconds;
  }
}

std::size_t RunStatus::reached() const {
  const auto& all = phases_of_a_run();
  std::size_t most = 0;
  for (const Phase& phase : phases_) {
    const auto at = std::ranges::find(all, phase.name);
    if (at != all.end()) {
      most = std::max(most, static_cast<std::size_t>(at - all.begin()) + 1);
    }
  }
  return most;
}

std::uint64_t RunStatus::all_exits() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, exits] : exits_) {
    sum += exits.total;
  }
  return sum;
}

double RunStatus::exits_per_second() const {
  double sum = 0;
  for (const auto& [reason, exits] : exits_) {
    sum += exits.per_second;
  }
  return sum;
}

std::string RunStatus::json() const {
  nlohmann::json phases = nlohmann::json::array(), exits = nlohmann::json::object();
  for (const Phase& phase : phases_) {
    phases.push_back({{"name", phase.name},
                      {"ms", static_cast<double>(phase.dur_ns) / 1e6},
                      {"open", phase.open}});
  }
  for (const auto& [reason, one] : exits_) {
    exits[reason] = {{"total", one.total}, {"per_second", one.per_second}};
  }
  const nlohmann::json all{{"phases", std::move(phases)},
                           {"reached", reached()},
                           {"of", phases_of_a_run().size()},
                           {"exits", std::move(exits)},
                           {"exits_per_second", exits_per_second()},
                           {"all_exits", all_exits()},
                           {"events", events_},
                           {"types", types_},
                           {"classes", classes_},
                           {"objects", objects_},
                           {"machine", machine_},
                           {"seconds", static_cast<double>(now_ns_) / 1e9},
                           {"end", end_}};
  return all.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace tools
