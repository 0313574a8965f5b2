// What can be said of a run while it goes on: how far the start is, how often the guest
// left and why, what it printed. Made from events, as a Follower tells them; both faces
// of a live view (`vitrine top`, the page of `-watch`) show it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "trace/read/reader.h"

namespace tools {

// The phases of a start and of what comes after it, in order (launcher/startup.h).
const std::vector<std::string>& phases_of_a_run();

class RunStatus {
 public:
  struct Phase {
    std::string name;
    std::uint64_t begin_ns = 0, dur_ns = 0;
    bool open = true;
  };

  struct Exits {
    std::uint64_t total = 0;
    double per_second = 0;  // of the last measured interval
    std::uint64_t before = 0;
  };

  void take(const trace::Event& event);

  // Works out the rates: `seconds` have gone by since the last call.
  void measure(double seconds);

  const std::vector<Phase>& phases() const { return phases_; }

  // How many of phases_of_a_run() have been reached.
  std::size_t reached() const;

  const std::map<std::string, Exits>& exits() const { return exits_; }

  std::uint64_t all_exits() const;
  double exits_per_second() const;

  // The last lines the guest printed, and how many there were before them.
  const std::deque<std::string>& console() const { return console_; }

  std::uint64_t console_before() const { return console_before_; }

  std::uint64_t events() const { return events_; }

  std::uint64_t now_ns() const { return now_ns_; }

  std::uint64_t types() const { return types_; }

  std::uint64_t classes() const { return classes_; }

  std::int64_t objects() const { return objects_; }

  const std::string& machine() const { return machine_; }

  // Why it ended; empty while it goes on.
  const std::string& end() const { return end_; }

  // {"phases":[{"name","ms","open"}],"reached":N,"of":N,"exits":{...},...}
  std::string json() const;

 private:
  void take_phase(const trace::Event& event);

  std::vector<Phase> phases_;
  std::map<std::string, Exits> exits_;
  std::deque<std::string> console_;
  std::uint64_t console_before_ = 0, events_ = 0, now_ns_ = 0, types_ = 0, classes_ = 0;
  std::int64_t objects_ = 0;
  std::string machine_, end_;
};

}  // namespace tools
