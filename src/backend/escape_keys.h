// A terminal that the guest's console shares with the monitor (option mux=on): keys
// after C-a are for this program, and one of them gives the terminal to the monitor.
//
//   C-a h  this list     C-a c    from the guest to the monitor and back
//   C-a x  quit          C-a C-a  C-a itself
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace backend {

class EscapeKeys {
 public:
  struct Users {
    std::function<void(std::span<const std::uint8_t>)> guest;  // its keys
    std::function<void(const std::string&)> monitor;           // a line of a command
    std::function<void(const std::string&)> print;             // to the terminal
    std::function<void()> quit;
  };

  explicit EscapeKeys(Users users) : users_(std::move(users)) {}

  // What was typed.
  void typed(std::span<const std::uint8_t> keys);

 private:
  void escaped(std::uint8_t key);
  void to_monitor(std::uint8_t key);

  Users users_;
  std::vector<std::uint8_t> for_guest_;
  std::string line_;
  bool after_escape_ = false, monitor_has_it_ = false;
};

}  // namespace backend
