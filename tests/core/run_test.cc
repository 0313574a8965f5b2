// The run loop with an engine that plays a script: exits, interrupts, timers, requests,
// signals.
#include <unistd.h>

#include <csignal>

#include "fixture.h"

namespace core_test {
namespace {

// A device on port 0x10 that lets the test act on what the guest writes.
struct Port10 {
  std::vector<std::string> calls;
  std::function<void(std::uint64_t)> on_write;
  std::uint64_t answer = 0;

  static std::uint64_t read(void* opaque, std::uint64_t, unsigned size) {
    auto* self = static_cast<Port10*>(opaque);
    self->calls.push_back("in" + std::to_string(size));
    return self->answer++;
  }

  static void write(void* opaque, std::uint64_t, std::uint64_t data, unsigned size) {
    auto* self = static_cast<Port10*>(opaque);
    self->calls.push_back("out" + std::to_string(size) + " " + std::to_string(data));
    if (self->on_write)
      self->on_write(data);
  }
};

constexpr MemoryRegionOps port10_ops{.read = Port10::read, .write = Port10::write};

struct OnePic : InterruptController {
  bool line = false;
  std::uint8_t vector = 0x20;

  bool pending() override { return line; }

  std::uint8_t acknowledge() override {
    line = false;
    return vector;
  }
};

Step end_step() {
  return [](ScriptedVcpu&) -> Exit {
    return exit::SystemEvent{1};  // the guest switches itself off
  };
}

class Run : public WithScript {
 protected:
  Run() {
    memory_region_add_subregion(
        get_system_io(), 0x10,
        memory_region_new_io(nullptr, &port10_ops, &port, "port10", 8));
  }

  ~Run() override { set_interrupt_controller(nullptr); }

  RunResult run(std::deque<Step> script, const RunOptions& options = {}) {
    std::vector<std::deque<Step>> scripts;
    scripts.push_back(std::move(script));
    prepare(std::move(scripts));
    vm->log.lines.clear();
    return run_machine(options);
  }

