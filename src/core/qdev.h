// Device: what every guest-visible part is; Bus: what devices sit on.
// QEMU's hw/core/qdev: types "device" and "bus", the realize step, properties
// bound to struct members, -global and compat values.
//
// instance_init cannot fail; realize may (throws qom::Error).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/irq.h"
#include "qom/composition.h"
#include "qom/globals.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"

namespace core {

using namespace qom;  // QEMU's object vocabulary is every upper layer's vocabulary

inline constexpr const char* TYPE_DEVICE = "device";
inline constexpr const char* TYPE_BUS = "bus";
inline constexpr const char* TYPE_HOTPLUG_HANDLER = "hotplug-handler";

// Bits of DeviceClass::categories, in the order -device help lists them.
enum DeviceCategory : std::uint64_t {
  DEVICE_CATEGORY_BRIDGE = 1 << 0,
  DEVICE_CATEGORY_USB = 1 << 1,
  DEVICE_CATEGORY_STORAGE = 1 << 2,
  DEVICE_CATEGORY_NETWORK = 1 << 3,
  DEVICE_CATEGORY_INPUT = 1 << 4,
  DEVICE_CATEGORY_DISPLAY = 1 << 5,
  DEVICE_CATEGORY_SOUND = 1 << 6,
  DEVICE_CATEGORY_MISC = 1 << 7,
  DEVICE_CATEGORY_CPU = 1 << 8,
};

struct BusState;
struct DeviceState;

// One row of a device's property table: name, type, and the member it sets.
// Made by qdev_prop_uint32("iobase", &SerialState::iobase, 0x3f8) and siblings in
// core/qdev_properties.h.
struct Property;

struct DeviceClass : ObjectClass {
  static constexpr const char* qom_type = "device";
  void (*realize)(DeviceState* dev) = nullptr;  // may throw qom::Error
  void (*unrealize)(DeviceState* dev) = nullptr;
  void (*reset)(DeviceState* dev) = nullptr;
  const char* desc = nullptr;
  const char* fw_name = nullptr;
  const char* bus_type = nullptr;   // bus it plugs into; nullptr: none
  const Property* props = nullptr;  // this class's own rows (parents keep theirs)
  int props_count = 0;
  bool user_creatable = true;  // may be given with -device
  bool hotpluggable = true;
  std::uint64_t categories = 0;  // bit set of DeviceCategory
};

struct DeviceState : Object {
  static constexpr const char* qom_type = "device";
  std::string id;
  bool realized = false;
  bool hotplugged = false;
  int num_child_bus = 0;  // ever made: numbers their names
  BusState* parent_bus = nullptr;
  std::vector<BusState*> child_buses;
  std::vector<NamedGpioList> gpios;
  std::string canonical_path;  // remembered at realize
};

struct BusClass : ObjectClass {
  static constexpr const char* qom_type = "bus";
  void (*realize)(BusState* bus) = nullptr;  // may throw qom::Error
  void (*unrealize)(BusState* bus) = nullptr;
  void (*reset)(BusState* bus) = nullptr;
  // Adds the bus's own lines about a device to "info qtree".
  void (*print_dev)(DeviceState* dev, std::string& text, int indent) = nullptr;
  int max_devices = 0;    // 0: any number
  int automatic_ids = 0;  // of the next unnamed bus: "isa.0"
};

struct BusState : Object {
  static constexpr const char* qom_type = "bus";
  DeviceState* parent_device = nullptr;
  std::string name;
  std::vector<DeviceState*> children;  // in order of plugging, each with a reference
  int max_index = 0;                   // of the next link "child[N]"
  Object* hotplug_handler = nullptr;
  bool realized = false;
};

// Who is told when a device is plugged: a machine or a bus.
struct HotplugHandlerClass : InterfaceClass {
  static constexpr const char* qom_type = "hotplug-handler";
  void (*pre_plug)(Object* handler, DeviceState* dev) = nullptr;  // may throw: refused
  void (*plug)(Object* handler, DeviceState* dev) = nullptr;
  void (*unplug)(Object* handler, DeviceState* dev) = nullptr;
};

// Makes a device and plugs it into `bus` (nullptr: the system bus), which holds the
// only reference. Throws qom::Error for a type that is not a concrete device or
// cannot go on that bus.
DeviceState* qdev_try_create(BusState* bus, const char* type);  // nullptr if unknown
DeviceState* qdev_create(BusState* bus, const char* type);
void qdev_set_parent_bus(DeviceState* dev, BusState* bus);
// Sets property "realized" to true: gives an unparented device
// /machine/unattached/device[N], calls realize, then its child buses. Throws what realize
// throws, all undone.
void qdev_realize(DeviceState* dev);
// The same for boards: the error says "Initialization of device TYPE failed: WHY".
void qdev_init_nofail(DeviceState* dev);
void qdev_unrealize(DeviceState* dev);
BusState* qbus_create(const char* type, DeviceState* parent, const char* name);
void qdev_reset_all(DeviceState* dev);  // depth first, children before parents as 4.0
void qbus_reset_all(BusState* bus);

// Functions called, in order of registration, at every machine reset. The handle
// returned takes one away again.
int qemu_register_reset(std::function<void()> fn);
void qemu_unregister_reset(int handle);
void qemu_devices_reset();
void qemu_unregister_all_resets();

// Lines into a device: n children "unnamed-gpio-in[*]" (or "NAME[*]") of type irq
// that call `handler(i, level)`. A second call appends; handlers see indexes that go on.
void qdev_init_gpio_in(DeviceState* dev, IrqHandler handler, int n);
void qdev_init_gpio_in_named(DeviceState* dev, IrqHandler handler, const char* name,
                             int n);
// Lines out of a device: `pins` are n Irq members of the device (nullptr until
// connected), shown as link properties "unnamed-gpio-out[i]".
void qdev_init_gpio_out(DeviceState* dev, Irq* pins, int n);
void qdev_init_gpio_out_named(DeviceState* dev, Irq* pins, const char* name, int n);
Irq qdev_get_gpio_in(DeviceState* dev, int n);  // owned by the device
Irq qdev_get_gpio_in_named(DeviceState* dev, const char* name, int n);
// Fills the pin and takes a reference. A line without a parent becomes
// /machine/unattached/non-qdev-gpio[*], as in QEMU. nullptr disconnects.
void qdev_connect_gpio_out(DeviceState* dev, int n, Irq line);
void qdev_connect_gpio_out_named(DeviceState* dev, const char* name, int n, Irq line);

// The board is built: devices made from now on are hot-plugged.
void qdev_machine_creation_done();
bool qdev_machine_is_complete();  // the above was called
// Run once, in order of registration, when the board and the -device of the command line
// are there; at once if that is so already.
void qemu_add_machine_init_done_notifier(std::function<void()> fn);
void qemu_run_machine_init_done_notifiers();
void qdev_reset_for_test();  // numbering of unattached devices, the state above

// Finds a device by id below /machine/peripheral, or nullptr.
DeviceState* qdev_find(const std::string& id);
// Child bus `name` of a device, or nullptr.
BusState* qdev_get_child_bus(DeviceState* dev, const std::string& name);
// Depth first over a device and all below it, parents before children; stops at the
// first non-zero return and returns it.
int qdev_walk_children(DeviceState* dev, const std::function<int(DeviceState*)>& fn);
int qbus_walk_children(BusState* bus, const std::function<int(DeviceState*)>& fn);

// The root of what needs no other bus: type "System", named main-system-bus. Made on
// first use and, once /machine exists, put at /machine/unattached/sysbus by this
// function itself.
BusState* sysbus_get_default();

}  // namespace core
