#include "tools/fleet_load.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include <unistd.h>

namespace tools {

namespace {

using Clock = std::chrono::steady_clock;

// One line that is written over, ten times a second at most.
class ProgressBar {
 public:
  void show(const viz::fleet::Progress& progress) {
    const Clock::time_point now = Clock::now();
    const bool last = progress.done == progress.of;
    if (!last && now - shown_ < std::chrono::milliseconds(100)) {
      return;
    }
    shown_ = now;
    constexpr std::size_t width = 30;
    const std::size_t filled = progress.of == 0 ? 0 : width * progress.done / progress.of;
    const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
    std::fprintf(stderr, "\r[%s] %zu of %zu files, %" PRIu64 " events\033[K", bar.c_str(),
                 progress.done, progress.of, progress.events);
    if (last) {
      std::fputs("\r\033[K", stderr);
    }
    std::fflush(stderr);
  }

 private:
  Clock::time_point shown_;
};

}  // namespace

void declare_source(CLI::App& app, FleetSource& source) {
  app.add_option("FILES", source.files, "Traces, and folders to search for traces");
  app.add_option("--db", source.database,
                 "Keep what was read in this SQLite file: only new files are read again");
  app.add_option("--threads", source.threads, "That read traces; 0: one a processor")
      ->capture_default_str();
}

viz::fleet::Loaded load_fleet(viz::fleet::Fleet& fleet, const FleetSource& source) {
  const viz::fleet::Found found = viz::fleet::find_traces(source.files);
  if (found.files.empty() && fleet.boots() == 0) {
    throw std::runtime_error(
        source.files.empty()
            ? "fleet: name traces or a folder of traces, or with --db a database that "
              "has some"
            : "fleet: no trace was found there (names that end in .json or .ndjson, "
              "with .zst or .gz behind or not)");
  }
  viz::fleet::LoadOptions options;
  options.threads = source.threads;
  ProgressBar bar;
  if (::isatty(STDERR_FILENO) == 1) {
    options.progress = [&bar](const auto& progress) { bar.show(progress); };
  }
  return viz::fleet::load(fleet, found, options);
}

}  // namespace tools
