#include "tools/boot.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace tools {

namespace {

using Clock = std::chrono::steady_clock;

// The program people call stands beside this one, or where it was installed from.
std::string program() {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  for (const char* place : {"vitrine", "../../bin/vitrine", "vitrine-run"}) {
    const std::filesystem::path file = self.parent_path() / place;
    if (std::filesystem::exists(file, error)) {
      return file.string();
    }
  }
  throw std::runtime_error("cannot run a boot: no `vitrine` beside " + self.string() +
                           "; build or install the target vitrine");
}

std::string last_words(const std::string& file) {
  constexpr std::size_t most = 600;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.size() > most ? "..." + text.substr(text.size() - most) : text;
}

pid_t spawn(const std::vector<std::string>& words, const std::string& errors) {
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));  // POSIX takes char* const[]
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, errors.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) {
    throw std::system_error(failed, std::generic_category(), "cannot run " + words[0]);
  }
  return pid;
}

// False if time was up; the child is gone in any case.
bool wait_for(pid_t pid, std::chrono::seconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (Clock::now() > deadline) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "vitrine-boot-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make " + name);
  }
  folder_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void record_boot(const std::vector<std::string>& arguments, const BootOptions& options,
                 const std::string& file) {
  std::vector<std::string> words{program(), "run"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const bool stops = std::ranges::any_of(arguments, [](const std::string& word) {
    return word == "-stop-at" || word == "--stop-at";
  });
  if (!stops && options.until != "end") {
    words.insert(words.end(), {"-stop-at", options.until});
  }
  words.insert(words.end(), {"-trace", "file=" + file});
  const std::string errors = file + ".err";
  const bool in_time = wait_for(spawn(words, errors), options.timeout);
  const std::string said = last_words(errors);
  if (!in_time) {
    throw std::runtime_error("`" + joined(words) + "` did not end within " +
                             std::to_string(options.timeout.count()) +
                             " s; give it more (--timeout) or stop it earlier (--until)" +
                             (said.empty() ? "" : ". It said: " + said));
  }
  if (!std::filesystem::exists(file)) {
    throw std::runtime_error("`" + joined(words) + "` left no trace" +
                             (said.empty() ? "" : ". It said: " + said));
  }
}

Behind take_behind(int& argc, char** argv) {
  Behind behind;
  std::vector<std::string>* to = nullptr;
  int kept = argc;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--" && to != &behind.second) {
      kept = to == nullptr ? i : kept;
      to = to == nullptr ? &behind.first : &behind.second;
    } else if (to != nullptr) {
      to->push_back(argv[i]);
    }
  }
  behind.any = to != nullptr;
  argc = kept;
  return behind;
}

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool started = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? '\0' : c;
      started = true;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      started = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (started) {
        words.push_back(std::move(word));
        word.clear();
      }
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (quote != 0) {
    throw std::runtime_error("a quote is not closed in: " + line);
  }
  if (started) {
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace tools
