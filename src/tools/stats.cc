// `vitrine stats TRACE`: the account of a run. Exits by reason, by register of a device,
// by place in the guest and by phase, each with its share of the time.
//
// What is added up is in run_account.h. `vitrine trace stats` counts events of every
// kind instead.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/run_account.h"
#include "tools/tool.h"

namespace tools {

namespace {

using Rows = std::vector<std::pair<std::string, Share>>;

struct Options {
  std::string file, symbols;
  std::vector<std::string> phases;
  std::size_t top = 12;
  bool json = false;
};

// The most exits first.
Rows ordered(const std::map<std::string, Share>& shares) {
  Rows rows(shares.begin(), shares.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.exits > b.second.exits;
  });
  return rows;
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double milliseconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

void print_row(const std::string& name, const Share& share, const RunAccount& account) {
  const std::uint64_t time = account.all.guest_ns + account.all.host_ns;
  std::printf("  %9llu %5.1f %%  %10.3f ms %5.1f %%  %10.3f ms %5.1f %%  %s\n",
              static_cast<unsigned long long>(share.exits),
              percent(share.exits, account.all.exits), milliseconds(share.guest_ns),
              percent(share.guest_ns, time), milliseconds(share.host_ns),
              percent(share.host_ns, time), name.c_str());
}

void print_rows(const char* title, const Rows& rows, const RunAccount& account,
                std::size_t top) {
  std::printf("\n%s\n  %9s %7s  %13s %7s  %13s %7s\n", title, "exits", "", "in the guest",
              "", "on the host", "");
  Share others;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < top) {
      print_row(rows[i].first, rows[i].second, account);
    } else {
      others.add(rows[i].second);
    }
  }
  if (rows.size() > top) {
    print_row("(" + std::to_string(rows.size() - top) + " more)", others, account);
  }
}

Rows phase_rows(const RunAccount& account) {
  Rows rows;
  for (const PhaseShare& phase : account.phases) {
    rows.emplace_back(phase.name, phase.share);
  }
  return rows;
}

Rows cpu_rows(const RunAccount& account) {
  constexpr int first_cpu_thread = 10;
  Rows rows;
  for (const auto& [tid, share] : account.cpus) {
    rows.emplace_back("CPU " + std::to_string(tid - first_cpu_thread), share);
  }
  return rows;
}

void print(const Options& options, const RunAccount& account) {
  std::printf("%s: %llu exits in %.3f ms; %.3f ms in the guest, %.3f ms on the host\n",
              options.file.c_str(), static_cast<unsigned long long>(account.all.exits),
              milliseconds(account.last_ns), milliseconds(account.all.guest_ns),
              milliseconds(account.all.host_ns));
  if (account.sampled) {
    std::printf(
        "Only some exits were recorded (sample=), so times on the host have those"
        " of the others in them.\n");
  }
  if (account.all.exits == 0) {
    return;
  }
  print_rows("by reason", ordered(account.reasons), account, options.top);
  print_rows("by device register", ordered(account.registers), account, options.top);
  print_rows("by place in the guest", ordered(account.places), account, options.top);
  print_rows("by phase, in their order", phase_rows(account), account,
             account.phases.size());
  if (account.cpus.size() > 1) {
    print_rows("by CPU", cpu_rows(account), account, account.cpus.size());
  }
}

nlohmann::ordered_json json_of(const Rows& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, share] : rows) {
    list.push_back({{"name", name},
                    {"exits", share.exits},
                    {"guest_ns", share.guest_ns},
                    {"host_ns", share.host_ns}});
  }
  return list;
}

void print_json(const Options& options, const RunAccount& account) {
  const nlohmann::ordered_json document = {
      {"file", options.file},
      {"duration_ns", account.last_ns},
      {"sampled", account.sampled},
      {"exits", account.all.exits},
      {"guest_ns", account.all.guest_ns},
      {"host_ns", account.all.host_ns},
      {"reasons", json_of(ordered(account.reasons))},
      {"registers", json_of(ordered(account.registers))},
      {"places", json_of(ordered(account.places))},
      {"phases", json_of(phase_rows(account))},
      {"cpus", json_of(cpu_rows(account))}};
  std::printf("%s\n", document.dump(1).c_str());
}

int stats_main(int argc, char** argv) {
  Options options;
  CLI::App app{"The account of a run: its exits and where its time went.",
               "vitrine stats"};
  app.add_option("TRACE", options.file, "A trace (.json, also .zst and .gz; - is stdin)")
      ->required();
  app.add_option("--symbols", options.symbols,
                 "Names of places: an ELF file with symbols (vmlinux) or a System.map");
  app.add_option("--phase", options.phases,
                 "A console line with this text begins a phase (may be repeated)");
  app.add_option("--top", options.top, "Rows of a table")->capture_default_str();
  app.add_flag("--json", options.json, "For programs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  const core::Symbols symbols =
      options.symbols.empty() ? core::Symbols() : core::Symbols(options.symbols);
  trace::Reader reader(options.file);
  (options.json ? print_json : print)(options,
                                      account_of(reader, symbols, options.phases));
  return 0;
}

constexpr Tool stats_tool{"stats",
                          "account for a run: exits and time by reason, register,"
                          " place and phase",
                          Group::look, stats_main};

}  // namespace

tool_init(stats_tool);

}  // namespace tools
