// What can be asked of a trace as a whole: is it sound, what is in it, what of it is
// the same in every equal run.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "trace/read/reader.h"

namespace trace {

// Checks each event against those before it: spans of a thread nest strictly, `par`
// is the enclosing span, threads are named, counts agree with the header. The order
// of seq and time is the reader's own check. Refuses with a ReadError.
class Validator {
 public:
  explicit Validator(const Reader& reader) : reader_(reader) {}

  void event(const Event& event);
  void finish();  // after the last event

 private:
  struct Open {
    std::uint64_t seq = 0;
    std::uint64_t end_ns = 0;
    bool without_end = false;
  };

  void nest(const Event& event);

  const Reader& reader_;
  std::map<int, std::vector<Open>> stacks_;
  std::map<std::uint64_t, bool> flows_;  // id -> ended
  std::uint64_t spans_ = 0;
  std::uint64_t instants_ = 0;
  std::uint64_t counters_ = 0;
  std::uint64_t open_ = 0;
};

// Reads a whole trace through a Validator. Returns how many events it has.
std::uint64_t validate(Reader& reader);

// The canonical form: one line an event with what an equal run has in common.
// Threads one after the other (how they interleave is chance), each in its order;
// no times, no seq, no source line, no volatile field. `categories` empty = all.
std::string canonical(Reader& reader,
                      const std::set<std::string, std::less<>>& categories);

struct KindStats {
  std::uint64_t count = 0;
  std::uint64_t total_ns = 0;  // with everything inside
  std::uint64_t self_ns = 0;   // without the spans inside
  std::uint64_t longest_ns = 0;
};

struct Stats {
  std::uint64_t events = 0;
  std::uint64_t last_ns = 0;
  std::uint64_t deepest = 0;
  std::map<std::pair<std::string, std::string>, KindStats> kinds;  // by category, name
  std::map<int, std::uint64_t> threads;                            // events by tid
};

Stats statistics(Reader& reader);

}  // namespace trace
