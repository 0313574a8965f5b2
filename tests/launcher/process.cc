#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace launcher_test {

namespace {

struct Pipe {
  int ends[2] = {-1, -1};

  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
  }
};

[[noreturn]] void become(const std::vector<std::string>& words,
                         const std::string& directory) {
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  if (::chdir(directory.c_str()) == 0) {
    ::execv(argv[0], argv.data());
  }
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& words, const std::string& input,
                 const std::string& directory) {
  Pipe in, out, err;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in.ends[0], 0);
    ::dup2(out.ends[1], 1);
    ::dup2(err.ends[1], 2);
    become(words, directory);
  }
  for (const int end : {in.ends[0], out.ends[1], err.ends[1]}) {
    ::close(end);
  }
  out_ = out.ends[0];
  err_ = err.ends[0];
  ::signal(SIGPIPE, SIG_IGN);
  if (::write(in.ends[1], input.data(), input.size()) < 0) {
    // The program ended without reading; its exit code tells why.
  }
  ::close(in.ends[1]);
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

// False when both outputs have ended, or nothing came in time.
bool Process::read_some(int timeout_ms) {
  if (out_ < 0 && err_ < 0) {
    return false;
  }
  pollfd fds[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (::poll(fds, 2, timeout_ms) <= 0) {
    return false;
  }
  bool any = false;
  for (const auto& [fd, text] :
       {std::pair{0, &outcome_.out}, std::pair{1, &outcome_.err}}) {
    char bytes[4096];
    if (fds[fd].revents != 0) {
      const ssize_t count = ::read(fds[fd].fd, bytes, sizeof bytes);
      if (count > 0) {
        text->append(bytes, static_cast<std::size_t>(count));
        any = true;
      } else {
        int& end = fd == 0 ? out_ : err_;
        ::close(end);
        end = -1;
        any = any || out_ >= 0 || err_ >= 0;
      }
    }
  }
  return any;
}

static constexpr int a_minute = 60'000;

bool Process::wait_for_output(const std::string& text) {
  while (outcome_.out.find(text) == std::string::npos) {
    if (!read_some(a_minute)) {
      return false;
    }
  }
  return true;
}

void Process::send(int signal) const {
  ::kill(pid_, signal);
}

Outcome Process::finish() {
  while (read_some(a_minute)) {
  }
  if (out_ >= 0 || err_ >= 0) {
    ::kill(pid_, SIGKILL);
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  outcome_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return outcome_;
}

Outcome run_program(const std::vector<std::string>& words, const std::string& input,
                    const std::string& directory) {
  return Process(words, input, directory).finish();
}

std::string vitrine() {
  return VITRINE_BUILD_DIR "/bin/vitrine";
}

std::string make_folder() {
  struct Folders {
    std::vector<std::string> made;

    ~Folders() {
      for (const std::string& folder : made) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
      }
    }
  };

  static Folders folders;
  std::string name = std::filesystem::temp_directory_path() / "vitrine-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("no temporary folder");
  }
  folders.made.push_back(name);
  return name;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> guest_command(const std::string& folder,
                                       const std::string& guest,
                                       const std::vector<std::string>& more) {
  const std::string image = folder + "/guest.bin";
  write_file(image, guest);
  std::vector<std::string> words{
      vitrine(),    "run", "-machine", "pc",
      "-accel",     "tcg", "-display", "none",
      "-kernel",    image, "-device",  "isa-debug-exit,iobase=0xf4,iosize=1",
      "-nodefaults"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace launcher_test
