#include <algorithm>
#include <cstdio>
#include <map>

#include "viz/diff/report_text.h"
#include "viz/fleet/report.h"
#include "viz/text.h"

namespace viz::fleet {

namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string time(std::int64_t ns) {
  return diff::time_text(static_cast<double>(ns));
}

std::string times(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "\u00d7 %.2f",
                whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0);
  return text;
}

class TextReport {
 public:
  TextReport(const FleetReport& report, const FleetTextOptions& options)
      : report_(report), options_(options) {}

  std::string write() {
    head();
    bad();
    if (report_.boots != 0) {
      phases();
      slow();
      rare();
      structures();
      periods();
      drift();
      came_and_went();
    }
    return std::move(out_);
  }

 private:
  void head();
  void bad();
  void phases();
  void slow();
  void slow_places(std::int64_t boot);
  void rare();
  void structures();
  void periods();
  void phases_over_time();
  void drift();
  void came_and_went();

  const Table& answer(std::string_view name) const {
    return std::ranges::find(report_.answers, name, &NamedTable::name)->table;
  }

  std::string paint(const char* colour, const std::string& text) const {
    return options_.colour ? colour + text + "\033[0m" : text;
  }

  std::string dim(const std::string& text) const { return paint("\033[2m", text); }

  std::string bold(const std::string& text) const { return paint("\033[1m", text); }

  void title(const std::string& text, const std::string& remark = "") {
    out_ += "\n" + bold(text) + (remark.empty() ? "" : "   " + dim(remark)) + "\n";
  }

  // How many rows of an answer are shown; says in the report what is not.
  std::size_t shown(const Table& table) const {
    return options_.limit == 0 ? table.rows.size()
                               : std::min(table.rows.size(), options_.limit);
  }

  void more(const Table& table) {
    if (shown(table) < table.rows.size()) {
      out_ += "  " +
              dim("... " + std::to_string(table.rows.size() - shown(table)) +
                  " more (--limit 0)") +
              "\n";
    }
  }

  const FleetReport& report_;
  const FleetTextOptions& options_;
  std::string out_;
};

void TextReport::head() {
  const Loaded& loaded = report_.loaded;
  out_ += bold(std::to_string(report_.boots) + " boots") + ", " +
          std::to_string(report_.events) + " events\n";
  std::string line = std::to_string(loaded.files) +
                     " files: " + std::to_string(loaded.loaded) + " loaded";
  const auto count = [&](std::size_t number, const char* what) {
    if (number != 0) {
      line += ", " + std::to_string(number) + " " + what;
    }
  };
  count(loaded.known, "known already");
  count(loaded.changed, "of them changed since");
  count(loaded.same, "with the bytes of another");
  count(loaded.bad, "bad");
  count(loaded.left_out, "left out (not named as traces)");
  out_ += dim(line) + "\n";
}

void TextReport::bad() {
  if (report_.bad.rows.empty()) {
    return;
  }
  title("Bad files", "skipped; nothing of them is in the answers");
  for (std::size_t i = 0; i < shown(report_.bad); ++i) {
    out_ += "  " + paint("\033[31m", visible(report_.bad.text(i, "path"), 200)) +
            "\n    " + report_.bad.text(i, "fault") + "\n";
  }
  more(report_.bad);
}

void TextReport::phases() {
  const Table& table = answer("phases");
  title("Phases", "median \u00b1 spread, longest");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    out_ += "  " + padded(table.text(i, "phase"), 28) + " " +
            time(table.integer(i, "median_ns")) + " \u00b1 " +
            time(table.integer(i, "spread_ns")) + "   " +
            dim("longest " + time(table.integer(i, "longest_ns")) + ", " +
                std::to_string(table.integer(i, "boots")) + " boots") +
            "\n";
  }
}

void TextReport::slow() {
  const Table& table = answer("slow");
  title("Slow boots: " + std::to_string(table.rows.size()),
        "over the usual time of their steps by " + time(report_.limits.least_ns) + ", " +
            std::to_string(report_.limits.least_percent) + " % and " +
            std::to_string(report_.limits.least_spreads) + " spreads");
  for (std::size_t i = 0; i < shown(table); ++i) {
    const std::int64_t usual = table.integer(i, "usual_ns");
    const std::int64_t took = table.integer(i, "took_ns");
    out_ += "  " + bold(times(took, usual)) + "  " + visible(table.text(i, "path"), 200) +
            "  " + time(usual) + " \u2192 " + time(took) + "  " +
            dim(visible(table.text(i, "started"))) + "\n";
    slow_places(table.integer(i, "boot"));
  }
  more(table);
}

void TextReport::slow_places(std::int64_t boot) {
  for (const char* name : {"slow_phases", "slow_steps"}) {
    const Table& table = answer(name);
    const bool steps = std::string_view(name) == "slow_steps";
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (table.integer(i, "boot") != boot) {
        continue;
      }
      const std::string where =
          steps ? table.text(i, "label") + " in phase " + table.text(i, "phase")
                : "phase " + table.text(i, "phase");
      out_ += "      +" + padded(time(table.integer(i, "over_ns")), 10) + " " +
              visible(where, 100) + "  " + time(table.integer(i, "usual_ns")) +
              " \u2192 " + time(table.integer(i, "took_ns")) +
              (steps ? "  " + dim(visible(table.text(i, "loc"))) : "") + "\n";
    }
  }
}

