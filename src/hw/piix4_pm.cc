// PIIX4_PM (Intel 82371AB datasheet, order number 290562), function 3: power management.
// On a PC it sits beside a PIIX3, whose own has no ACPI.
//
//   0x40  where the PM registers are (bits 15..6), 64 ports   0x80  bit 0: they are there
//   0x90  where the SMBus controller is                       0xd2  bit 0: it is there
//   ports 0xb2, 0xb3   APM command and status: 0xf1 gives events to ACPI, 0xf0 takes them
//   ports 0xafe0       general purpose events (QEMU's place; AML knows it)
//   ports 0xae00, 0xaf00   what ACPI asks about plugged cards and CPUs (acpi_hotplug.h)
//
// Not built yet: the SMBus controller and what is on it, and system management
// interrupts.
#include "hw/piix4_pm.h"

#include <algorithm>

#include "hw/acpi_hotplug.h"
#include "hw/acpi_pm.h"

namespace hw {

namespace {

constexpr const char* TYPE_ACPI_DEVICE_IF = "acpi-device-interface";

constexpr unsigned reg_pm_base = 0x40, reg_pm_misc = 0x80, reg_smbus_base = 0x90;
constexpr unsigned reg_smbus_config = 0xd2, reg_devactb_high = 0x5b;
constexpr std::uint8_t apmc_enabled = 1 << 1;
constexpr std::uint64_t pm_size = 64, gpe_port = 0xafe0, gpe_size = 4;

struct PIIX4PMState : PCIDevice {
  static constexpr const char* qom_type = "PIIX4_PM";
  std::uint32_t smb_io_base = 0;
  std::uint8_t disable_s3 = 0, disable_s4 = 0, s4_val = 2;
  bool use_acpi_pci_hotplug = true, memory_hotplug = true;
  Irq sci = nullptr;
  MemoryRegion* io = nullptr;
  std::unique_ptr<AcpiPm> pm;
  std::uint8_t apm_command = 0, apm_status = 0;
};

PIIX4PMState* as_pm(Object* obj) {
  return object_cast<PIIX4PMState>(obj);
}

// ---- APM ----------------------------------------------------------------------------

std::uint64_t apm_read(void* opaque, std::uint64_t offset, unsigned) {
  const auto* s = static_cast<PIIX4PMState*>(opaque);
  return offset == 0 ? s->apm_command : s->apm_status;
}

void apm_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned) {
  auto* s = static_cast<PIIX4PMState*>(opaque);
  if (offset != 0) {
    s->apm_status = static_cast<std::uint8_t>(data);
    return;
  }
  s->apm_command = static_cast<std::uint8_t>(data);
  if (s->apm_command == acpi_enable_command || s->apm_command == acpi_disable_command) {
    s->pm->enable(s->apm_command == acpi_enable_command);
  }
}

constexpr MemoryRegionOps apm_ops{.read = apm_read,
                                  .write = apm_write,
                                  .max_access_size = 4,
                                  .impl_max_access_size = 1};

// ---- configuration ------------------------------------------------------------------

std::uint16_t pm_io_base(const PIIX4PMState* s) {
  return pci_get_word(s->config, reg_pm_base) & 0xffc0;
}

void pm_io_space_update(PIIX4PMState* s) {
  memory_region_set_enabled(s->io, (s->config[reg_pm_misc] & 1) != 0);
  memory_region_set_address(s->io, pm_io_base(s));
}

void piix4_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                        unsigned size) {
  pci_default_write_config(dev, offset, value, size);
  if (pci_ranges_overlap(offset, size, reg_pm_base, 4) ||
      pci_ranges_overlap(offset, size, reg_pm_misc, 1)) {
    pm_io_space_update(as_pm(dev));
  }
}

void set_fixed_registers(PIIX4PMState* s) {
  pci_set_word(s->config, PCI_STATUS, PCI_STATUS_FAST_BACK | PCI_STATUS_DEVSEL_MEDIUM);
  // No processor here has a system management mode: firmware that finds this bit set
  // takes its set-up as done and does not wait for it (QEMU with smm=off).
  s->config[reg_devactb_high] = apmc_enabled;
  s->config[0x5f] = 0x10;  // what firmware would have set up about ports...
  s->config[0x63] = 0x60;
  s->config[reg_pm_base] = 0x01;
  pci_set_long(s->config, reg_smbus_base, s->smb_io_base | 1);
  s->config[reg_smbus_config] = 0x09;  // enabled, interrupts by IRQ 9
}

void piix4_reset(DeviceState* dev) {
  PIIX4PMState* s = as_pm(dev);
  std::fill(s->config.begin() + pci_config_header_size, s->config.end(), 0);
  set_fixed_registers(s);
  s->apm_command = s->apm_status = 0;
  s->pm->reset();
  pm_io_space_update(s);
}

// ---- the type -------------------------------------------------------------------------

