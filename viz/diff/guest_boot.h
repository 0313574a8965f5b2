// The boot of a Linux guest as its console tells it: kernel phases, initcalls, and, from
// a trace, the exits of each phase.
//
// printk writes "[    1.295459] smp: Bringing up secondary CPUs ..." when the kernel has
// time stamps on; a phase begins with the first line that is known to begin it, and a
// phase whose line is missing (another kernel, another configuration) is part of the one
// before. With `initcall_debug` on its command line a kernel also says how long each
// initcall took. The stamps are the guest's clock, which stands still until the kernel
// has found one and may jump back once; a trace also has the host's, which is used where
// both sides have it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "viz/diff/stamp.h"
#include "viz/diff/tree.h"
#include "viz/run.h"

namespace viz::diff {

struct GuestLine {
  std::uint64_t host_ns = 0;   // when the line was finished; 0 in a log
  std::uint64_t guest_ns = 0;  // its stamp, never less than that of the line before
  bool stamped = false;
  std::string text;  // without the stamp
  std::size_t phase = 0;
};

struct Initcall {
  std::string function;
  std::uint64_t ns = 0;
  std::int64_t result = 0;
  std::size_t phase = 0;
};

struct ExitSum {
  std::uint64_t count = 0;
  std::uint64_t time_ns = 0;  // until it was answered
};

struct KernelPhase {
  std::string name;
  std::uint64_t host_ns = 0, guest_ns = 0;  // how long it lasted by either clock
  std::uint64_t lines = 0;                  // on the console
  ExitSum exits;
  std::map<std::string, ExitSum> exits_by;  // "out 0x3f8 isa-serial", "hlt"
};

struct GuestBoot {
  std::string source;
  bool has_host_times = false;  // from a trace
  bool has_exits = false;
  std::vector<KernelPhase> phases;  // in order; empty: no kernel spoke
  std::vector<Initcall> initcalls;
  std::vector<GuestLine> lines;
};

// The lines of a serial log.
GuestBoot guest_boot_of_log(std::string_view text, const std::string& source);
// The console of a trace, and its exits.
GuestBoot guest_boot_of_run(const Run& run);
// True if a kernel with time stamps is on the console of a trace.
bool kernel_speaks(const Tree& tree);
// Either of them, told apart by the beginning of the file. Throws what reading throws,
// and std::runtime_error for a file in which no kernel speaks.
GuestBoot load_guest_boot(const std::string& file);

}  // namespace viz::diff
