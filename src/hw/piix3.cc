// PIIX3 (Intel 82371SB datasheet, order number 290550), function 0: what sits between PCI
// and ISA. Function 1 is its IDE controller, function 2 USB; power management is a
// PIIX4's.
//
//   0x4c  ISA clock, 0x4e what is decoded for firmware and keyboard, ...: kept, no effect
//   0x60..0x63  PIRQ A to D: bits 3..0 the ISA line it leads to, bit 7 nowhere
//   port 0xcf9  reset control: bit 1 what kind of reset, bit 2 do it
//
// Four wires (PIRQ A to D) come from the slots. Pin A of slot 1 is wire A, of slot 2 wire
// B and so on round, so that neighbours, which mostly use pin A, do not share a wire.
#include "hw/piix3.h"

#include <algorithm>

#include "core/run_state.h"

namespace hw {

namespace {

constexpr const char* TYPE_PIIX3_PCI_DEVICE = "pci-piix3";
constexpr unsigned reg_pirq = 0x60, pirq_count = 4;
constexpr std::uint8_t reset_kind = 1 << 1, reset_now = 1 << 2;

struct PIIX3State : PCIDevice {
  static constexpr const char* qom_type = "pci-piix3";
  ISABus* isa_bus = nullptr;
  std::array<Irq, isa_irq_count> lines{};
  std::uint32_t line_levels = 0;  // bit n: ISA line n is held up by a PIRQ
  std::uint8_t reset_control = 0;
};

PIIX3State* as_piix3(Object* dev) {
  return object_cast<PIIX3State>(dev);
}

// ---- interrupts ---------------------------------------------------------------------

int pci_slot_get_pirq(const PCIDevice* dev, int pin) {
  return (pin + pci_slot(dev->devfn) - 1) & 3;
}

// Several PIRQs may lead to one line: it is up while any of them is.
void piix3_update_irq_levels(PIIX3State* piix3) {
  std::uint32_t levels = 0;
  for (unsigned pirq = 0; pirq < pirq_count; ++pirq) {
    const unsigned line = piix3->config[reg_pirq + pirq];
    if (line < isa_irq_count &&
        pci_bus_irq_level(pci_bus_of(piix3), static_cast<int>(pirq))) {
      levels |= 1u << line;
    }
  }
  const std::uint32_t changed = std::exchange(piix3->line_levels, levels) ^ levels;
  for (unsigned line = 0; line < isa_irq_count; ++line) {
    if (changed >> line & 1) {
      qemu_set_irq(piix3->lines[line], levels >> line & 1);
    }
  }
}

void piix3_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                        unsigned size) {
  pci_default_write_config(dev, offset, value, size);
  if (pci_ranges_overlap(offset, size, reg_pirq, pirq_count)) {
    piix3_update_irq_levels(as_piix3(dev));
  }
}

// ---- reset ----------------------------------------------------------------------------

struct ResetValue {
  std::uint8_t offset, value;
};

// Register defaults (datasheet, 4.1); what is not named is 0.
constexpr ResetValue reset_values[] = {
    {0x4c, 0x4d}, {0x4e, 0x03}, {0x60, 0x80}, {0x61, 0x80}, {0x62, 0x80},
    {0x63, 0x80}, {0x69, 0x02}, {0x70, 0x80}, {0x76, 0x0c}, {0x77, 0x0c},
    {0x78, 0x02}, {0xa0, 0x08}, {0xa8, 0x0f},
};

void piix3_reset(DeviceState* dev) {
  auto* piix3 = as_piix3(dev);
  std::fill(piix3->config.begin() + pci_config_header_size, piix3->config.end(), 0);
  for (const ResetValue& reset : reset_values) {
    piix3->config[reset.offset] = reset.value;
  }
  pci_set_word(piix3->config, PCI_STATUS, PCI_STATUS_DEVSEL_MEDIUM);
  piix3->reset_control = 0;
  piix3_update_irq_levels(piix3);
}

std::uint64_t reset_control_read(void* opaque, std::uint64_t, unsigned) {
  return static_cast<PIIX3State*>(opaque)->reset_control;
}

void reset_control_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  if (data & reset_now) {
    request_reset(ShutdownCause::guest_reset);
    return;
  }
  static_cast<PIIX3State*>(opaque)->reset_control =
      static_cast<std::uint8_t>(data & reset_kind);
}

constexpr MemoryRegionOps reset_control_ops{.read = reset_control_read,
                                            .write = reset_control_write,
                                            .max_access_size = 4,
                                            .impl_max_access_size = 1};

// ---- the type -------------------------------------------------------------------------

void piix3_realize(PCIDevice* dev) {
  auto* piix3 = as_piix3(dev);
  piix3->isa_bus = isa_bus_new(piix3, get_system_memory(), get_system_io());
  MemoryRegion* control =
      memory_region_new_io(piix3, &reset_control_ops, piix3, "piix3-reset-control", 1);
  memory_region_add_subregion_overlap(get_system_io(), 0xcf9, control, 1);
}

void piix3_exit(PCIDevice* dev) {
  pci_bus_irqs(pci_bus_of(dev), {}, nullptr, pirq_count);
}

void pci_piix3_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<PCIDeviceClass>(klass);
  pc->realize_pci = piix3_realize;
  pc->exit = piix3_exit;
  pc->reset = piix3_reset;
  pc->vendor_id = PCI_VENDOR_ID_INTEL;
  pc->device_id = 0x7000;
  pc->class_id = PCI_CLASS_BRIDGE_ISA;
  pc->desc = "ISA bridge";
  pc->user_creatable = false;  // the board wires its interrupts
  pc->hotpluggable = false;
  pc->categories = DEVICE_CATEGORY_BRIDGE;
}

void piix3_class_init(ObjectClass* klass, void*) {
  class_cast<PCIDeviceClass>(klass)->config_write = piix3_write_config;
}

constexpr InterfaceInfo conventional_pci[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};

constinit const TypeInfo pci_piix3_info{
    .name = TYPE_PIIX3_PCI_DEVICE,
    .parent = TYPE_PCI_DEVICE,
    .instance = instance_struct<PIIX3State>(),
    .abstract = true,
    .class_init = pci_piix3_class_init,
    .interfaces = conventional_pci,
};

constinit const TypeInfo piix3_info{
    .name = TYPE_PIIX3_DEVICE,
    .parent = TYPE_PIIX3_PCI_DEVICE,
    .class_init = piix3_class_init,
};

void piix3_register_types() {
  type_register_static(pci_piix3_info);
  type_register_static(piix3_info);
}

type_init(piix3_register_types);

}  // namespace

PCIDevice* piix3_create(PCIBus* bus, std::span<const Irq> lines) {
  auto* piix3 = as_piix3(pci_create_simple_multifunction(bus, -1, TYPE_PIIX3_DEVICE));
  std::copy_n(lines.begin(), piix3->lines.size(), piix3->lines.begin());
  pci_bus_irqs(
      bus, [piix3](int, int) { piix3_update_irq_levels(piix3); }, pci_slot_get_pirq,
      pirq_count);
  return piix3;
}

ISABus* piix3_isa_bus(PCIDevice* piix3) {
  return as_piix3(piix3)->isa_bus;
}

void piix3_route(PCIDevice* piix3, std::span<const std::uint8_t> isa_lines) {
  for (unsigned pirq = 0; pirq < pirq_count && pirq < isa_lines.size(); ++pirq) {
    pci_host_config_write(piix3, reg_pirq + pirq, isa_lines[pirq], 1);
  }
}

}  // namespace hw