void add_numbers(PIIX4PMState* s) {
  const auto add = [s](const char* name, const char* type, std::uint64_t value) {
    object_property_add(s, name, type,
                        [value](Object*, const ObjectProperty&) { return Value(value); },
                        {});
  };
  add("acpi_enable_cmd", "uint8", acpi_enable_command);
  add("acpi_disable_cmd", "uint8", acpi_disable_command);
  add("gpe0_blk", "uint32", gpe_port);
  add("gpe0_blk_len", "uint32", gpe_size);
  add("sci_int", "uint16", 9);
  add("acpi-pcihp-io-base", "uint16", acpi_pci_hotplug_port);
  add("acpi-pcihp-io-len", "uint16", acpi_pci_hotplug_size);
  object_property_add_bool(s, "cpu-hotplug-legacy", [](Object*) { return true; }, {});
  object_property_add(s, "pm_io_base", "uint32",
                      [](Object* obj, const ObjectProperty&) {
                        return Value(std::uint64_t{pm_io_base(as_pm(obj))});
                      },
                      {});
}

void piix4_realize(PCIDevice* dev) {
  PIIX4PMState* s = as_pm(dev);
  s->pm = std::make_unique<AcpiPm>(s->sci, s->s4_val);
  pci_config_set_interrupt_pin(s, 1);
  MemoryRegion* apm = memory_region_new_io(s, &apm_ops, s, "apm-io", 2);
  memory_region_add_subregion(get_system_io(), 0xb2, apm);
  s->io = memory_region_new_container(s, "piix4-pm", pm_size);
  memory_region_set_enabled(s->io, false);
  memory_region_add_subregion(get_system_io(), 0, s->io);
  s->pm->add_regions(s, s->io);
  memory_region_add_subregion(get_system_io(), gpe_port, s->pm->new_gpe_region(s));
  set_fixed_registers(s);
  add_numbers(s);
  PCIBus* bus = pci_bus_of(s);
  object_property_set_link(bus, s, "hotplug-handler");
  object_property_add(
      bus, "acpi-pcihp-bsel", "uint32",
      [](Object*, const ObjectProperty&) { return Value(std::uint64_t{0}); }, {});
  memory_region_add_subregion(get_system_io(), acpi_pci_hotplug_port,
                              acpi_pci_hotplug_region(s, bus));
  memory_region_add_subregion(get_system_io(), acpi_cpu_hotplug_port,
                              acpi_cpu_hotplug_region(s));
}

void piix4_finalize(Object* obj) {
  object_unref(as_pm(obj)->sci);
}

constexpr Property piix4_pm_properties[] = {
    qdev_prop_uint32("smb_io_base", &PIIX4PMState::smb_io_base, 0),
    qdev_prop_uint8("disable_s3", &PIIX4PMState::disable_s3, 0),
    qdev_prop_uint8("disable_s4", &PIIX4PMState::disable_s4, 0),
    qdev_prop_uint8("s4_val", &PIIX4PMState::s4_val, 2),
    qdev_prop_bool("acpi-pci-hotplug-with-bridge-support",
                   &PIIX4PMState::use_acpi_pci_hotplug, true),
    qdev_prop_bool("memory-hotplug-support", &PIIX4PMState::memory_hotplug, true),
};

void piix4_pm_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<PCIDeviceClass>(klass);
  pc->realize_pci = piix4_realize;
  pc->config_write = piix4_write_config;
  pc->reset = piix4_reset;
  pc->vendor_id = PCI_VENDOR_ID_INTEL;
  pc->device_id = 0x7113;
  pc->revision = 0x03;
  pc->class_id = PCI_CLASS_BRIDGE_OTHER;
  pc->desc = "PM";
  pc->user_creatable = false;  // the board wires its interrupt
  pc->hotpluggable = false;
  pc->categories = DEVICE_CATEGORY_BRIDGE;
  device_class_set_props(pc, piix4_pm_properties);
}

constexpr InterfaceInfo piix4_interfaces[] = {{TYPE_HOTPLUG_HANDLER},
                                              {TYPE_ACPI_DEVICE_IF},
                                              {INTERFACE_CONVENTIONAL_PCI_DEVICE},
                                              {}};

constinit const TypeInfo acpi_device_if_info{
    .name = TYPE_ACPI_DEVICE_IF,
    .parent = TYPE_INTERFACE,
};

constinit const TypeInfo piix4_pm_info{
    .name = TYPE_PIIX4_PM,
    .parent = TYPE_PCI_DEVICE,
    .instance = instance_struct<PIIX4PMState>(),
    .instance_finalize = piix4_finalize,
    .class_init = piix4_pm_class_init,
    .interfaces = piix4_interfaces,
};

void piix4_register_types() {
  type_register_static(acpi_device_if_info);
  type_register_static(piix4_pm_info);
}

type_init(piix4_register_types);

}  // namespace

PCIDevice* piix4_pm_init(PCIBus* bus, int devfn, std::uint32_t smbus_port, Irq sci) {
  PIIX4PMState* s = as_pm(pci_create(bus, devfn, TYPE_PIIX4_PM));
  qdev_prop_set_uint32(s, "smb_io_base", smbus_port);
  if (sci != nullptr) {
    s->sci = static_cast<Irq>(object_ref(sci));
  }
  qdev_init_nofail(s);
  return s;
}

void piix4_pm_enable(PCIDevice* pm, std::uint16_t port) {
  pci_host_config_write(pm, reg_pm_base, port | 1u, 4);
  pci_host_config_write(pm, reg_pm_misc, 1, 1);
}

}  // namespace hw
