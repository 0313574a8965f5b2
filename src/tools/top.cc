// `vitrine top TRACE` or `vitrine top -- ARGUMENTS`: a run that goes on, in the terminal:
// how far the start is, exits by reason and second, what the guest prints. With `--` it
// starts `vitrine run ARGUMENTS` itself and ends with it. Where standard output is no
// terminal it prints lines as things happen. Like `vitrine watch` it only reads the
// record file.
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>

#include <CLI/CLI.hpp>

#include "tools/attach.h"
#include "tools/run_status.h"
#include "tools/tool.h"
#include "tools/top_screen.h"

namespace tools {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// ---- the machine, started by us
// ---------------------------------------------------------

// The file a command line's own -trace writes; empty if it names none.
std::string own_trace_file(const std::vector<std::string>& words) {
  std::string file;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "-trace" && words[i] != "--trace") {
      continue;
    }
    const std::string& value = words[i + 1];
    const std::size_t at = value.find("file=");
    if (at != std::string::npos && (at == 0 || value[at - 1] == ',')) {
      file = value.substr(at + 5, value.find(',', at) - at - 5);
    }
  }
  return file;
}

// A run as a child in a process group of its own: ^C is ours first. What it prints goes
// to a file, to be shown at the end where it is not the console.
class Machine {
 public:
  explicit Machine(std::vector<std::string> words) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "vitrine-top-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "cannot make " + pattern);
    }
    folder_ = pattern;
    trace_ = own_trace_file(words);
    if (trace_.empty()) {
      trace_ = folder_ + "/run.json";
      words.insert(words.end(), {"-trace", "file=" + trace_});
    }
    start(std::move(words));
  }

  ~Machine() {
    end();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::string record() const { return record_of(trace_); }

  bool over() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) {
      pid_ = -1;
    }
    return pid_ < 0;
  }

  // Asks it to end, and sees to it.
  void end() {
    for (int round = 0; !over(); ++round) {
      ::kill(pid_, round < 200 ? SIGTERM : SIGKILL);
      std::this_thread::sleep_for(milliseconds(10));
    }
  }

  // As a shell would say it.
  int exit_code() const {
    return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  }

  std::string printed() const {
    std::string text;
    if (std::FILE* file = std::fopen((folder_ + "/output").c_str(), "rb")) {
      std::array<char, 65536> bytes{};
      text.assign(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file));
      std::fclose(file);
    }
    return text;
  }

 private:
  void start(std::vector<std::string> words) {
    std::array<char, PATH_MAX> self{};
    const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
    const std::string program(self.data(),
                              length > 0 ? static_cast<std::size_t>(length) : 0);
    words.insert(words.begin(), {program, "run"});
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const std::string output = folder_ + "/output";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      const int in = ::open("/dev/null", O_RDONLY);
      const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(in, 0);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    if (pid_ < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot start a run");
    }
  }

  std::string folder_, trace_;
  pid_t pid_ = -1;
  int status_ = 0;
};

// ---- the terminal
// -------------------------------------------------------------------------

// The alternate screen, without cursor and echo; all of it is given back at the end.
class Terminal {
 public:
  Terminal() {
    have_input_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (have_input_) {
      termios raw = before_;
      raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      raw.c_cc[VMIN] = 0;
      raw.c_cc[VTIME] = 0;
      ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    write("\x1b[?1049h\x1b[?25l\x1b[2J");
  }

  ~Terminal() {
    write("\x1b[?25h\x1b[?1049l");
    if (have_input_) {
      ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
  }

  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void show(const RunStatus& status, const std::string& title) const {
    winsize size{};
    std::size_t rows = 24, columns = 80;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row != 0 &&
        size.ws_col != 0) {
      rows = size.ws_row;
      columns = size.ws_col;
    }
    std::string text = "\x1b[H";
    std::size_t row = 0;
    for (const std::string& line : top_screen(status, title, rows, columns)) {
      text += (row++ == 0 ? "" : "\r\n") + line + "\x1b[K";
    }
    write(text + "\x1b[J");
  }

  // Waits for a key or for `patience`; true for q.
  bool quits(milliseconds patience) const {
    pollfd in{STDIN_FILENO, POLLIN, 0};
    if (!have_input_ || ::poll(&in, 1, static_cast<int>(patience.count())) <= 0) {
      if (!have_input_) {
        std::this_thread::sleep_for(patience);
      }
      return false;
    }
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1) {
      std::this_thread::sleep_for(patience);
      return false;
    }
    return key == 'q' || key == 'Q';
  }

 private:
  static void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = ::write(STDOUT_FILENO, text.data(), text.size());
      if (wrote <= 0) {
        return;
      }
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  termios before_{};
  bool have_input_ = false;
};

