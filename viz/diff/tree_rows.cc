#include "viz/diff/tree_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "trace/catalogue.h"
#include "trace/read/source.h"
#include "viz/diff/tree_builder.h"

namespace viz::diff {

namespace {

using nlohmann::json;

template <class Enum, std::size_t count>
Enum named(const json& object, const char* key) {
  const auto name = object.at(key).get<std::string>();
  for (std::size_t i = 0; i < count; ++i) {
    if (name == to_string(static_cast<Enum>(i))) {
      return static_cast<Enum>(i);
    }
  }
  throw std::runtime_error("`" + name + "` is no " + key);
}

std::vector<trace::FieldText> fields(const json& list) {
  std::vector<trace::FieldText> fields;
  for (const json& field : list) {
    fields.push_back({field.at("name").get<std::string>(),
                      named<trace::Role, 3>(field, "role"),
                      named<trace::Type, 7>(field, "type"), ""});
  }
  return fields;
}

class RowReader {
 public:
  RowReader(const std::string& file, const LoadOptions& options)
      : file_(file), builder_(file, options), lines_(trace::detail::open_bytes(file)) {}

  Tree read() {
    std::string_view line;
    while (lines_.next(line)) {
      try {
        if (lines_.too_long() || !lines_.ended()) {
          throw std::runtime_error("the line is cut short or too long");
        }
        const json row = json::parse(line);
        lines_.number() == 1 ? header(row) : event(row);
      } catch (const std::exception& error) {
        throw std::runtime_error(file_ + ":" + std::to_string(lines_.number()) +
                                 ": not a row of a trace: " + error.what());
      }
    }
    return builder_.finish();
  }

 private:
  void header(const json& row) {
    if (row.value("trace", "") != "vitrine") {
      throw std::runtime_error("the first line is not the header of a Vitrine trace");
    }
    builder_.lost(natural(row, "lost"));
    std::vector<std::pair<std::string, std::string>> metadata;
    for (const auto& [key, value] : row.at("metadata").items()) {
      metadata.emplace_back(key, value.get<std::string>());
    }
    builder_.metadata(std::move(metadata));
    for (const json& thread : row.at("threads")) {
      builder_.thread(thread_id(thread), thread.at("name").get<std::string>());
    }
    for (const json& kind : row.at("kinds")) {
      kinds_.push_back({kind.at("name").get<std::string>(),
                        kind.at("cat").get<std::string>(),
                        named<trace::Shape, 3>(kind, "shape"), "",
                        fields(kind.at("fields")), fields(kind.at("results"))});
    }
  }

  static bool has_fields(const trace::KindText& kind, const json& args) {
    const auto has = [&](const trace::FieldText& field) {
      return args.contains(field.name);
    };
    return std::ranges::all_of(kind.fields, has) && args.size() >= kind.fields.size();
  }

  const trace::KindText& kind_of(const json& row, trace::Shape shape) const {
    for (const trace::KindText& kind : kinds_) {
      if (kind.shape == shape && row.at("name") == kind.name &&
          row.at("cat") == kind.cat && has_fields(kind, row.at("args"))) {
        return kind;
      }
    }
    throw std::runtime_error("no event kind of this name and category is declared");
  }

  static std::uint64_t nanoseconds(const json& microseconds) {
    const double us = microseconds.get<double>();
    return us > 0 && us < 1e15 ? static_cast<std::uint64_t>(std::llround(us * 1000)) : 0;
  }

  // A float where a whole number belongs must not be converted.
  static std::uint64_t natural(const json& row, const char* key) {
    if (!row.at(key).is_number_unsigned()) {
      throw std::runtime_error(std::string("`") + key + "` is no whole number");
    }
    return row.at(key).get<std::uint64_t>();
  }

  static int thread_id(const json& row) {
    return static_cast<int>(std::min<std::uint64_t>(natural(row, "tid"), 0x7fffffff));
  }

  void event(const json& row) {
    const auto shape = row.at("shape").get<std::string>();
    trace::Event event;
    event.phase = shape == "open"      ? trace::Phase::open_span
                  : shape == "span"    ? trace::Phase::span
                  : shape == "instant" ? trace::Phase::instant
                                       : trace::Phase::counter;
    event.kind = &kind_of(row, shape == "instant"   ? trace::Shape::instant
                               : shape == "counter" ? trace::Shape::counter
                                                    : trace::Shape::span);
    event.tid = thread_id(row);
    event.seq = natural(row, "seq");
    event.par = natural(row, "par");
    event.ts_ns = nanoseconds(row.at("ts"));
    event.dur_ns = nanoseconds(row.at("dur"));
    event.line = lines_.number();
    texts_.clear();
    event.loc = texts_.emplace_back(row.value("loc", ""));
    const json& args = row.at("args");
    for (const auto* list : {&event.kind->fields, &event.kind->results}) {
      for (const trace::FieldText& field : *list) {
        if (const auto found = args.find(field.name); found != args.end()) {
          event.args.push_back(arg(field, *found));
        }
      }
    }
    builder_.event(event);
  }

  // Spelled as in the other form, so that traces of both forms compare.
  trace::Arg arg(const trace::FieldText& field, const json& value) {
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (value.is_string()) {
      text = "\"";
      trace::detail::append_escaped(text, value.get<std::string>());
      text += '"';
    }
    const std::string_view kept = texts_.emplace_back(std::move(text));
    return {&field, 0, value.is_string() ? unquoted(kept) : std::string_view(), kept};
  }

  std::string file_;
  TreeBuilder builder_;
  trace::detail::Lines lines_;
  std::deque<trace::KindText> kinds_;
  std::deque<std::string> texts_;  // of the current row
};

}  // namespace

bool has_rows(const std::string& file) {
  char first = 0;
  return file != "-" && trace::detail::open_bytes(file)->read(&first, 1) == 1 &&
         first == '{';
}

Tree tree_from_rows(const std::string& file, const LoadOptions& options) {
  return RowReader(file, options).read();
}

}  // namespace viz::diff
