// Named lines into and out of a device: QEMU's qdev GPIO arrays. A line in is a child
// of the device, a line out is a link property of it, so the composition tree shows
// how a board is wired.
#include "core/qdev.h"

#include <cassert>
#include <string_view>
#include <utility>

namespace core {
namespace {

NamedGpioList& gpio_list(DeviceState* dev, const char* name) {
  const std::string_view wanted = name ? name : "";
  for (NamedGpioList& list : dev->gpios)
    if (list.name == wanted)
      return list;
  NamedGpioList& made = dev->gpios.emplace_back();
  made.name = wanted;
  return made;
}

std::string pin_name(const char* name, int n) {
  return std::string(name ? name : "unnamed-gpio-out") + "[" + std::to_string(n) + "]";
}

void connect_pin(Irq* pin, Irq line) {
  if (line)
    object_ref(line);
  object_unref(std::exchange(*pin, line));
}

void set_pin(Object* obj, const ObjectProperty& property, Irq* pin, const Value& value) {
  const std::string path = visit_type_str(value, property.name);
  if (path.empty()) {
    connect_pin(pin, nullptr);
    return;
  }
  bool ambiguous = false;
  Object* line = object_resolve_path_type(path, TYPE_IRQ, &ambiguous);
  if (ambiguous)
    throw Error("Path '" + path + "' does not uniquely identify an object");
  if (!line && object_resolve_path(path))
    throw Error("Invalid parameter type for '" + property.name +
                "', expected: " + TYPE_IRQ);
  if (!line)
    throw Error("Device '" + path + "' not found");
  (void)obj;
  connect_pin(pin, object_cast<IrqState>(line));
}

void add_pin_property(DeviceState* dev, const char* name, int n, Irq* pin) {
  ObjectProperty& property = object_property_add(
      dev, pin_name(name, n), std::string("link<") + TYPE_IRQ + ">",
      [pin](Object*, const ObjectProperty&) {
        return Value(*pin ? object_get_canonical_path(*pin).value_or("") : std::string());
      },
      [pin](Object* obj, const ObjectProperty& self, const Value& value) {
        set_pin(obj, self, pin, value);
      },
      [pin](Object*, const ObjectProperty&) { connect_pin(pin, nullptr); });
  property.resolve = [pin](Object*, const ObjectProperty&, std::string_view) -> Object* {
    return *pin;
  };
}

}  // namespace

void qdev_init_gpio_in(DeviceState* dev, IrqHandler handler, int n) {
  qdev_init_gpio_in_named(dev, std::move(handler), nullptr, n);
}

void qdev_init_gpio_in_named(DeviceState* dev, IrqHandler handler, const char* name,
                             int n) {
  NamedGpioList& list = gpio_list(dev, name);
  const std::string child = std::string(name ? name : "unnamed-gpio-in") + "[*]";
  const IrqHandler of_each = std::move(handler);
  const int first = static_cast<int>(list.in.size());
  for (int i = first; i < first + n; ++i) {
    Irq line = qemu_allocate_irq(of_each, i);
    object_property_add_child(dev, child, line);
    object_unref(line);
    list.in.push_back(line);
  }
}

void qdev_init_gpio_out(DeviceState* dev, Irq* pins, int n) {
  qdev_init_gpio_out_named(dev, pins, nullptr, n);
}

void qdev_init_gpio_out_named(DeviceState* dev, Irq* pins, const char* name, int n) {
  NamedGpioList& list = gpio_list(dev, name);
  for (int i = 0; i < n; ++i) {
    list.out.push_back(&pins[i]);
    add_pin_property(dev, name, static_cast<int>(list.out.size()) - 1, &pins[i]);
  }
}

Irq qdev_get_gpio_in(DeviceState* dev, int n) {
  return qdev_get_gpio_in_named(dev, nullptr, n);
}

Irq qdev_get_gpio_in_named(DeviceState* dev, const char* name, int n) {
  const NamedGpioList& list = gpio_list(dev, name);
  assert(n >= 0 && n < static_cast<int>(list.in.size()) && "the device has that line in");
  return list.in[static_cast<std::size_t>(n)];
}

void qdev_connect_gpio_out(DeviceState* dev, int n, Irq line) {
  qdev_connect_gpio_out_named(dev, nullptr, n, line);
}

void qdev_connect_gpio_out_named(DeviceState* dev, const char* name, int n, Irq line) {
  const NamedGpioList& list = gpio_list(dev, name);
  assert(n >= 0 && n < static_cast<int>(list.out.size()) &&
         "the device has that line out");
  if (line && !line->parent)
    object_property_add_child(container_get(object_get_root(), "/machine/unattached"),
                              "non-qdev-gpio[*]", line);
  connect_pin(list.out[static_cast<std::size_t>(n)], line);
}

}  // namespace core
