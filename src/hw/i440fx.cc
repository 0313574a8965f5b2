// i440FX-pcihost and i440FX: one chip, seen from two sides (Intel 82441FX datasheet,
// order number 290549). The processor finds ports 0xcf8 and 0xcfc; on the bus behind them
// the chip is device 0 and has registers of its own:
//
//   0x57        RAM of the machine in units of 8 MiB, 255 at most (QEMU's; for coreboot)
//   0x59..0x5f  PAM: 0x59 bits 5..4 for 0xf0000-0xfffff, then two 16 KiB pieces a byte,
//               low one in bits 1..0, from 0xc0000 on. Bit 0 of a pair: reads go to RAM,
//               bit 1: writes do; otherwise to PCI, where ROMs are
//   0x72        SMRAM: what the processor sees at 0xa0000-0xbffff. Bit 3: RAM there in
//               system management mode, bit 6: always
//
// As in QEMU a reset leaves PAM and SMRAM as they are, and nothing locks SMRAM.
#include "hw/i440fx.h"

#include <algorithm>

#include "core/machine.h"
#include "hw/pam.h"

namespace hw {

namespace {

constexpr unsigned reg_coreboot_ram = 0x57, reg_pam = 0x59, reg_pam_count = 7;
constexpr unsigned reg_smram = 0x72;
constexpr std::uint8_t smram_default = 0x02;  // the base the chip can have
constexpr std::uint8_t smram_enable = 1 << 3, smram_open = 1 << 6;
constexpr std::uint64_t smram_base = 0xa0000, smram_size = 0x20000;
constexpr std::uint64_t one_gib = 1ull << 30, four_gib = 4 * one_gib;
constexpr std::uint64_t io_apic_address = 0xfec00000;  // where the 32 bit hole ends
constexpr std::size_t pam_areas = 13;

struct I440FXState : PCIHostState {
  static constexpr const char* qom_type = "i440FX-pcihost";
  std::uint64_t hole64_size = 2 * one_gib;
  std::uint32_t short_root_bus = 0;
  bool hole64_fix = true;
  std::uint64_t below_4g = 0, above_4g = 0;
};

struct PCII440FXState : PCIDevice {
  static constexpr const char* qom_type = "i440FX";
  std::array<PAMMemoryRegion, pam_areas> pam{};
  MemoryRegion* smram_region = nullptr;  // hides RAM behind PCI
  MemoryRegion* smram = nullptr;         // what system management mode sees in addition
};

// ---- the device ---------------------------------------------------------------------

void i440fx_update_memory_mappings(PCII440FXState* d) {
  for (unsigned i = 0; i < pam_areas; ++i) {
    const unsigned half = i + 1;  // the low half of the first register is reserved
    pam_update(&d->pam[i], d->config[reg_pam + half / 2] >> half % 2 * 4);
  }
  const std::uint8_t smram = d->config[reg_smram];
  memory_region_set_enabled(d->smram_region, (smram & smram_open) == 0);
  memory_region_set_enabled(d->smram, (smram & smram_enable) != 0);
}

void i440fx_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                         unsigned size) {
  pci_default_write_config(dev, offset, value, size);
  if (pci_ranges_overlap(offset, size, reg_pam, reg_pam_count) ||
      pci_ranges_overlap(offset, size, reg_smram, 1)) {
    i440fx_update_memory_mappings(object_cast<PCII440FXState>(dev));
  }
}

void i440fx_realize(PCIDevice* dev) {
  dev->config[reg_smram] = smram_default;
}

void i440fx_init_memory(PCII440FXState* d, Object* host, const I440FXMemory& memory) {
  d->smram_region =
      memory_region_new_alias(d, "smram-region", memory.pci, smram_base, smram_size);
  memory_region_add_subregion_overlap(memory.system, smram_base, d->smram_region, 1);
  d->smram = memory_region_new_container(d, "smram", four_gib);
  MemoryRegion* low =
      memory_region_new_alias(d, "smram-low", memory.ram, smram_base, smram_size);
  memory_region_add_subregion(d->smram, smram_base, low);
  object_property_add_const_link(current_machine, "smram", d->smram);
  init_pam(host, memory.ram, memory.system, memory.pci, &d->pam[0], pam_bios_base,
           pam_bios_size);
  for (std::size_t i = 1; i < pam_areas; ++i) {
    init_pam(host, memory.ram, memory.system, memory.pci, &d->pam[i],
             pam_expansion_base + (i - 1) * pam_expansion_size, pam_expansion_size);
  }
  i440fx_update_memory_mappings(d);
}

// ---- the host bridge ------------------------------------------------------------------

void add_number(Object* obj, const char* name, const char* type,
                std::uint64_t (*value)(const I440FXState*)) {
  object_property_add(obj, name, type,
                      [value](Object* o, const ObjectProperty&) {
                        return Value(value(object_cast<I440FXState>(o)));
                      },
                      {});
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::uint64_t hole64_start(const I440FXState* s) {
  return round_up(four_gib + s->above_4g, one_gib);
}

void i440fx_pcihost_initfn(Object* obj) {
  auto* s = object_cast<I440FXState>(obj);
  s->conf_mem = memory_region_new_io(s, &pci_host_conf_le_ops, s, "pci-conf-idx", 4);
  s->data_mem = memory_region_new_io(s, &pci_host_data_le_ops, s, "pci-conf-data", 4);
  add_number(s, "pci-hole-start", "uint32",
             [](const I440FXState* host) { return host->below_4g; });
  add_number(s, "pci-hole-end", "uint32",
             [](const I440FXState*) { return io_apic_address; });
  add_number(s, "pci-hole64-start", "uint64", hole64_start);
  add_number(s, "pci-hole64-end", "uint64", [](const I440FXState* host) {
    return round_up(hole64_start(host) + host->hole64_size, one_gib);
  });
}

void i440fx_pcihost_realize(DeviceState* dev) {
  auto* s = object_cast<I440FXState>(dev);
  sysbus_add_io(s, 0xcf8, s->conf_mem);
  sysbus_init_ioports(s, 0xcf8, 4);
  sysbus_add_io(s, 0xcfc, s->data_mem);
  sysbus_init_ioports(s, 0xcfc, 4);
}

// ---- the types ----------------------------------------------------------------------

constexpr Property i440fx_properties[] = {
    qdev_prop_size("pci-hole64-size", &I440FXState::hole64_size, 2 * one_gib),
    qdev_prop_uint32("short_root_bus", &I440FXState::short_root_bus, 0),
    qdev_prop_bool("x-pci-hole64-fix", &I440FXState::hole64_fix, true),
};

void i440fx_pcihost_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = i440fx_pcihost_realize;
  dc->fw_name = "pci";
  dc->user_creatable = false;
  dc->categories = DEVICE_CATEGORY_BRIDGE;
  device_class_set_props(dc, i440fx_properties);
}

void i440fx_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<PCIDeviceClass>(klass);
  pc->realize_pci = i440fx_realize;
  pc->config_write = i440fx_write_config;
  pc->vendor_id = PCI_VENDOR_ID_INTEL;
  pc->device_id = 0x1237;
  pc->revision = 0x02;
  pc->class_id = PCI_CLASS_BRIDGE_HOST;
  pc->desc = "Host bridge";
  pc->user_creatable = false;  // part of the host bridge, not a card
  pc->hotpluggable = false;
  pc->categories = DEVICE_CATEGORY_BRIDGE;
}

