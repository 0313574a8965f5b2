#include "backend/escape_keys.h"

#include <utility>

namespace backend {

namespace {

constexpr std::uint8_t escape = 0x01;  // C-a
constexpr std::uint8_t backspace = 0x08, delete_key = 0x7f;

constexpr const char* prompt = "(vitrine) ";
constexpr const char* help =
    "\r\n"
    "C-a h    this list\r\n"
    "C-a x    quit\r\n"
    "C-a c    between the guest's console and the monitor\r\n"
    "C-a C-a  send C-a to the guest\r\n";

}  // namespace

void EscapeKeys::typed(std::span<const std::uint8_t> keys) {
  for (const std::uint8_t key : keys) {
    if (std::exchange(after_escape_, false)) {
      escaped(key);
    } else if (key == escape) {
      after_escape_ = true;
    } else if (monitor_has_it_) {
      to_monitor(key);
    } else {
      for_guest_.push_back(key);
    }
  }
  if (!for_guest_.empty()) {
    users_.guest(std::exchange(for_guest_, {}));
  }
}

// A key without a meaning is dropped.
void EscapeKeys::escaped(std::uint8_t key) {
  switch (key) {
    case 'h':
    case '?':
      users_.print(help);
      break;
    case 'x':
      users_.quit();
      break;
    case 'c':
      monitor_has_it_ = !monitor_has_it_;
      line_.clear();
      users_.print(monitor_has_it_ ? std::string("\r\n") + prompt : "\r\n");
      break;
    case escape:
      if (!monitor_has_it_) {
        for_guest_.push_back(key);
      }
      break;
    default:
      break;
  }
}

void EscapeKeys::to_monitor(std::uint8_t key) {
  if (key == '\r' || key == '\n') {
    users_.print("\r\n");
    users_.monitor(std::exchange(line_, {}));
    users_.print(prompt);
  } else if (key == backspace || key == delete_key) {
    if (!line_.empty()) {
      line_.pop_back();
      users_.print("\b \b");
    }
  } else if (key >= ' ' && key < delete_key) {
    line_.push_back(static_cast<char>(key));
    users_.print(std::string(1, static_cast<char>(key)));
  }
}

}  // namespace backend
