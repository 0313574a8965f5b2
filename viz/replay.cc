#include "viz/replay.h"

#include <string_view>

#include "trace/read/reader.h"
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

void append_events(std::string& page, const std::string& file, std::uint64_t max_events) {
  trace::Reader reader(file);
  trace::Event event;
  std::uint64_t count = 0;
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
    page += count == 1 ? "\n" : ",\n";
    append_script_text(page, event.text);
  }
}

}  // namespace

std::string replay_page(const std::string& file, const ReplayOptions& options) {
  constexpr std::string_view title_mark = "@TITLE@", trace_mark = "@TRACE@";
  std::string page;
  std::string_view rest = replay_template;
  for (std::size_t at = rest.find('@'); at != std::string_view::npos;
       at = rest.find('@')) {
    page += rest.substr(0, at);
    rest.remove_prefix(at);
    if (rest.starts_with(title_mark)) {
      page += escape_markup(options.title);
      rest.remove_prefix(title_mark.size());
    } else if (rest.starts_with(trace_mark)) {
      page += '[';
      append_events(page, file, options.max_events);
      page += "\n]";
      rest.remove_prefix(trace_mark.size());
    } else {
      page += '@';
      rest.remove_prefix(1);
    }
  }
  return page += rest;
}

}  // namespace viz
