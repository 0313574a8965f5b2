#include "tools/top_screen.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace tools {

namespace {

template <class... Values>
std::string format(const char* form, Values... values) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), form, values...);
  return text.data();
}

// Printable ASCII as it is, each other byte as one '?': nothing a guest or a trace says
// may steer the terminal.
std::string harmless(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    shown += c >= ' ' && c < 0x7f ? c : '?';
  }
  return shown;
}

std::string bar(std::size_t done, std::size_t all, std::size_t cells) {
  const std::size_t full = all == 0 ? 0 : cells * std::min(done, all) / all;
  return "[" + std::string(full, '#') + std::string(cells - full, '.') + "]";
}

std::string headline(const RunStatus& status, const std::string& title) {
  std::string line = duration_text(status.now_ns());
  if (!status.end().empty()) {
    line += ", ended: " + harmless(status.end());
  }
  return line + "  " + harmless(title);
}

std::string progress(const RunStatus& status) {
  const std::size_t all = phases_of_a_run().size(), reached = status.reached();
  std::string line =
      bar(reached, all, all) + " " + std::to_string(reached) + "/" + std::to_string(all);
  for (auto phase = status.phases().rbegin(); phase != status.phases().rend(); ++phase) {
    if (phase->open) {
      return line + " " + harmless(phase->name);
    }
  }
  return line;
}

std::string totals(const RunStatus& status) {
  return format("%llu types  %llu classes  %lld objects  %s events",
                static_cast<unsigned long long>(status.types()),
                static_cast<unsigned long long>(status.classes()),
                static_cast<long long>(status.objects()),
                count_text(static_cast<double>(status.events())).c_str());
}

std::vector<std::string> phase_lines(const RunStatus& status) {
  std::vector<std::string> lines;
  for (const std::string& name : phases_of_a_run()) {
    const auto& phases = status.phases();
    const auto phase = std::ranges::find(phases, name, &RunStatus::Phase::name);
    if (phase == phases.end()) {
      lines.push_back(format(" [ ] %s", name.c_str()));
      continue;
    }
    const std::uint64_t ns =
        phase->open ? status.now_ns() - std::min(status.now_ns(), phase->begin_ns)
                    : phase->dur_ns;
    lines.push_back(format(" [%c] %-14s %10s", phase->open ? '>' : 'x', name.c_str(),
                           duration_text(ns).c_str()));
  }
  return lines;
}

// The most frequent first; of equal ones by name, so that they do not jump about.
std::vector<std::string> exit_lines(const RunStatus& status) {
  std::vector<std::pair<std::string, RunStatus::Exits>> all(status.exits().begin(),
                                                            status.exits().end());
  std::ranges::stable_sort(all, [](const auto& one, const auto& other) {
    return one.second.total > other.second.total;
  });
  std::vector<std::string> lines{
      format("exits            total      per s   (all: %s, %s/s)",
             count_text(static_cast<double>(status.all_exits())).c_str(),
             count_text(status.exits_per_second()).c_str())};
  for (const auto& [reason, exits] : all) {
    std::string name = harmless(reason);
    name.resize(14, ' ');
    lines.push_back(" " + name +
                    format("%8s %10s",
                           count_text(static_cast<double>(exits.total)).c_str(),
                           count_text(exits.per_second).c_str()));
  }
  return lines;
}

class Screen {
 public:
  Screen(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns) {}

  std::size_t left() const { return rows_ - std::min(rows_, lines.size()); }

  void add(std::string line) {
    if (left() > 0) {
      line.resize(std::min(line.size(), columns_));
      lines.push_back(std::move(line));
    }
  }

  void add(const std::vector<std::string>& all, std::size_t most) {
    for (std::size_t i = 0; i < all.size() && i < most; ++i) {
      add(all[i]);
    }
  }

  std::vector<std::string> lines;

 private:
  std::size_t rows_, columns_;
};

}  // namespace

std::string duration_text(std::uint64_t ns) {
  const auto value = static_cast<double>(ns);
  return ns < 1'000'000       ? format("%.0f us", value / 1e3)
         : ns < 1'000'000'000 ? format("%.1f ms", value / 1e6)
                              : format("%.1f s", value / 1e9);
}

std::string count_text(double count) {
  return count < 10'000       ? format("%.0f", count)
         : count < 10'000'000 ? format("%.1f k", count / 1e3)
                              : format("%.1f M", count / 1e6);
}

std::vector<std::string> top_screen(const RunStatus& status, const std::string& title,
                                    std::size_t rows, std::size_t columns) {
  Screen screen(rows, columns);
  screen.add(headline(status, title));
  screen.add(progress(status));
  // A quarter for the console, if there is one; phases need 11 lines, or are a bar only.
  const std::size_t console =
      status.console().empty() ? 0 : std::max<std::size_t>(rows / 4, 2);
  const std::vector<std::string> phases = phase_lines(status);
  const std::vector<std::string> exits = exit_lines(status);
  if (screen.left() > phases.size() + 4 + console) {
    screen.add(totals(status));
    screen.add(phases, phases.size());
  }
  if (screen.left() > console) {
    screen.add(exits, screen.left() - console);
  }
  if (console > 0 && screen.left() > 1) {
    screen.add("console");
    const auto& lines = status.console();
    const std::size_t shown = std::min(lines.size(), screen.left());
    for (std::size_t i = lines.size() - shown; i < lines.size(); ++i) {
      screen.add(harmless(lines[i]));
    }
  }
  return screen.lines;
}

}  // namespace tools
