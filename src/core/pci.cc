// The types of PCI, and where on its bus a device goes. See pci.h.
//
// A slot is a socket: up to eight functions, of which function 0 must exist and says
// whether there are others. The bus keeps one pointer for each of its 256 places.
#include "core/pci.h"

#include <algorithm>
#include <cstdio>

#include "core/pci_info.h"
#include "core/pci_internal.h"

namespace core {
namespace {

struct PciDeviceReady {
  static constexpr trace::Declaration declaration{
      "pci_qdev_realize", trace::Category::device, trace::Shape::instant,
      "A PCI device has its place on the bus and its configuration space."};
  trace::ObjectId device;
  trace::ObjectId bus;
  trace::Hex devfn;
  trace::Hex vendor_id, device_id, class_id;
  std::uint32_t pin = 0;
  std::int32_t line = -1;
  bool multifunction = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &PciDeviceReady::device, "the device"),
        trace::identity("bus", &PciDeviceReady::bus, "its bus"),
        trace::state("devfn", &PciDeviceReady::devfn, "slot times 8 plus function"),
        trace::state("vendor_id", &PciDeviceReady::vendor_id, "who makes it"),
        trace::state("device_id", &PciDeviceReady::device_id, "which one it is"),
        trace::state("class_id", &PciDeviceReady::class_id, "what it is for"),
        trace::state("pin", &PciDeviceReady::pin, "1 to 4: INTA to INTD; 0: none"),
        trace::state("line", &PciDeviceReady::line,
                     "of the bus, that the pin is wired to; -1: none"),
        trace::state("multifunction", &PciDeviceReady::multifunction,
                     "the slot has further functions"));
  }
};

// ---- property "addr" ------------------------------------------------------------------

std::string devfn_text(std::int32_t devfn) {
  if (devfn < 0)
    return "<unset>";
  char text[24];
  std::snprintf(text, sizeof text, "%02x.%x", static_cast<unsigned>(pci_slot(devfn)),
                static_cast<unsigned>(pci_func(devfn)));
  return text;
}

// A hexadecimal number at the front of `text`; takes it away. As scanf's %x, which QEMU
// reads it with: blanks, '+' and "0x" may stand before it, and "0x" alone is 0.
bool take_hex(std::string_view& text, unsigned limit, unsigned* value) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
  if (text.starts_with('+'))
    text.remove_prefix(1);
  const bool prefixed = text.starts_with("0x") || text.starts_with("0X");
  if (prefixed)
    text.remove_prefix(2);
  const std::size_t digits =
      std::min(text.find_first_not_of("0123456789abcdefABCDEF"), text.size());
  *value = 0;
  for (const char c : text.substr(0, digits)) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    *value = std::min(*value * 16 + static_cast<unsigned>(digit), limit + 1);
  }
  text.remove_prefix(digits);
  return (digits > 0 || prefixed) && *value <= limit;
}

// "5", "05.0", "0x5.1": slot and function, both hexadecimal.
bool parse_devfn(std::string_view text, std::int32_t* devfn) {
  unsigned slot = 0, function = 0;
  if (!take_hex(text, pci_slot_max - 1, &slot))
    return false;
  if (!text.empty()) {
    if (text.front() != '.')
      return false;
    text.remove_prefix(1);
    if (!take_hex(text, pci_func_max - 1, &function) || !text.empty())
      return false;
  }
  *devfn = pci_devfn(static_cast<int>(slot), static_cast<int>(function));
  return true;
}

Value devfn_get(DeviceState* dev, const Property& row) {
  return Value(std::int64_t{dev->*(row.member.i32)});
}

void devfn_set(DeviceState* dev, const Property& row, const Value& value) {
  std::int32_t& member = dev->*(row.member.i32);
  if (!std::holds_alternative<Text>(value) &&
      !std::holds_alternative<std::string>(value)) {
    const std::int32_t number = visit_type_int32(value, row.name);
    if (number < -1 || number >= pci_devfn_max)
      throw Error(std::string("Property ") + object_get_typename(dev) + "." + row.name +
                  " doesn't take value " + std::to_string(number) +
                  " (minimum: -1, maximum: 255)");
    member = number;
    return;
  }
  const std::string text = visit_type_str(value, row.name);
  if (!parse_devfn(text, &member))
    throw Error(std::string("Property '") + object_get_typename(dev) + "." + row.name +
                "' doesn't take value '" + text + "'");
}

void devfn_default(DeviceState* dev, const Property& row) {
  dev->*(row.member.i32) = static_cast<std::int32_t>(row.default_number);
}

std::string devfn_print(DeviceState* dev, const Property& row) {
  return devfn_text(dev->*(row.member.i32));
}

constexpr PropertyInfo prop_info_pci_devfn{
    .type = "int32",
    .description = "Slot and optional function number, example: 06.0 or 06",
    .get = devfn_get,
    .set = devfn_set,
    .set_default = devfn_default,
    .print = devfn_print};

