// What the parts of the run loop share: run_state.cc decides, cpus.cc runs vCPUs,
// main_loop.cc waits for the host. Not for devices.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/run_state.h"

namespace core {

// One vCPU's thread. All fields belong to the big lock, except that the thread itself
// uses `cpu->vcpu` without it while `executing`.
struct VcpuThread {
  CpuState* cpu = nullptr;
  std::thread thread;
  std::condition_variable wake;
  bool parked = false;        // waits for permission to run
  bool executing = false;     // in Vcpu::run(), or about to be
  bool kicked = false;        // request_exit() was called since the last exit
  bool wants_window = false;  // last value given to request_irq_window
  bool accessed = false;      // the last exit was a device access: see complete_access
};

// Starts one thread for every CPU that has a vCPU. They wait for cpus_resume().
void cpus_start();
void cpus_resume();
// Returns when no vCPU runs guest code or handles an exit. Releases `lock` meanwhile.
void cpus_pause(std::unique_lock<std::mutex>& lock);
// Ends and joins the threads. The lock is not held.
void cpus_stop();
// Makes every vCPU but the calling thread's own look at the state again.
void cpus_kick_all();

// ---- requests (run_state.cc) ---------------------------------------------------------
bool request_pending();  // cheap; vCPUs stop for it
void request_internal_error(const std::string& detail);
void request_limit(const std::string& which);  // wall, exits or output

// ---- main loop (main_loop.cc) --------------------------------------------------------
// Waits for descriptors, timers, a wake-up or at most one of them, then runs what is
// due. The lock is held before and after, not while waiting.
void main_loop_wait(std::unique_lock<std::mutex>& lock);

// While alive, SIGINT, SIGTERM and SIGHUP become request_shutdown(host_signal).
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
};

}  // namespace core
