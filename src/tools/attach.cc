#include "tools/attach.h"

#include <csignal>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace tools {

namespace {

volatile std::sig_atomic_t signalled = 0;

void note_signal(int) {
  signalled = 1;
}

}  // namespace

std::string record_of(const std::string& trace) {
  return trace.ends_with(".rec") ? trace : trace + ".rec";
}

std::unique_ptr<trace::Follower> attach(const std::string& record,
                                        std::chrono::milliseconds patience,
                                        const std::function<bool()>& give_up) {
  using Clock = std::chrono::steady_clock;
  // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): read after an exception.
  const Clock::time_point begin = Clock::now();
  for (;;) {
    std::string why;
    try {
      return std::make_unique<trace::Follower>(record);
    } catch (const std::system_error& error) {
      why = error.code().message();
    } catch (const std::runtime_error& error) {
      why = error.what();  // its header is still being written
    }
    if (give_up()) {
      return nullptr;
    }
    if (Clock::now() - begin >= patience) {
      throw std::runtime_error(
          std::string("cannot follow a run through '")
              .append(record)
              .append("': ")
              .append(why)
              .append(". A run that goes on has such a file beside its trace (-trace "
                      "file=boot.json writes boot.json.rec until it ends)"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

bool asked_to_end() {
  static const bool arranged = [] {
    struct sigaction action {};

    action.sa_handler = note_signal;
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      sigaction(number, &action, nullptr);
    }
    return true;
  }();
  return arranged && signalled != 0;
}

}  // namespace tools
