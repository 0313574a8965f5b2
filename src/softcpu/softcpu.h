// The software CPU: an x86 interpreter behind core::Vm and core::Vcpu. It decodes
// each instruction once (Zydis) into a block cache and runs the blocks. It knows
// guest memory, registers and time; it knows no device, no QOM object and no OS.
//
// How a guest instruction travels: run loop (vcpu.cc) -> block_cache -> decoder
// (once) -> a handler in one of the op_*.cc files -> memory through mmu.cc; what goes
// wrong becomes a Fault value that exceptions.cc delivers through the guest's IDT.
//
// Time: every completed instruction is counted. One instruction is one nanosecond
// of `VirtualTime`; RDTSC reads the same counter. While a CPU is halted the board may
// warp the counter forward (VirtualTime::warp_to). Two runs of the same guest
// therefore see the same time.
//
// Thread rule: see core/vcpu.h. The Vcpus of one Vm never run guest code at the same
// moment (one lock in the Vm), so guest atomics need no host atomics.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/vcpu.h"

namespace softcpu {

// Counted time of one Vm, in instructions = nanoseconds. Any thread may read it.
class VirtualTime {
 public:
  std::int64_t now() const { return now_.load(std::memory_order_relaxed); }

  void advance(std::uint64_t instructions) {
    now_.store(now() + static_cast<std::int64_t>(instructions), std::memory_order_relaxed);
  }

  // Moves forward only. Called while no vCPU of the Vm runs.
  void warp_to(std::int64_t deadline) {
    if (deadline > now()) {
      now_.store(deadline, std::memory_order_relaxed);
    }
  }

 private:
  std::atomic<std::int64_t> now_{0};
};

struct Options {
  // Shared with whoever shows this time to the machine; made if absent.
  std::shared_ptr<VirtualTime> time;
  // The virtual time at which run() must come back with exit::Intr so that a timer
  // can fire; negative: none. Asked for on every run(). Empty: never.
  std::function<std::int64_t()> next_deadline;
};

// A guest physical memory space whose CPUs are software.
std::unique_ptr<core::Vm> make_vm(Options options = {});

// CPUID leaves the software CPU can give a guest (no x87-only, AVX... promises that
// the interpreter does not keep).
std::vector<core::CpuidEntry> supported_cpuid();

// Runs a guest of about 200 bytes from real through protected to long mode and
// compares what it prints. Empty: as expected; else what differed.
std::string self_check();

}  // namespace softcpu
