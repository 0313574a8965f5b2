#include "viz/trace_lines.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "viz/model_events.h"

namespace viz {
namespace {

using json = nlohmann::ordered_json;  // arguments keep their order

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

std::uint64_t number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned()
             ? found->get<std::uint64_t>()
             : 0;
}

// Microseconds with decimals; anything that is not a sane time is 0.
std::uint64_t nanoseconds(const json& event, const char* key) {
  const auto found = event.find(key);
  const double us = found != event.end() && found->is_number() ? found->get<double>() : 0;
  return us > 0 && us < 1e15 ? static_cast<std::uint64_t>(us * 1000 + 0.5) : 0;
}

using Take = std::function<void(const TypeEvent&, const Row&)>;

void add_event(const json& line, const Take& take) {
  const std::string name = text_of(line, "name");
  const std::string loc = text_of(line, "loc");
  const std::string shape = text_of(line, "shape");
  if (name.empty() || shape == "counter") {
    return;
  }
  TypeEvent event;
  event.name = name;
  event.loc = loc;
  event.seq = number_of(line, "seq");
  event.par = number_of(line, "par");
  event.ts_ns = nanoseconds(line, "ts");
  event.dur_ns = nanoseconds(line, "dur");
  std::deque<std::string> values;  // stays in place while it grows
  const auto args = line.find("args");
  if (args != line.end() && args->is_object()) {
    for (const auto& [key, value] : args->items()) {
      values.push_back(key);
      const std::string_view key_text = values.back();
      values.push_back(value.is_string()
                           ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace));
      event.args.emplace_back(key_text, values.back());
    }
  }
  take(event, {.cat = text_of(line, "cat"),
               .tid = static_cast<int>(number_of(line, "tid")),
               .instant = shape == "instant" || text_of(line, "ph") == "i"});
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r[,");
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::size_t end = line.find_last_not_of(" \t\r],");
  return end == std::string_view::npos || end < begin
             ? std::string_view{}
             : line.substr(begin, end - begin + 1);
}

}  // namespace

void each_row(const NextLine& next, const Take& take) {
  std::string_view raw;
  std::size_t bad = 0;  // the number of a line that is no event; it may be the last
  for (std::size_t number = 1; next(raw); ++number) {
    const std::string_view line = trimmed(raw);
    if (line.empty()) {
      continue;
    }
    if (bad != 0) {
      break;
    }
    const json event = json::parse(line, nullptr, false);
    if (event.is_object()) {
      add_event(event, take);
    } else {
      bad = number;
      raw = {};
    }
  }
  if (bad != 0 && !raw.empty()) {
    throw std::runtime_error("line " + std::to_string(bad) +
                             " is not an event: is this a trace (.json or .ndjson)?");
  }
}

TypeModel model_from_rows(const NextLine& next) {
  ModelFromEvents builder;
  each_row(next, [&builder](const TypeEvent& event, const Row&) { builder.add(event); });
  return builder.finish();
}

NextLine lines_of(std::string_view text) {
  return [text](std::string_view& line) mutable {
    if (text.empty()) {
      return false;
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return true;
  };
}

TypeModel model_from_trace_lines(std::string_view text) {
  return model_from_rows(lines_of(text));
}

}  // namespace viz
