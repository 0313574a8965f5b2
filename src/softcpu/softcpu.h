// The software CPU: an x86 interpreter behind core::Vm and core::Vcpu. It decodes
// each instruction once (Zydis) into a block cache and runs the blocks. It knows
// guest memory, registers and time; it knows no device, no QOM object and no OS.
//
// How a guest instruction travels: run loop (vcpu.cc) -> block_cache -> decoder
// (once) -> a handler in one of the op_*.cc files -> memory through mmu.cc; what goes
// wrong becomes a Fault value that exceptions.cc delivers through the guest's IDT.
//
// Time: every completed instruction is counted (of a repeated string instruction,
// every item). One instruction is one nanosecond of `VirtualTime`; RDTSC reads the same
// counter. The machine may let the counter jump forward while all CPUs are halted. Two
// runs of the same guest therefore see the same time.
//
// Thread rule: see core/vcpu.h. The Vcpus of one Vm never run guest code at the same
// moment (one lock in the Vm), so guest atomics need no host atomics.
#pragma once

#include <atomic>
#include <cstdint>
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
    now_.store(now() + static_cast<std::int64_t>(instructions),
               std::memory_order_relaxed);
  }

  // Forwards only. Called while no vCPU of the Vm runs.
  void warp_to(std::int64_t moment) {
    if (moment > now()) {
      now_.store(moment, std::memory_order_relaxed);
    }
  }

  // run() comes back with exit::Intr at the first instruction boundary at or after
  // this moment; negative: never. Set before run().
  void set_deadline(std::int64_t moment) {
    deadline_.store(moment, std::memory_order_relaxed);
  }

  std::int64_t deadline() const { return deadline_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> now_{0};
  std::atomic<std::int64_t> deadline_{-1};
};

// A guest physical memory space whose CPUs are software. `time` is shared with whoever
// shows it to the machine; made if absent.
std::unique_ptr<core::Vm> make_vm(std::shared_ptr<VirtualTime> time = nullptr);

// CPUID leaves the software CPU can give a guest. They offer x87, MMX and SSE to SSE3,
// of which only the state handling is executed: cpuid.cc has the list. An instruction
// not built ends the run with its name and bytes, never with a wrong result.
std::vector<core::CpuidEntry> supported_cpuid();

// Runs a guest of about 200 bytes from real through protected to long mode and
// compares what it prints. Empty: as expected; else what differed.
std::string self_check();

}  // namespace softcpu
