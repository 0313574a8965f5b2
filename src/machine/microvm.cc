// microvm: the shortest boot (a machine of QEMU 4.2 and later, as it is with acpi=off).
// No PCI and no keyboard: processors, memory, interrupt controller, timer, clock, one
// serial port, and eight places for virtio devices in memory. A test board in one file.
//
//   0x000000000 - low end      RAM (3 GiB at most)     0x0feb00000  virtio-mmio, 512
//   bytes 0x1_0000_0000 - size       firmware, if no kernel               each, lines 5
//   to 12 0x1_0000_0000 on           the rest of RAM
#include "core/loader.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "core/sysbus.h"
#include "hw/mc146818rtc.h"
#include "hw/pit_common.h"
#include "machine/pc.h"

namespace machine {

namespace {

constexpr std::uint64_t low_ram_max = 0xc0000000, four_gib = 1ull << 32;
constexpr std::uint64_t virtio_base = 0xfeb00000, virtio_size = 512;
constexpr std::size_t virtio_count = 8, virtio_first_line = 5;
constexpr const char* default_firmware = "bios-microvm.bin";

struct MicrovmMachineState : MachineState {
  static constexpr const char* qom_type = "microvm-machine";
  OnOffAuto pic = OnOffAuto::auto_, pit = OnOffAuto::auto_, rtc = OnOffAuto::auto_;
  OnOffAuto acpi = OnOffAuto::auto_, pcie = OnOffAuto::auto_;
  bool option_roms = true;
  bool isa_serial = true;
  X86Lines lines;
};

MicrovmMachineState* as_microvm(Object* obj) {
  return object_cast<MicrovmMachineState>(obj);
}

// ---- the board ------------------------------------------------------------------------

void microvm_memory_init(const MicrovmMachineState* mms) {
  MemoryRegion* ram = memory_region_new_ram(nullptr, "microvm.ram", mms->ram_size);
  const std::uint64_t low = std::min(mms->ram_size, low_ram_max);
  memory_region_add_subregion(
      get_system_memory(), 0,
      memory_region_new_alias(nullptr, "ram-below-4g", ram, 0, low));
  if (mms->ram_size > low) {
    memory_region_add_subregion(
        get_system_memory(), four_gib,
        memory_region_new_alias(nullptr, "ram-above-4g", ram, low, mms->ram_size - low));
  }
  if (mms->kernel_filename.empty()) {
    const std::string name = mms->firmware.empty() ? default_firmware : mms->firmware;
    x86_map_firmware(load_firmware(name), get_system_memory(), FirmwareMemory::ram);
  }
}

void microvm_devices_init(MicrovmMachineState* mms) {
  ISABus* isa_bus = isa_bus_new(nullptr, get_system_memory(), get_system_io());
  if (mms->pic != OnOffAuto::off) {
    x86_i8259_init(mms, &mms->lines, isa_bus);
  }
  for (std::size_t i = 0; i < virtio_count; ++i) {
    auto* transport = object_cast<SysBusDevice>(qdev_create(nullptr, "virtio-mmio"));
    qdev_init_nofail(transport);
    sysbus_mmio_map(transport, 0, virtio_base + i * virtio_size);
    sysbus_connect_irq(transport, 0, mms->lines.gsi[virtio_first_line + i]);
  }
  if (mms->pit != OnOffAuto::off) {
    if (x86_kernel_irqchip(mms)) {
      hw::kvm_pit_init(isa_bus, 0x40);
    } else {
      hw::i8254_pit_init(isa_bus, 0x40, mms->lines.gsi[0]);
    }
  }
  if (mms->rtc != OnOffAuto::off) {
    hw::mc146818_rtc_init(isa_bus, 0, mms->lines.gsi[8]);
  }
  if (mms->isa_serial) {
    x86_serial_init(isa_bus);
  }
}

// Switches for what the board of today's QEMU can have beside this.
void check_switches(const MicrovmMachineState* mms) {
  for (const auto& [name, value] :
       {std::pair("acpi", mms->acpi), std::pair("pcie", mms->pcie)}) {
    if (value == OnOffAuto::on) {
      throw Error(std::string("microvm with ") + name + "=on is not built yet; write " +
                  name + "=off");
    }
  }
}

void microvm_machine_state_init(MachineState* machine) {
  MicrovmMachineState* mms = as_microvm(machine);
  check_switches(mms);
  x86_cpus_init(mms);
  microvm_memory_init(mms);
  x86_gsi_init(mms, &mms->lines);
  microvm_devices_init(mms);
  qemu_register_reset([] { qbus_reset_all(sysbus_get_default()); });
  if (!mms->kernel_filename.empty()) {
    load_kernel(mms, cpu_list().front());
  }
}

// ---- the type -------------------------------------------------------------------------

void add_switch(ObjectClass* klass, const char* name,
                OnOffAuto MicrovmMachineState::*member, const char* description) {
  static const EnumTable names{"auto", "on", "off"};
  object_class_property_add_enum(
      klass, name, "OnOffAuto", &names,
      [member](Object* obj) { return static_cast<int>(as_microvm(obj)->*member); },
      [member](Object* obj, int value) {
        as_microvm(obj)->*member = static_cast<OnOffAuto>(value);
      });
  object_class_property_set_description(klass, name, description);
}

void microvm_class_init(ObjectClass* oc, void*) {
  MachineClass* mc = MACHINE_CLASS(oc);
  mc->init = microvm_machine_state_init;
  mc->reset = [](MachineState*) { qemu_devices_reset(); };
  mc->family = "microvm_i386";
  mc->desc = "microvm (i386)";
  mc->units_per_default_bus = 1;
  mc->no_floppy = mc->no_cdrom = mc->no_parallel = true;
  mc->max_cpus = 288;
  mc->default_cpu_type = "qemu64-x86_64-cpu";
  mc->has_hotpluggable_cpus = false;
  x86_take_cpus(oc);
  add_switch(oc, "pic", &MicrovmMachineState::pic, "Enable i8259 PIC");
  add_switch(oc, "pit", &MicrovmMachineState::pit, "Enable i8254 PIT");
  add_switch(oc, "rtc", &MicrovmMachineState::rtc, "Enable MC146818 RTC");
  add_switch(oc, "acpi", &MicrovmMachineState::acpi, "ACPI tables; only off is built");
  add_switch(oc, "pcie", &MicrovmMachineState::pcie, "A PCI bus; only off is built");
  object_class_property_add_bool(
      oc, "x-option-roms", [](Object* obj) { return as_microvm(obj)->option_roms; },
      [](Object* obj, bool value) { as_microvm(obj)->option_roms = value; });
  object_class_property_set_description(
      oc, "x-option-roms", "Option ROMs; there are none, so off and on are the same");
  object_class_property_add_bool(
      oc, "isa-serial", [](Object* obj) { return as_microvm(obj)->isa_serial; },
      [](Object* obj, bool value) { as_microvm(obj)->isa_serial = value; });
  object_class_property_set_description(
      oc, "isa-serial", "Set off to disable the instantiation an ISA serial port");
}

void microvm_finalize(Object* obj) {
  for (Irq line : as_microvm(obj)->lines.gsi) {
    object_unref(line);
  }
}

constexpr InterfaceInfo microvm_interfaces[] = {{TYPE_HOTPLUG_HANDLER}, {}};

constinit const TypeInfo microvm_info{
    .name = "microvm-machine",
    .parent = TYPE_MACHINE,
    .instance = instance_struct<MicrovmMachineState>(),
    .instance_finalize = microvm_finalize,
    .class_init = microvm_class_init,
    .interfaces = microvm_interfaces,
};

void microvm_register_types() {
  type_register_static(microvm_info);
}

type_init(microvm_register_types);

}  // namespace

}  // namespace machine
