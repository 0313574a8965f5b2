// vCPU threads: the loop around Vcpu::run().
//
// Each thread holds the big lock except while its vCPU executes guest code. One turn
// of the loop: may it run, does an interrupt go in, run, handle the exit. Handling is
// in exit_dispatch.cc. A thread that was told to stop parks on its condition variable
// and says so; the main loop changes machine state only while all are parked.
//
// User-space interrupt controllers feed vCPU 0. A pending interrupt goes in before
// run() when the CPU can take one, else the engine is asked to exit as soon as it can.
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/exit_dispatch.h"
#include "core/memory.h"
#include "core/run_internal.h"
#include "trace/window.h"

namespace core {
namespace {

struct PicInterrupt {
  static constexpr trace::Declaration declaration{
      "cpu_get_pic_interrupt", trace::Category::irq, trace::Shape::instant,
      "The CPU takes an interrupt; the controller says which vector."};
  std::int32_t cpu = 0;
  std::uint32_t vector = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("cpu", &PicInterrupt::cpu, "CPU number"),
        trace::state("vector", &PicInterrupt::vector, "interrupt vector"));
  }
};

struct VcpuRun {
  static constexpr trace::Declaration declaration{
      "vcpu_run", trace::Category::vcpu, trace::Shape::span,
      "The guest runs until something needs the machine."};
  std::int32_t cpu = 0;

  struct Result {
    std::string_view reason;
    trace::Hex rip;

