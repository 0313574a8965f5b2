// What a live page is sent, kept so that a page opened late gets all of it: messages in
// order, and the newest word about the whole. One thread fills it, any number read it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tools {

class LiveFeed {
 public:
  // How far one page has been told.
  struct Reader {
    std::size_t steps = 0;
    std::uint64_t status = 0;
    bool told_end = false;
  };

  void add_steps(const std::string& json);
  void set_status(const std::string& json);
  void end();  // nothing more will come

  // The next messages for `reader` as server-sent events: "" if there is none within
  // `patience`, then or when the reader has been told the end.
  std::string next(Reader& reader, std::chrono::milliseconds patience);

  // Readers come and go; drained() waits until those there have been told the end.
  void enter();
  void leave();
  void drained(std::chrono::milliseconds patience);

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<std::string> steps_;
  std::string status_;
  std::uint64_t status_number_ = 0;
  bool ended_ = false;
  int readers_ = 0;
};

}  // namespace tools
