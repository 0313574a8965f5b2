// The clock in front of a line of a Linux kernel: "[    1.295459] smp: Brought up...".
#pragma once

#include <cstdint>
#include <string_view>

namespace viz::diff {

// A line without its stamp, and the stamp in nanoseconds; also "<6>[ 0.1][ T1] text".
struct Stamped {
  std::string_view text;
  std::uint64_t guest_ns = 0;
  bool stamped = false;
};

Stamped without_stamp(std::string_view line);

// What of a line is the same in every boot: without the stamp, and, where an initcall
// returned, without how long it took.
std::string_view without_times(std::string_view line);

}  // namespace viz::diff
