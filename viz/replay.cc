#include "viz/replay.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "trace/read/reader.h"
#include "viz/lesson.h"
#include "viz/replay_template.h"

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

void append_events(std::string& page, const std::string& file, std::uint64_t max_events,
                   std::set<std::string, std::less<>>& places) {
  trace::Reader reader(file);
  trace::Event event;
  std::uint64_t count = 0;
  std::string between = "\n";
  for (const auto& [tid, name] : reader.header().threads) {
    const nlohmann::json row{
        {"name", "thread_name"}, {"ph", "M"}, {"tid", tid}, {"args", {{"name", name}}}};
    page += between;
    append_script_text(
        page, row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    between = ",\n";
  }
  while (reader.next(event)) {
    if (event.is_flow()) {
      continue;  // arrows are for viewers with time axes
    }
    if (++count > max_events) {
      throw std::runtime_error(
          "cannot make a replay page of '" + file + "': it has more than " +
          std::to_string(max_events) +
          " events; take a part of it with `vitrine trace grep`, or raise "
          "--max-events");
    }
    page += between;
    between = ",\n";
    append_script_text(page, event.text);
    if (places.find(event.loc) == places.end()) {
      places.emplace(event.loc);
    }
  }
}

}  // namespace

std::string replay_page(const std::string& file, const ReplayOptions& options) {
  const Lesson lesson = parse_lesson(options.notes, options.notes_name);
  std::set<std::string, std::less<>> places;
  std::string events = "[", notes, sources;
  append_events(events, file, options.max_events, places);
  events += "\n]";
  append_script_text(notes, lesson_json(lesson));
  append_script_text(
      sources, options.sources.empty() ? "{}" : sources_json(places, options.sources));
  const std::pair<std::string_view, std::string> parts[] = {
      {"@TITLE@", escape_markup(lesson.title.empty() ? options.title : lesson.title)},
      {"@NOTES@", std::move(notes)},
      {"@SOURCES@", std::move(sources)},
      {"@TRACE@", std::move(events)},
  };
  std::string page;
  std::string_view rest = replay_template;
  for (std::size_t at = rest.find('@'); at != std::string_view::npos;
       at = rest.find('@')) {
    page += rest.substr(0, at);
    rest.remove_prefix(at);
    const auto part =
        std::find_if(std::begin(parts), std::end(parts),
                     [&rest](const auto& one) { return rest.starts_with(one.first); });
    page += part == std::end(parts) ? "@" : part->second;
    rest.remove_prefix(part == std::end(parts) ? 1 : part->first.size());
  }
  return page += rest;
}

}  // namespace viz
