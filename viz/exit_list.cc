#include "viz/exit_list.h"

#include <algorithm>
#include <map>

#include "viz/text.h"

namespace viz {

namespace {

bool is_access(const Step& step) {
  return step.name == "cpu_in" || step.name == "cpu_out" ||
         step.name == "address_space_rw";
}

std::vector<ExitCount> sorted(const std::map<std::string, ExitCount>& counts) {
  std::vector<ExitCount> list;
  for (const auto& [key, count] : counts) {
    list.push_back(count);
  }
  std::stable_sort(list.begin(), list.end(), [](const ExitCount& a, const ExitCount& b) {
    return a.count > b.count;
  });
  return list;
}

}  // namespace

std::vector<Exit> exits_of(const Run& run) {
  std::vector<Exit> exits;
  std::map<int, std::size_t> last;  // thread: its newest exit
  for (std::size_t i = 0; i < run.steps().size(); ++i) {
    const Step& step = run.steps()[i];
    if (step.name == "vcpu_run") {
      Exit exit{.run = i, .reason = std::string(run.arg(step, "reason"))};
      last[step.tid] = exits.size();
      exits.push_back(std::move(exit));
      continue;
    }
    const auto open = last.find(step.tid);
    if (open == last.end()) {
      continue;
    }
    Exit& exit = exits[open->second];
    if (step.name == "kvm_ioctl" && step.cause == exit.run) {
      exit.ioctl = i;
    } else if (exit.access == no_step && is_access(step)) {
      exit.access = i;
    } else if (exit.device == no_step && exit.access != no_step &&
               step.cause == exit.access && step.name.starts_with("memory_region_ops_")) {
      exit.device = i;
    }
  }
  return exits;
}

std::string access_words(const Run& run, const Exit& exit) {
  if (exit.access == no_step) {
    return {};
  }
  const Step& step = run.steps()[exit.access];
  if (step.name != "address_space_rw") {
    return (step.name == "cpu_in" ? "in " : "out ") + visible(run.arg(step, "port"), 24);
  }
  return (run.arg(step, "write") == "true" ? "write " : "read ") +
         visible(run.arg(step, "address"), 24);
}

std::string answerer(const Run& run, const Exit& exit) {
  if (exit.access == no_step) {
    return {};
  }
  return exit.device == no_step
             ? "nobody"
             : visible(run.arg(run.steps()[exit.device], "device"), 40);
}

std::vector<ExitCount> exits_by_reason(const Run& run, const std::vector<Exit>& exits) {
  std::map<std::string, ExitCount> counts;
  for (const Exit& exit : exits) {
    ExitCount& count = counts[exit.reason];
    count.what = exit.reason.empty() ? "?" : visible(exit.reason, 40);
    ++count.count;
    count.time_ns += exit.access == no_step ? 0 : run.steps()[exit.access].dur_ns;
  }
  return sorted(counts);
}

std::vector<ExitCount> exits_by_place(const Run& run, const std::vector<Exit>& exits) {
  std::map<std::string, ExitCount> counts;
  for (const Exit& exit : exits) {
    if (exit.access == no_step) {
      continue;
    }
    const std::string what = access_words(run, exit);
    ExitCount& count = counts[what];
    count.what = what;
    const std::string who = answerer(run, exit);
    count.who = count.who.empty() || count.who == who ? who : count.who;
    ++count.count;
    count.time_ns += run.steps()[exit.access].dur_ns;
  }
  return sorted(counts);
}

}  // namespace viz
