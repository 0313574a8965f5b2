// A program run as a child that talks over its standard input and output. Whatever
// it does (hang, die, print rubbish without end), the parent gets an error within
// the time allowed, and the child and its own children are gone at the end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace tools {

// The file a name means: itself if it has a slash, else the first in PATH. Throws
// std::runtime_error saying where was looked.
std::string find_program(const std::string& name);

class Child {
 public:
  // Starts argv[0] (a path). Every read and write until `deadline` together. Throws
  // std::system_error naming the program if it cannot be started.
  Child(const std::vector<std::string>& argv,
        std::chrono::steady_clock::time_point deadline);
  // Ends the child and all of its process group, and waits for it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // One line without its end. Throws std::runtime_error: when time is up, when the
  // child ended, when a line is absurdly long.
  std::string read_line();
  void write(const std::string& text);

  // How it ended, and the last it wrote to standard error: for messages.
  std::string last_words();

 private:
  void start(const std::vector<std::string>& argv);
  void wait_for_output();
  void take_errors();
  [[noreturn]] void fail(const std::string& why);

  std::string program_;
  std::chrono::steady_clock::time_point deadline_;
  pid_t pid_ = -1;
  int talk_ = -1;    // a socket: its stdin and stdout
  int errors_ = -1;  // its stderr
  std::string unread_;
  std::string errors_text_;
};

}  // namespace tools
