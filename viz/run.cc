#include "viz/run.h"

#include <algorithm>
#include <stdexcept>

#include "trace/read/reader.h"
#include "viz/text.h"

namespace viz {

Run::Run() = default;
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

std::string_view Run::keep(std::string_view text) {
  const auto found = texts_.find(text);
  if (found != texts_.end()) {
    return *found;
  }
  return *texts_.insert(store_.emplace_back(text)).first;
}

void Run::add(const TypeEvent& event, std::string_view cat, int tid, Step::Shape shape) {
  Step step;
  step.seq = event.seq;
  step.par = event.par;
  step.ts_ns = event.ts_ns;
  step.dur_ns = event.dur_ns;
  step.tid = tid;
  step.shape = shape;
  step.name = keep(event.name);
  step.cat = keep(cat);
  step.loc = keep(event.loc);
  step.first_arg = static_cast<std::uint32_t>(args_.size());
  step.arg_count = static_cast<std::uint32_t>(event.args.size());
  for (const auto& [key, value] : event.args) {
    args_.push_back({keep(key), keep(value)});
  }
  steps_.push_back(step);
}

void Run::settle() {
  std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) {
    return a.ts_ns != b.ts_ns ? a.ts_ns < b.ts_ns : a.seq < b.seq;
  });
  by_seq_.reserve(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    by_seq_.emplace(steps_[i].seq, i);
  }
  std::vector<std::size_t> count(steps_.size() + 1, 0);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const std::size_t cause = steps_[i].par == 0 ? no_step : by_seq(steps_[i].par);
    // A cause begins before what it causes; a trace that says otherwise has none.
    steps_[i].cause = cause < i ? cause : no_step;
    if (steps_[i].cause != no_step) {
      ++count[steps_[i].cause + 1];
    }
  }
  for (std::size_t i = 1; i < count.size(); ++i) {
    count[i] += count[i - 1];
  }
  child_begin_ = count;
  child_list_.resize(count.back());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].cause != no_step) {
      child_list_[count[steps_[i].cause]++] = i;
    }
  }
}

std::string_view Run::arg(const Step& step, std::string_view key) const {
  for (const StepArg& one : args(step)) {
    if (one.key == key) {
      return one.value;
    }
  }
  return {};
}

std::string Run::brief(const Step& step, std::size_t max_chars) const {
  std::string text(step.name);
  if (step.arg_count != 0) {
    text += " " + std::string(args(step).front().value);
  }
  return visible(text, max_chars);
}

std::size_t Run::by_seq(std::uint64_t seq) const {
  const auto found = by_seq_.find(seq);
  return found == by_seq_.end() ? no_step : found->second;
}

std::size_t Run::find(std::string_view name, std::size_t from) const {
  for (std::size_t i = from; i < steps_.size(); ++i) {
    if (steps_[i].name == name) {
      return i;
    }
  }
  return no_step;
}

std::vector<std::size_t> Run::children(std::size_t index) const {
  const auto at = [this](std::size_t i) {
    return child_list_.begin() + static_cast<std::ptrdiff_t>(child_begin_[i]);
  };
  return {at(index), at(index + 1)};
}

bool is_checkpoint(const Step& step) {
  return step.shape == Step::Shape::instant &&
         step.name.find('.') != std::string_view::npos;
}

TypeModel types_at(const Run& run, std::size_t last) {
  ModelFromEvents builder;
  const std::vector<Step>& steps = run.steps();
  for (std::size_t i = 0; i < steps.size() && (last == no_step || i <= last); ++i) {
    const Step& step = steps[i];
    if (!ModelFromEvents::wants(step.name)) {
      continue;
    }
    TypeEvent event{step.name, step.loc, step.seq, step.par, step.ts_ns, step.dur_ns, {}};
    for (const StepArg& arg : run.args(step)) {
      event.args.emplace_back(arg.key, arg.value);
    }
    builder.add(event);
  }
  TypeModel model = builder.finish();
  model.source = run.source;
  return model;
}

namespace {

std::string checkpoints_of(const Run& run) {
  std::vector<std::string> names;
  for (const Step& step : run.steps()) {
    const std::string name = visible(step.name);
    if (is_checkpoint(step) && names.size() < 20 &&
        std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + name;
  }
  return list.empty() ? "none" : list;
}

}  // namespace

std::size_t step_by_name(const Run& run, const std::string& name) {
  const std::string digits = name.starts_with('#') ? name.substr(1) : name;
  const bool number = !digits.empty() && digits.size() < 19 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  std::size_t found = number ? run.by_seq(std::stoull(digits)) : no_step;
  for (std::size_t i = 0; found == no_step && !number && i < run.steps().size(); ++i) {
    found = is_checkpoint(run.steps()[i]) && run.steps()[i].name == name ? i : no_step;
  }
  if (found == no_step) {
    throw std::runtime_error("there is no step '" + visible(name) + "' in " +
                             visible(run.source) + ": give a step's number (1 to " +
                             std::to_string(run.steps().size()) +
                             ") or a checkpoint; here: " + checkpoints_of(run));
  }
  return found;
}

}  // namespace viz
