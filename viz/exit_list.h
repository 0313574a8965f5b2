// The exits of a run: each time the guest stopped because something outside it had to
// answer, who answered, and with what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/run.h"

namespace viz {

struct Exit {
  std::size_t run = no_step;     // vcpu_run
  std::size_t ioctl = no_step;   // KVM_RUN inside it, under KVM
  std::size_t access = no_step;  // cpu_in, cpu_out or address_space_rw behind it
  std::size_t device = no_step;  // memory_region_ops_read or _write inside that
  std::string reason;            // "io", "mmio", "hlt"
};

std::vector<Exit> exits_of(const Run& run);

// "out 0x3f8", "in 0x64", "write 0xfee00300"; empty if nobody was asked.
std::string access_words(const Run& run, const Exit& exit);
// "isa-serial#1", "nobody"; empty if nobody was asked.
std::string answerer(const Run& run, const Exit& exit);

struct ExitCount {
  std::string what;
  std::string who;  // who answered, for accesses
  std::uint64_t count = 0;
  std::uint64_t time_ns = 0;  // outside the guest
};

// Most frequent first.
std::vector<ExitCount> exits_by_reason(const Run& run, const std::vector<Exit>& exits);
std::vector<ExitCount> exits_by_place(const Run& run, const std::vector<Exit>& exits);

}  // namespace viz
