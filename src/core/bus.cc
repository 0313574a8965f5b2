// Type "bus": what devices plug into. Walks of the device tree and machine reset.
//
// Devices know their bus, buses know their bridge: together the tree that resets and
// `info qtree` follow. Newest first everywhere, as QEMU lists them.
#include "core/qdev.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/machine.h"
#include "core/sysbus.h"

namespace core {
namespace {

struct DeviceReset {
  static constexpr trace::Declaration declaration{
      "device_reset", trace::Category::device, trace::Shape::span,
      "A device goes back to its power-on state."};
  trace::ObjectId device;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &DeviceReset::device, "the device"));
  }
};

struct BusReset {
  static constexpr trace::Declaration declaration{
      "qbus_reset", trace::Category::device, trace::Shape::span,
      "A bus goes back to its power-on state."};
  trace::ObjectId bus;

  static constexpr auto fields() {
    return trace::fields(trace::identity("bus", &BusReset::bus, "the bus"));
  }
};

BusState* as_bus(Object* obj) {
  return static_cast<BusState*>(obj);
}

void set_realized(Object* obj, bool value) {
  BusState* bus = as_bus(obj);
  auto* bc = class_of<BusClass>(bus);
  if (value == bus->realized)
    return;
  if (value) {
    if (bc->realize)
      bc->realize(bus);
  } else {
    const auto children = bus->children;
    for (DeviceState* dev : children)
      object_property_set_bool(dev, false, "realized");
    if (bc->unrealize)
      bc->unrealize(bus);
  }
  bus->realized = value;
}

void bus_instance_init(Object* obj) {
  object_property_add_link(obj, "hotplug-handler", TYPE_HOTPLUG_HANDLER,
                           &as_bus(obj)->hotplug_handler, object_property_allow_set_link,
                           LinkStrength::strong);
  object_property_add_bool(
      obj, "realized", [](Object* o) { return as_bus(o)->realized; }, set_realized);
}

void bus_unparent(Object* obj) {
  BusState* bus = as_bus(obj);
  while (!bus->children.empty()) {
    DeviceState* dev = bus->children.back();
    if (dev->parent)
      object_unparent(dev);
    if (!bus->children.empty() && bus->children.back() == dev)
      qdev_set_parent_bus(dev, nullptr);
  }
  if (DeviceState* bridge = std::exchange(bus->parent_device, nullptr))
    std::erase(bridge->child_buses, bus);
}

void bus_class_init(ObjectClass* klass, void*) {
  klass->unparent = bus_unparent;
}

constinit const TypeInfo bus_info{
    .name = TYPE_BUS,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<BusState>(),
    .instance_init = bus_instance_init,
    .abstract = true,
    .klass = class_struct<BusClass>(),
    .class_init = bus_class_init,
};

void bus_register_types() {
  type_register_static(bus_info);
}

std::string bus_name(BusClass* bc, const char* type, DeviceState* parent,
                     const char* name) {
  if (name)
    return name;
  if (parent && !parent->id.empty())
    return parent->id + "." + std::to_string(parent->num_child_bus);
  std::string made = std::string(type) + "." + std::to_string(bc->automatic_ids++);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

void reset_one(DeviceState* dev) {
  trace::Span span{DeviceReset{.device = object_id(dev)}};
  if (const auto reset = class_of<DeviceClass>(dev)->reset)
    reset(dev);
}

struct ResetHandler {
  int handle;
  std::function<void()> fn;
};

std::vector<ResetHandler>& reset_handlers() {
  static std::vector<ResetHandler> handlers;
  return handlers;
}

}  // namespace

// ---- children -------------------------------------------------------------------

void bus_check_child(BusState* bus, const DeviceState* dev) {
  const auto* bc = class_of<BusClass>(bus);
  const auto* dc = class_of<DeviceClass>(dev);
  if (dc->bus_type && !object_dynamic_cast(bus, dc->bus_type))
    throw Error(std::string("Device '") + object_get_typename(dev) + "' can't go on " +
                object_get_typename(bus) + " bus");
  if (bc->max_devices && static_cast<int>(bus->children.size()) >= bc->max_devices)
    throw Error("Bus '" + bus->name + "' is full");
}

void bus_add_child(BusState* bus, DeviceState* dev) {
  object_ref(dev);
  bus->children.push_back(dev);
  object_property_add_const_link(bus, "child[" + std::to_string(bus->max_index++) + "]",
                                 dev);
}

void bus_remove_child(BusState* bus, DeviceState* dev) {
  const auto found = std::find(bus->children.begin(), bus->children.end(), dev);
  if (found == bus->children.end())
    return;
  bus->children.erase(found);
  for (int i = 0; i < bus->max_index; ++i) {
    const std::string name = "child[" + std::to_string(i) + "]";
    if (object_property_find(bus, name) &&
        object_resolve_path_component(bus, name) == dev) {
      object_property_del(bus, name);
      break;
    }
  }
  object_unref(dev);
}

BusState* qbus_create(const char* type, DeviceState* parent, const char* name) {
  auto* bus = object_cast<BusState>(object_new(type));
  auto* bc = class_of<BusClass>(bus);
  bus->parent_device = parent;
  bus->name = bus_name(bc, type, parent, name);
  if (parent) {
    parent->child_buses.insert(parent->child_buses.begin(), bus);
    ++parent->num_child_bus;
    object_property_add_child(parent, bus->name, bus);
    object_unref(bus);
  }
  return bus;
}

// ---- walks and reset ------------------------------------------------------------

int qdev_walk_children(DeviceState* dev, const std::function<int(DeviceState*)>& fn) {
  if (const int stop = fn(dev))
    return stop;
  for (BusState* bus : dev->child_buses)
    if (const int stop = qbus_walk_children(bus, fn))
      return stop;
  return 0;
}

int qbus_walk_children(BusState* bus, const std::function<int(DeviceState*)>& fn) {
  const auto children = bus->children;
  for (auto it = children.rbegin(); it != children.rend(); ++it)
    if (const int stop = qdev_walk_children(*it, fn))
      return stop;
  return 0;
}

void qdev_reset_all(DeviceState* dev) {
  for (BusState* bus : dev->child_buses)
    qbus_reset_all(bus);
  reset_one(dev);
}

void qbus_reset_all(BusState* bus) {
  const auto children = bus->children;
  for (auto it = children.rbegin(); it != children.rend(); ++it)
    qdev_reset_all(*it);
  trace::Span span{BusReset{.bus = object_id(bus)}};
  if (const auto reset = class_of<BusClass>(bus)->reset)
    reset(bus);
}

int qemu_register_reset(std::function<void()> fn) {
  static int next_handle = 1;
  reset_handlers().push_back({next_handle, std::move(fn)});
  return next_handle++;
}

void qemu_unregister_reset(int handle) {
  std::erase_if(reset_handlers(),
                [&](const ResetHandler& r) { return r.handle == handle; });
}

void qemu_devices_reset() {
  // A copy: a handler may take itself away.
  const auto handlers = reset_handlers();
  for (const ResetHandler& handler : handlers)
    handler.fn();
}

void qemu_unregister_all_resets() {
  reset_handlers().clear();
}

type_init(bus_register_types)

}  // namespace core
