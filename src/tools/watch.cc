// `vitrine watch TRACE`: serves the replay page of a run that goes on to this host's
// browsers, its steps as they happen. `vitrine run -watch` starts it beside the run; by
// hand it joins any run that is being traced. It reads the record file and nothing else,
// so the run does not notice it.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "tools/attach.h"
#include "tools/live_feed.h"
#include "tools/live_server.h"
#include "tools/run_status.h"
#include "tools/tool.h"
#include "viz/replay.h"
#include "viz/step_pack.h"

namespace tools {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto every = std::chrono::milliseconds(100);
constexpr auto last_words = std::chrono::milliseconds(2000);

struct WatchOptions {
  std::string trace, title;
  int port = 0;
  std::uint64_t max_events = 200'000;
};

// Follows a run and fills the feed.
class Watcher {
 public:
  Watcher(trace::Follower& follower, LiveFeed& feed, std::uint64_t max_events)
      : follower_(follower), feed_(feed), max_events_(max_events) {}

  void look() {
    const std::size_t found = follower_.poll([this](const trace::Event& event) {
      status_.take(event);
      // Beyond the limit new steps are counted only; what is there still gets its end.
      if (pack_.size() < max_events_ || event.seq <= last_packed_) {
        pack_.add(event, event.par);
        packed_ = true;
        last_packed_ = std::max(last_packed_, event.seq);
      }
    });
    const Clock::time_point now = Clock::now();
    const std::chrono::duration<double> since = now - measured_;
    if (since.count() >= 0.5) {
      status_.measure(since.count());
      measured_ = now;
    }
    if (packed_) {
      packed_ = false;
      feed_.add_steps(with_threads(pack_.take()));
    }
    if (found > 0 || measured_ == now) {
      feed_.set_status(status_.json());
    }
  }

 private:
  // The names of threads go with the steps that may be the first of one.
  std::string with_threads(std::string part) const {
    std::string threads;
    for (const auto& [tid, name] : follower_.threads()) {
      threads += (threads.empty() ? "[" : ",[") + std::to_string(tid) + "," +
                 viz::page_string(name) + "]";
    }
    part.pop_back();
    return part + ",\"threads\":[" + threads + "]}";
  }

  trace::Follower& follower_;
  LiveFeed& feed_;
  std::uint64_t max_events_, last_packed_ = 0;
  bool packed_ = false;  // since the page was last told
  viz::StepPack pack_;
  RunStatus status_;
  Clock::time_point measured_ = Clock::now();
};

int watch(const WatchOptions& options) {
  const auto follower = attach(record_of(options.trace), std::chrono::seconds(5),
                               [] { return asked_to_end(); });
  if (!follower) {
    return 0;
  }
  LiveFeed feed;
  const LiveServer server(viz::live_page(options.title, options.max_events), feed,
                          options.port);
  std::cerr << "watch this run at " << server.url() << std::endl;
  Watcher watcher(*follower, feed, options.max_events);
  while (!asked_to_end() && !follower->ended()) {
    watcher.look();
    std::this_thread::sleep_for(every);
  }
  watcher.look();
  feed.end();
  feed.drained(last_words);
  return 0;
}

int watch_main(int argc, char** argv) {
  CLI::App app{
      "Serves the page of a run that goes on to this host's browsers. The run must be "
      "traced into a file; `vitrine run -watch` does both.",
      "vitrine watch"};
  WatchOptions options;
  app.add_option("TRACE", options.trace, "the trace the run is writing (boot.json)")
      ->required();
  app.add_option("--title", options.title, "the page's title; default: the trace's name");
  app.add_option("--port", options.port, "the port; default: any that is free")
      ->check(CLI::Range(0, 65535));
  app.add_option("--max-events", options.max_events, "steps the page is sent at most")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (options.title.empty()) {
    options.title = options.trace;
  }
  return watch(options);
}

constexpr Tool watch_tool{"watch", "serve the page of a run that goes on", Group::look,
                          watch_main};

tool_init(watch_tool);

}  // namespace

}  // namespace tools
