// The account of a run: where its exits came from and where its time went, added up from
// a trace. One exit: the guest ran (event vcpu_run), stopped for a reason, and the
// machine did something about it until the guest ran again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/symbols.h"
#include "trace/read/reader.h"

namespace tools {

struct Share {
  std::uint64_t exits = 0;
  std::uint64_t guest_ns = 0;  // the guest ran before each of them
  std::uint64_t host_ns = 0;   // the machine dealt with them

  void add(const Share& other) {
    exits += other.exits;
    guest_ns += other.guest_ns;
    host_ns += other.host_ns;
  }
};

struct PhaseShare {
  std::string name;  // "first instruction", "mark 0x2", a line of the console
  std::uint64_t start_ns = 0, end_ns = 0;
  Share share{};
};

struct RunAccount {
  Share all;
  std::uint64_t last_ns = 0;
  std::map<std::string, Share> reasons;
  std::map<std::string, Share> registers;  // "isa-serial#0 serial+0x5 read"
  std::map<std::string, Share> places;     // symbols, or addresses
  std::map<int, Share> cpus;
  std::vector<PhaseShare> phases;
  bool sampled = false;  // not every exit is in the trace: times between are missing
};

// `phases`: a console line that contains one of these begins a phase, beside those that
// are known.
RunAccount account_of(trace::Reader& reader, const core::Symbols& symbols,
                      const std::vector<std::string>& phases);

}  // namespace tools
