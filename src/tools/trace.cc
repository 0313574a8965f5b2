// `vitrine trace`: what can be done with recorded traces.
//
//   canon FILE...      what an equal run has in common, to compare with any diff
//   stats FILE...      how often, how long, by event kind
//   validate FILE...   every rule of the format, with line and column
//   grep TEXT FILE...  the events that match, still one JSON object a line
//   recover FILE...    the trace of a run that was killed, from its record file
//
// Exit codes: 0 done (grep: something matched), 1 an error, or nothing matched.
#include <cinttypes>
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/categories.h"
#include "tools/tool.h"
#include "trace/catalogue.h"
#include "trace/convert.h"
#include "trace/read/check.h"

namespace tools {

namespace {

using Categories = std::set<std::string, std::less<>>;

int canon(const std::vector<std::string>& files, const Categories& categories) {
  for (const std::string& file : files) {
    trace::Reader reader(file);
    const std::string text = trace::canonical(reader, categories);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return 0;
}

void print_stats(const std::string& file, const trace::Stats& stats,
                 const trace::TraceHeader& header) {
  std::printf("%s: %" PRIu64 " events in %.3f ms, %zu threads, deepest %" PRIu64
              ", lost %" PRIu64 ", open at the end %" PRIu64 "\n",
              file.c_str(), stats.events, static_cast<double>(stats.last_ns) / 1e6,
              stats.threads.size(), stats.deepest, header.lost, header.open);
  if (header.unreadable != 0) {
    std::printf("%s: %" PRIu64
                " pieces of the record are missing: they could not be written, "
                "or were not when the program was killed\n",
                file.c_str(), header.unreadable);
  }
  std::printf("%-8s %-32s %10s %12s %12s %12s\n", "category", "event", "count",
              "total us", "self us", "longest us");
  for (const auto& [key, kind] : stats.kinds) {
    std::printf("%-8s %-32s %10" PRIu64 " %12.3f %12.3f %12.3f\n", key.first.c_str(),
                key.second.c_str(), kind.count, static_cast<double>(kind.total_ns) / 1e3,
                static_cast<double>(kind.self_ns) / 1e3,
                static_cast<double>(kind.longest_ns) / 1e3);
  }
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  trace::detail::append_escaped(out, text);
  return out + "\"";
}

void print_stats_json(const std::string& file, const trace::Stats& stats,
                      const trace::TraceHeader& header) {
  std::printf("{\"file\":%s,\"events\":%" PRIu64 ",\"duration_ns\":%" PRIu64
              ",\"deepest\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"unreadable\":%" PRIu64
              ",\"open\":%" PRIu64 ",\"threads\":{",
              json_string(file).c_str(), stats.events, stats.last_ns, stats.deepest,
              header.lost, header.unreadable, header.open);
  const char* before = "";
  for (const auto& [tid, count] : stats.threads) {
    std::printf("%s\"%d\":%" PRIu64, before, tid, count);
    before = ",";
  }
  std::printf("},\"kinds\":[");
  before = "";
  for (const auto& [key, kind] : stats.kinds) {
    std::printf("%s{\"cat\":%s,\"name\":%s,\"count\":%" PRIu64 ",\"total_ns\":%" PRIu64
                ",\"self_ns\":%" PRIu64 ",\"longest_ns\":%" PRIu64 "}",
                before, json_string(key.first).c_str(), json_string(key.second).c_str(),
                kind.count, kind.total_ns, kind.self_ns, kind.longest_ns);
    before = ",";
  }
  std::printf("]}\n");
}

int stats(const std::vector<std::string>& files, bool json) {
  for (const std::string& file : files) {
    trace::Reader reader(file);
    const trace::Stats found = trace::statistics(reader);
    (json ? print_stats_json : print_stats)(file, found, reader.header());
  }
  return 0;
}

// Goes on after a bad file, so that one call reports on all of them.
int validate(const std::vector<std::string>& files) {
  int result = 0;
  for (const std::string& file : files) {
    try {
      trace::Reader reader(file);
      const std::uint64_t events = trace::validate(reader);
      std::printf("%s: valid, %" PRIu64 " events\n", file.c_str(), events);
    } catch (const std::runtime_error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      result = 1;
    }
  }
  return result;
}

struct GrepOptions {
  std::string pattern;
  Categories categories;
  bool count = false;
  bool file_names = false;
};

// The pattern is one of -trace enable=PATTERN; with `=` in it, it is for an argument:
// "name=kvm*".
bool matches(const trace::Event& event, const GrepOptions& options) {
  if (event.is_flow() ||
      (!options.categories.empty() && !options.categories.contains(event.cat()))) {
    return false;
  }
  const std::size_t equals = options.pattern.find('=');
  if (equals == std::string::npos) {
    return trace::pattern_matches(options.pattern, event.cat(), event.name());
  }
  const std::string_view key = std::string_view(options.pattern).substr(0, equals);
  const std::string_view wanted = std::string_view(options.pattern).substr(equals + 1);
  for (const trace::Arg& arg : event.args) {
    std::string_view value = arg.text.empty() ? arg.json : arg.text;
    if (value.starts_with('"') && value.size() >= 2) {
      value = value.substr(1, value.size() - 2);
    }
    if (trace::glob_matches(key, arg.field->name) && trace::glob_matches(wanted, value)) {
      return true;
    }
  }
  return false;
}

int grep(const std::vector<std::string>& files, const GrepOptions& options) {
  std::uint64_t total = 0;
  for (const std::string& file : files) {
    trace::Reader reader(file);
    trace::Event event;
    std::uint64_t count = 0;
    while (reader.next(event)) {
      if (!matches(event, options)) {
        continue;
      }
      ++count;
      if (!options.count) {
        std::printf("%s%s%.*s\n", options.file_names ? file.c_str() : "",
                    options.file_names ? ":" : "", static_cast<int>(event.text.size()),
                    event.text.data());
      }
    }
    if (options.count) {
      std::printf("%s: %" PRIu64 "\n", file.c_str(), count);
    }
    total += count;
  }
  return total == 0 ? 1 : 0;
}

int recover(const std::vector<std::string>& files, const std::string& output) {
  for (const std::string& file : files) {
    constexpr std::string_view suffix = ".rec";
    std::string to = output;
    if (to.empty()) {
      if (!file.ends_with(suffix)) {
        throw std::runtime_error(
            "trace recover: " + file +
            " does not end in .rec; say with -o where the trace goes");
      }
      to = file.substr(0, file.size() - suffix.size());
    }
    const trace::detail::Converted found = trace::detail::convert(file, to);
    std::fprintf(stderr,
                 "%s: %" PRIu64 " events recovered into %s, %" PRIu64 " lost, %" PRIu64
                 " unreadable\n",
                 file.c_str(), found.events, to.c_str(), found.lost, found.unreadable);
  }
  return 0;
}

// The command line of `vitrine trace`: each add_ function is one verb of it.
class TraceVerbs {
 public:
  TraceVerbs() {
    app_.require_subcommand(1);
    add_canon();
    add_stats();
    add_validate();
    add_grep();
    add_recover();
  }

  int main(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : 1;
    }
    return run_();
  }

 private:
  void with_files(CLI::App* verb) {
    verb->add_option("FILE", files_, "Traces")->required();
  }

  void with_categories(CLI::App* verb) {
    verb->add_option("--cat", categories_, "Only these categories: guest,device")
        ->delimiter(',')
        ->check(one_of_categories());
  }

  Categories chosen() const { return {categories_.begin(), categories_.end()}; }

  // What happens once the whole line is known to be right.
  void then(CLI::App* verb, std::function<int()> run) {
    verb->callback([this, run = std::move(run)] { run_ = run; });
  }

  void add_canon() {
    CLI::App* verb =
        app_.add_subcommand("canon", "Print what an equal run has in common");
    with_categories(verb);
    with_files(verb);
    then(verb, [this] { return canon(files_, chosen()); });
  }

  void add_stats() {
    CLI::App* verb = app_.add_subcommand("stats", "Count events and add up their times");
    verb->add_flag("--json", json_, "For programs");
    with_files(verb);
    then(verb, [this] { return stats(files_, json_); });
  }

  void add_validate() {
    CLI::App* verb = app_.add_subcommand("validate", "Check every rule of the format");
    with_files(verb);
    then(verb, [this] { return validate(files_); });
  }

  void add_grep() {
    CLI::App* verb = app_.add_subcommand("grep", "Print the events that match");
    verb->add_option("PATTERN", grep_.pattern,
                     "Of the event's name (type_*), its category (qom_*) or an argument "
                     "(name=kvm*)")
        ->required();
    verb->add_flag("-c,--count", grep_.count, "Print only how many");
    with_categories(verb);
    with_files(verb);
    then(verb, [this] {
      grep_.categories = chosen();
      grep_.file_names = files_.size() > 1;
      return grep(files_, grep_);
    });
  }

  void add_recover() {
    CLI::App* verb =
        app_.add_subcommand("recover", "Write the trace of a run that was killed");
    verb->add_option("-o,--output", output_, "Where to (else the name without .rec)");
    with_files(verb);
    verb->get_option("FILE")->description("Record files (.rec)");
    then(verb, [this] { return recover(files_, output_); });
  }

  CLI::App app_{
      "Works with recorded traces (.json, also .zst and .gz; - is standard input).",
      "vitrine trace"};
  std::vector<std::string> files_, categories_;
  std::string output_;
  GrepOptions grep_;
  bool json_ = false;
  std::function<int()> run_;
};

int trace_main(int argc, char** argv) {
  return TraceVerbs().main(argc, argv);
}

constexpr Tool trace_tool{"trace", "check, count, search, normalise or recover traces",
                          Group::look, trace_main};

}  // namespace

tool_init(trace_tool);

}  // namespace tools
