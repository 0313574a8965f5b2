#include "launcher/device_option.h"

#include <string_view>

#include "core/block.h"
#include "core/machine.h"
#include "launcher/known_types.h"
#include "launcher/name_hints.h"
#include "launcher/net_types.h"
#include "launcher/phase.h"
#include "launcher/startup.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"

namespace launcher {

using namespace core;

struct DeviceAdd {
  static constexpr trace::Declaration declaration{
      "qdev_device_add", trace::Category::device, trace::Shape::span,
      "A -device of the command line is made, plugged in, given its properties, "
      "realized."};
  std::string_view driver;
  std::string_view id;

  static constexpr auto fields() {
    return trace::fields(trace::identity("driver", &DeviceAdd::driver, "the name given"),
                         trace::identity("id", &DeviceAdd::id, "its id, if it has one"));
  }
};

// ---- which class? -------------------------------------------------------------------

static ObjectClass* class_by_name_or_alias(const std::string& driver) {
  ObjectClass* klass = object_class_by_name(driver.c_str());
  if (klass == nullptr) {
    const std::string_view name = device_of_alias(driver);
    klass = name.empty() ? nullptr : object_class_by_name(std::string(name).c_str());
  }
  return klass;
}

bool device_is_known(const std::string& driver) {
  const std::string_view alias = device_of_alias(driver);
  return class_by_name_or_alias(driver) != nullptr ||
         known_device(alias.empty() ? std::string_view(driver) : alias) !=
             KnownDevice::unknown;
}

// What 4.0 says about a device it knows and we have not built; returns if it would
// have been made.
static void check_unbuilt_device(const std::string& driver) {
  const std::string_view alias = device_of_alias(driver);
  switch (known_device(alias.empty() ? std::string_view(driver) : alias)) {
    case KnownDevice::pluggable:
      return;
    case KnownDevice::board_only:
      throw Error("Parameter 'driver' expects pluggable device type");
    case KnownDevice::abstract:
      throw Error("Parameter 'driver' expects non-abstract device type");
    case KnownDevice::unknown: {
      Error error("'" + driver + "' is not a valid device model name");
      error.hint = device_hint(driver);
      throw error;
    }
  }
}

// nullptr: known, but not built.
static DeviceClass* qdev_get_device_class(const std::string& driver) {
  ObjectClass* klass = class_by_name_or_alias(driver);
  if (klass == nullptr) {
    check_unbuilt_device(driver);
    return nullptr;
  }
  if (object_class_dynamic_cast(klass, TYPE_DEVICE) == nullptr) {
    throw Error("'" + driver + "' is not a valid device model name");
  }
  if (object_class_is_abstract(klass)) {
    throw Error("Parameter 'driver' expects non-abstract device type");
  }
  auto* dc = class_cast<DeviceClass>(klass);
  if (!dc->user_creatable) {
    throw Error("Parameter 'driver' expects pluggable device type");
  }
  return dc;
}

// ---- which bus? -----------------------------------------------------------------------

static bool is_full(BusState* bus) {
  const int limit = class_of<BusClass>(bus)->max_devices;
  return limit != 0 && static_cast<int>(bus->children.size()) >= limit;
}

static bool bus_matches(BusState* bus, std::string_view name, const char* type) {
  return (name.empty() || bus->name == name) &&
         (type == nullptr || object_dynamic_cast(bus, type) != nullptr);
}

// Depth first below `bus`; one with room is preferred.
static BusState* qbus_find_recursive(BusState* bus, std::string_view name,
                                     const char* type) {
  BusState* full = nullptr;
  if (bus_matches(bus, name, type)) {
    if (!is_full(bus)) {
      return bus;
    }
    full = bus;
  }
  for (DeviceState* dev : bus->children) {
    for (BusState* child : dev->child_buses) {
      BusState* found = qbus_find_recursive(child, name, type);
      if (found != nullptr && !is_full(found)) {
        return found;
      }
      full = full == nullptr ? found : full;
    }
  }
  return full;
}

static DeviceState* device_on_bus(BusState* bus, std::string_view name) {
  for (DeviceState* dev : bus->children) {
    if (dev->id == name) {
      return dev;
    }
  }
  for (DeviceState* dev : bus->children) {
    const std::string_view type = object_get_typename(dev);
    if (type == name || alias_of_device(type) == name) {
      return dev;
    }
  }
  return nullptr;
}

// The bus below `dev`: the one named by the rest of the path, or its only one.
static BusState* bus_of_device(DeviceState* dev, std::string_view name) {
  if (!name.empty()) {
    return qdev_get_child_bus(dev, std::string(name));
  }
  if (dev->child_buses.size() > 1) {
    throw Error("Device '" + std::string(object_get_typename(dev)) +
                "' has multiple child buses");
  }
  return dev->child_buses.empty() ? nullptr : dev->child_buses.front();
}

static std::string_view next_part(std::string_view& path) {
  const std::size_t begin = std::min(path.find_first_not_of('/'), path.size());
  const std::size_t end = std::min(path.find('/', begin), path.size());
  const std::string_view part = path.substr(begin, end - begin);
  path.remove_prefix(end);
  return part;
}

// "pci.0", "/i440FX-pcihost/pci.0", "isa.0/DEVICE/BUS".
static BusState* qbus_find(std::string_view path) {
  BusState* bus = sysbus_get_default();
  if (!path.starts_with('/')) {
    const std::string_view name = next_part(path);
    bus = qbus_find_recursive(bus, name, nullptr);
    if (bus == nullptr) {
      throw Error("Bus '" + std::string(name) + "' not found");
    }
  }
  while (path.find_first_not_of('/') != std::string_view::npos) {
    const std::string_view device = next_part(path);
    DeviceState* dev = device_on_bus(bus, device);
    if (dev == nullptr) {
      throw Error("Device '" + std::string(device) + "' not found");
    }
    const std::string_view name = next_part(path);
    bus = bus_of_device(dev, name);
    if (bus == nullptr) {
      throw Error(name.empty() ? "Device '" + std::string(device) + "' has no child bus"
                               : "Bus '" + std::string(name) + "' not found");
    }
  }
  if (is_full(bus)) {
    throw Error("Bus '" + std::string(bus->name) + "' is full");
  }
  return bus;
}

static BusState* bus_for(const options::QemuOpts* opts, const std::string& driver,
                         const DeviceClass* dc) {
  if (const char* path = options::qemu_opt_get(opts, "bus")) {
    BusState* bus = qbus_find(path);
    if (dc->bus_type == nullptr || object_dynamic_cast(bus, dc->bus_type) == nullptr) {
      throw Error("Device '" + driver + "' can't go on " + object_get_typename(bus) +
                  " bus");
    }
    return bus;
  }
  if (dc->bus_type == nullptr) {
    return nullptr;
  }
  BusState* bus = qbus_find_recursive(sysbus_get_default(), {}, dc->bus_type);
  if (bus == nullptr || is_full(bus)) {
    throw Error(std::string("No '") + dc->bus_type + "' bus found for device '" + driver +
                "'");
  }
  return bus;
}

// ---- the device -----------------------------------------------------------------------

// A name in the tree: /machine/peripheral/ID, or a number below peripheral-anon.
static void qdev_set_id(DeviceState* dev, const options::QemuOpts* opts) {
  if (opts->id) {
    dev->id = *opts->id;
    object_property_add_child(container_get(current_machine, "/peripheral"), dev->id,
                              dev);
    return;
  }
  static int anonymous_count = 0;
  const std::string name = "device[" + std::to_string(anonymous_count++) + "]";
  object_property_add_child(container_get(current_machine, "/peripheral-anon"), name,
                            dev);
}

static void set_properties(DeviceState* dev, const options::QemuOpts* opts) {
  qemu_opt_foreach(opts, [dev](const options::QemuOpt& opt) {
    if (opt.name != "driver" && opt.name != "bus") {
      object_property_parse(dev, opt.str, opt.name);
    }
  });
}

// Null, with a warning, if its image is of a format that is not built: the machine comes
// up without the disk rather than with one of other content.
static DeviceState* make_device(ObjectClass* klass, BusState* bus,
                                const options::QemuOpts* opts) {
  const Ref<DeviceState> dev(object_cast<DeviceState>(object_new_with_class(klass)));
  if (bus != nullptr) {
    qdev_set_parent_bus(dev.get(), bus);
  }
  qdev_set_id(dev.get(), opts);
  try {
    with_property_hint(
        klass, [&] { set_properties(dev.get(), opts); }, dev.get());
    object_property_set_bool(dev.get(), true, "realized");
  } catch (const ImageNotBuilt& error) {
    object_unparent(dev.get());
    warn_report(std::string(error.what()) + "; the device is left out");
    return nullptr;
  } catch (...) {
    object_unparent(dev.get());
    throw;
  }
  return dev.get();  // the tree keeps it
}

DeviceState* qdev_device_add(const options::QemuOpts* opts) {
  const char* driver = options::qemu_opt_get(opts, "driver");
  if (driver == nullptr) {
    throw Error("Parameter 'driver' is missing");
  }
  const std::string name = driver;
  const trace::Span span{DeviceAdd{.driver = name, .id = opts->id ? *opts->id : ""}};
  DeviceClass* dc = qdev_get_device_class(name);
  if (dc == nullptr) {
    const std::string_view alias = device_of_alias(name);
    const std::string_view type = alias.empty() ? std::string_view(name) : alias;
    if (is_pci_nic(type)) {
      check_network_card(type, opts);
    }
    warn_unbuilt_type("-device", name);
    return nullptr;
  }
  return make_device(dc, bus_for(opts, name, dc), opts);
}

void create_devices(Startup&) {
  const Phase phase("devices");
  // A device may not refer to the list it comes from, so walking it is safe.
  for (const auto& opts : options::qemu_device_opts.head) {
    at_option(opts->location, [&] { qdev_device_add(opts.get()); });
  }
  // A device made from now on is plugged into a machine that exists.
  qdev_machine_creation_done();
  qemu_run_machine_init_done_notifiers();
}

}  // namespace launcher
