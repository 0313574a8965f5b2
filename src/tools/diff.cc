// `vitrine diff`: what differs between two boots, and why.
//
//   vitrine diff A.json B.json            two recorded traces
//   vitrine diff -- ARGS_A -- ARGS_B      runs `vitrine run` with each first
//   vitrine diff --a 'ARGS' --b 'ARGS' -- COMMON      the same, naming only the
//                                         difference
//   vitrine diff --golden FILE B.json     against a trace kept beside a test
//   vitrine diff --guest A.log B.log      two boots of Linux, by what its console says
//
// Exit codes: 0 the same, 1 the structure differs, 2 only times differ, 3 an error.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include "tools/boot.h"
#include "tools/categories.h"
#include "tools/diff_output.h"
#include "tools/tool.h"
#include "viz/diff/report_json.h"
#include "viz/diff/report_text.h"

namespace tools {

namespace {

using namespace viz::diff;
using Words = std::vector<std::string>;

constexpr int an_error = 3;

struct Options {
  Words files;
  std::string a, b;  // arguments of one side only
  std::string golden;
  bool update = false;
  Words unordered, categories, leave_out;
  bool json = false, explain = false, all = false, no_time = false, confirm = false;
  std::size_t limit = 12;
  int runs = 1;
  double least_us = 1000, least_percent = 50;
  bool judge = false;
  std::string colour = "auto";
  bool no_pager = false;
  BootOptions boot;
  int timeout = 60;
  std::string output;
  DiffPictures pictures;
  bool guest = false;
};

void declare_input(CLI::App& app, Options& options) {
  app.add_option("TRACE", options.files,
                 "A and B: .json or .ndjson, also .zst or .gz; with --guest also logs")
      ->expected(0, 2);
  app.add_option("--a", options.a, "Arguments of A alone, before the common ones");
  app.add_option("--b", options.b, "Arguments of B alone");
  app.add_option("--until", options.boot.until,
                 "Where a run stops: a checkpoint, or `end` (of the guest)")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout, "Seconds a run may take")
      ->capture_default_str();
  app.add_option("--runs", options.runs, "Run each side so often; times are medians")
      ->check(CLI::Range(1, 100));
  app.add_option("--golden", options.golden, "The trace to compare with, kept in a file");
  app.add_flag("--update", options.update,
               "Write the golden file if it is missing or the structure differs");
}

void declare_rules(CLI::App& app, Options& options) {
  app.add_option("--unordered", options.unordered,
                 "Events whose order means nothing: type_register,type_initialize")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--cat", options.categories, "Only these categories")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(one_of_categories());
  app.add_option("--leave-out", options.leave_out, "Not these events: kvm_ioctl,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--no-time", options.no_time, "Do not compare times");
  app.add_option("--over-us", options.least_us,
                 "A time counts as different from so many microseconds on")
      ->capture_default_str();
  app.add_option("--over-percent", options.least_percent, "and from so many percent on")
      ->capture_default_str();
  app.add_flag("--judge-single-run", options.judge,
               "Call a difference of times one with one run a side too");
}

void declare_output(CLI::App& app, Options& options) {
  app.add_flag("--explain", options.explain, "Arguments and their effects first");
  app.add_flag("--confirm", options.confirm,
               "Check each cause by a run in which only that argument changed");
  app.add_flag("--all", options.all, "Every step that differs, with where it happened");
  app.add_option("--limit", options.limit, "Lines of one kind; 0 is all")
      ->capture_default_str();
  app.add_flag("--json", options.json, "For programs (vitrine-diff.schema.json)");
  app.add_option("-o,--output", options.output, "Write to a file");
  app.add_option("--draw", options.pictures.objects,
                 "Draw the objects of both boots: FILE.svg, .png, .pdf or .dot");
  app.add_option("--draw-types", options.pictures.types,
                 "Draw the types of both boots likewise");
  app.add_option("--html", options.pictures.page,
                 "Write both boots side by side as a page to step through");
  app.add_flag("--guest", options.guest,
               "Only the phases of the guests' Linux kernels; also from serial logs");
  app.add_option("--color", options.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("--no-pager", options.no_pager, "Never start a pager on a terminal");
}

// ---- the two sides ------------------------------------------------------------------

// One side's traces: given, or made by running.
struct Side {
  Words arguments;  // if it is run
  std::string file;
  std::vector<std::unique_ptr<Tree>> trees;
};

class Diff {
 public:
  Diff(const Options& options, const Behind& behind) : options_(options) {
    load_.categories = {options.categories.begin(), options.categories.end()};
    load_.leave_out = {options.leave_out.begin(), options.leave_out.end()};
    report_options_.align.unordered = {options.unordered.begin(),
                                       options.unordered.end()};
    report_options_.timing.compare = !options.no_time;
    report_options_.timing.least_ns = static_cast<std::uint64_t>(options.least_us * 1e3);
    report_options_.timing.least_part = options.least_percent / 100;
    report_options_.timing.judge_single_runs = options.judge;
    choose_sides(behind);
  }

  int run();

 private:
  void choose_sides(const Behind& behind);
  void choose_runs(const Behind& behind);
  void make(Side& side, const char* name);
  void load_both();
  int golden_missing();
  void confirm(Report& report);
  std::unique_ptr<Tree> record(const Words& arguments, const std::string& name);
  void print(const Report& report) const;
  int compare_guest_boots() const;

  const Options& options_;
  LoadOptions load_;
  ReportOptions report_options_;
  ScratchFolder scratch_;
  Side a_, b_;
};

void Diff::choose_runs(const Behind& behind) {
  const Words own_a = split_words(options_.a), own_b = split_words(options_.b);
  const bool by_names = !own_a.empty() || !own_b.empty();
  if (by_names && !behind.second.empty()) {
    throw std::runtime_error(
        "diff: --a and --b go with one list of common arguments (-- COMMON), not with "
        "two lists");
  }
  a_.arguments = own_a;
  b_.arguments = own_b;
  const Words& rest_of_b = by_names ? behind.first : behind.second;
  a_.arguments.insert(a_.arguments.end(), behind.first.begin(), behind.first.end());
  b_.arguments.insert(b_.arguments.end(), rest_of_b.begin(), rest_of_b.end());
}

void Diff::choose_sides(const Behind& behind) {
  const bool golden = !options_.golden.empty();
  const std::size_t wanted = (golden ? 1U : 2U) - (behind.any && golden ? 1U : 0U);
  if (behind.any && !golden) {
    if (!options_.files.empty()) {
      throw std::runtime_error("diff: give two traces, or arguments behind --, not both");
    }
    choose_runs(behind);
    if (a_.arguments.empty() || b_.arguments.empty()) {
      throw std::runtime_error(
          "diff: the arguments of one side are missing: -- ARGS_A -- ARGS_B, or --a and "
          "--b with common arguments behind --");
    }
    return;
  }
  if (options_.files.size() != wanted) {
    throw std::runtime_error(
        "diff: " + std::to_string(wanted) + (wanted == 1 ? " trace is" : " traces are") +
        " needed here, not " + std::to_string(options_.files.size()) +
        "; see vitrine diff --help");
  }
  if (golden) {
    a_.file = options_.golden;
    b_.arguments = behind.first;
    b_.file = behind.any ? "" : options_.files[0];
  } else {
    a_.file = options_.files[0];
    b_.file = options_.files[1];
  }
}

std::unique_ptr<Tree> Diff::record(const Words& arguments, const std::string& name) {
  const std::string file = scratch_.file(name + ".json");
  record_boot(arguments, options_.boot, file);
  return std::make_unique<Tree>(Tree::load(file, load_));
}

void Diff::make(Side& side, const char* name) {
  if (!side.file.empty()) {
    side.trees.push_back(std::make_unique<Tree>(Tree::load(side.file, load_)));
    return;
  }
  for (int run = 0; run < options_.runs; ++run) {
    side.trees.push_back(
        record(side.arguments, std::string(name) + "-" + std::to_string(run + 1)));
  }
}

// Files are read at the same time; runs are not made at the same time, because they would
// disturb each other's times.
void Diff::load_both() {
  if (a_.file.empty() || b_.file.empty()) {
    make(a_, "A");
    make(b_, "B");
    return;
  }
  std::exception_ptr failed;
  std::thread other([&] {
    try {
      make(b_, "B");
    } catch (...) {
      failed = std::current_exception();
    }
  });
  try {
    make(a_, "A");
  } catch (...) {
    other.join();
    throw;
  }
  other.join();
  if (failed != nullptr) {
    std::rethrow_exception(failed);
  }
}

// A command line again.
Words words_of(const std::vector<Option>& options) {
  Words words;
  for (const Option& option : options) {
    if (option.name != "trace") {
      words.push_back("-" + option.name);
      if (!option.argument.empty()) {
        words.push_back(option.argument);
      }
    }
  }
  return words;
}

void Diff::confirm(Report& report) {
  if (report.arguments.empty()) {
    return;
  }
  const std::vector<Option> options = options_of(*report.a);
  const std::unique_ptr<Tree> base = record(words_of(options), "swap-none");
  std::vector<std::unique_ptr<Tree>> trees;
  std::vector<Report> alone;
  ReportOptions structure = report_options_;
  structure.timing.compare = false;
  for (std::size_t i = 0; i < report.arguments.size(); ++i) {
    trees.push_back(record(words_of(with_change(options, report.arguments[i])),
                           "swap-" + std::to_string(i)));
    alone.push_back(compare(*base, *trees.back(), structure));
  }
  confirm_causes(report, alone);
}

GuestLimits guest_limits(const Options& options) {
  GuestLimits limits;
  limits.least_ns = static_cast<std::uint64_t>(options.least_us * 1e3);
  limits.least_part = options.least_percent / 100;
  return limits;
}

// ---- output -------------------------------------------------------------------------

void Diff::print(const Report& report) const {
  std::FILE* to = stdout;
  const bool terminal = options_.output.empty() && ::isatty(STDOUT_FILENO) == 1;
  const bool page = terminal && !options_.no_pager && !options_.json;
  if (!options_.output.empty()) {
    to = std::fopen(options_.output.c_str(), "wb");
  } else if (page) {
    const char* pager = std::getenv("PAGER");
    to = ::popen(pager != nullptr ? pager : "less -FRX", "w");
  }
  if (to == nullptr) {
    throw std::system_error(errno, std::generic_category(),
                            "diff: cannot write " + options_.output);
  }
  const auto write = [to](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
  };
  if (options_.json) {
    report_json(report, write);
  } else {
    const bool colour =
        options_.colour == "always" || (options_.colour == "auto" && terminal);
    write(report_text(report, {colour, options_.explain || options_.confirm, options_.all,
                               options_.limit}));
    write(guest_text(*report.a, *report.b, guest_limits(options_), colour));
  }
  const bool failed = std::ferror(to) != 0;
  if (page) {
    ::pclose(to);
  } else if (to != stdout && std::fclose(to) != 0) {
    throw std::runtime_error("diff: cannot write " + options_.output);
  }
  if (failed && !page) {
    throw std::runtime_error("diff: the report could not be written");
  }
}

// ---- guests -------------------------------------------------------------------------

int Diff::compare_guest_boots() const {
  if (a_.file.empty() || b_.file.empty()) {
    throw std::runtime_error(
        "diff: --guest compares two files: traces, or logs of the guest's console");
  }
  const bool terminal = options_.output.empty() && ::isatty(STDOUT_FILENO) == 1;
  const bool colour =
      options_.colour == "always" || (options_.colour == "auto" && terminal);
  return compare_guest_files(
      a_.file, b_.file, {guest_limits(options_), options_.json, colour, options_.output});
}

// The first golden file is what happens now.
int Diff::golden_missing() {
  if (!options_.update) {
    throw std::runtime_error("diff: there is no golden trace " + options_.golden +
                             "; write it with --update");
  }
  std::string from = b_.file;
  if (from.empty()) {
    from = scratch_.file("golden.json");
    record_boot(b_.arguments, options_.boot, from);
  }
  Tree::load(from, load_);  // a golden trace that cannot be read helps nobody
  std::filesystem::copy_file(from, options_.golden);
  std::fprintf(stderr, "%s: written\n", options_.golden.c_str());
  return 0;
}

int Diff::run() {
  if (options_.guest) {
    return compare_guest_boots();
  }
  const bool golden = !options_.golden.empty();
  if (golden && !std::filesystem::exists(options_.golden)) {
    return golden_missing();
  }
  load_both();
  ReportOptions with_runs = report_options_;
  const auto more = [](const Side& side) {
    std::vector<const Tree*> trees;
    for (std::size_t i = 1; i < side.trees.size(); ++i) {
      trees.push_back(side.trees[i].get());
    }
    return trees;
  };
  with_runs.more_a = more(a_);
  with_runs.more_b = more(b_);
  Report report = compare(*a_.trees[0], *b_.trees[0], with_runs);
  if (options_.confirm) {
    confirm(report);
  }
  write_pictures(report, options_.pictures);
  print(report);
  if (golden && options_.update && report.verdict() == 1) {
    const std::string from = b_.file.empty() ? scratch_.file("B-1.json") : b_.file;
    std::filesystem::copy_file(from, options_.golden,
                               std::filesystem::copy_options::overwrite_existing);
    std::fprintf(stderr, "%s: updated\n", options_.golden.c_str());
    return 0;
  }
  return report.verdict();
}

int diff_main(int argc, char** argv) {
  CLI::App app{
      "Compares two boots as trees of steps and says what differs and why.\n"
      "Traces: vitrine diff A.json B.json. Runs: vitrine diff -- ARGS_A -- ARGS_B, or\n"
      "vitrine diff --a '-accel kvm' --b '-accel tcg' -- -M pc -nodefaults.\n"
      "Exit codes: 0 the same, 1 the structure differs, 2 only times differ, 3 an error.",
      "vitrine diff"};
  Options options;
  declare_input(app, options);
  declare_rules(app, options);
  declare_output(app, options);
  const Behind behind = take_behind(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : an_error;
  }
  options.boot.timeout = std::chrono::seconds(options.timeout);
  try {
    return Diff(options, behind).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vitrine: %s\n", error.what());
    return an_error;
  }
}

constexpr Tool diff_tool{"diff", "what differs between two boots, and why",
                         Group::compare, diff_main};

tool_init(diff_tool);

}  // namespace

}  // namespace tools