  Port10 port;
};

// ---- exits --------------------------------------------------------------------------

TEST_F(Run, a_guest_that_switches_itself_off_ends_the_run) {
  EXPECT_EQ(run({end_step()}).cause, ShutdownCause::guest_shutdown);
}

TEST_F(Run, an_OUT_reaches_the_device) {
  run({out_step(0x10, {0x41}), end_step()});

  EXPECT_THAT(port.calls, ElementsAre("out1 65"));
}

TEST_F(Run, an_IN_is_answered_before_the_guest_goes_on) {
  port.answer = 0x77;
  std::byte got{};
  run({in_step(0x10), [&](ScriptedVcpu& vcpu) {
         got = vcpu.buffer[0];
         return end_step()(vcpu);
       }});

  EXPECT_EQ(got, std::byte{0x77});
}

TEST_F(Run, every_item_of_string_output_reaches_the_port) {
  run({out_step(0x10, {1, 2, 3}), end_step()});

  EXPECT_THAT(port.calls, ElementsAre("out1 1", "out1 2", "out1 3"));
}

TEST_F(Run, string_input_fills_one_item_after_the_other) {
  port.answer = 5;
  std::vector<int> got;
  run({in_step(0x10, 2, 3), [&](ScriptedVcpu& vcpu) {
         for (int i = 0; i < 6; i += 2)
           got.push_back(static_cast<int>(vcpu.buffer[static_cast<std::size_t>(i)]));
         return end_step()(vcpu);
       }});

  EXPECT_THAT(got, ElementsAre(5, 6, 7));
}

TEST_F(Run, MMIO_reaches_the_region_in_memory) {
  Port10 device;
  memory_region_add_subregion(
      get_system_memory(), 0xfed00000,
      memory_region_new_io(nullptr, &port10_ops, &device, "mmio", 8));
  run({[](ScriptedVcpu& vcpu) -> Exit {
         vcpu.buffer[0] = std::byte{9};
         vcpu.buffer[1] = vcpu.buffer[2] = vcpu.buffer[3] = std::byte{0};
         return exit::Mmio{GuestPhysAddr{0xfed00000}, Direction::out,
                           std::span(vcpu.buffer).first(4)};
       },
       end_step()});

  EXPECT_THAT(device.calls, ElementsAre("out4 9"));
}

TEST_F(Run, an_internal_error_ends_the_run_and_says_where) {
  exit::InternalError error;
  error.why = "emulation failed";
  error.rip = 0x7c05;
  error.bytes[0] = 0xcc;
  error.byte_count = 1;

  const RunResult result = run({plain_step(error)});

  EXPECT_EQ(result.cause, ShutdownCause::internal_error);
  EXPECT_EQ(result.detail, "CPU 0 at rip 0x7c05: emulation failed; instruction bytes cc");
}

TEST_F(Run, an_engine_that_throws_ends_the_run_with_its_words) {
  const RunResult result = run(
      {[](ScriptedVcpu&) -> Exit { throw std::runtime_error("KVM_RUN: Bad address"); }});

  EXPECT_EQ(result.cause, ShutdownCause::internal_error);
  EXPECT_EQ(result.detail, "KVM_RUN: Bad address");
}

TEST_F(Run, a_stop_for_a_debugger_nobody_attached_ends_the_run) {
  EXPECT_EQ(run({plain_step(exit::Debug{0x1000, 1})}).cause,
            ShutdownCause::internal_error);
}

// ---- reset and shutdown -------------------------------------------------------------

TEST_F(Run, a_triple_fault_resets_the_machine) {
  int resets = 0;
  qemu_register_reset([&] { ++resets; });

  run({plain_step(exit::Shutdown{}), end_step()});

  EXPECT_EQ(resets, 2);  // once before the run
  EXPECT_THAT(vm->log.lines, ElementsAre("reset"));
}

TEST_F(Run, with_no_reboot_a_triple_fault_ends_the_run) {
  EXPECT_EQ(run({plain_step(exit::Shutdown{})}, {.no_reboot = true}).cause,
            ShutdownCause::triple_fault);
}

TEST_F(Run, with_no_reboot_a_guests_reset_ends_the_run) {
  port.on_write = [](std::uint64_t) { request_reset(ShutdownCause::guest_reset); };

  EXPECT_EQ(run({out_step(0x10, {1})}, {.no_reboot = true}).cause,
            ShutdownCause::guest_reset);
}

TEST_F(Run, no_guest_instruction_runs_after_the_one_that_asked_for_the_end) {
  port.on_write = [](std::uint64_t value) {
    request_shutdown(ShutdownCause::debug_exit, static_cast<int>(value << 1 | 1));
  };

  const RunResult result = run({out_step(0x10, {3}), out_step(0x10, {4})});

  EXPECT_EQ(result.cause, ShutdownCause::debug_exit);
  EXPECT_EQ(result.status, 7);
  EXPECT_THAT(port.calls, ElementsAre("out1 3"));
}

TEST_F(Run, the_first_of_two_shutdown_requests_wins) {
  port.on_write = [](std::uint64_t) {
    request_shutdown(ShutdownCause::debug_exit, 5);
    request_shutdown(ShutdownCause::guest_shutdown);
  };

  EXPECT_EQ(run({out_step(0x10, {1})}).status, 5);
}

TEST_F(Run, with_no_shutdown_a_guest_that_switched_off_is_kept_until_a_signal) {
  // The signal comes from the main loop once it has dealt with the shutdown.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  bool switched_off = false;
  main_loop_add_fd(
      ends[0], [] { kill(getpid(), SIGTERM); },
      [&] { return switched_off && !runstate_is_running(); });
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  port.on_write = [&](std::uint64_t) {
    request_shutdown(ShutdownCause::guest_shutdown);
    switched_off = true;
  };

  const RunResult result = run({out_step(0x10, {1})}, {.no_shutdown = true});
  main_loop_remove_fd(ends[0]);
  close(ends[0]);
  close(ends[1]);

  EXPECT_EQ(result.cause, ShutdownCause::host_signal);
  EXPECT_EQ(result.status, SIGTERM);
}

TEST_F(Run, a_signal_ends_a_guest_that_never_stops) {
  port.on_write = [](std::uint64_t) { kill(getpid(), SIGINT); };

  // After the write run() blocks until it is asked to leave.
  const RunResult result = run({out_step(0x10, {1})});

  EXPECT_EQ(result.cause, ShutdownCause::host_signal);
  EXPECT_EQ(result.status, SIGINT);
}

TEST_F(Run, a_signal_that_came_before_ends_the_run_before_the_first_instruction) {
  bool ran = false;
  prepare({{[&](ScriptedVcpu& vcpu) {
    ran = true;
    return end_step()(vcpu);
  }}});
  remember_signals();
  kill(getpid(), SIGTERM);

  const RunResult result = run_machine({});
  signal(SIGTERM, SIG_DFL);

  EXPECT_EQ(result.cause, ShutdownCause::host_signal);
  EXPECT_EQ(result.status, SIGTERM);
  EXPECT_FALSE(ran);
}

TEST_F(Run, a_machine_without_CPUs_waits_for_a_signal) {
  prepare({});
  Timer timer([] { kill(getpid(), SIGTERM); });
  timer.arm(1);

  EXPECT_EQ(run_machine({}).cause, ShutdownCause::host_signal);
}

TEST_F(Run, started_stopped_no_guest_code_runs) {
  bool ran = false;
  prepare({{[&](ScriptedVcpu& vcpu) {
    ran = true;
    return end_step()(vcpu);
  }}});
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  main_loop_add_fd(pipe_ends[0], [&] { request_shutdown(ShutdownCause::host_quit); });
  ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);

