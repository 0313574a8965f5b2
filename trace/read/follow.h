// Reads a record file while it is being written: what has happened since the last look.
// The program that records notices nothing of it; there is no lock and no message, only a
// file that both have open. `vitrine top` and `-watch` are made of this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trace/read/reader.h"

namespace trace {

class Follower {
 public:
  using Visit = std::function<void(const Event&)>;

  // Opens a record file ("boot.json.rec"). Throws std::system_error naming it, or
  // std::runtime_error if it is none.
  explicit Follower(const std::string& record_file);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Visits what is new, by time, and returns how many events that was. A span that is
  // over is visited once; one that goes on is visited as an open span now and, with the
  // same seq, as a span when it has ended. Events are numbered as they are found, so
  // that seq may differ a little from that of the trace written at the end: a thread's
  // record may appear after a later one of another thread. Views are valid until the
  // visit returns; `kind` and `field` as long as the follower lives.
  std::size_t poll(const Visit& visit);

  // True once nothing more will come: the recording program has written its trace and
  // removed the record file, or is gone. One more poll() tells what it recorded last.
  bool ended() const;

  // Threads named so far, by tid.
  std::vector<std::pair<int, std::string>> threads() const;

  // Records that found no room so far.
  std::uint64_t lost() const;

 private:
  class Files;
  std::unique_ptr<Files> files_;
};

}  // namespace trace
