// The machine "none": no device, no bus, no firmware. RAM and one CPU if asked for.
// Used to look at types and properties, and to measure what a start costs.
#include "core/machine.h"
#include "core/memory.h"
#include "core/run_state.h"

namespace machine {

using namespace core;

namespace {

constexpr const char* TYPE_NONE_MACHINE = "none-machine";

void machine_none_init(MachineState* machine) {
  if (!machine->cpu_type.empty()) {
    const Ref<> cpu(object_new(machine->cpu_type.c_str()));
    object_property_set_bool(cpu.get(), true, "realized");
  }
  if (machine->ram_size > 0) {
    MemoryRegion* ram = memory_region_new_ram(nullptr, "ram", machine->ram_size);
    memory_region_add_subregion(get_system_memory(), 0, ram);
  }
  if (!machine->kernel_filename.empty()) {
    throw Error(
        "The -kernel parameter is not supported (use the generic 'loader' device "
        "instead).");
  }
}

void machine_none_class_init(ObjectClass* klass, void*) {
  auto* mc = class_cast<MachineClass>(klass);
  mc->desc = "empty machine";
  mc->init = machine_none_init;
  mc->max_cpus = 1;
  mc->default_ram_size = 0;
}

constinit const TypeInfo none_machine_info{
    .name = TYPE_NONE_MACHINE,
    .parent = TYPE_MACHINE,
    .class_init = machine_none_class_init,
};

void machine_none_machine_init_register_types() {
  type_register_static(none_machine_info);
}

type_init(machine_none_machine_init_register_types);

}  // namespace

}  // namespace machine
