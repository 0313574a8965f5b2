#include "viz/diff/guest_diff.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>

namespace viz::diff {

namespace {

using Sort = GuestReason::Sort;

std::int64_t difference(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a);
}

bool over(std::uint64_t a, std::uint64_t b, std::uint64_t least, double part) {
  const std::uint64_t change = a < b ? b - a : a - b;
  return change >= least &&
         static_cast<double>(change) >= part * static_cast<double>(std::min(a, b));
}

const KernelPhase* phase_named(const GuestBoot& boot, const std::string& name) {
  const auto found = std::ranges::find(boot.phases, name, &KernelPhase::name);
  return found == boot.phases.end() ? nullptr : &*found;
}

// A line as it is in every boot: numbers and addresses told apart by nothing.
std::string shape_of(std::string_view line) {
  std::string shape;
  bool number = false;
  for (const char c : line) {
    const bool digit = (c >= '0' && c <= '9') ||
                       (number && ((c >= 'a' && c <= 'f') || c == 'x' || c == '.'));
    if (!digit) {
      shape += c;
    } else if (!number) {
      shape += '#';
    }
    number = digit;
  }
  return shape;
}

class GuestComparison {
 public:
  GuestComparison(const GuestBoot& a, const GuestBoot& b, const GuestLimits& limits)
      : a_(a), b_(b), limits_(limits) {
    diff_.host_times = a.has_host_times && b.has_host_times;
    diff_.exits = a.has_exits && b.has_exits;
  }

  GuestDiff compare() {
    list_phases();
    for (GuestPhaseDiff& phase : diff_.phases) {
      judge(phase);
    }
    only(a_, b_, diff_.only_a);
    only(b_, a_, diff_.only_b);
    return std::move(diff_);
  }

 private:
  using Counts = std::map<std::string, std::uint64_t>;

  // Those of B in their order, and those only A has in front of what follows them.
  void list_phases() {
    for (const KernelPhase& phase : b_.phases) {
      diff_.phases.push_back({.name = phase.name, .in_b = true});
    }
    std::size_t at = 0;
    for (const KernelPhase& phase : a_.phases) {
      const auto found =
          std::ranges::find(diff_.phases, phase.name, &GuestPhaseDiff::name);
      if (found == diff_.phases.end()) {
        diff_.phases.insert(diff_.phases.begin() + static_cast<std::ptrdiff_t>(at),
                            {.name = phase.name, .in_a = true});
      } else {
        found->in_a = true;
        at = static_cast<std::size_t>(found - diff_.phases.begin());
      }
      ++at;
    }
  }

  std::uint64_t time_of(const KernelPhase& phase) const {
    return diff_.host_times ? phase.host_ns : phase.guest_ns;
  }

  std::uint64_t clock(const GuestLine& line) const {
    return diff_.host_times ? line.host_ns : line.guest_ns;
  }

  void judge(GuestPhaseDiff& phase) {
    const KernelPhase* in_a = phase_named(a_, phase.name);
    const KernelPhase* in_b = phase_named(b_, phase.name);
    if (in_a != nullptr) {
      phase.ns_a = time_of(*in_a);
      phase.exits_a = in_a->exits.count;
    }
    if (in_b != nullptr) {
      phase.ns_b = time_of(*in_b);
      phase.exits_b = in_b->exits.count;
    }
    if (in_a == nullptr || in_b == nullptr) {
      return;
    }
    phase.time_differs =
        over(phase.ns_a, phase.ns_b, limits_.least_ns, limits_.least_part);
    phase.exits_differ = diff_.exits && over(phase.exits_a, phase.exits_b,
                                             limits_.least_exits, limits_.least_part);
    if (phase.time_differs) {
      const std::uint64_t least = std::max<std::uint64_t>(
          limits_.least_ns / 10,
          static_cast<std::uint64_t>(std::llabs(difference(phase.ns_a, phase.ns_b))) /
              20);
      add(phase, Sort::initcall, initcalls(a_, phase), initcalls(b_, phase), least);
      add(phase, Sort::silence, silences(a_, phase), silences(b_, phase), least);
    }
    if (phase.time_differs || phase.exits_differ) {
      add(phase, Sort::exits, exits(*in_a), exits(*in_b), limits_.least_exits);
      add(phase, Sort::lines, {{"lines on the console", in_a->lines}},
          {{"lines on the console", in_b->lines}}, limits_.least_exits);
    }
  }

