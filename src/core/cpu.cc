// Type "cpu": the device every vCPU is, its creation and reset. See run_state.h.
#include <algorithm>

#include "core/cpu_dump.h"
#include "core/log.h"
#include "core/run_state.h"

namespace core {
namespace {

struct InitVcpu {
  static constexpr trace::Declaration declaration{"qemu_init_vcpu", trace::Category::vcpu,
                                                  trace::Shape::span,
                                                  "The accelerator makes a vCPU."};
  trace::ObjectId cpu;
  std::int32_t index = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("index", &InitVcpu::index, "CPU number"),
                         trace::state("cpu", &InitVcpu::cpu, "the CPU object"));
  }
};

struct CpuReset {
  static constexpr trace::Declaration declaration{
      "cpu_reset", trace::Category::vcpu, trace::Shape::span,
      "A CPU gets its power-on state, then the state the board wants."};
  std::int32_t index = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("index", &CpuReset::index, "CPU number"));
  }
};

struct SystemReset {
  static constexpr trace::Declaration declaration{
      "qemu_system_reset", trace::Category::machine, trace::Shape::span,
      "Every device, then every CPU, goes back to its power-on state."};

  static constexpr auto fields() { return trace::fields(); }
};

std::vector<CpuState*>& cpus() {
  static std::vector<CpuState*> list;
  return list;
}

// The registers as they are before they are lost.
void log_reset(const CpuState& cpu) {
  if (!qemu_loglevel_mask(CPU_LOG_RESET))
    return;
  CpuDump dump = cpu_dump_of(*cpu.vcpu);
  dump.fpu = cpu.vcpu->fpu();
  dump.halted = cpu.halted;
  qemu_log("CPU Reset (CPU " + std::to_string(cpu.cpu_index) + ")\n" +
           cpu_dump_state(dump));
}

void cpu_common_unrealize(DeviceState* dev) {
  std::erase(cpus(), static_cast<CpuState*>(dev));
}

void cpu_finalize(Object* obj) {
  std::erase(cpus(), static_cast<CpuState*>(obj));
}

void cpu_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = cpu_common_realize;
  dc->unrealize = cpu_common_unrealize;
  // The board makes CPUs; a model that can be added by hand says so itself.
  dc->user_creatable = false;
}

constinit const TypeInfo cpu_info{
    .name = TYPE_CPU,
    .parent = TYPE_DEVICE,
    .instance = instance_struct<CpuState>(),
    .instance_finalize = cpu_finalize,
    .abstract = true,
    .klass = class_struct<CpuClass>(),
    .class_init = cpu_class_init,
};

void cpu_register_types() {
  type_register_static(cpu_info);
}

}  // namespace

const std::vector<CpuState*>& cpu_list() {
  return cpus();
}

void cpu_common_realize(DeviceState* dev) {
  auto* cpu = object_cast<CpuState>(dev);
  if (cpu->cpu_index < 0)
    cpu->cpu_index = cpus().empty() ? 0 : cpus().back()->cpu_index + 1;
  const auto later = [cpu](const CpuState* other) {
    return other->cpu_index > cpu->cpu_index;
  };
  cpus().insert(std::find_if(cpus().begin(), cpus().end(), later), cpu);
}

void cpus_create_vcpus(MachineState* machine) {
  Vm* vm = machine->accelerator ? machine->accelerator->vm.get() : nullptr;
  if (!vm)
    return;
  for (CpuState* cpu : cpus()) {
    if (cpu->vcpu)
      continue;
    trace::Span span{InitVcpu{.cpu = object_id(cpu), .index = cpu->cpu_index}};
    cpu->vcpu = vm->create_vcpu(cpu->accel_id < 0 ? cpu->cpu_index : cpu->accel_id);
    if (const auto init = class_of<CpuClass>(cpu)->init_vcpu)
      init(cpu, *cpu->vcpu);
  }
}

void cpu_reset(CpuState* cpu) {
  trace::Span span{CpuReset{.index = cpu->cpu_index}};
  // In-kernel controllers start application processors themselves.
  const AccelState* accel = current_machine ? current_machine->accelerator : nullptr;
  cpu->halted = cpu->start_halted && !(accel && accel->kernel_irqchip);
  if (!cpu->vcpu)
    return;
  log_reset(*cpu);
  cpu->vcpu->reset();
  if (const auto reset = class_of<CpuClass>(cpu)->cpu_reset)
    reset(cpu, *cpu->vcpu);
  if (cpu->entry)
    cpu->entry(*cpu->vcpu);
}

void qemu_system_reset() {
  trace::Span span{SystemReset{}};
  const auto reset =
      current_machine ? class_of<MachineClass>(current_machine)->reset : nullptr;
  if (reset)
    reset(current_machine);
  else
    qemu_devices_reset();
  for (CpuState* cpu : cpus())
    cpu_reset(cpu);
}

type_init(cpu_register_types)

}  // namespace core
