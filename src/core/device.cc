// Type "device": properties from the class's tables, realize and its undoing.
//
// A device is made in two steps, as in QEMU. instance_init cannot fail and only lays
// out properties; between the steps boards and users set them; realize may fail and
// makes the device part of the machine: it gets a place in the composition tree, its
// own realize runs, its buses are realized. After that its properties are fixed.
#include "core/qdev.h"

#include <algorithm>

#include "core/machine.h"
#include "core/qdev_properties.h"
#include "core/report.h"
#include "core/startup_step.h"
#include "core/sysbus.h"

namespace core {

void qdev_property_add_static(DeviceState* dev);  // qdev_properties.cc
// bus.cc. The check throws qom::Error; adding and removing cannot fail.
void bus_check_child(BusState* bus, const DeviceState* dev);
void bus_add_child(BusState* bus, DeviceState* dev);
void bus_remove_child(BusState* bus, DeviceState* dev);

namespace {

struct DeviceSetRealized {
  static constexpr trace::Declaration declaration{
      "device_set_realized", trace::Category::device, trace::Shape::span,
      "A device becomes part of the machine, or leaves it."};
  trace::ObjectId device;
  bool value = false;

  struct Result {
    std::string_view path;
    bool realized = false;

    static constexpr auto fields() {
      return trace::fields(trace::state("path", &Result::path, "its canonical path"),
                           trace::state("realized", &Result::realized, "what it is now"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &DeviceSetRealized::device, "the device"),
        trace::identity("value", &DeviceSetRealized::value,
                        "true: realize, false: unrealize"));
  }
};

// Number of the next /machine/unattached/device[N]; given back when realize fails.
int unattached_count = 0;

bool machine_creation_done = false;
bool machine_init_done = false;

std::vector<std::function<void()>>& init_done_notifiers() {
  static std::vector<std::function<void()>> notifiers;
  return notifiers;
}

DeviceState* as_device(Object* obj) {
  return static_cast<DeviceState*>(obj);
}

// ---- realize ------------------------------------------------------------------

// The tree and plug part of one realize, undone unless it is kept.
class Unattached {
 public:
  explicit Unattached(DeviceState* dev) : dev_(dev) {
    if (dev->parent)
      return;
    const std::string name = "device[" + std::to_string(unattached_count++) + "]";
    object_property_add_child(container_get(object_get_root(), "/machine/unattached"),
                              name, dev);
    added_ = true;
  }

  ~Unattached() {
    if (!added_ || kept_)
      return;
    object_unparent(dev_);
    --unattached_count;
  }

  Unattached(const Unattached&) = delete;
  Unattached& operator=(const Unattached&) = delete;

  void keep() { kept_ = true; }

