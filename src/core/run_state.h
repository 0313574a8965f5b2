// The running machine: the big lock, vCPU threads, the main loop, how a run ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/accel.h"
#include "core/qdev.h"

namespace core {

inline constexpr const char* TYPE_CPU = "cpu";

// The big lock: devices, address spaces and the object tree of a running machine
// are touched only with it held. vCPU threads drop it around Vcpu::run().
std::mutex& big_lock();

struct CpuClass : DeviceClass {
  static constexpr const char* qom_type = "cpu";
  // Once, after the vCPU was made: CPUID, MSRs (before its first reset).
  void (*init_vcpu)(DeviceState* cpu, Vcpu& vcpu) = nullptr;
  // Gives the vCPU the state the board wants at reset; after Vcpu::reset().
  void (*cpu_reset)(DeviceState* cpu, Vcpu& vcpu) = nullptr;
};

struct CpuState : DeviceState {
  static constexpr const char* qom_type = "cpu";
  int cpu_index = -1;          // its place on the board; -1: realize takes the next one
  int accel_id = -1;           // by which the accelerator knows it; -1: cpu_index
  std::unique_ptr<Vcpu> vcpu;  // made by accel_setup_post, not by realize
  std::function<void(Vcpu&)> entry;  // the loader's register set-up after reset, or empty
  bool halted = false;
  bool start_halted = false;  // application processors wait for a wake-up
  // For a debugger, which changes them only while no vCPU runs.
  bool held = false;         // runs no guest code though the machine runs
  bool single_step = false;  // takes no interrupt on its way to the next instruction
};

// Realized CPUs, ordered by cpu_index. CPU's realize (chain to it: class_of parent)
// enters the CPU here; the vCPU thread itself is made by run_machine.
const std::vector<CpuState*>& cpu_list();
void cpu_common_realize(DeviceState* cpu);  // DeviceClass::realize of type "cpu"
// Makes the vCPUs that do not exist yet. Called by accel_setup_post.
void cpus_create_vcpus(MachineState* machine);
// Vcpu::reset, CpuClass::cpu_reset, then `entry`. Part of every machine reset, after
// the devices.
void cpu_reset(CpuState* cpu);
// MachineClass::reset (or qemu_devices_reset), then every CPU. The launcher calls it
// once when the machine is ready; the main loop at every later reset.
void qemu_system_reset();

// Who answers "which vector?" when the CPU takes an external interrupt (8259 pair).
class InterruptController {
 public:
  virtual ~InterruptController() = default;
  virtual bool pending() = 0;
  virtual std::uint8_t acknowledge() = 0;
};

void set_interrupt_controller(InterruptController* pic);  // nullptr: in the kernel
void interrupt_changed();  // the INTR line changed: wakes vCPU 0

enum class ShutdownCause : std::uint8_t {
  none,
  guest_shutdown,
  guest_reset,
  guest_panic,
  debug_exit,
  triple_fault,
  host_signal,
  host_quit,
  internal_error,
  limit,  // of -limit
};

// First request wins (a reset may be followed by a shutdown). Any thread.
void request_shutdown(ShutdownCause cause, int status = 0);
void request_reset(ShutdownCause cause);

struct RunOptions {
  bool start_stopped = false;  // -S
  bool no_reboot = false;      // -no-reboot: a reset ends the run
  bool no_shutdown = false;    // -no-shutdown: a shutdown stops the vCPUs only
};

struct RunResult {
  ShutdownCause cause = ShutdownCause::none;
  int status = 0;      // debug_exit: (value << 1) | 1; signal: its number
  std::string detail;  // internal error: why, rip, bytes, instruction
};

// Starts one thread a vCPU and runs the main loop (timers, host input, signals)
// until the run ends. Traced: vcpu_run spans with exit reason, device accesses.
// Before the call: machine built, accel_setup_post and qemu_system_reset done. The
// big lock is not held by the caller. SIGINT, SIGTERM and SIGHUP end the run.
RunResult run_machine(const RunOptions& options);
// A SIGINT, SIGTERM or SIGHUP from now on is kept for run_machine(), which then ends
// before the guest's first instruction. A second one of a kind ends the program.
void remember_signals();
const char* shutdown_cause_name(
    ShutdownCause cause);  // "guest-shutdown", "triple-fault"...
bool runstate_is_running();

// ---- stop and go on ------------------------------------------------------------------

enum class StopCause : std::uint8_t { none, debug, paused, shutdown };

// The main loop stops all vCPUs and the clock soon; the first cause wins. Any thread.
void vm_stop(StopCause cause);
// Lets the machine go on. On the main loop thread, or before it runs.
void vm_start();
const char* stop_cause_name(StopCause cause);
// With true ^C stops the machine, as for a debugger that shares the terminal; else it
// ends the run.
void interrupt_stops(bool yes);

// Who asked for exit::Debug and hears of stops. Its functions are called with the big
// lock held and must not throw.
class Debugger {
 public:
  virtual ~Debugger() = default;
  // `cpu` came to what its DebugControl asked for. On the vCPU's thread.
  virtual void debug_exit(CpuState& cpu, const exit::Debug& why) = 0;
  // No vCPU runs any more; what it was doing is complete. On the main loop thread.
  virtual void vm_stopped(StopCause cause) = 0;
  // The machine is about to go on: the moment to tell CPUs what to stop for. No vCPU
  // runs.
  virtual void vm_starting() = 0;
};

void set_debugger(Debugger* debugger);  // nullptr: exit::Debug ends the run
Debugger* current_debugger();

// Host file descriptors watched by the main loop; callbacks with the big lock held.
// `wanted` (empty: always) is asked before each wait: false leaves the descriptor
// out, for input nobody has room for. main_loop_wake() has it asked again.
void main_loop_add_fd(int fd, std::function<void()> readable,
                      std::function<bool()> wanted = {});
void main_loop_remove_fd(int fd);
void main_loop_wake();
// A timer became the next one due: wakes the loop if it sleeps longer than that.
void main_loop_deadline_changed(std::int64_t deadline_ns);

}  // namespace core
