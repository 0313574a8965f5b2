// A machine of 64 KiB with software CPUs and a stub that debugs it, all on one thread:
// the test is the debugger, and says when the CPUs run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/accel.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/run_state.h"
#include "gdbstub/stub.h"
#include "qom/module.h"
#include "softcpu/softcpu.h"

namespace gdbstub_test {

using namespace core;

constexpr std::uint64_t code_at = 0x1000;
constexpr std::uint64_t data_at = 0x2000;
constexpr std::uint64_t ram_size = 0x10000;
constexpr std::uint64_t device_at = 0x20000;

struct TestTypes {
  static constexpr TypeInfo machine{.name = "gdbstub-test-machine",
                                    .parent = TYPE_MACHINE};
  static constexpr TypeInfo accel{.name = "gdbstub-test-accel", .parent = TYPE_ACCEL};
  static constexpr TypeInfo cpu{.name = "gdbstub-test-cpu", .parent = TYPE_CPU};

  TestTypes() {
    type_register_static(machine);
    type_register_static(accel);
    type_register_static(cpu);
    module_call_init(MODULE_INIT_QOM);
  }
};

class DebuggedMachine {
 public:
  explicit DebuggedMachine(int cpus = 1) {
    static const TestTypes types;
    (void)types;
    object_reset_globals_for_test();
    qdev_reset_for_test();
    machine_ = object_cast<MachineState>(object_new(TestTypes::machine.name));
    current_machine = machine_;
    object_property_add_child(object_get_root(), "machine", machine_);
    object_unref(machine_);
    address_spaces_init();
    ram_ = memory_region_new_ram(nullptr, "ram", ram_size);
    memory_region_add_subregion(get_system_memory(), 0, ram_);
    auto* accel = object_cast<AccelState>(object_new(TestTypes::accel.name));
    machine_->accelerator = accel;  // the machine drops the reference
    time_ = std::make_shared<softcpu::VirtualTime>();
    accel->vm = softcpu::make_vm(time_);
    for (int i = 0; i < cpus; ++i) {
      Ref<DeviceState> cpu(object_cast<DeviceState>(object_new(TestTypes::cpu.name)));
      qdev_realize(cpu.get());
    }
    accel_setup_post(machine_);
    qemu_system_reset();
    for (CpuState* cpu : cpu_list()) {
      begin_at(*cpu, code_at);
    }
    stub = std::make_unique<gdbstub::Stub>(gdbstub::Outside{
        .send = [this](std::string_view bytes) { sent += bytes; },
        .running = [this] { return running; },
        .start =
            [this] {
              stub->vm_starting();
              running = true;
            },
        .stop =
            [this](StopCause cause) {
              stop_asked = stop_asked == StopCause::none ? cause : stop_asked;
            },
        .quit = [this] { quit = true; },
        .monitor =
            [](const std::string& command) { return "you said " + command + "\n"; },
    });
    stub->connected();
  }

  ~DebuggedMachine() {
    qemu_unregister_all_resets();
    memory_reset_for_test();
    object_unparent(machine_);
    clock_reset_for_test();
    object_reset_globals_for_test();
  }

  DebuggedMachine(const DebuggedMachine&) = delete;
  DebuggedMachine& operator=(const DebuggedMachine&) = delete;

  void write(std::uint64_t at, const std::vector<std::uint8_t>& bytes) {
    address_space_memory().write(at, std::as_bytes(std::span(bytes)));
  }

  std::uint8_t byte_at(std::uint64_t at) {
    return static_cast<std::uint8_t>(ram_->ram[static_cast<std::size_t>(at)]);
  }

  // What the debugger types, framed; returns the payload of the last answer.
  std::string ask(std::string_view payload) {
    sent.clear();
    say(gdbstub::packet_of(payload));
    return last_payload();
  }

  void say(std::string_view bytes) {
    stub->receive({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }

  // Lets the CPUs run in turns of `slice` instructions until the machine stops or
  // `slices` are over; returns the payload of the last answer.
  std::string run(int slices = 100, int slice = 1000) {
    for (int i = 0; i < slices && running && stop_asked == StopCause::none; ++i) {
      for (CpuState* cpu : cpu_list()) {
        if (!cpu->held && !cpu->halted && stop_asked == StopCause::none) {
          time_->set_deadline(time_->now() + slice);
          act_on(*cpu, cpu->vcpu->run());
        }
      }
    }
    deliver_stop();
    return last_payload();
  }

  // Acts on a stop that was asked for, as the main loop does.
  void deliver_stop() {
    if (running && stop_asked != StopCause::none) {
      running = false;
      const StopCause cause = std::exchange(stop_asked, StopCause::none);
      stub->vm_stopped(cause);
    }
    stop_asked = StopCause::none;
  }

  std::string last_payload() const {
    const std::size_t begin = sent.rfind('$');
    const std::size_t end = sent.rfind('#');
    return begin == std::string::npos || end < begin
               ? std::string("(none)")
               : sent.substr(begin + 1, end - begin - 1);
  }

  std::unique_ptr<gdbstub::Stub> stub;
  std::string sent;
  bool running = false;
  bool quit = false;
  StopCause stop_asked = StopCause::none;

 private:
  // Real mode with all segments at 0.
  static void begin_at(CpuState& cpu, std::uint64_t rip) {
    Sregs sregs = cpu.vcpu->sregs();
    sregs.cs.selector = 0;
    sregs.cs.base = 0;
    cpu.vcpu->set_sregs(sregs);
    Regs regs = cpu.vcpu->regs();
    regs.rip = rip;
    regs.rsp = 0x8000;
    cpu.vcpu->set_regs(regs);
  }

  void act_on(CpuState& cpu, const Exit& exit) {
    if (const auto* debug = std::get_if<exit::Debug>(&exit)) {
      stub->debug_exit(cpu, *debug);
    } else if (std::holds_alternative<exit::Hlt>(exit)) {
      cpu.halted = true;
    } else if (std::holds_alternative<exit::InternalError>(exit) ||
               std::holds_alternative<exit::Shutdown>(exit)) {
      stop_asked = StopCause::shutdown;
    }
  }

  MachineState* machine_ = nullptr;
  MemoryRegion* ram_ = nullptr;
  std::shared_ptr<softcpu::VirtualTime> time_;
};

}  // namespace gdbstub_test
