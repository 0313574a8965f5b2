// The ISA bus. See isa.h.
#include "core/isa.h"

#include "core/log.h"
#include "core/sysbus.h"

namespace core {
namespace {

ISABus* isabus = nullptr;  // a PC has one

void isa_bus_finalize(Object* obj) {
  auto* bus = static_cast<ISABus*>(obj);
  for (Irq line : bus->irqs)
    object_unref(line);
  if (isabus == bus)
    isabus = nullptr;
}

void isabus_dev_print(DeviceState* qdev, std::string& text, int indent) {
  const auto* dev = object_cast<ISADeviceState>(qdev);
  if (dev->isa_irqs.size() == 1)
    append_format(text, "%*sisa irq %d\n", indent, "", dev->isa_irqs[0]);
  else if (dev->isa_irqs.size() > 1)
    append_format(text, "%*sisa irqs %d,%d\n", indent, "", dev->isa_irqs[0],
                  dev->isa_irqs[1]);
}

void isa_bus_class_init(ObjectClass* klass, void*) {
  class_cast<BusClass>(klass)->print_dev = isabus_dev_print;
}

void isa_device_class_init(ObjectClass* klass, void*) {
  class_cast<DeviceClass>(klass)->bus_type = TYPE_ISA_BUS;
}

void bridge_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->fw_name = "isa";
  dc->user_creatable = false;
}

constinit const TypeInfo isa_bus_info{
    .name = TYPE_ISA_BUS,
    .parent = TYPE_BUS,
    .instance = instance_struct<ISABus>(),
    .instance_finalize = isa_bus_finalize,
    .klass = class_struct<ISABusClass>(),
    .class_init = isa_bus_class_init,
};

constinit const TypeInfo isa_device_info{
    .name = TYPE_ISA_DEVICE,
    .parent = TYPE_DEVICE,
    .instance = instance_struct<ISADeviceState>(),
    .abstract = true,
    .klass = class_struct<ISADeviceClass>(),
    .class_init = isa_device_class_init,
};

constinit const TypeInfo isabus_bridge_info{
    .name = TYPE_ISABUS_BRIDGE,
    .parent = TYPE_SYS_BUS_DEVICE,
    .class_init = bridge_class_init,
};

void isa_register_types() {
  type_register_static(isa_bus_info);
  type_register_static(isa_device_info);
  type_register_static(isabus_bridge_info);
}

}  // namespace

ISABus* isa_bus_new(DeviceState* bridge, MemoryRegion* address_space,
                    MemoryRegion* address_space_io) {
  if (isabus)
    throw Error("Can't create a second ISA bus");
  if (!bridge) {
    bridge = qdev_create(nullptr, TYPE_ISABUS_BRIDGE);
    qdev_init_nofail(bridge);
  }
  isabus = object_cast<ISABus>(qbus_create(TYPE_ISA_BUS, bridge, nullptr));
  isabus->address_space = address_space;
  isabus->address_space_io = address_space_io;
  return isabus;
}

void isa_bus_irqs(ISABus* bus, const std::array<Irq, isa_irq_count>& irqs) {
  for (std::size_t n = 0; n < irqs.size(); ++n) {
    if (irqs[n])
      object_ref(irqs[n]);
    object_unref(std::exchange(bus->irqs[n], irqs[n]));
  }
}

ISABus* isa_bus_from_device(ISADeviceState* dev) {
  return dev->parent_bus ? object_cast<ISABus>(dev->parent_bus) : isabus;
}

Irq isa_get_irq(ISADeviceState* dev, unsigned n) {
  ISABus* bus = isa_bus_from_device(dev);
  if (n >= isa_irq_count)
    throw Error("ISA interrupt " + std::to_string(n) +
                " does not exist: give one of 0 to 15");
  return bus ? bus->irqs[n] : nullptr;
}

void isa_init_irq(ISADeviceState* dev, Irq* line, unsigned n) {
  *line = isa_get_irq(dev, n);
  dev->isa_irqs.push_back(static_cast<int>(n));
}

void isa_register_ioport(ISADeviceState* dev, MemoryRegion* region, Port port) {
  memory_region_add_subregion(isa_bus_from_device(dev)->address_space_io, port.value,
                              region);
  if (dev->ioport_id == 0 || port.value < dev->ioport_id)
    dev->ioport_id = port.value;
}

ISADeviceState* isa_create(ISABus* bus, const char* type) {
  return object_cast<ISADeviceState>(qdev_create(bus, type));
}

ISADeviceState* isa_create_simple(ISABus* bus, const char* type) {
  ISADeviceState* dev = isa_create(bus, type);
  qdev_init_nofail(dev);
  return dev;
}

type_init(isa_register_types)

}  // namespace core