void TextReport::rare() {
  const Table& table = answer("rare");
  title("Rare steps: " + std::to_string(table.rows.size()),
        "done or lacked by at most " + std::to_string(report_.limits.rare_percent) +
            " % of the boots");
  for (std::size_t i = 0; i < shown(table); ++i) {
    const std::int64_t boots = table.integer(i, "boots");
    const std::int64_t lacking = table.integer(i, "lacking");
    const bool done = boots <= lacking;
    out_ += "  " + (done ? paint("\033[32m", "+") : paint("\033[31m", "-")) + " " +
            padded(std::to_string(done ? boots : lacking) +
                       (done ? " boots do" : " boots lack"),
                   16) +
            " " + visible(table.text(i, "label"), 100) + "  " +
            dim("phase " + visible(table.text(i, "phase")) + ", " +
                visible(table.text(i, "loc")) + ", boot " +
                std::to_string(table.integer(i, "example"))) +
            "\n";
  }
  more(table);
}

void TextReport::structures() {
  const Table& table = answer("structures");
  title("Structures: " + std::to_string(table.rows.size()),
        std::to_string(answer("step_sets").rows.size()) +
            " if order and repetition do not count");
  for (std::size_t i = 0; i < shown(table); ++i) {
    out_ += "  " + padded(std::to_string(table.integer(i, "boots")) + " boots", 12) +
            " as boot " + padded(std::to_string(table.integer(i, "example")), 6) + " " +
            time(table.integer(i, "median_ns")) + " \u00b1 " +
            time(table.integer(i, "spread_ns"));
    if (i != 0 && i < report_.differences.size()) {
      out_ += "  " +
              dim("+" + std::to_string(report_.differences[i].first) + " \u2212" +
                  std::to_string(report_.differences[i].second) + " steps against boot " +
                  std::to_string(table.integer(0, "example")));
    }
    out_ += "\n";
  }
  more(table);
}

void TextReport::periods() {
  const Table& table = answer("periods");
  if (table.rows.size() < 2) {
    return;
  }
  title("Over time");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    out_ += "  " + table.text(i, "period") + "  " +
            padded(std::to_string(table.integer(i, "boots")) + " boots", 12) + " " +
            time(table.integer(i, "median_ns")) + " \u00b1 " +
            time(table.integer(i, "spread_ns")) + "  " +
            dim(std::to_string(table.integer(i, "structures")) + " structures") + "\n";
  }
  phases_over_time();
}

void TextReport::phases_over_time() {
  const Table& table = answer("phase_periods");
  std::map<std::string, std::vector<std::int64_t>> medians;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    medians[table.text(i, "phase")].push_back(table.integer(i, "median_ns"));
  }
  for (const auto& [phase, of] : medians) {
    out_ += "  " + padded(phase, 28) + " " + time(of.front());
    for (std::size_t i = of.size() > 8 ? of.size() - 7 : 1; i < of.size(); ++i) {
      out_ += (i > 1 && i + 7 == of.size() ? " ... " : " \u2192 ") + time(of[i]);
    }
    out_ += "   " + dim(times(of.back(), of.front())) + "\n";
  }
}

void TextReport::drift() {
  const Table& table = answer("drift");
  if (table.rows.empty()) {
    return;
  }
  title("Drifted steps: " + std::to_string(table.rows.size()),
        "median of the first period, of the last");
  for (std::size_t i = 0; i < shown(table); ++i) {
    const std::int64_t before = table.integer(i, "before_ns");
    const std::int64_t after = table.integer(i, "after_ns");
    out_ += "  " + times(after, before) + "  " + visible(table.text(i, "label"), 100) +
            "  " + time(before) + " \u2192 " + time(after) + "  " +
            dim("phase " + visible(table.text(i, "phase")) + ", " +
                visible(table.text(i, "loc"))) +
            "\n";
  }
  more(table);
}

void TextReport::came_and_went() {
  const Table& table = answer("came_and_went");
  if (table.rows.empty()) {
    return;
  }
  title("Steps that came or went: " + std::to_string(table.rows.size()));
  for (std::size_t i = 0; i < shown(table); ++i) {
    const std::string& came = table.text(i, "came");
    const std::string& went = table.text(i, "went");
    out_ += "  " + visible(table.text(i, "label"), 100) + " " +
            (came.empty() ? "" : " from " + visible(came)) +
            (went.empty() ? "" : " until " + visible(went)) + "  " +
            dim("phase " + visible(table.text(i, "phase")) + ", " +
                visible(table.text(i, "loc")) + ", " +
                std::to_string(table.integer(i, "boots")) + " boots") +
            "\n";
  }
  more(table);
}

}  // namespace

std::string fleet_text(const FleetReport& report, const FleetTextOptions& options) {
  return TextReport(report, options).write();
}

}  // namespace viz::fleet
