// A whole trace in memory: every step with its cause, in the order things began. What
// pictures of a run (timeline, exits, causes, memory...) are drawn from.
//
// Texts are interned, so that a run of half a million steps takes some hundred MB.
// Thread rule: a run belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "viz/model.h"
#include "viz/model_events.h"

namespace viz {

struct StepArg {
  std::string_view key;
  std::string_view value;  // as text: "true", "0x3f8", "edu#1"
};

inline constexpr std::size_t no_step = static_cast<std::size_t>(-1);

struct Step {
  enum class Shape : std::uint8_t { span, open, instant };
  std::uint64_t seq = 0;
  std::uint64_t par = 0;  // seq of the cause; 0 for none
  std::uint64_t ts_ns = 0;
  std::uint64_t dur_ns = 0;
  int tid = 0;
  Shape shape = Shape::instant;
  std::string_view name;
  std::string_view cat;
  std::string_view loc;
  std::size_t cause = no_step;  // index of the enclosing step
  std::uint32_t first_arg = 0;
  std::uint32_t arg_count = 0;
};

class Run {
 public:
  Run();
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  // By time of beginning, then seq.
  const std::vector<Step>& steps() const { return steps_; }

  std::span<const StepArg> args(const Step& step) const {
    return {args_.data() + step.first_arg, step.arg_count};
  }

  // An argument's text, empty if the step has none of that name.
  std::string_view arg(const Step& step, std::string_view key) const;
  // "name first-value": a step in a few words.
  std::string brief(const Step& step, std::size_t max_chars = 60) const;

  // Index of the step with that seq; no_step if there is none.
  std::size_t by_seq(std::uint64_t seq) const;
  // Index of the first step of that name at or after `from`; no_step if there is none.
  std::size_t find(std::string_view name, std::size_t from = 0) const;
  // Steps that `index` directly encloses, in order.
  std::vector<std::size_t> children(std::size_t index) const;

  std::string source;                                // for titles: the file's name
  std::string command_line;                          // of the header; may be empty
  std::string machine, accel;                        // of the header; may be empty
  std::string version;                               // who wrote it; may be empty
  std::vector<std::pair<int, std::string>> threads;  // "main", "vcpu0"

  // ---- for readers ----
  void add(const TypeEvent& event, std::string_view cat, int tid, Step::Shape shape);
  void settle();  // sorts and links; call once, after the last add()

 private:
  std::string_view keep(std::string_view text);

  std::vector<Step> steps_;
  std::vector<StepArg> args_;
  std::unordered_set<std::string_view> texts_;
  std::deque<std::string> store_;
  std::unordered_map<std::uint64_t, std::size_t> by_seq_;
  std::vector<std::size_t> child_begin_, child_list_;  // by index of the cause
};

// More steps than this are refused: a part of such a trace says more in a picture.
inline constexpr std::size_t most_steps = 8'000'000;

// `file` may be compressed; "-" is standard input. Throws trace::ReadError, or
// std::runtime_error for a trace without a step or with too many.
Run run_from_trace(const std::string& file);
// From memory; a text that begins with an object is the .ndjson form.
Run run_from_trace_text(std::string_view text, const std::string& name);

// The types as they stood when step `last` had begun (its index; no_step: at the end).
TypeModel types_at(const Run& run, std::size_t last = no_step);

// A step by its number ("#412", "412") or by the name of a checkpoint
// ("machine.created"). Throws std::runtime_error with the checkpoints there are.
std::size_t step_by_name(const Run& run, const std::string& name);

// A checkpoint is an instant whose name has a dot: "modules.done".
bool is_checkpoint(const Step& step);

}  // namespace viz
