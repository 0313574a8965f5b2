// A QEMU binary asked over QMP (its JSON monitor): started stopped, without a
// machine unless the user names one, ended when the object goes.
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/child.h"

namespace tools {

struct QmpOptions {
  std::string binary = {};
  std::vector<std::string> arguments =
      {};  // the user's, after ours: the last -machine wins
  std::chrono::milliseconds timeout{10000};  // for everything together
};

class Qmp {
 public:
  // Starts it and shakes hands. Throws std::runtime_error or std::system_error.
  explicit Qmp(const QmpOptions& options);
  ~Qmp();  // asks it to quit

  // The `return` of the answer. Throws std::runtime_error with the `desc` of an
  // error answer, or when the answer is not QMP.
  nlohmann::json execute(const std::string& command,
                         const nlohmann::json& arguments = nlohmann::json::object());

  const std::string& version() const { return version_; }  // "7.2.22"

 private:
  nlohmann::json read_message();

  std::string binary_;
  Child child_;
  std::string version_;
};

}  // namespace tools