constexpr InterfaceInfo conventional_pci[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};

constinit const TypeInfo i440fx_pcihost_info{
    .name = TYPE_I440FX_PCI_HOST_BRIDGE,
    .parent = TYPE_PCI_HOST_BRIDGE,
    .instance = instance_struct<I440FXState>(),
    .instance_init = i440fx_pcihost_initfn,
    .class_init = i440fx_pcihost_class_init,
};

constinit const TypeInfo i440fx_info{
    .name = TYPE_I440FX_PCI_DEVICE,
    .parent = TYPE_PCI_DEVICE,
    .instance = instance_struct<PCII440FXState>(),
    .class_init = i440fx_class_init,
    .interfaces = conventional_pci,
};

void i440fx_register_types() {
  type_register_static(i440fx_pcihost_info);
  type_register_static(i440fx_info);
}

type_init(i440fx_register_types);

}  // namespace

PCIBus* i440fx_init(const char* host_type, const char* pci_type,
                    const I440FXMemory& memory) {
  auto* host = object_cast<I440FXState>(qdev_create(nullptr, host_type));
  host->below_4g = memory.below_4g;
  host->above_4g = memory.above_4g;
  host->bus = pci_root_bus_new(host, nullptr, memory.pci, memory.io, 0, TYPE_PCI_BUS);
  object_property_add_child(current_machine, "i440fx", host);
  qdev_init_nofail(host);

  auto* d = object_cast<PCII440FXState>(pci_create_simple(host->bus, 0, pci_type));
  i440fx_init_memory(d, host, memory);
  constexpr std::uint64_t unit = 8 << 20, most = 255;
  d->config[reg_coreboot_ram] = static_cast<std::uint8_t>(
      std::min((memory.below_4g + memory.above_4g) / unit, most));
  return host->bus;
}

void i440fx_shadow_ram_on(PCIBus* bus) {
  PCIDevice* d = bus->devices[0];
  pci_host_config_write(d, reg_pam, 0x30, 1);
  for (unsigned i = 1; i < reg_pam_count; ++i) {
    pci_host_config_write(d, reg_pam + i, 0x33, 1);
  }
}

}  // namespace hw