constexpr Property devfn_property() {
  Property row{.name = "addr",
               .info = &prop_info_pci_devfn,
               .member = {},
               .default_number = static_cast<std::uint64_t>(-1)};
  row.member.i32 = static_cast<std::int32_t DeviceState::*>(&PCIDevice::devfn);
  return row;
}

constexpr Property pci_properties[] = {
    devfn_property(),
    qdev_prop_string("romfile", &PCIDevice::romfile),
    qdev_prop_uint32("rombar", &PCIDevice::rom_bar, 1),
    qdev_prop_bit("multifunction", &PCIDevice::flags, 0, false),
    qdev_prop_bit("command_serr_enable", &PCIDevice::flags, 1, true),
    qdev_prop_bit("x-pcie-lnksta-dllla", &PCIDevice::flags, 2, true),
    qdev_prop_bit("x-pcie-extcap-init", &PCIDevice::flags, 3, true),
};

// ---- a place on the bus -------------------------------------------------------------

std::string place_error(int devfn) {
  return "PCI: slot " + std::to_string(pci_slot(devfn)) + " function " +
         std::to_string(pci_func(devfn)) + " not available for ";
}

int first_free_slot(const PCIBus* bus, const std::string& type) {
  for (int devfn = bus->devfn_min; devfn < pci_devfn_max; devfn += pci_func_max)
    if (!bus->devices[static_cast<std::size_t>(devfn)])
      return devfn;
  throw Error("PCI: no slot/function available for " + type + ", all in use or reserved");
}

// Where the device wants to be, checked against who is there already.
int choose_devfn(const PCIBus* bus, const PCIDevice* dev) {
  const std::string type = object_get_typename(dev);
  if (dev->devfn < 0)
    return first_free_slot(bus, type);
  if (const PCIDevice* other = bus->devices[static_cast<std::size_t>(dev->devfn)])
    throw Error(place_error(dev->devfn) + type + ", in use by " +
                object_get_typename(other));
  return dev->devfn;
}

std::string hex_place(int slot, int function) {
  char text[16];
  std::snprintf(text, sizeof text, "%x.%x", static_cast<unsigned>(slot),
                static_cast<unsigned>(function));
  return text;
}

// Function 0 says whether the others are looked for: it must not say no if there are.
void check_multifunction(const PCIBus* bus, const PCIDevice* dev) {
  const int slot = pci_slot(dev->devfn);
  if (pci_func(dev->devfn) != 0) {
    const PCIDevice* first = bus->devices[static_cast<std::size_t>(pci_devfn(slot, 0))];
    if (first && !(first->flags & pci_flag_multifunction))
      throw Error("PCI: single function device can't be populated in function " +
                  hex_place(slot, pci_func(dev->devfn)));
    return;
  }
  if (dev->flags & pci_flag_multifunction)
    return;
  for (int function = 1; function < pci_func_max; ++function)
    if (bus->devices[static_cast<std::size_t>(pci_devfn(slot, function))])
      throw Error("PCI: " + hex_place(slot, 0) + " indicates single function, but " +
                  hex_place(slot, function) + " is already populated.");
}

void pci_register_device(PCIBus* bus, PCIDevice* dev) {
  dev->devfn = choose_devfn(bus, dev);
  check_multifunction(bus, dev);
  dev->bus_master_container =
      memory_region_new_container(dev, "bus master container", ~0ull);
  dev->bus_master_as =
      std::make_unique<AddressSpace>(dev->bus_master_container, object_get_typename(dev));
  if (qdev_machine_is_complete())
    pci_init_bus_master(dev);
  pci_config_init(dev);
  bus->devices[static_cast<std::size_t>(dev->devfn)] = dev;
}

void pci_unregister_device(PCIBus* bus, PCIDevice* dev) {
  pci_unmap_all(dev);
  pci_deassert_intx(dev);
  for (PCIIORegion& region : dev->io_regions)
    region = PCIIORegion();
  bus->devices[static_cast<std::size_t>(dev->devfn)] = nullptr;
  dev->bus_master_as.reset();
  for (MemoryRegion** region : {&dev->bus_master_enable, &dev->bus_master_container})
    if (MemoryRegion* mr = std::exchange(*region, nullptr))
      memory_region_delete(mr);
}

// ---- realize ------------------------------------------------------------------------

void trace_ready(const PCIBus* bus, PCIDevice* dev) {
  const int pin = dev->config[PCI_INTERRUPT_PIN];
  trace::instant(
      PciDeviceReady{.device = object_id(dev),
                     .bus = object_id(bus),
                     .devfn = {static_cast<std::uint64_t>(dev->devfn)},
                     .vendor_id = {pci_get_word(dev->config, PCI_VENDOR_ID)},
                     .device_id = {pci_get_word(dev->config, PCI_DEVICE_ID)},
                     .class_id = {pci_get_word(dev->config, PCI_CLASS_DEVICE)},
                     .pin = static_cast<std::uint32_t>(pin),
                     .line = pin > 0 && bus->map_irq ? bus->map_irq(dev, pin - 1) : -1,
                     .multifunction = (dev->flags & pci_flag_multifunction) != 0});
}

