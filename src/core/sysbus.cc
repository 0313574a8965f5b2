// The system bus. See sysbus.h.
#include "core/sysbus.h"

#include <cassert>

#include "core/log.h"

namespace core {
namespace {

void sysbus_dev_print(DeviceState* dev, std::string& text, int indent) {
  for (const SysBusDevice::Mmio& mmio : object_cast<SysBusDevice>(dev)->mmio)
    append_format(text, "%*smmio %016llx/%016llx\n", indent, "",
                  static_cast<unsigned long long>(mmio.address),
                  static_cast<unsigned long long>(mmio.region->size));
}

void system_bus_class_init(ObjectClass* klass, void*) {
  class_cast<BusClass>(klass)->print_dev = sysbus_dev_print;
}

void sysbus_device_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->bus_type = TYPE_SYSTEM_BUS;
  // Wired by the board; QEMU lets a user create only those a board says it can wire.
  dc->user_creatable = false;
}

constinit const TypeInfo system_bus_info{
    .name = TYPE_SYSTEM_BUS,
    .parent = TYPE_BUS,
    .class_init = system_bus_class_init,
};

constinit const TypeInfo sysbus_device_info{
    .name = TYPE_SYS_BUS_DEVICE,
    .parent = TYPE_DEVICE,
    .instance = instance_struct<SysBusDevice>(),
    .abstract = true,
    .klass = class_struct<SysBusDeviceClass>(),
    .class_init = sysbus_device_class_init,
};

void sysbus_register_types() {
  type_register_static(system_bus_info);
  type_register_static(sysbus_device_info);
}

SysBusDevice::Mmio& mmio(SysBusDevice* dev, int n) {
  assert(n >= 0 && n < static_cast<int>(dev->mmio.size()) &&
         "the device has that region");
  return dev->mmio[static_cast<std::size_t>(n)];
}

void unmap(SysBusDevice::Mmio& place) {
  if (place.region->container)
    memory_region_del_subregion(place.region->container, place.region);
}

}  // namespace

BusState* sysbus_get_default() {
  static BusState* main_system_bus = nullptr;
  if (!main_system_bus)
    main_system_bus = qbus_create(TYPE_SYSTEM_BUS, nullptr, "main-system-bus");
  if (!main_system_bus->parent &&
      object_resolve_path_component(object_get_root(), "machine"))
    object_property_add_child(container_get(object_get_root(), "/machine/unattached"),
                              "sysbus", main_system_bus);
  return main_system_bus;
}

void sysbus_init_mmio(SysBusDevice* dev, MemoryRegion* region) {
  dev->mmio.push_back({.region = region});
}

void sysbus_init_irq(SysBusDevice* dev, Irq* line) {
  qdev_init_gpio_out_named(dev, line, SYSBUS_DEVICE_GPIO_IRQ, 1);
}

void sysbus_init_ioports(SysBusDevice* dev, std::uint32_t port, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i)
    dev->pio.push_back(port + i);
}

MemoryRegion* sysbus_mmio_get_region(SysBusDevice* dev, int n) {
  return mmio(dev, n).region;
}

void sysbus_mmio_map(SysBusDevice* dev, int n, std::uint64_t address) {
  unmap(mmio(dev, n));
  mmio(dev, n).address = address;
  memory_region_add_subregion(get_system_memory(), address, mmio(dev, n).region);
}

void sysbus_mmio_map_overlap(SysBusDevice* dev, int n, std::uint64_t address,
                             int priority) {
  unmap(mmio(dev, n));
  mmio(dev, n).address = address;
  memory_region_add_subregion_overlap(get_system_memory(), address, mmio(dev, n).region,
                                      priority);
}

void sysbus_connect_irq(SysBusDevice* dev, int n, Irq line) {
  qdev_connect_gpio_out_named(dev, SYSBUS_DEVICE_GPIO_IRQ, n, line);
}

void sysbus_add_io(SysBusDevice*, std::uint64_t port, MemoryRegion* region) {
  memory_region_add_subregion(get_system_io(), port, region);
}

type_init(sysbus_register_types)

}  // namespace core
