#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "viz/diff/guest_diff.h"
#include "viz/diff/report_text.h"
#include "viz/text.h"

namespace viz::diff {

namespace {

using nlohmann::ordered_json;
using Sort = GuestReason::Sort;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string ratio(std::uint64_t a, std::uint64_t b) {
  char text[32];
  std::snprintf(text, sizeof text, "\u00d7 %.2f",
                static_cast<double>(b) / static_cast<double>(a));
  return a == 0 ? "" : text;
}

std::string time(std::uint64_t ns) {
  return time_text(static_cast<double>(ns));
}

std::string words_of(const GuestReason& reason) {
  std::string what = visible(reason.what, 90);
  const std::string times = time(reason.a) + " \u2192 " + time(reason.b);
  const std::string counts =
      std::to_string(reason.a) + " \u2192 " + std::to_string(reason.b);
  switch (reason.sort) {
    case Sort::initcall:
      return "initcall " + what + ": " + times;
    case Sort::exits:
      return "exits " + what + ": " + counts;
    case Sort::silence:
      return "before \"" + what + "\": " + times;
    case Sort::lines:
      return what + ": " + counts;
  }
  return what;
}

const char* name_of(Sort sort) {
  switch (sort) {
    case Sort::initcall:
      return "initcall";
    case Sort::exits:
      return "exits";
    case Sort::silence:
      return "silence";
    case Sort::lines:
      return "lines";
  }
  return "";
}

std::string phase_text(const GuestPhaseDiff& phase, const GuestDiff& diff, bool colour) {
  const bool differs = phase.time_differs || phase.exits_differ;
  std::string name = padded(phase.name, 26);
  if (colour && differs) {
    name = "\033[1m" + name + "\033[0m";
  }
  std::string text = (differs ? "  ! " : "    ") + name + " ";
  if (phase.in_a != phase.in_b) {
    return text + "only in " +
           (phase.in_a ? "A, " + time(phase.ns_a) : "B, " + time(phase.ns_b)) + "\n";
  }
  text += padded(time(phase.ns_a) + " \u2192 " + time(phase.ns_b), 26) + " " +
          padded(ratio(phase.ns_a, phase.ns_b), 9);
  if (diff.exits) {
    text += "  exits " + std::to_string(phase.exits_a) + " \u2192 " +
            std::to_string(phase.exits_b);
  }
  text += "\n";
  for (const GuestReason& reason : phase.reasons) {
    text += "        " + words_of(reason) + "\n";
  }
  return text;
}

void add_list(std::string& text, const char* where,
              const std::vector<std::string>& list) {
  constexpr std::size_t most = 20;
  if (list.empty()) {
    return;
  }
  text += std::string("  initcalls only in ") + where + ":";
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
    text += " " + visible(list[i], 60);
  }
  text += list.size() > most ? " and " + std::to_string(list.size() - most) + " more\n"
                             : "\n";
}

ordered_json json_of(const GuestPhaseDiff& phase, const GuestDiff& diff) {
  ordered_json json{{"name", phase.name},
                    {"in_a", phase.in_a},
                    {"in_b", phase.in_b},
                    {"ns_a", phase.ns_a},
                    {"ns_b", phase.ns_b}};
  if (diff.exits) {
    json["exits_a"] = phase.exits_a;
    json["exits_b"] = phase.exits_b;
  }
  json["time_differs"] = phase.time_differs;
  json["exits_differ"] = phase.exits_differ;
  json["reasons"] = ordered_json::array();
  for (const GuestReason& reason : phase.reasons) {
    json["reasons"].push_back({{"sort", name_of(reason.sort)},
                               {"what", reason.what},
                               {"a", reason.a},
                               {"b", reason.b}});
  }
  return json;
}

}  // namespace

std::string guest_diff_text(const GuestBoot& a, const GuestBoot& b, const GuestDiff& diff,
                            bool colour) {
  const std::string title =
      std::string("Phases of the guest's kernel (by the ") +
      (diff.host_times ? "host's clock" : "kernel's own time stamps") + ")";
  std::string text = "A  " + visible(a.source, 200) + "  " +
                     std::to_string(a.lines.size()) + " lines, " +
                     std::to_string(a.initcalls.size()) + " initcalls\nB  " +
                     visible(b.source, 200) + "  " + std::to_string(b.lines.size()) +
                     " lines, " + std::to_string(b.initcalls.size()) + " initcalls\n\n" +
                     (colour ? "\033[1m" + title + "\033[0m" : title) + "\n";
  for (const GuestPhaseDiff& phase : diff.phases) {
    text += phase_text(phase, diff, colour);
  }
  add_list(text, "A", diff.only_a);
  add_list(text, "B", diff.only_b);
  return text;
}

std::string guest_diff_json(const GuestBoot& a, const GuestBoot& b,
                            const GuestDiff& diff) {
  ordered_json json{{"schema", 1},
                    {"a", a.source},
                    {"b", b.source},
                    {"verdict", diff.verdict()},
                    {"clock", diff.host_times ? "host" : "guest"},
                    {"phases", ordered_json::array()},
                    {"initcalls_only_a", diff.only_a},
                    {"initcalls_only_b", diff.only_b}};
  for (const GuestPhaseDiff& phase : diff.phases) {
    json["phases"].push_back(json_of(phase, diff));
  }
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace viz::diff
