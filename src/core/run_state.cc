// How a run begins, resets and ends. See run_state.h.
//
// Anybody may ask for a reset or a shutdown, from any thread; only the main loop acts
// on it, with every vCPU parked. From the moment of asking no vCPU starts to run guest
// code again, so nothing happens in the guest after the instruction that asked.
#include "core/run_state.h"

#include <atomic>

#include "core/chardev.h"
#include "core/guest_events.h"
#include "core/memory.h"
#include "core/run_internal.h"

namespace core {
namespace {

struct VmStateNotify {
  static constexpr trace::Declaration declaration{
      "vm_state_notify", trace::Category::machine, trace::Shape::instant,
      "The virtual machine starts or stops running."};
  bool running = false;
  std::string_view reason;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("running", &VmStateNotify::running, "true: runs"),
        trace::identity("reason", &VmStateNotify::reason, "why"));
  }
};

struct MainLoop {
  static constexpr trace::Declaration declaration{
      "main_loop", trace::Category::machine, trace::Shape::span,
      "The machine runs; this thread serves timers, host input and signals."};

  static constexpr auto fields() { return trace::fields(); }
};

struct Request {
  static constexpr trace::Declaration declaration{
      "qemu_system_request", trace::Category::machine, trace::Shape::instant,
      "Somebody asks for the machine to stop or to reset."};
  std::string_view what;
  std::string_view cause;
  std::int32_t status = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("what", &Request::what, "shutdown or reset"),
                         trace::identity("cause", &Request::cause, "who asked"),
                         trace::state("status", &Request::status, "its number"));
  }
};

struct Requests {
  std::mutex lock;
  RunResult shutdown;  // cause none: not asked for
  ShutdownCause reset = ShutdownCause::none;
  StopCause stop = StopCause::none;
};

constinit std::atomic<bool> request_posted = false;  // every turn of a vCPU asks

Requests& requests() {
  static Requests all;
  return all;
}

Debugger* the_debugger = nullptr;

void stopped(StopCause cause) {
  if (the_debugger)
    the_debugger->vm_stopped(cause);
}

// The asking vCPU stops by itself; the main loop stops the others.
void post_request() {
  request_posted.store(true, std::memory_order_release);
  main_loop_wake();
}

void ask_shutdown(ShutdownCause cause, int status, const std::string& detail) {
  {
    const std::scoped_lock lock(requests().lock);
    if (requests().shutdown.cause != ShutdownCause::none)
      return;
    requests().shutdown = {cause, status, detail};
  }
  trace::instant(
      Request{.what = "shutdown", .cause = shutdown_cause_name(cause), .status = status});
  post_request();
}

void set_stopped(std::unique_lock<std::mutex>& lock, std::string_view reason) {
  trace::instant(VmStateNotify{.running = false, .reason = reason});
  cpus_pause(lock);
  clock_enable(false);
}

// A guest that switched itself off may be kept for inspection; every other end is one.
bool only_stops(const RunOptions& options, ShutdownCause cause) {
  return options.no_shutdown && cause == ShutdownCause::guest_shutdown;
}

// Acts on what was asked for. True: the run is over, `result` says how.
bool handle_requests(const RunOptions& options, std::unique_lock<std::mutex>& lock,
                     RunResult& result) {
  if (!request_pending())
    return false;
  const bool was_running = runstate_is_running();
  cpus_pause(lock);
  RunResult shutdown;
  ShutdownCause reset = ShutdownCause::none;
  StopCause stop = StopCause::none;
  {
    const std::scoped_lock guard(requests().lock);
    shutdown = std::exchange(requests().shutdown, {});
    reset = std::exchange(requests().reset, ShutdownCause::none);
    stop = std::exchange(requests().stop, StopCause::none);
    request_posted.store(false, std::memory_order_release);
  }
  if (shutdown.cause == ShutdownCause::none && reset != ShutdownCause::none &&
      options.no_reboot)
    shutdown = {reset, 0, {}};
  if (shutdown.cause != ShutdownCause::none) {
    set_stopped(lock, shutdown_cause_name(shutdown.cause));
    result = shutdown;
    if (!only_stops(options, shutdown.cause))
      return true;
    stopped(StopCause::shutdown);
    return false;
  }
  if (reset != ShutdownCause::none)
    qemu_system_reset();
  memory_commit();
  if (was_running && stop != StopCause::none) {
    set_stopped(lock, stop_cause_name(stop));
    stopped(stop);
  } else if (was_running) {
    cpus_resume();
  }
  return false;
}

void run_until_end(const RunOptions& options, RunResult& result) {
  std::unique_lock lock(big_lock());
  trace::Span span{MainLoop{}};
  cpus_start();
  if (!options.start_stopped)
    vm_start();
  while (!handle_requests(options, lock, result))
    main_loop_wait(lock);
}

}  // namespace

bool request_pending() {
  return request_posted.load(std::memory_order_acquire);
}

void request_shutdown(ShutdownCause cause, int status) {
  ask_shutdown(cause, status, {});
}

void vm_stop(StopCause cause) {
  {
    const std::scoped_lock lock(requests().lock);
    if (requests().stop == StopCause::none)
      requests().stop = cause;
  }
  post_request();
}

void vm_start() {
  if (runstate_is_running())
    return;
  if (the_debugger)
    the_debugger->vm_starting();
  trace::instant(VmStateNotify{.running = true, .reason = "running"});
  clock_enable(true);
  cpus_resume();
}

void set_debugger(Debugger* debugger) {
  the_debugger = debugger;
}

Debugger* current_debugger() {
  return the_debugger;
}

const char* stop_cause_name(StopCause cause) {
  constexpr const char* names[] = {"none", "debug", "paused", "shutdown"};
  return names[static_cast<std::size_t>(cause)];
}

void request_limit(const std::string& which) {
  ask_shutdown(ShutdownCause::limit, 0, which);
}

void request_internal_error(const std::string& detail) {
  ask_shutdown(ShutdownCause::internal_error, 0, detail);
}

void request_reset(ShutdownCause cause) {
  {
    const std::scoped_lock lock(requests().lock);
    if (requests().reset != ShutdownCause::none ||
        requests().shutdown.cause != ShutdownCause::none)
      return;
    requests().reset = cause;
  }
  trace::instant(
      Request{.what = "reset", .cause = shutdown_cause_name(cause), .status = 0});
  post_request();
}

RunResult run_machine(const RunOptions& options) {
  RunResult result;
  {
    const SignalWatch signals;
    run_until_end(options, result);
    cpus_stop();
  }
  guest_console_flush();
  guest_exit_event(shutdown_cause_name(result.cause), result.status);
  trace::checkpoint("guest.exit");
  return result;
}

const char* shutdown_cause_name(ShutdownCause cause) {
  switch (cause) {
    case ShutdownCause::none:
      return "none";
    case ShutdownCause::guest_shutdown:
      return "guest-shutdown";
    case ShutdownCause::guest_reset:
      return "guest-reset";
    case ShutdownCause::limit:
      return "limit";
    case ShutdownCause::guest_panic:
      return "guest-panic";
    case ShutdownCause::debug_exit:
      return "debug-exit";
    case ShutdownCause::triple_fault:
      return "triple-fault";
    case ShutdownCause::host_signal:
      return "host-signal";
    case ShutdownCause::host_quit:
      return "host-quit";
    case ShutdownCause::internal_error:
      return "internal-error";
  }
  return "none";
}

}  // namespace core
