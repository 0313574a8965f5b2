#include "viz/replay.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trace/catalogue.h"
#include "trace/read/reader.h"
#include "viz/lesson.h"
#include "viz/replay_template.h"
#include "viz/step_pack.h"

namespace viz {

namespace {

// Inside <script> the one thing that ends the data is "</": no '<' goes in as itself.
void append_script_text(std::string& page, std::string_view text) {
  for (const char c : text) {
    if (c == '<') {
      page += "\\u003c";
    } else {
      page += c;
    }
  }
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\0':
        escaped += "\xef\xbf\xbd";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

constexpr std::size_t lines_around = 6;
constexpr std::uintmax_t largest_source = 4u << 20;

// The lines of a source file; none if there is no such file below the folder.
std::vector<std::string> source_lines(const std::string& folder,
                                      const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / fs::path(file), error);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin());
  std::vector<std::string> lines;
  if (error || end != root.end() || !fs::is_regular_file(path, error) ||
      fs::file_size(path, error) > largest_source) {
    return lines;
  }
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

// {"qom/type.cc:120": {"first": 114, "at": 120, "lines": [...]}} for every place named.
std::string sources_json(const std::set<std::string, std::less<>>& places,
                         const std::string& folder) {
  nlohmann::json all = nlohmann::json::object();
  std::map<std::string, std::vector<std::string>> files;
  for (const std::string& place : places) {
    const std::size_t colon = place.rfind(':');
    std::size_t number = 0;
    if (colon == std::string::npos ||
        std::from_chars(place.data() + colon + 1, place.data() + place.size(), number)
                .ec != std::errc()) {
      continue;
    }
    const std::string file = place.substr(0, colon);
    if (!files.count(file)) {
      files[file] = source_lines(folder, file);
    }
    const std::vector<std::string>& lines = files[file];
    if (number == 0 || number > lines.size()) {
      continue;
    }
    const std::size_t first = number > lines_around ? number - lines_around : 1;
    const std::size_t last = std::min(lines.size(), number + lines_around);
    all[place] = {{"first", first},
                  {"at", number},
                  {"lines", std::vector<std::string>(
                                lines.begin() + static_cast<std::ptrdiff_t>(first - 1),
                                lines.begin() + static_cast<std::ptrdiff_t>(last))}};
  }
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Which events of a trace go into the page. `only` is read as -trace enable= is: the
// first pattern without '-' switches off all it does not name, the last that fits counts.
class Choice {
 public:
  explicit Choice(const ReplayOptions& options) : options_(options) {
    all_ = std::ranges::none_of(options.only, [](const std::string& pattern) {
      return !pattern.starts_with('-');
    });
  }

  bool has(const trace::Event& event) {
    if (event.is_flow() || event.phase == trace::Phase::counter) {
      return false;  // arrows and curves are for viewers with time axes
    }
    if (event.seq < options_.first || event.seq > options_.last) {
      return false;
    }
    const auto known = kinds_.find(event.kind);
    return known != kinds_.end() ? known->second
                                 : kinds_.emplace(event.kind, fits(event)).first->second;
  }

 private:
  bool fits(const trace::Event& event) const {
    bool chosen = all_;
    for (const std::string& pattern : options_.only) {
      const bool leaves_out = pattern.starts_with('-');
      if (trace::pattern_matches(std::string_view(pattern).substr(leaves_out ? 1 : 0),
                                 event.cat(), event.name())) {
        chosen = !leaves_out;
      }
    }
    return chosen;
  }

  const ReplayOptions& options_;
  bool all_ = true;
  std::unordered_map<const trace::KindText*, bool> kinds_;
};

struct Packed {
  StepPack steps;
  std::uint64_t chosen = 0;  // of them the page has the first max_events
  std::set<std::string, std::less<>> places;
  std::string threads;
};

Packed pack_events(trace::Reader& reader, const ReplayOptions& options) {
  Packed packed;
  for (const auto& [tid, name] : reader.header().threads) {
    packed.threads += (packed.threads.empty() ? "[" : ",[") + std::to_string(tid) + "," +
                      page_string(name) + "]";
  }
  Choice choice(options);
  // Of a step that is left out, the nearest one around it that is not.
  std::unordered_map<std::uint64_t, std::uint64_t> outer;
  trace::Event event;
  while (reader.next(event)) {
    const auto found = outer.find(event.par);
    const std::uint64_t parent = found == outer.end() ? event.par : found->second;
    if (!choice.has(event)) {
      if (event.phase == trace::Phase::span || event.phase == trace::Phase::open_span) {
        outer.emplace(event.seq, parent);
      }
      continue;
    }
    if (packed.chosen++ >= options.max_events) {
      continue;
    }
    packed.steps.add(event, parent);
    if (!options.sources.empty() &&
        packed.places.find(event.loc) == packed.places.end()) {
      packed.places.emplace(event.loc);
    }
  }
  return packed;
}

using Parts = std::vector<std::pair<std::string_view, std::string>>;

// The template with its @NAME@ replaced; what replaces one is not looked at again.
std::string fill_template(const Parts& parts) {
  std::string page;
  std::string_view rest = replay_template;
  for (std::size_t at = rest.find('@'); at != std::string_view::npos;
       at = rest.find('@')) {
    page += rest.substr(0, at);
    rest.remove_prefix(at);
    const auto part = std::ranges::find_if(
        parts, [&rest](const auto& one) { return rest.starts_with(one.first); });
    page += part == parts.end() ? "@" : part->second;
    rest.remove_prefix(part == parts.end() ? 1 : part->first.size());
  }
  return page += rest;
}

std::string script(bool live) {
  std::string text;
  for (const std::string_view part : {steps_js, state_js, replay_js}) {
    text += part;
  }
  return live ? text += live_js : text;
}

}  // namespace

ReplayPage replay_page(const std::string& file, const ReplayOptions& options) {
  trace::Reader reader(file);
  return replay_page(reader, options);
}

ReplayPage replay_page(trace::Reader& reader, const ReplayOptions& options) {
  const Lesson lesson = parse_lesson(options.notes, options.notes_name);
  Packed packed = pack_events(reader, options);
  std::string notes, sources;
  append_script_text(notes, lesson_json(lesson));
  append_script_text(sources, options.sources.empty()
                                  ? "{}"
                                  : sources_json(packed.places, options.sources));
  return {
      .html = fill_template({
          {"@TITLE@", escape_markup(lesson.title.empty() ? options.title : lesson.title)},
          {"@CONNECT@", ""},
          {"@NOTES@", std::move(notes)},
          {"@SOURCES@", std::move(sources)},
          {"@ABOUT@", "{\"threads\":[" + packed.threads +
                          "],\"total\":" + std::to_string(packed.chosen) + "}"},
          {"@TRACE@", packed.steps.take()},
          {"@SCRIPT@", script(false)},
      }),
      .chosen = packed.chosen,
      .steps = packed.steps.size()};
}

std::string live_page(const std::string& title, std::uint64_t most) {
  return fill_template({
      {"@TITLE@", escape_markup(title)},
      {"@CONNECT@", "; connect-src 'self'"},
      {"@NOTES@", "[]"},
      {"@SOURCES@", "{}"},
      {"@ABOUT@", "{\"threads\":[],\"total\":0,\"live\":true,\"most\":" +
                      std::to_string(most) + "}"},
      {"@TRACE@", StepPack().take()},
      {"@SCRIPT@", script(true)},
  });
}

}  // namespace viz