// The same as lines, each when it has happened.
class Lines {
 public:
  void show(const RunStatus& status, bool last) {
    for (; phases_ < status.phases().size() && !status.phases()[phases_].open;
         ++phases_) {
      const RunStatus::Phase& phase = status.phases()[phases_];
      std::printf("phase %s %s\n", phase.name.c_str(),
                  duration_text(phase.dur_ns).c_str());
    }
    const std::uint64_t lines = status.console_before() + status.console().size();
    for (; console_ < lines; ++console_) {
      if (console_ >= status.console_before()) {
        std::printf("console %s\n",
                    status.console()[console_ - status.console_before()].c_str());
      }
    }
    const Clock::time_point now = Clock::now();
    if (last || now - told_ >= std::chrono::seconds(1)) {
      told_ = now;
      std::printf("exits %llu, %.0f/s",
                  static_cast<unsigned long long>(status.all_exits()),
                  status.exits_per_second());
      for (const auto& [reason, exits] : status.exits()) {
        std::printf(", %s %llu", reason.c_str(),
                    static_cast<unsigned long long>(exits.total));
      }
      std::printf("\n");
    }
    if (last && !status.end().empty()) {
      std::printf("ended: %s\n", status.end().c_str());
    }
    std::fflush(stdout);
  }

 private:
  std::size_t phases_ = 0;
  std::uint64_t console_ = 0;
  Clock::time_point told_ = Clock::now();
};

// ---- following
// ------------------------------------------------------------------------------

struct Watched {
  std::string title;
  Machine* machine = nullptr;  // null: somebody else's
};

void follow(trace::Follower& follower, RunStatus& status, const Watched& watched) {
  std::unique_ptr<Terminal> terminal;
  if (::isatty(STDOUT_FILENO) != 0) {
    terminal = std::make_unique<Terminal>();
  }
  Lines lines;
  Clock::time_point measured = Clock::now();
  for (bool over = false; !over;) {
    over = asked_to_end() || follower.ended() ||
           (watched.machine != nullptr && watched.machine->over());
    follower.poll([&status](const trace::Event& event) { status.take(event); });
    const std::chrono::duration<double> since = Clock::now() - measured;
    if (since.count() >= 0.5 || over) {
      status.measure(since.count());
      measured = Clock::now();
    }
    if (!terminal) {
      lines.show(status, over);
      std::this_thread::sleep_for(milliseconds(over ? 0 : 100));
      continue;
    }
    terminal->show(status, watched.title);
    over = over || terminal->quits(milliseconds(100));
  }
}

int top_of_trace(const std::string& trace) {
  const auto follower =
      attach(record_of(trace), milliseconds(2000), [] { return asked_to_end(); });
  if (follower) {
    RunStatus status;
    follow(*follower, status, {.title = trace});
    if (::isatty(STDOUT_FILENO) != 0) {
      Lines().show(status, true);  // stays when the screen is given back
    }
  }
  return 0;
}

int top_of_run(std::vector<std::string> words) {
  asked_to_end();  // from here on ^C ends the machine first
  std::string title = "vitrine run";
  for (const std::string& word : words) {
    title += " " + word;
  }
  Machine machine(std::move(words));
  const auto follower = attach(machine.record(), std::chrono::seconds(10),
                               [&machine] { return machine.over() || asked_to_end(); });
  RunStatus status;
  if (follower) {
    follow(*follower, status, {.title = title, .machine = &machine});
    machine.end();
    follower->poll([&status](const trace::Event& event) { status.take(event); });
    if (::isatty(STDOUT_FILENO) != 0) {
      Lines().show(status, true);
    }
  }
  machine.end();
  if (status.console().empty()) {
    std::fputs(machine.printed().c_str(), stdout);
  }
  return machine.exit_code();
}

int top_main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
    if (words.empty()) {
      throw std::runtime_error("vitrine top --: the options of `vitrine run` follow it");
    }
    return top_of_run(std::move(words));
  }
  CLI::App app{
      "Shows a run that goes on in the terminal: phases, exits by reason and second, "
      "what the guest prints. TRACE is what the run writes (-trace file=TRACE); with "
      "`vitrine top -- OPTIONS` the run is started here. q ends it.",
      "vitrine top"};
  std::string trace;
  app.add_option("TRACE", trace, "the trace the run is writing (boot.json)")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  return top_of_trace(trace);
}

constexpr Tool top_tool{"top", "show a run that goes on in the terminal", Group::look,
                        top_main};

tool_init(top_tool);

}  // namespace

}  // namespace tools
