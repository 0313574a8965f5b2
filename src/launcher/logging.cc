// -trace, -d and -D. See logging.h.
//
// -trace [enable=]PATTERN switches events on, -trace events=FILE reads patterns from a
// file, -trace file=FILE says where they go. `-d trace:PATTERN -D FILE` is the same in
// QEMU's older words.
#include "launcher/logging.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/report.h"
#include "core/run_state.h"
#include "launcher/startup.h"
#include "options/groups.h"
#include "trace/catalogue.h"
#include "trace/session.h"

namespace launcher {

using options::Answer;

static void read_patterns(const std::string& path, std::vector<std::string>& patterns) {
  std::ifstream in(path);
  if (!in) {
    throw qom::Error("-trace events=" + path + ": " + std::strerror(errno));
  }
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') {
      patterns.push_back(line);
    }
  }
}

static void read_trace_option(const std::string& text, TraceRequest& request) {
  options::QemuOptsList list{"trace", "enable"};
  const options::QemuOpts* opts =
      options::qemu_opts_parse(&list, text, options::Abbreviation::permitted);
  if (options::has_help_option(text)) {
    return;  // a text is asked for, not a trace
  }
  request.asked = true;
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (opt.name == "enable" && !options::is_help_option(opt.str)) {
      request.patterns.push_back(opt.str);
    } else if (opt.name == "events") {
      read_patterns(opt.str, request.patterns);
    } else if (opt.name == "file") {
      request.file = opt.str;
    }
  });
}

static std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    items.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

static constexpr std::string_view trace_item = "trace:";

TraceRequest find_trace_request(const std::vector<std::string>& args) {
  TraceRequest request;
  std::string log_file;
  bool log_traces = false;
  for (std::size_t i = 0; i + 1 < args.size(); ++i) {
    std::string_view word = args[i];
    word.remove_prefix(word.starts_with("--") ? 1 : 0);
    if (word == "-trace") {
      read_trace_option(args[i + 1], request);
    } else if (word == "-D") {
      log_file = args[i + 1];
    } else if (word == "-d") {
      for (const std::string& item : split_items(args[i + 1])) {
        if (item.starts_with(trace_item)) {
          log_traces = request.asked = true;
          request.patterns.push_back(item.substr(trace_item.size()));
        }
      }
    }
  }
  if (request.file.empty() && log_traces) {
    request.file = log_file;
  }
  return request;
}

void begin_trace(const Startup& startup) {
  trace::checkpoint("main.enter");
  const TraceRequest request = find_trace_request(startup.args);
  if (!request.asked) {
    trace::discard();
    return;
  }
  for (const std::string& pattern : request.patterns) {
    if (!trace::enable(pattern)) {
      warn_report("trace event '" + pattern + "' does not exist");
    }
  }
  const std::string file = request.file.empty()
                               ? "trace-" + std::to_string(::getpid()) + ".json"
                               : request.file;
  std::string words = program_name();
  for (const std::string& word : startup.args) {
    words += " " + word;
  }
  trace::set_metadata("argv", words);
  trace::open({.file = file});
  // From here on there is a trace to complete, in whatever phase ^C comes.
  remember_signals();
  if (request.file.empty()) {
    info_report("the trace goes to " + file);
  }
}

// ---- -d ---------------------------------------------------------------------------

struct LogItem {
  std::string_view name;
  std::string_view help;
};

static constexpr LogItem log_items[] = {
    {"out_asm", "host code made from guest code"},
    {"in_asm", "guest code that is translated"},
    {"op", "its intermediate form"},
    {"op_opt", "the intermediate form after optimisation"},
    {"op_ind", "the intermediate form before indirect accesses are replaced"},
    {"int", "interrupts and exceptions, in short"},
    {"exec", "every block of guest code that runs"},
    {"cpu", "registers before every block"},
    {"fpu", "with 'cpu': the floating-point registers too"},
    {"mmu", "address translation"},
    {"pcall", "far calls, far returns and exceptions of protected mode"},
    {"cpu_reset", "registers before a CPU is reset"},
    {"unimp", "what the guest uses and is not built"},
    {"guest_errors", "what the guest does wrong"},
    {"page", "pages at the start of user mode"},
    {"nochain", "return to the main loop after every block"},
    {"trace:PATTERN", "events, as with -trace enable=PATTERN; -D names the file"},
};

static std::string log_help() {
  constexpr std::size_t name_column = 15;
  std::string text = "Log items (comma separated):\n";
  for (const LogItem& item : log_items) {
    std::string name(item.name);
    name.resize(name_column, ' ');
    text += name + " " + std::string(item.help) + "\n";
  }
  return text + "\nUse \"-d trace:help\" to get a list of trace events.\n";
}

static void log_option(const options::GivenOption& option) {
  for (const std::string& item : split_items(option.value)) {
    if (item == "trace:help" || item == "trace:?") {
      throw Answer{trace::list_events(), {}, 0};
    }
    bool known = item.starts_with(trace_item);
    const bool trace_only = known;
    for (const LogItem& row : log_items) {
      known = known || item == row.name;
    }
    if (!known) {
      throw Answer{log_help(), {}, 1};
    }
    if (!trace_only) {
      warn_report("-d " + item +
                  " is not built yet; '-trace file=FILE' records what the machine does");
    }
  }
}

void start_logging(const options::CommandLine& line) {
  for (const options::GivenOption* option : line.all("trace")) {
    if (options::has_help_option(option->value)) {
      throw Answer{trace::list_events(), {}, 0};
    }
  }
  for (const options::GivenOption* option : line.all("d")) {
    log_option(*option);
  }
}

}  // namespace launcher
