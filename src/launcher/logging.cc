// -trace, -d and -D. See logging.h.
//
// -trace [enable=]PATTERN switches events on, -trace events=FILE reads patterns from a
// file, -trace file=FILE says where they go. `-d trace:PATTERN -D FILE` is the same in
// QEMU's older words, unless FILE is needed for the lines of other items of -d: a trace
// is JSON, the log (core/log.h) is text.
#include "launcher/logging.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/log.h"
#include "core/report.h"
#include "core/run_state.h"
#include "launcher/startup.h"
#include "launcher/unbuilt.h"
#include "launcher/views.h"
#include "launcher/watch.h"
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

// Which part of the run is recorded. Several -trace add to each other.
static void read_window(const options::QemuOpts& opts, trace::Window& window) {
  if (const char* from = options::qemu_opt_get(&opts, "from")) {
    window.from = from;
    const auto known = trace::checkpoint_names();
    if (std::ranges::find(known, window.from) == known.end()) {
      qom::Error error("-trace from=" + window.from + ": no such checkpoint");
      error.hint = "Checkpoints:";
      for (const std::string_view name : known) {
        error.hint.append(" ").append(name);
      }
      throw qom::Error(error);
    }
  }
  window.turns = options::qemu_opt_get_number(&opts, "exits", window.turns);
  window.every = options::qemu_opt_get_number(&opts, "sample", window.every);
  if (window.every == 0) {
    throw qom::Error("-trace sample=0: 1 records every exit, N each Nth");
  }
}

static void read_trace_option(const std::string& text, TraceRequest& request) {
  options::QemuOptsList list{"trace", "enable", false, options::qemu_trace_opts.desc};
  const options::QemuOpts* opts = nullptr;
  try {
    opts = options::qemu_opts_parse(&list, text, options::Abbreviation::permitted);
  } catch (const qom::Error&) {
    request.mistaken = true;
    return;
  }
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
  read_window(*opts, request.window);
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
  bool log_traces = false, logs_more = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::string_view word = args[i];
    word.remove_prefix(word.starts_with("--") ? 1 : 0);
    if (word == "-watch") {
      request.watched = true;
    } else if (i + 1 == args.size()) {
      break;
    } else if (word == "-trace") {
      read_trace_option(args[i + 1], request);
    } else if (word == "-D") {
      log_file = args[i + 1];
    } else if (word == "-d") {
      for (const std::string& item : split_items(args[i + 1])) {
        if (item == "trace:help" || item == "trace:?") {
          continue;  // a text is asked for, not a trace
        }
        if (item.starts_with(trace_item)) {
          log_traces = request.asked = true;
          request.patterns.push_back(item.substr(trace_item.size()));
        } else {
          logs_more = true;
        }
      }
    }
  }
  if (request.file.empty() && log_traces && !logs_more) {
    request.file = log_file;
  }
  return request;
}

// A run that is only watched leaves no trace behind.
static std::string trace_file(const TraceRequest& request) {
  if (!request.file.empty()) {
    return request.file;
  }
  return request.asked ? "trace-" + std::to_string(::getpid()) + ".json" : "/dev/null";
}

void begin_trace(const Startup& startup) {
  trace::checkpoint("main.enter");
  const TraceRequest request = find_trace_request(startup.args);
  if ((!request.asked && !request.watched) || request.mistaken) {
    trace::discard();
    return;
  }
  for (const std::string& pattern : request.patterns) {
    if (!trace::enable(pattern)) {
      warn_report("trace event '" + pattern + "' does not exist");
    }
  }
  const std::string file = trace_file(request);
  std::string words = program_name();
  for (const std::string& word : startup.args) {
    words += " " + word;
  }
  trace::set_metadata("argv", words);
  trace::set_window(request.window);
  trace::open({.file = file});
  // From here on there is a trace to complete, in whatever phase ^C comes.
  remember_signals();
  if (request.file.empty() && request.asked) {
    info_report("the trace goes to " + file);
  }
  if (request.watched) {
    start_watching(trace::record_file(), words);
  }
}

// ---- -d ---------------------------------------------------------------------------