  Counts initcalls(const GuestBoot& boot, const GuestPhaseDiff& of) const {
    Counts counts;
    for (const Initcall& call : boot.initcalls) {
      if (boot.phases[call.phase].name == of.name) {
        counts[call.function] += call.ns;
      }
    }
    return counts;
  }

  static Counts exits(const KernelPhase& phase) {
    Counts counts;
    for (const auto& [what, sum] : phase.exits_by) {
      counts[what] = sum.count;
    }
    return counts;
  }

  // How long nothing was said before each line, by the line's shape.
  Counts silences(const GuestBoot& boot, const GuestPhaseDiff& of) const {
    Counts counts;
    for (std::size_t i = 1; i < boot.lines.size(); ++i) {
      const GuestLine &before = boot.lines[i - 1], &line = boot.lines[i];
      // A phase lasts until the line that begins the next.
      if (boot.phases[before.phase].name == of.name && line.stamped &&
          clock(line) > clock(before)) {
        counts[shape_of(line.text)] += clock(line) - clock(before);
      }
    }
    return counts;
  }

  void add(GuestPhaseDiff& phase, Sort sort, const Counts& a, const Counts& b,
           std::uint64_t least) const {
    const bool times = sort == Sort::initcall || sort == Sort::silence;
    const std::int64_t way = times || !phase.exits_differ
                                 ? difference(phase.ns_a, phase.ns_b)
                                 : difference(phase.exits_a, phase.exits_b);
    std::vector<GuestReason> reasons;
    Counts all = a;
    all.insert(b.begin(), b.end());
    for (const auto& entry : all) {
      const std::string& what = entry.first;
      const auto value = [&](const Counts& in) {
        const auto found = in.find(what);
        return found == in.end() ? 0 : found->second;
      };
      const std::uint64_t of_a = value(a), of_b = value(b);
      const std::int64_t more = difference(of_a, of_b);
      // Only what pulls in the direction in which the phase went explains it.
      if ((more > 0) == (way > 0) && over(of_a, of_b, least, limits_.least_part)) {
        reasons.push_back({sort, what, of_a, of_b, more});
      }
    }
    std::ranges::stable_sort(reasons, std::greater<>(), [](const GuestReason& reason) {
      return std::llabs(reason.more);
    });
    reasons.resize(std::min(reasons.size(), limits_.most_reasons));
    phase.reasons.insert(phase.reasons.end(), reasons.begin(), reasons.end());
  }

  static void only(const GuestBoot& here, const GuestBoot& there,
                   std::vector<std::string>& list) {
    // A kernel without initcall_debug tells nothing about them.
    if (here.initcalls.empty() || there.initcalls.empty()) {
      return;
    }
    std::set<std::string_view> known;
    for (const Initcall& call : there.initcalls) {
      known.insert(call.function);
    }
    std::set<std::string_view> told;
    for (const Initcall& call : here.initcalls) {
      if (!known.contains(call.function) && told.insert(call.function).second) {
        list.push_back(call.function);
      }
    }
  }

  const GuestBoot& a_;
  const GuestBoot& b_;
  const GuestLimits& limits_;
  GuestDiff diff_;
};

}  // namespace

int GuestDiff::verdict() const {
  const auto one_side = [](const GuestPhaseDiff& phase) {
    return phase.in_a != phase.in_b;
  };
  const auto differs = [](const GuestPhaseDiff& phase) {
    return phase.time_differs || phase.exits_differ;
  };
  if (!only_a.empty() || !only_b.empty() || std::ranges::any_of(phases, one_side)) {
    return 1;
  }
  return std::ranges::any_of(phases, differs) ? 2 : 0;
}

GuestDiff compare_guests(const GuestBoot& a, const GuestBoot& b,
                         const GuestLimits& limits) {
  return GuestComparison(a, b, limits).compare();
}

}  // namespace viz::diff