  const RunResult result = run_machine({.start_stopped = true});
  main_loop_remove_fd(pipe_ends[0]);
  close(pipe_ends[0]);
  close(pipe_ends[1]);

  EXPECT_EQ(result.cause, ShutdownCause::host_quit);
  EXPECT_FALSE(ran);
}

TEST_F(Run, the_guest_stops_its_clock_with_the_run) {
  run({end_step()});
  const std::int64_t then = clock_virtual_ns();

  EXPECT_EQ(clock_virtual_ns(), then);
}

// ---- interrupts ---------------------------------------------------------------------

TEST_F(Run, a_pending_interrupt_goes_in_before_the_guest_runs) {
  OnePic pic;
  pic.line = true;
  set_interrupt_controller(&pic);

  run({end_step()});

  EXPECT_THAT(vm->log.lines, ElementsAre("inject 32"));
}

TEST_F(Run, an_interrupt_the_CPU_cannot_take_waits_for_the_window) {
  OnePic pic;
  pic.line = true;
  set_interrupt_controller(&pic);

  prepare({{[](ScriptedVcpu& vcpu) -> Exit {
              vcpu.ready = true;
              return exit::IrqWindow{};
            },
            end_step()}});
  vm->vcpus[0]->ready = false;
  vm->log.lines.clear();
  run_machine({});

  EXPECT_THAT(vm->log.lines, ElementsAre("window on", "window off", "inject 32"));
}

// The timers of these two start only once the guest runs: on a busy host a vCPU may come
// to its first instruction later than any deadline fixed before.
TEST_F(Run, a_halted_CPU_wakes_for_an_interrupt) {
  OnePic pic;
  set_interrupt_controller(&pic);
  Timer timer([&] {
    pic.line = true;
    interrupt_changed();
  });
  const Step arm_and_halt = [&](ScriptedVcpu&) -> Exit {
    const std::scoped_lock lock(big_lock());
    timer.arm(clock_virtual_ns() + 1'000'000);
    return exit::Hlt{};
  };
  Timer too_late([] { request_shutdown(ShutdownCause::host_quit); });
  too_late.arm(20'000'000'000);

  run({arm_and_halt, end_step()});

  EXPECT_THAT(vm->log.lines, ElementsAre("inject 32"));
}

TEST_F(Run, an_interrupt_gets_a_busy_guest_out_of_the_engine) {
  struct LastPic : OnePic {
    std::uint8_t acknowledge() override {
      request_shutdown(ShutdownCause::host_quit);
      return OnePic::acknowledge();
    }
  } pic;

  set_interrupt_controller(&pic);
  Timer timer([&] {
    pic.line = true;
    interrupt_changed();
  });
  Timer too_late([] { request_shutdown(ShutdownCause::host_quit); });
  too_late.arm(20'000'000'000);
  port.on_write = [&](std::uint64_t) { timer.arm(clock_virtual_ns() + 1'000'000); };

  // After the write run() blocks until request_exit(), as a busy loop would.
  run({out_step(0x10, {1})});

  EXPECT_THAT(vm->log.lines, ElementsAre("inject 32"));
}

TEST_F(Run, two_CPUs_both_run_and_both_stop) {
  prepare({{out_step(0x10, {1}), plain_step(exit::Hlt{})},
           {out_step(0x10, {2}), plain_step(exit::Hlt{})}});
  port.on_write = [&](std::uint64_t) {
    if (port.calls.size() == 2)
      request_shutdown(ShutdownCause::host_quit);
  };

  EXPECT_EQ(run_machine({}).cause, ShutdownCause::host_quit);
  EXPECT_EQ(port.calls.size(), 2u);
}

// ---- time ---------------------------------------------------------------------------

TEST_F(Run, a_timer_fires_while_the_guest_runs) {
  Timer timer([] { request_shutdown(ShutdownCause::host_quit); });
  timer.arm(1'000'000);

  EXPECT_EQ(run({}).cause, ShutdownCause::host_quit);
}

TEST_F(Run, a_timer_armed_by_the_guest_shortens_the_wait) {
  Timer late([] {});
  late.arm(3'600'000'000'000);
  Timer soon([] { request_shutdown(ShutdownCause::host_quit); });
  port.on_write = [&](std::uint64_t) { soon.arm(clock_virtual_ns() + 1'000'000); };

  EXPECT_EQ(run({out_step(0x10, {1})}).cause, ShutdownCause::host_quit);
}

// Time that only moves when told to: what instruction counting looks like from here.
class CountedSource : public ClockSource {
 public:
  explicit CountedSource(std::vector<std::int64_t>* warps) : warps_(warps) {}

  std::int64_t now_ns() override { return now_; }

  bool counts_instructions() const override { return true; }

  void set_deadline(std::int64_t ns) override { deadline_ = ns; }

  void warp(std::int64_t ns) override {
    warps_->push_back(ns);
    now_ = ns;
  }

  std::int64_t deadline() const { return deadline_; }

 private:
  std::int64_t now_ = 0, deadline_ = -1;
  std::vector<std::int64_t>* warps_;
};

TEST_F(Run, counted_time_jumps_to_the_next_timer_when_the_CPU_halts) {
  std::vector<std::int64_t> warps;
  clock_set_source(std::make_unique<CountedSource>(&warps));
  OnePic pic;
  set_interrupt_controller(&pic);
  Timer timer([&] {
    pic.line = true;
    interrupt_changed();
  });
  timer.arm(3'600'000'000'000);  // an hour that nobody waits for

  run({plain_step(exit::Hlt{}), end_step()});

  EXPECT_THAT(warps, ElementsAre(3'600'000'000'000));
  EXPECT_THAT(vm->log.lines, ElementsAre("inject 32"));
}

TEST_F(Run, a_CPU_halted_for_ever_leaves_the_main_loop_its_turn) {
  std::vector<std::int64_t> warps;
  clock_set_source(std::make_unique<CountedSource>(&warps));
  Timer periodic([&] { periodic.arm(clock_virtual_ns() + 1000); });
  periodic.arm(1000);
  port.on_write = [](std::uint64_t) { kill(getpid(), SIGTERM); };

  EXPECT_EQ(run({out_step(0x10, {1}), plain_step(exit::Hlt{})}).cause,
            ShutdownCause::host_signal);
}

TEST_F(Run, with_interrupts_off_a_halt_lets_no_timer_pass) {
  std::vector<std::int64_t> warps;
  clock_set_source(std::make_unique<CountedSource>(&warps));
  Timer periodic([&] { periodic.arm(clock_virtual_ns() + 1000); });
  periodic.arm(1000);
  port.on_write = [&](std::uint64_t) {
    vm->vcpus[0]->ready = false;
    kill(getpid(), SIGTERM);
  };

  run({out_step(0x10, {1}), plain_step(exit::Hlt{})});

  EXPECT_THAT(warps, IsEmpty());
}

TEST_F(Run, an_interrupt_of_a_timer_that_is_due_goes_in_before_the_guest_runs) {
  std::vector<std::int64_t> warps;
  clock_set_source(std::make_unique<CountedSource>(&warps));
  OnePic pic;
  set_interrupt_controller(&pic);
  Timer timer([&] {
    pic.line = true;
    interrupt_changed();
  });
  timer.arm(0);

  run({end_step()});

  EXPECT_THAT(vm->log.lines, ElementsAre("inject 32"));
}

TEST_F(Run, the_engine_hears_the_deadline_before_it_runs) {
  std::vector<std::int64_t> warps;
  auto source = std::make_unique<CountedSource>(&warps);
  const CountedSource* seen = source.get();
  clock_set_source(std::move(source));
  Timer timer([] {});
  timer.arm(12345);
  std::int64_t deadline = 0;

  run({[&](ScriptedVcpu& vcpu) {
    deadline = seen->deadline();
    return end_step()(vcpu);
  }});

  EXPECT_EQ(deadline, 12345);
}

// ---- host input ---------------------------------------------------------------------

TEST_F(Run, a_watched_descriptor_is_served_while_the_guest_runs) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  char got = 0;
  main_loop_add_fd(ends[0], [&] {
    ASSERT_EQ(read(ends[0], &got, 1), 1);
    request_shutdown(ShutdownCause::host_quit);
  });
  ASSERT_EQ(write(ends[1], "k", 1), 1);

  run({});
  main_loop_remove_fd(ends[0]);
  close(ends[0]);
  close(ends[1]);

  EXPECT_EQ(got, 'k');
}

TEST_F(Run, input_nobody_wants_is_left_until_somebody_does) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  bool wanted = false, served_unwanted = false;
  main_loop_add_fd(
      ends[0],
      [&] {
        served_unwanted = !wanted;
        request_shutdown(ShutdownCause::host_quit);
      },
      [&] { return wanted; });
  ASSERT_EQ(write(ends[1], "k", 1), 1);
  port.on_write = [&](std::uint64_t) {
    wanted = true;
    main_loop_wake();
  };

  run({out_step(0x10, {1})});
  main_loop_remove_fd(ends[0]);
  close(ends[0]);
  close(ends[1]);

  EXPECT_FALSE(served_unwanted);
}

// ---- set-up -------------------------------------------------------------------------

TEST_F(Run, RAM_is_mapped_before_the_first_vCPU_is_made) {
  memory_region_add_subregion(get_system_memory(), 0,
                              memory_region_new_ram(nullptr, "ram", 0x10000));
  prepare({{}, {}});

  EXPECT_THAT(vm->calls, ElementsAre("map 0 0x0 0x10000 rw", "vcpu 0", "vcpu 1"));
}

TEST_F(Run, a_region_a_device_moved_is_remapped_before_the_guest_goes_on) {
  MemoryRegion* ram = memory_region_new_ram(nullptr, "ram", 0x1000);
  memory_region_add_subregion(get_system_memory(), 0, ram);
  port.on_write = [&](std::uint64_t) { memory_region_set_address(ram, 0x5000); };
  std::string last_call;

  run({out_step(0x10, {1}), [&](ScriptedVcpu& vcpu) {
         last_call = vm->calls.back();
         return end_step()(vcpu);
       }});

  EXPECT_EQ(last_call, "map 0 0x5000 0x1000 rw");
}

TEST_F(Run, the_loaders_entry_runs_after_every_reset) {
  prepare({{plain_step(exit::Shutdown{}), end_step()}});
  int entries = 0;
  cpu_list()[0]->entry = [&](Vcpu&) { ++entries; };

  run_machine({});

  EXPECT_EQ(entries, 1);
}

}  // namespace
}  // namespace core_test
