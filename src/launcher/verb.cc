#include "launcher/verb.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/report.h"
#include "launcher/startup.h"
#include "tools/tool.h"

namespace launcher {

using options::Answer;

std::string version_text() {
  return "Vitrine version " VITRINE_VERSION ", imitating QEMU 4.0.0\n";
}

static std::string help_of_verbs() {
  constexpr std::array titles{"Start", "Look", "Compare", "Learn"};
  std::string text = "usage: vitrine VERB [arguments]\n";
  auto group = static_cast<tools::Group>(-1);
  for (const tools::Tool* tool : tools::tool_list()) {
    if (tool->group != group) {
      group = tool->group;
      text += std::string("\n") + titles[static_cast<std::size_t>(group)] + ":\n";
    }
    std::string name = tool->name;
    name.resize(std::max<std::size_t>(name.size(), 10), ' ');
    text += "  " + name + "  " + tool->help + "\n";
  }
  return text +
         "\n`vitrine VERB --help` tells more. Invoked under a name that begins with\n"
         "qemu-system-, the program behaves as `vitrine run`.\n";
}

// ---- the other editions ---------------------------------------------------------------

static std::string own_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string_view file(path.data(),
                              length < 0 ? 0 : static_cast<std::size_t>(length));
  return std::string(file.substr(0, std::min(file.rfind('/'), file.size())));
}

std::string program_beside(const std::string& program) {
  const std::string folder = own_folder();
  for (const char* place : {"/", "/../libexec/vitrine/"}) {
    std::string path = folder;
    path.append(place).append(program);
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return {};
}

// Returns only if `program` is not beside this one.
static void hand_over(const std::string& program, char** argv) {
  if (const std::string path = program_beside(program); !path.empty()) {
    ::execv(path.c_str(), argv);
  }
}

[[noreturn]] static void not_found(const std::string& what, const std::string& program) {
  Error error(what + " is not in this executable, and " + program + " was not found in " +
              own_folder() + " or " + own_folder() + "/../libexec/vitrine");
  error.hint = "Build or install the target " + program + ".";
  throw error;
}

// Compressing needs libraries that only the full edition loads.
static bool wants_compression(std::string_view word) {
  return word.find("file=") != std::string_view::npos &&
         (word.ends_with(".zst") || word.ends_with(".gz"));
}

static bool asks_for_kvm(std::string_view word, std::string_view before) {
  return word.ends_with("-enable-kvm") || word.find("accel=kvm") != word.npos ||
         (before.ends_with("-accel") && word.starts_with("kvm"));
}

// What the KVM edition has not, or cannot know without reading a file.
static bool asks_for_more(std::string_view word) {
  return word.find("tcg") != word.npos || word.ends_with("-plugin") ||
         word.ends_with("-readconfig");
}

static Edition edition_for(int argc, char** argv) {
  bool kvm = false;
  bool more = std::getenv("VITRINE_MODULE_DIR") != nullptr;  // there may be plugins
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (wants_compression(word)) {
      return Edition::full;
    }
    kvm = kvm || asks_for_kvm(word, argv[i - 1]);
    more = more || asks_for_more(word);
  }
  return kvm && !more ? Edition::kvm : Edition::run;
}

// ---- finding ------------------------------------------------------------------------

static bool named_as_qemu(std::string_view program) {
  return program.substr(program.rfind('/') + 1).starts_with("qemu-system-");
}

static Verb run_verb(int argc, char** argv, char** all, Edition edition) {
  const Edition wanted = edition_for(argc, argv);
  if (wanted > edition) {
    const std::string program = wanted == Edition::full ? "vitrine-full" : "vitrine-run";
    hand_over(program, all);
    not_found("what this command line asks for", program);
  }
  return {tools::tool_find("run")->main, argc, argv};
}

static void answer_for_all(std::string_view verb, char** argv, Edition edition) {
  if (verb == "--version" || verb == "version") {
    throw Answer{version_text(), {}, 0};
  }
  if (verb.empty() || verb == "--help" || verb == "-h" || verb == "-help" ||
      verb == "help") {
    if (edition != Edition::full) {
      hand_over("vitrine-full", argv);
    }
    const bool asked = !verb.empty();
    throw Answer{asked ? help_of_verbs() : "", asked ? "" : help_of_verbs(),
                 asked ? 0 : 1};
  }
}

Verb find_verb(int argc, char** argv, Edition edition) {
  if (argc > 0 && named_as_qemu(argv[0])) {
    return run_verb(argc, argv, argv, edition);
  }
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "run") {
    return run_verb(argc - 1, argv + 1, argv, edition);
  }
  answer_for_all(verb, argv, edition);
  if (const tools::Tool* tool = tools::tool_find(verb)) {
    return {tool->main, argc - 1, argv + 1};
  }
  if (edition != Edition::full) {
    hand_over("vitrine-full", argv);
    not_found("'" + verb + "'", "vitrine-full");
  }
  Error error("'" + verb + "' is not a verb");
  error.hint = verb.starts_with("-")
                   ? "QEMU's options follow the verb: vitrine run " + verb + " ..."
                   : "`vitrine --help` lists the verbs.";
  throw error;
}

}  // namespace launcher
