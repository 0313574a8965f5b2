// Runs a real program and says how it ended: what the start-up's tests watch.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace launcher_test {

struct Outcome {
  int exit_code = -1;  // -1: it did not exit by itself
  int signal = 0;      // that ended it
  std::string out;
  std::string err;
};

// A program that was started; destroying it kills what still runs.
class Process {
 public:
  // `words[0]` is the file to execute. `input` is all of its standard input.
  Process(const std::vector<std::string>& words, const std::string& input,
          const std::string& directory = ".");
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Blocks until `text` was written to standard output, or the program ended.
  bool wait_for_output(const std::string& text);
  void send(int signal) const;
  // Reads both outputs to their end and waits; a minute without an end is a failure.
  Outcome finish();

 private:
  bool read_some(int timeout_ms);

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  Outcome outcome_;
};

Outcome run_program(const std::vector<std::string>& words, const std::string& input = {},
                    const std::string& directory = ".");

// The built programs, and a folder of its own for each caller, removed at exit.
std::string vitrine();
std::string make_folder();
void write_file(const std::string& path, const std::string& bytes);
std::string read_file(const std::string& path);

// Starts `guest`, code for 0x7c00, on a bare PC under tcg; it ends by port 0xf4.
std::vector<std::string> guest_command(const std::string& folder,
                                       const std::string& guest,
                                       const std::vector<std::string>& more);

}  // namespace launcher_test