 private:
  DeviceState* dev_;
  bool added_ = false;
  bool kept_ = false;
};

Object* hotplug_handler_of(DeviceState* dev) {
  if (current_machine) {
    auto* mc = class_of<MachineClass>(current_machine);
    if (mc->get_hotplug_handler)
      if (Object* handler = mc->get_hotplug_handler(current_machine, dev))
        return handler;
  }
  return dev->parent_bus ? dev->parent_bus->hotplug_handler : nullptr;
}

void unrealize_buses(DeviceState* dev) {
  for (BusState* bus : dev->child_buses)
    object_property_set_bool(bus, false, "realized");
}

void realize_buses(DeviceState* dev) {
  try {
    for (BusState* bus : dev->child_buses)
      object_property_set_bool(bus, true, "realized");
  } catch (...) {
    unrealize_buses(dev);
    throw;
  }
}

void plug(DeviceState* dev, Object* handler, HotplugHandlerClass* hc) {
  dev->canonical_path = object_get_canonical_path(dev).value_or("");
  realize_buses(dev);
  if (dev->hotplugged) {
    if (const auto reset = class_of<DeviceClass>(dev)->reset)
      reset(dev);
  }
  if (hc && hc->plug) {
    try {
      hc->plug(handler, dev);
    } catch (...) {
      unrealize_buses(dev);
      throw;
    }
  }
}

void realize(DeviceState* dev) {
  auto* dc = class_of<DeviceClass>(dev);
  if (dev->hotplugged && !dc->hotpluggable)
    throw Error(std::string("Device '") + object_get_typename(dev) +
                "' does not support hotplugging");
  Unattached place(dev);
  Object* handler = hotplug_handler_of(dev);
  auto* hc = handler ? class_of<HotplugHandlerClass>(handler) : nullptr;
  if (hc && hc->pre_plug)
    hc->pre_plug(handler, dev);
  if (dc->realize)
    dc->realize(dev);
  try {
    plug(dev, handler, hc);
  } catch (...) {
    if (dc->unrealize)
      dc->unrealize(dev);
    throw;
  }
  dev->realized = true;
  place.keep();
}

void unrealize(DeviceState* dev) {
  unrealize_buses(dev);
  if (const auto fn = class_of<DeviceClass>(dev)->unrealize)
    fn(dev);
  dev->realized = false;
}

void device_set_realized(Object* obj, bool value) {
  DeviceState* dev = as_device(obj);
  trace::Span span{DeviceSetRealized{.device = object_id(dev), .value = value}};
  if (value == dev->realized)
    return;
  if (value)
    realize(dev);
  else
    unrealize(dev);
  span.result(
      DeviceSetRealized::Result{.path = dev->canonical_path, .realized = dev->realized});
}

// ---- the type -----------------------------------------------------------------

Value get_parent_bus(Object* obj, const ObjectProperty&) {
  BusState* bus = as_device(obj)->parent_bus;
  return Value(bus ? object_get_canonical_path(bus).value_or("") : std::string());
}

void device_instance_init(Object* obj) {
  DeviceState* dev = as_device(obj);
  dev->hotplugged = machine_creation_done;
  object_property_add_bool(
      obj, "realized", [](Object* o) { return as_device(o)->realized; },
      device_set_realized);
  object_property_add_bool(obj, "hotpluggable",
                           [](Object* o) {
                             BusState* bus = as_device(o)->parent_bus;
                             return class_of<DeviceClass>(o)->hotpluggable &&
                                    (!bus || bus->hotplug_handler);
                           },
                           {});
  object_property_add_bool(obj, "hotplugged",
                           [](Object* o) { return as_device(o)->hotplugged; }, {});
  qdev_property_add_static(dev);
  ObjectProperty& bus = object_property_add(
      obj, "parent_bus", std::string("link<") + TYPE_BUS + ">", get_parent_bus, {});
  bus.resolve = [](Object* o, const ObjectProperty&, std::string_view) -> Object* {
    return as_device(o)->parent_bus;
  };
}

// Leaf classes' post_init has run already (4.0's order), so it does not see these.
void device_post_init(Object* obj) {
  object_apply_compat_props(obj);
  const bool hotplugged = as_device(obj)->hotplugged;
  for (const std::string& refused : qdev_prop_set_globals(
           obj, hotplugged ? GlobalErrors::collect : GlobalErrors::throw_first))
    warn_report(refused);
}

void device_unparent(Object* obj) {
  DeviceState* dev = as_device(obj);
  if (dev->realized)
    object_property_set_bool(dev, false, "realized");
  while (!dev->child_buses.empty())
    object_unparent(dev->child_buses.back());
  if (dev->parent_bus) {
    bus_remove_child(dev->parent_bus, dev);
    object_unref(std::exchange(dev->parent_bus, nullptr));
  }
}

// Rows are copied with the class struct but belong to the class that gave them.
void device_class_base_init(ObjectClass* klass, void*) {
  auto* dc = static_cast<DeviceClass*>(klass);
  dc->props = nullptr;
  dc->props_count = 0;
}

void device_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->unparent = device_unparent;
  dc->hotpluggable = true;
  dc->user_creatable = true;
}

constinit const TypeInfo device_info{
    .name = TYPE_DEVICE,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<DeviceState>(),
    .instance_init = device_instance_init,
    .instance_post_init = device_post_init,
    .abstract = true,
    .klass = class_struct<DeviceClass>(),
    .class_base_init = device_class_base_init,
    .class_init = device_class_init,
};

constinit const TypeInfo hotplug_handler_info{
    .name = TYPE_HOTPLUG_HANDLER,
    .parent = TYPE_INTERFACE,
    .klass = class_struct<HotplugHandlerClass>(),
};

void qdev_register_types() {
  type_register_static(device_info);
  type_register_static(hotplug_handler_info);
}

}  // namespace

// ---- making and realizing -------------------------------------------------------

DeviceState* qdev_try_create(BusState* bus, const char* type) {
  ObjectClass* klass = object_class_by_name(type);
  if (!klass || !object_class_dynamic_cast(klass, TYPE_DEVICE))
    return nullptr;
  if (object_class_is_abstract(klass))
    throw Error(std::string("object type '") + type + "' is abstract");
  if (!bus) {
    if (!object_class_dynamic_cast(klass, TYPE_SYS_BUS_DEVICE))
      throw Error(std::string("Device '") + type +
                  "' needs a bus: it cannot go on System bus");
    bus = sysbus_get_default();
  }
  Ref<DeviceState> dev(object_cast<DeviceState>(object_new_with_class(klass)));
  qdev_set_parent_bus(dev.get(), bus);
  return dev.get();
}

DeviceState* qdev_create(BusState* bus, const char* type) {
  if (DeviceState* dev = qdev_try_create(bus, type))
    return dev;
  throw Error(bus ? std::string("Unknown device '") + type + "' for bus '" +
                        object_get_typename(bus) + "'"
                  : std::string("Unknown device '") + type + "' for default sysbus");
}

void qdev_set_parent_bus(DeviceState* dev, BusState* bus) {
  if (bus)
    bus_check_child(bus, dev);
  object_ref(dev);
  const Ref<DeviceState> alive(dev);  // between the two buses nobody else may hold it
  BusState* old = std::exchange(dev->parent_bus, bus);
  if (old)
    bus_remove_child(old, dev);
  if (bus) {
    object_ref(bus);
    bus_add_child(bus, dev);
  }
  object_unref(old);
}

void qdev_realize(DeviceState* dev) {
  // A failed realize takes the device out of the tree and off its bus: it must outlive
  // the property call it happens in.
  object_ref(dev);
  const Ref<DeviceState> alive(dev);
  object_property_set_bool(dev, true, "realized");
}

void qdev_init_nofail(DeviceState* dev) {
  const std::string type = object_get_typename(dev);
  try {
    qdev_realize(dev);
  } catch (Error& error) {
    Error named("Initialization of device " + type + " failed: " + error.what());
    named.hint = error.hint;
    throw named;
  }
}

void qdev_unrealize(DeviceState* dev) {
  object_property_set_bool(dev, false, "realized");
}

void qdev_machine_creation_done() {
  const StartupStep step("qdev_machine_creation_done");
  machine_creation_done = true;
}

bool qdev_machine_is_complete() {
  return machine_init_done;
}

void qemu_add_machine_init_done_notifier(std::function<void()> fn) {
  if (machine_init_done)
    fn();
  else
    init_done_notifiers().push_back(std::move(fn));
}

void qemu_run_machine_init_done_notifiers() {
  const StartupStep step("qemu_run_machine_init_done_notifiers");
  machine_init_done = true;
  for (const std::function<void()>& notifier : std::exchange(init_done_notifiers(), {}))
    notifier();
}

void qdev_reset_for_test() {
  unattached_count = 0;
  machine_init_done = false;
  init_done_notifiers().clear();
  machine_creation_done = false;
}

// ---- finding --------------------------------------------------------------------

DeviceState* qdev_find(const std::string& id) {
  Object* found = object_resolve_path_component(
      container_get(object_get_root(), "/machine/peripheral"), id);
  return found ? static_cast<DeviceState*>(object_dynamic_cast(found, TYPE_DEVICE))
               : nullptr;
}

BusState* qdev_get_child_bus(DeviceState* dev, const std::string& name) {
  const auto found = std::find_if(dev->child_buses.begin(), dev->child_buses.end(),
                                  [&](const BusState* bus) { return bus->name == name; });
  return found == dev->child_buses.end() ? nullptr : *found;
}

type_init(qdev_register_types)

}  // namespace core
