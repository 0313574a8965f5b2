// What the tests of core/ share: the registered types, a machine of their own and an
// engine that plays a script.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/accel.h"
#include "core/clock.h"
#include "core/isa.h"
#include "core/memory.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "core/sysbus.h"

namespace core_test {

using namespace core;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Runs every type_init of the program, once.
void register_types();

// The message of the qom::Error that `action` throws; "" if it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// A machine at /machine with its two address spaces; all of it gone afterwards.
class WithMachine : public ::testing::Test {
 protected:
  WithMachine();
  ~WithMachine() override;
  MachineState* machine = nullptr;
};

inline std::string path_of(const Object* obj) {
  return object_get_canonical_path(obj).value_or("(none)");
}

// ---- an engine that plays a script ------------------------------------------------

class ScriptedVcpu;
using Step = std::function<Exit(ScriptedVcpu&)>;

// What happened to a ScriptedVcpu, in order: "reset", "inject 32", "window on"...
// Shared with the test, so read it only when no vCPU thread runs.
struct ScriptLog {
  std::vector<std::string> lines;
};

// Each run() is one step of the script; after the last it waits for request_exit().
class ScriptedVcpu : public Vcpu {
 public:
  ScriptedVcpu(std::deque<Step> steps, ScriptLog* log)
      : steps_(std::move(steps)), log_(log) {}

  Exit run() override;
  void request_exit() override;

  bool ready_for_irq() override { return ready; }

  void inject_irq(std::uint8_t vector) override {
    note("inject " + std::to_string(vector));
  }

  void request_irq_window(bool wanted) override {
    note(wanted ? "window on" : "window off");
  }

  void reset() override { note("reset"); }

  Regs regs() override { return {}; }

  void set_regs(const Regs&) override {}

  Sregs sregs() override { return {}; }

  void set_sregs(const Sregs&) override {}

  Fpu fpu() override { return {}; }

  void set_fpu(const Fpu&) override {}

  std::optional<std::uint64_t> msr(std::uint32_t) override { return std::nullopt; }

  bool set_msr(std::uint32_t, std::uint64_t) override { return false; }

  void set_cpuid(std::span<const CpuidEntry>) override {}

  std::uint64_t exit_rip() override { return 0; }

  void inject_exception(std::uint8_t, std::optional<std::uint32_t>) override {}

  void inject_nmi() override {}

  void set_debug(const DebugControl&) override {}

  void note(std::string line) { log_->lines.push_back(std::move(line)); }

  bool ready = true;
  std::array<std::byte, 64> buffer{};  // what Io and Mmio exits point into

 private:
  std::deque<Step> steps_;
  ScriptLog* log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool exit_requested_ = false;
};

// Exits for scripts.
Step out_step(std::uint16_t port, std::vector<std::uint8_t> bytes, std::uint8_t size = 1);
Step in_step(std::uint16_t port, std::uint8_t size = 1, std::uint32_t count = 1);
Step plain_step(Exit exit);

struct ScriptedVm : Vm {
  void map_memory(std::uint32_t slot, GuestPhysAddr address, std::span<std::byte> host,
                  MemoryAccess access) override;
  void unmap_memory(std::uint32_t slot) override;
  void invalidate(GuestPhysAddr address, std::uint64_t length) override;
  std::unique_ptr<Vcpu> create_vcpu(int id) override;

  std::vector<CpuidEntry> supported_cpuid() override { return {}; }

  std::vector<std::string> calls;         // "map 0 0x0 0x1000 rw", "unmap 0"
  std::vector<std::deque<Step>> scripts;  // by vCPU number
  ScriptLog log;                          // of all vCPUs
  std::vector<ScriptedVcpu*> vcpus;       // owned by the CPU objects
};

// A machine with an accelerator over a ScriptedVm and `cpus` realized CPUs.
class WithScript : public WithMachine {
 protected:
  // Builds the CPUs and brings everything to the point where run_machine() can start.
  ScriptedVm& prepare(std::vector<std::deque<Step>> scripts);
  ScriptedVm* vm = nullptr;
};

}  // namespace core_test
