#include "fixture.h"

#include <cstdio>

namespace core_test {
namespace {

constexpr const char* TYPE_TEST_MACHINE = "core-test-machine";
constexpr const char* TYPE_TEST_ACCEL = "scripted-accel";
constexpr const char* TYPE_TEST_CPU = "core-test-cpu";

constinit const TypeInfo machine_info{.name = TYPE_TEST_MACHINE, .parent = TYPE_MACHINE};
constinit const TypeInfo accel_info{.name = TYPE_TEST_ACCEL, .parent = TYPE_ACCEL};
constinit const TypeInfo cpu_info{.name = TYPE_TEST_CPU, .parent = TYPE_CPU};

void fixture_register_types() {
  type_register_static(machine_info);
  type_register_static(accel_info);
  type_register_static(cpu_info);
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

type_init(fixture_register_types)

void register_types() {
  static const bool once = (module_call_init(MODULE_INIT_QOM), true);
  (void)once;
}

WithMachine::WithMachine() {
  register_types();
  object_reset_globals_for_test();
  qdev_reset_for_test();
  machine = object_cast<MachineState>(object_new(TYPE_TEST_MACHINE));
  current_machine = machine;
  object_property_add_child(object_get_root(), "machine", machine);
  object_unref(machine);
  address_spaces_init();
}

WithMachine::~WithMachine() {
  qemu_unregister_all_resets();
  memory_reset_for_test();
  object_unparent(machine);
  clock_reset_for_test();
  object_reset_globals_for_test();
}

// ---- the scripted engine ------------------------------------------------------------

Exit ScriptedVcpu::run() {
  std::unique_lock lock(mutex_);
  if (steps_.empty())
    wake_.wait(lock, [&] { return exit_requested_; });
  if (std::exchange(exit_requested_, false))
    return exit::Intr{};
  Step step = std::move(steps_.front());
  steps_.pop_front();
  lock.unlock();
  return step(*this);
}

void ScriptedVcpu::request_exit() {
  const std::scoped_lock lock(mutex_);
  exit_requested_ = true;
  wake_.notify_all();
}

Step out_step(std::uint16_t port, std::vector<std::uint8_t> bytes, std::uint8_t size) {
  return [port, bytes, size](ScriptedVcpu& vcpu) -> Exit {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      vcpu.buffer[i] = static_cast<std::byte>(bytes[i]);
    return exit::Io{Port{port}, size, static_cast<std::uint32_t>(bytes.size() / size),
                    Direction::out, std::span(vcpu.buffer).first(bytes.size())};
  };
}

Step in_step(std::uint16_t port, std::uint8_t size, std::uint32_t count) {
  return [port, size, count](ScriptedVcpu& vcpu) -> Exit {
    return exit::Io{Port{port}, size, count, Direction::in,
                    std::span(vcpu.buffer).first(std::size_t{size} * count)};
  };
}

Step plain_step(Exit exit) {
  return [exit](ScriptedVcpu&) { return exit; };
}

void ScriptedVm::map_memory(std::uint32_t slot, GuestPhysAddr address,
                            std::span<std::byte> host, MemoryAccess access) {
  calls.push_back("map " + std::to_string(slot) + " " + hex(address.value) + " " +
                  hex(host.size()) + (access == MemoryAccess::read_only ? " ro" : " rw"));
}

void ScriptedVm::unmap_memory(std::uint32_t slot) {
  calls.push_back("unmap " + std::to_string(slot));
}

void ScriptedVm::invalidate(GuestPhysAddr address, std::uint64_t length) {
  calls.push_back("invalidate " + hex(address.value) + " " + hex(length));
}

std::unique_ptr<Vcpu> ScriptedVm::create_vcpu(int id) {
  calls.push_back("vcpu " + std::to_string(id));
  auto vcpu =
      std::make_unique<ScriptedVcpu>(scripts.at(static_cast<std::size_t>(id)), &log);
  vcpus.push_back(vcpu.get());
  return vcpu;
}

ScriptedVm& WithScript::prepare(std::vector<std::deque<Step>> scripts) {
  auto* accel = object_cast<AccelState>(object_new(TYPE_TEST_ACCEL));
  machine->accelerator = accel;  // the machine drops the reference
  auto made = std::make_unique<ScriptedVm>();
  vm = made.get();
  vm->scripts = std::move(scripts);
  accel->vm = std::move(made);
  for (std::size_t i = 0; i < vm->scripts.size(); ++i) {
    Ref<DeviceState> cpu(object_cast<DeviceState>(object_new(TYPE_TEST_CPU)));
    qdev_realize(cpu.get());
  }
  accel_setup_post(machine);
  qemu_system_reset();
  return *vm;
}

}  // namespace core_test