void pci_qdev_realize(DeviceState* qdev) {
  auto* dev = object_cast<PCIDevice>(qdev);
  auto* pc = class_of<PCIDeviceClass>(dev);
  PCIBus* bus = pci_bus_of(dev);
  pci_register_device(bus, dev);
  bool realized = false;
  try {
    if (pc->realize_pci)
      pc->realize_pci(dev);
    realized = true;
    if (dev->romfile.empty() && pc->romfile)
      dev->romfile = pc->romfile;
    pci_add_option_rom(dev);
    trace_ready(bus, dev);
  } catch (...) {
    if (realized && pc->exit)
      pc->exit(dev);
    pci_unregister_device(bus, dev);
    throw;
  }
}

void pci_qdev_unrealize(DeviceState* qdev) {
  auto* dev = object_cast<PCIDevice>(qdev);
  if (const auto exit = class_of<PCIDeviceClass>(dev)->exit)
    exit(dev);
  pci_unregister_device(pci_bus_of(dev), dev);
}

// ---- the types ----------------------------------------------------------------------

void pci_device_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = pci_qdev_realize;
  dc->unrealize = pci_qdev_unrealize;
  dc->bus_type = TYPE_PCI_BUS;
  device_class_set_props(dc, pci_properties);
}

void pci_bus_reset(BusState* qbus) {
  auto* bus = object_cast<PCIBus>(qbus);
  for (PCIDevice* dev : bus->devices)
    if (dev)
      pci_device_reset_common(dev);
}

// The way to memory opens when the board is complete, as in QEMU.
void pci_bus_realize(BusState* qbus) {
  auto* bus = object_cast<PCIBus>(qbus);
  qemu_add_machine_init_done_notifier([bus] {
    for (PCIDevice* dev : bus->devices)
      if (dev)
        pci_init_bus_master(dev);
  });
}

void pci_bus_class_init(ObjectClass* klass, void*) {
  auto* bc = class_cast<BusClass>(klass);
  bc->realize = pci_bus_realize;
  bc->reset = pci_bus_reset;
  bc->print_dev = pcibus_dev_print;
}

constinit const TypeInfo pci_types[] = {
    {
        .name = TYPE_PCI_BUS,
        .parent = TYPE_BUS,
        .instance = instance_struct<PCIBus>(),
        .klass = class_struct<PCIBusClass>(),
        .class_init = pci_bus_class_init,
    },
    {
        .name = TYPE_PCIE_BUS,
        .parent = TYPE_PCI_BUS,
    },
    {
        .name = INTERFACE_CONVENTIONAL_PCI_DEVICE,
        .parent = TYPE_INTERFACE,
    },
    {
        .name = INTERFACE_PCIE_DEVICE,
        .parent = TYPE_INTERFACE,
    },
    {
        .name = TYPE_PCI_DEVICE,
        .parent = TYPE_DEVICE,
        .instance = instance_struct<PCIDevice>(),
        .abstract = true,
        .klass = class_struct<PCIDeviceClass>(),
        .class_init = pci_device_class_init,
    },
};

void pci_register_types() {
  for (const TypeInfo& info : pci_types)
    type_register_static(info);
}

}  // namespace

// ---- for boards and bridges ---------------------------------------------------------

PCIBus* pci_root_bus_new(DeviceState* parent, const char* name, MemoryRegion* memory,
                         MemoryRegion* io, int devfn_min, const char* type) {
  auto* bus = object_cast<PCIBus>(qbus_create(type, parent, name));
  bus->devfn_min = devfn_min;
  bus->address_space_mem = memory;
  bus->address_space_io = io;
  return bus;
}

PCIDevice* pci_create(PCIBus* bus, int devfn, const char* type) {
  auto* dev = object_cast<PCIDevice>(qdev_create(bus, type));
  dev->devfn = devfn;
  return dev;
}

PCIDevice* pci_create_simple(PCIBus* bus, int devfn, const char* type) {
  PCIDevice* dev = pci_create(bus, devfn, type);
  qdev_init_nofail(dev);
  return dev;
}

PCIDevice* pci_create_simple_multifunction(PCIBus* bus, int devfn, const char* type) {
  PCIDevice* dev = pci_create(bus, devfn, type);
  qdev_prop_set_bit(dev, "multifunction", true);
  qdev_init_nofail(dev);
  return dev;
}

PCIBus* pci_bus_of(const PCIDevice* dev) {
  return object_cast<PCIBus>(dev->parent_bus);
}

type_init(pci_register_types)

}  // namespace core
