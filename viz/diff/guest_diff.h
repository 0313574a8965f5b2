// Two boots of Linux guests compared: which phase takes longer or exits more often, and
// why: the initcalls, the exits and the silences between two lines that grew.
//
// A difference counts if it is over an absolute AND a relative threshold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/diff/guest_boot.h"

namespace viz::diff {

struct GuestLimits {
  std::uint64_t least_ns = 1'000'000;
  double least_part = 0.5;  // of the smaller of the two
  std::uint64_t least_exits = 50;
  std::size_t most_reasons = 3;  // of each sort
};

// Something that is more in one of the boots, and by how much.
struct GuestReason {
  enum class Sort : std::uint8_t { initcall, exits, silence, lines };
  Sort sort = Sort::initcall;
  std::string what;            // a function, a kind of exit, a line of the console
  std::uint64_t a = 0, b = 0;  // nanoseconds, or how many
  std::int64_t more = 0;       // b - a
};

struct GuestPhaseDiff {
  std::string name;
  bool in_a = false, in_b = false;
  std::uint64_t ns_a = 0, ns_b = 0;
  std::uint64_t exits_a = 0, exits_b = 0;
  bool time_differs = false, exits_differ = false;
  std::vector<GuestReason> reasons = {};  // of a phase that differs, the largest first
};

struct GuestDiff {
  bool host_times = false;  // else the guest's own clock
  bool exits = false;       // both sides tell exits
  std::vector<GuestPhaseDiff> phases;
  std::vector<std::string> only_a, only_b;  // initcalls

  // 0 nothing over the limits, 1 other phases or initcalls, 2 times or exits only.
  int verdict() const;
};

GuestDiff compare_guests(const GuestBoot& a, const GuestBoot& b,
                         const GuestLimits& limits = {});

std::string guest_diff_text(const GuestBoot& a, const GuestBoot& b, const GuestDiff& diff,
                            bool colour);
// The member `guest` of vitrine-diff.schema.json.
std::string guest_diff_json(const GuestBoot& a, const GuestBoot& b,
                            const GuestDiff& diff);

}  // namespace viz::diff
