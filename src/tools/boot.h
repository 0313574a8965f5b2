// Runs `vitrine run` with a trace: for verbs that need a boot to look at.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tools {

struct BootOptions {
  // The checkpoint where the run stops; "end": when the guest ends it. Arguments with a
  // -stop-at of their own are left alone.
  std::string until = "machine.ready";
  std::chrono::seconds timeout{60};
};

// A file of our own, removed with its folder at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

// Runs with these arguments (without the verb) and writes the trace to `file`. Standard
// input is empty, standard output goes nowhere. Any exit status will do if the trace is
// there: guests choose theirs. Throws std::runtime_error with the program's last words.
void record_boot(const std::vector<std::string>& arguments, const BootOptions& options,
                 const std::string& file);

// What stands behind the first `--` of a command line, split at the second.
struct Behind {
  bool any = false;  // there was one
  std::vector<std::string> first, second;
};

// Takes it off: argc is smaller afterwards.
Behind take_behind(int& argc, char** argv);

// A line split into words as a shell would: blanks, '...', "...", backslash.
std::vector<std::string> split_words(const std::string& line);

}  // namespace tools
