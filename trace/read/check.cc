#include "trace/read/check.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace trace {

void Validator::nest(const Event& event) {
  std::vector<Open>& stack = stacks_[event.tid];
  // A span is over for `event` if it ended before; at the same moment `par` decides.
  while (!stack.empty() && !stack.back().without_end &&
         (stack.back().end_ns < event.ts_ns ||
          (stack.back().end_ns == event.ts_ns && stack.back().seq != event.par))) {
    stack.pop_back();
  }
  const std::uint64_t parent = stack.empty() ? 0 : stack.back().seq;
  if (event.par != parent) {
    reader_.refuse(1, "par is " + std::to_string(event.par) +
                          " but the enclosing span is " + std::to_string(parent));
  }
  const std::uint64_t end = event.ts_ns + event.dur_ns;
  if (!stack.empty() && !stack.back().without_end && end > stack.back().end_ns) {
    reader_.refuse(1, "the span ends after the span it lies in (seq " +
                          std::to_string(parent) + ")");
  }
  if (event.phase == Phase::span || event.phase == Phase::open_span) {
    stack.push_back({event.seq, end, event.phase == Phase::open_span});
  }
}

void Validator::event(const Event& event) {
  if (event.is_flow()) {
    const auto known = flows_.find(event.flow);
    const bool starts = event.phase == Phase::flow_start;
    if (starts != (known == flows_.end())) {
      reader_.refuse(1, starts ? "this flow began before" : "this flow has not begun");
    }
    if (!starts && known->second) {
      reader_.refuse(1, "this flow has ended before");
    }
    flows_[event.flow] = event.phase == Phase::flow_end;
    return;
  }
  const auto& threads = reader_.header().threads;
  if (std::ranges::none_of(
          threads, [&](const auto& thread) { return thread.first == event.tid; })) {
    reader_.refuse(1, "thread " + std::to_string(event.tid) +
                          " has no name at the top of the trace");
  }
  nest(event);
  const bool open = event.phase == Phase::open_span;
  spans_ += event.phase == Phase::span || open ? 1 : 0;
  instants_ += event.phase == Phase::instant ? 1 : 0;
  counters_ += event.phase == Phase::counter ? 1 : 0;
  open_ += open ? 1 : 0;
}

void Validator::finish() {
  const TraceHeader& header = reader_.header();

  struct Count {
    const char* name;
    std::uint64_t said;
    std::uint64_t found;
  };

  for (const Count& count : {Count{"spans", header.spans, spans_},
                             Count{"instants", header.instants, instants_},
                             Count{"counters", header.counters, counters_},
                             Count{"open spans", header.open, open_}}) {
    if (count.said != count.found) {
      reader_.refuse(1, "the header promises " + std::to_string(count.said) + " " +
                            count.name + ", the trace has " +
                            std::to_string(count.found));
    }
  }
  for (const auto& [id, ended] : flows_) {
    if (!ended) {
      reader_.refuse(1, "a flow does not end");
    }
  }
}

std::uint64_t validate(Reader& reader) {
  Validator validator(reader);
  Event event;
  std::uint64_t count = 0;
  while (reader.next(event)) {
    validator.event(event);
    count += event.is_flow() ? 0 : 1;
  }
  validator.finish();
  return count;
}

namespace {

void append_canonical_args(std::string& line, const Event& event) {
  bool first = true;
  for (const Arg& arg : event.args) {
    if (arg.field->role == Role::volatile_) {
      continue;
    }
    line += first ? "\"" : ",\"";
    first = false;
    detail::append_escaped(line, arg.field->name);
    line += "\":";
    line += arg.json;
  }
}

}  // namespace

std::string canonical(Reader& reader,
                      const std::set<std::string, std::less<>>& categories) {
  std::map<int, std::string> by_thread;
  std::unordered_map<std::uint64_t, std::uint64_t> depths;  // of spans, by seq
  Event event;
  while (reader.next(event)) {
    if (event.is_flow()) {
      continue;
    }
    const auto parent = depths.find(event.par);
    const bool wanted = categories.empty() || categories.contains(event.cat());
    // What is left out does not count as depth.
    const std::uint64_t depth = parent == depths.end() ? 0 : parent->second;
    if (event.phase == Phase::span || event.phase == Phase::open_span) {
      depths[event.seq] = depth + (wanted ? 1 : 0);
    }
    if (!wanted) {
      continue;
    }
    std::string& text = by_thread[event.tid];
    text +=
        "{\"tid\":" + std::to_string(event.tid) + ",\"depth\":" + std::to_string(depth);
    text += ",\"ph\":\"";
    text += static_cast<char>(event.phase);
    text += "\",\"cat\":\"";
    text += event.cat();
    text += "\",\"name\":\"";
    detail::append_escaped(text, event.name());
    text += "\",\"args\":{";
    append_canonical_args(text, event);
    text += "}}\n";
  }
  std::string whole;
  for (const auto& [tid, text] : by_thread) {
    whole += text;
  }
  return whole;
}

Stats statistics(Reader& reader) {
  struct Open {
    std::uint64_t seq = 0;
    KindStats* kind = nullptr;
  };

  Stats stats;
  std::map<int, std::vector<Open>> stacks;
  Event event;
  while (reader.next(event)) {
    if (event.is_flow()) {
      continue;
    }
    ++stats.events;
    ++stats.threads[event.tid];
    stats.last_ns = std::max(stats.last_ns, event.ts_ns + event.dur_ns);
    KindStats& kind = stats.kinds[{std::string(event.cat()), std::string(event.name())}];
    ++kind.count;
    std::vector<Open>& stack = stacks[event.tid];
    while (!stack.empty() && stack.back().seq != event.par) {
      stack.pop_back();
    }
    stats.deepest = std::max<std::uint64_t>(stats.deepest, stack.size() + 1);
    if (event.phase != Phase::span && event.phase != Phase::open_span) {
      continue;
    }
    kind.total_ns += event.dur_ns;
    kind.self_ns += event.dur_ns;
    kind.longest_ns = std::max(kind.longest_ns, event.dur_ns);
    if (!stack.empty()) {
      // A parent without an end has no duration to take from.
      KindStats& parent = *stack.back().kind;
      parent.self_ns -= std::min(parent.self_ns, event.dur_ns);
    }
    stack.push_back({event.seq, &kind});
  }
  return stats;
}

}  // namespace trace
