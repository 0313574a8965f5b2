// generic-pc-machine: the abstract type that every PC board inherits. It has the
// defaults of a PC's class (boot order, 255 CPUs, IDE disks) and the properties that
// all boards share; it has no init function, so it cannot be started itself.
#include "machine/pc.h"

#include <string>

#include "core/report.h"
#include "machine/interfaces.h"

namespace machine {

namespace {

constexpr std::uint64_t four_gib = 1ull << 32;

const EnumTable& on_off_auto_names() {
  static const EnumTable names{"auto", "on", "off"};
  return names;
}

void pc_machine_set_max_ram_below_4g(Object* obj, const ObjectProperty& property,
                                     const Value& value) {
  const std::uint64_t size = visit_type_size(value, property.name);
  if (size > four_gib) {
    throw Error("Machine option 'max-ram-below-4g=" + std::to_string(size) +
                "' expects size less than or equal to 4G");
  }
  if (size < (1 << 20)) {
    warn_report(
        "Only " + std::to_string(size) +
        " bytes of RAM below the 4GiB boundary,BIOS may not work with less than 1MiB");
  }
  PC_MACHINE(obj)->max_ram_below_4g = size;
}

void add_bool(ObjectClass* klass, const char* name, bool PCMachineState::*member) {
  object_class_property_add_bool(
      klass, name, [member](Object* obj) { return PC_MACHINE(obj)->*member; },
      [member](Object* obj, bool value) { PC_MACHINE(obj)->*member = value; });
}

void add_on_off_auto(ObjectClass* klass, const char* name,
                     OnOffAuto PCMachineState::*member, const char* description) {
  object_class_property_add_enum(
      klass, name, "OnOffAuto", &on_off_auto_names(),
      [member](Object* obj) { return static_cast<int>(PC_MACHINE(obj)->*member); },
      [member](Object* obj, int value) {
        PC_MACHINE(obj)->*member = static_cast<OnOffAuto>(value);
      });
  object_class_property_set_description(klass, name, description);
}

void pc_machine_set_nvdimm_persistence(Object* obj, const std::string& value) {
  if (value != "cpu" && value != "mem-ctrl") {
    throw Error("-machine nvdimm-persistence=" + value + ": unsupported option");
  }
  PC_MACHINE(obj)->nvdimm_persistence = value;
}

void pc_machine_add_properties(ObjectClass* oc) {
  // No memory is hot-plugged: the region for it has no size.
  object_class_property_add(
      oc, "device-memory-region-size", "int",
      [](Object*, const ObjectProperty&) { return Value{std::int64_t{0}}; }, {});
  object_class_property_add(
      oc, "max-ram-below-4g", "size",
      [](Object* obj, const ObjectProperty&) {
        return Value{PC_MACHINE(obj)->max_ram_below_4g};
      },
      pc_machine_set_max_ram_below_4g);
  object_class_property_set_description(
      oc, "max-ram-below-4g", "Maximum ram below the 4G boundary (32bit boundary)");
  add_on_off_auto(oc, "smm", &PCMachineState::smm, "Enable SMM (pc & q35)");
  add_on_off_auto(oc, "vmport", &PCMachineState::vmport, "Enable vmport (pc & q35)");
  add_bool(oc, "nvdimm", &PCMachineState::nvdimm);
  object_class_property_set_description(
      oc, "nvdimm", "Set on/off to enable/disable NVDIMM instantiation");
  object_class_property_add_str(
      oc, "nvdimm-persistence",
      [](Object* obj) { return PC_MACHINE(obj)->nvdimm_persistence; },
      pc_machine_set_nvdimm_persistence);
  object_class_property_set_description(
      oc, "nvdimm-persistence", "Set NVDIMM persistenceValid values are cpu, mem-ctrl");
  add_bool(oc, "smbus", &PCMachineState::smbus_enabled);
  add_bool(oc, "sata", &PCMachineState::sata_enabled);
  add_bool(oc, "pit", &PCMachineState::pit_enabled);
}

void pc_machine_reset(MachineState*) {
  qemu_devices_reset();
}

// Only CPUs are plugged into a machine itself.
void pc_cpu_plug(Object* handler, DeviceState*) {
  pc_count_cpus(PC_MACHINE(handler));
}

void pc_machine_class_init(ObjectClass* oc, void*) {
  MachineClass* mc = MACHINE_CLASS(oc);
  mc->default_boot_order = "cad";
  mc->block_default_type = BlockInterface::ide;
  mc->units_per_default_bus = 2;
  mc->max_cpus = 255;
  mc->reset = pc_machine_reset;
  mc->default_cpu_type = "qemu64-x86_64-cpu";
  mc->has_hotpluggable_cpus = true;
  mc->auto_enable_numa_with_memhp = true;
  x86_take_cpus(oc);
  class_cast<HotplugHandlerClass>(oc)->plug = pc_cpu_plug;
  pc_machine_add_properties(oc);
}

void pc_machine_initfn(Object* obj) {
  object_property_add_link(obj, "rtc_state", TYPE_ISA_DEVICE, &PC_MACHINE(obj)->rtc,
                           object_property_allow_set_link, LinkStrength::strong);
  object_property_add_link(obj, "acpi-device", TYPE_HOTPLUG_HANDLER,
                           &PC_MACHINE(obj)->acpi_dev, object_property_allow_set_link,
                           LinkStrength::strong);
}

void pc_machine_finalize(Object* obj) {
  for (Irq line : PC_MACHINE(obj)->lines.gsi) {
    object_unref(line);
  }
}

constexpr InterfaceInfo pc_machine_interfaces[] = {
    {TYPE_HOTPLUG_HANDLER}, {TYPE_NMI}, {}};

constinit const TypeInfo pc_machine_info{
    .name = TYPE_PC_MACHINE,
    .parent = TYPE_MACHINE,
    .instance = instance_struct<PCMachineState>(),
    .instance_init = pc_machine_initfn,
    .instance_finalize = pc_machine_finalize,
    .abstract = true,
    .klass = class_struct<PCMachineClass>(),
    .class_init = pc_machine_class_init,
    .interfaces = pc_machine_interfaces,
};

void pc_machine_register_types() {
  type_register_static(pc_machine_info);
}

type_init(pc_machine_register_types);

}  // namespace

}  // namespace machine