    static constexpr auto fields() {
      return trace::fields(trace::state("reason", &Result::reason, "why it stopped"),
                           trace::volatile_field("rip", &Result::rip, "where"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(trace::identity("cpu", &VcpuRun::cpu, "CPU number"));
  }
};

struct Threads {
  std::vector<std::unique_ptr<VcpuThread>> all;
  std::condition_variable parked;  // somebody parked
  bool running = false;            // guest code may run
  bool quit = false;
  bool first_run_done = false;
  InterruptController* controller = nullptr;
};

// Made before main(): every turn of a vCPU looks at it.
Threads threads;

thread_local VcpuThread* current_thread = nullptr;

bool may_run(const VcpuThread& t) {
  return threads.running && !request_pending() && !t.cpu->held;
}

void kick(VcpuThread& t) {
  if (&t == current_thread)
    return;  // it looks at the state before it runs again
  if (t.executing && !t.kicked) {
    t.kicked = true;
    t.cpu->vcpu->request_exit();
  }
  t.wake.notify_all();
}

// ---- interrupts ---------------------------------------------------------------------

InterruptController* controller_of(const VcpuThread& t) {
  return t.cpu->cpu_index == 0 ? threads.controller : nullptr;
}

void want_window(VcpuThread& t, bool wanted) {
  if (t.wants_window == wanted)
    return;
  t.wants_window = wanted;
  t.cpu->vcpu->request_irq_window(wanted);
}

// Puts a pending interrupt into the CPU if it can take one; it then leaves HLT.
void deliver_interrupt(VcpuThread& t) {
  InterruptController* controller = controller_of(t);
  if (!controller || (t.cpu->single_step && !t.cpu->halted))
    return;
  if (!controller->pending()) {
    want_window(t, false);
    return;
  }
  if (!t.cpu->vcpu->ready_for_irq()) {
    want_window(t, true);
    return;
  }
  const std::uint8_t vector = controller->acknowledge();
  trace::instant(PicInterrupt{.cpu = t.cpu->cpu_index, .vector = vector});
  t.cpu->vcpu->inject_irq(vector);
  t.cpu->halted = false;
  want_window(t, controller->pending());
}

// ---- waiting ------------------------------------------------------------------------

// One compare: those are the first alternatives.
bool is_access(const Exit& exit) {
  static_assert(std::is_same_v<std::variant_alternative_t<0, Exit>, exit::Io> &&
                std::is_same_v<std::variant_alternative_t<1, Exit>, exit::Mmio>);
  return exit.index() <= 1;
}

// Device accesses reach the guest with the engine's next run: a debugger shall see a CPU
// between two instructions, so they get there now. The engine runs nothing else.
void complete_access(VcpuThread& t) {
  while (std::exchange(t.accessed, false) && current_debugger()) {
    t.cpu->vcpu->request_exit();
    Exit exit = t.cpu->vcpu->run();
    t.accessed = is_access(exit);
    exit_dispatch(*t.cpu, exit);
  }
}

void park(VcpuThread& t, std::unique_lock<std::mutex>& lock) {
  complete_access(t);
  t.parked = true;
  threads.parked.notify_all();
  t.wake.wait(lock, [&t] { return threads.quit || may_run(t); });
  t.parked = false;
}

// The CPU is in HLT and nothing can go in. Counted time jumps to the next timer; real
// time passes while the thread sleeps until somebody changes the interrupt line.
void wait_halted(VcpuThread& t, std::unique_lock<std::mutex>& lock) {
  const bool interruptible = t.cpu->vcpu->ready_for_irq();
  if (interruptible && clock_counts_instructions() && timers_next_deadline() >= 0) {
    clock_source_warp(timers_next_deadline());
    timers_run_expired();
    // A timer that leads to no interrupt must not keep the lock from the main loop.
    InterruptController* controller = controller_of(t);
    if (!controller || !controller->pending())
      t.wake.wait_for(lock, std::chrono::microseconds(100));
    return;
  }
  // With interrupts off no timer can end this halt: wait for a reset or the end.
  t.wake.wait(lock);
}

// ---- the loop -----------------------------------------------------------------------

void prepare_run() {
  if (clock_counts_instructions())
    clock_source_set_deadline(timers_next_deadline());
  memory_commit();
  if (!threads.first_run_done) {
    threads.first_run_done = true;
    trace::checkpoint("vcpu.first_run");
  }
}

void run_once(VcpuThread& t, std::unique_lock<std::mutex>& lock) {
  prepare_run();
  const trace::Turn counted;
  t.executing = true;
  t.kicked = false;
  lock.unlock();
  Exit exit = [&] {
    trace::Span span{VcpuRun{.cpu = t.cpu->cpu_index}};
    Exit reason = t.cpu->vcpu->run();
    if (trace::enabled<VcpuRun>())
      span.result(VcpuRun::Result{.reason = exit_reason_name(reason),
                                  .rip = {t.cpu->vcpu->exit_rip()}});
    return reason;
  }();
  lock.lock();
  t.executing = false;
  t.accessed = is_access(exit);
  if (std::holds_alternative<exit::IrqWindow>(exit))
    want_window(t, false);
  exit_dispatch(*t.cpu, exit);
}

void turn(VcpuThread& t, std::unique_lock<std::mutex>& lock) {
  if (!may_run(t)) {
    park(t, lock);
    return;
  }
  // Before interrupts are looked at: a timer that is due now may raise one.
  if (clock_counts_instructions()) {
    timers_run_expired();
    if (request_pending())
      return;
  }
  deliver_interrupt(t);
  if (t.cpu->halted) {
    wait_halted(t, lock);
    return;
  }
  run_once(t, lock);
}

void vcpu_thread(VcpuThread& t) {
  current_thread = &t;
  const std::string name = "vcpu " + std::to_string(t.cpu->cpu_index);
  trace::name_thread(10 + t.cpu->cpu_index, name);
  std::unique_lock lock(big_lock());
  while (!threads.quit) {
    try {
      turn(t, lock);
    } catch (const std::exception& error) {
      if (!lock.owns_lock())
        lock.lock();
      t.executing = false;
      request_internal_error(error.what());
    }
  }
  t.parked = true;
  threads.parked.notify_all();
}

}  // namespace

std::mutex& big_lock() {
  static std::mutex lock;
  return lock;
}

void set_interrupt_controller(InterruptController* pic) {
  threads.controller = pic;
}

void interrupt_changed() {
  if (!threads.all.empty())
    kick(*threads.all.front());
}

void cpus_start() {
  threads.running = false;
  threads.quit = false;
  threads.first_run_done = false;
  for (CpuState* cpu : cpu_list()) {
    if (!cpu->vcpu)
      continue;
    auto t = std::make_unique<VcpuThread>();
    t->cpu = cpu;
    threads.all.push_back(std::move(t));
  }
  // Started once the list is complete: threads look at it.
  for (const auto& t : threads.all)
    t->thread = std::thread(vcpu_thread, std::ref(*t));
}

void cpus_resume() {
  threads.running = true;
  for (const auto& t : threads.all)
    t->wake.notify_all();
}

void cpus_pause(std::unique_lock<std::mutex>& lock) {
  threads.running = false;
  cpus_kick_all();
  threads.parked.wait(lock, [&] {
    for (const auto& t : threads.all)
      if (!t->parked)
        return false;
    return true;
  });
}

void cpus_stop() {
  {
    const std::scoped_lock lock(big_lock());
    threads.running = false;
    threads.quit = true;
    cpus_kick_all();
  }
  for (const auto& t : threads.all)
    t->thread.join();
  threads.all.clear();
}

void cpus_kick_all() {
  for (const auto& t : threads.all)
    kick(*t);
}

bool runstate_is_running() {
  return threads.running;
}

}  // namespace core