namespace {

struct LogItem {
  std::string_view name;
  std::uint32_t mask;
  std::string_view help;
  std::string_view why_empty;  // not empty: accepted, but there is nothing to show
};

constexpr std::string_view no_translation =
    "guest code is not translated to host code here; -d in_asm shows what is decoded";

constexpr LogItem log_items[] = {
    {"out_asm", core::CPU_LOG_TB_OUT_ASM, "host code made from guest code",
     no_translation},
    {"in_asm", core::CPU_LOG_TB_IN_ASM, "guest code when it is first decoded", {}},
    {"op", core::CPU_LOG_TB_OP, "its intermediate form", no_translation},
    {"op_opt", core::CPU_LOG_TB_OP_OPT, "the intermediate form after optimisation",
     no_translation},
    {"op_ind", core::CPU_LOG_TB_OP_IND,
     "the intermediate form before indirect accesses are replaced", no_translation},
    {"int", core::CPU_LOG_INT, "interrupts and exceptions, with registers", {}},
    {"exec", core::CPU_LOG_EXEC, "every block of guest code that runs", {}},
    {"cpu", core::CPU_LOG_TB_CPU, "registers before every block", {}},
    {"fpu", core::CPU_LOG_TB_FPU, "with 'cpu': the floating-point registers too", {}},
    {"mmu", core::CPU_LOG_MMU, "changes of CR0, CR3 and address line 20", {}},
    {"pcall", core::CPU_LOG_PCALL, "far calls and far returns of protected mode", {}},
    {"cpu_reset", core::CPU_LOG_RESET, "registers before a CPU is reset", {}},
    {"unimp", core::LOG_UNIMP, "what the guest uses and is not built", {}},
    {"guest_errors", core::LOG_GUEST_ERROR, "what the guest does wrong", {}},
    {"page", core::CPU_LOG_PAGE, "pages at the start of user mode",
     "it is about programs run without a machine"},
    {"nochain", core::CPU_LOG_TB_NOCHAIN, "return to the main loop after every block",
     "blocks are never chained here, so 'exec' and 'cpu' are complete without it"},
};

}  // namespace

static std::string log_help() {
  constexpr std::size_t name_column = 15;
  std::string text = "Log items (comma separated):\n";
  const auto add = [&](std::string name, std::string_view help) {
    name.resize(name_column, ' ');
    text += name + " " + std::string(help) + "\n";
  };
  for (const LogItem& item : log_items) {
    add(std::string(item.name), item.help);
  }
  for (const View& view : views()) {
    add(std::string(view.name), view.help);
  }
  add("trace:PATTERN", "events, as with -trace enable=PATTERN; -D names the file");
  return text + "\nUse \"-d trace:help\" to get a list of trace events.\n";
}

// 0: no such item. "all" is every item that has something to show.
static std::uint32_t mask_of(const std::string& name) {
  std::uint32_t mask = 0;
  for (const LogItem& item : log_items) {
    const bool in_all = name == "all" && item.why_empty.empty();
    if (item.name != name && !in_all) {
      continue;
    }
    mask |= item.mask;
    if (!item.why_empty.empty()) {
      warn_report("-d " + name + " shows nothing: " + std::string(item.why_empty));
    }
  }
  for (const View& view : views()) {
    mask |= view.name == name ? view.mask : 0;
  }
  return mask;
}

static std::uint32_t log_mask(const options::GivenOption& option) {
  std::uint32_t mask = 0;
  for (const std::string& item : split_items(option.value)) {
    if (item == "trace:help" || item == "trace:?") {
      throw Answer{trace::list_events(), {}, 0};
    }
    if (item.starts_with(trace_item)) {
      continue;
    }
    const std::uint32_t more = mask_of(item);
    if (more == 0) {
      throw Answer{log_help(), {}, 1};
    }
    mask |= more;
  }
  return mask;
}

// As in 4.0, the last -d counts.
static void open_log(const options::CommandLine& line) {
  std::uint32_t mask = 0;
  for (const options::GivenOption* option : line.all("d")) {
    mask = log_mask(*option);
  }
  for (const options::GivenOption* option : line.all("dfilter")) {
    at_option(option->location, [&] { core::qemu_set_dfilter_ranges(option->value); });
  }
  if (const options::GivenOption* option = line.last("D")) {
    core::qemu_set_log_filename(option->value);
  }
  core::qemu_set_log(mask);
}

void start_logging(const options::CommandLine& line) {
  for (const options::GivenOption* option : line.all("trace")) {
    if (options::has_help_option(option->value)) {
      throw Answer{trace::list_events(), {}, 0};
    }
  }
  open_log(line);
}

}  // namespace launcher
