#include "tools/live_feed.h"

#include <utility>

namespace tools {

namespace {

// A message ends at an empty line, so its data may hold no line break: JSON as written
// here has none.
std::string message(const char* kind, const std::string& data) {
  return std::string("event: ") + kind + "\ndata: " + data + "\n\n";
}

}  // namespace

void LiveFeed::add_steps(const std::string& json) {
  const std::lock_guard guard(lock_);
  steps_.push_back(message("steps", json));
  changed_.notify_all();
}

void LiveFeed::set_status(const std::string& json) {
  const std::lock_guard guard(lock_);
  status_ = message("status", json);
  ++status_number_;
  changed_.notify_all();
}

void LiveFeed::end() {
  const std::lock_guard guard(lock_);
  ended_ = true;
  changed_.notify_all();
}

std::string LiveFeed::next(Reader& reader, std::chrono::milliseconds patience) {
  std::unique_lock guard(lock_);
  changed_.wait_for(guard, patience, [&] {
    return reader.steps < steps_.size() || reader.status != status_number_ || ended_;
  });
  std::string text;
  while (reader.steps < steps_.size()) {
    text += steps_[reader.steps++];
  }
  if (reader.status != status_number_) {
    reader.status = status_number_;
    text += status_;
  }
  if (ended_ && !reader.told_end) {
    reader.told_end = true;
    text += message("end", "{}");
  }
  return text;
}

void LiveFeed::enter() {
  const std::lock_guard guard(lock_);
  ++readers_;
}

void LiveFeed::leave() {
  const std::lock_guard guard(lock_);
  --readers_;
  changed_.notify_all();
}

void LiveFeed::drained(std::chrono::milliseconds patience) {
  std::unique_lock guard(lock_);
  changed_.wait_for(guard, patience, [this] { return readers_ == 0; });
}

}  // namespace tools
