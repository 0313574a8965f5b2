// Buses and devices as a tree, and objects as a tree: the two views of one machine.
#include "core/info.h"
#include "core/log.h"
#include "core/qdev_properties.h"

namespace core {
namespace {

class QtreePrinter {
 public:
  void print_bus(BusState* bus, int indent) {
    append_format(text_, "%*sbus: %s\n", indent, "", bus->name.c_str());
    indent += 2;
    append_format(text_, "%*stype %s\n", indent, "", object_get_typename(bus));
    for (auto it = bus->children.rbegin(); it != bus->children.rend(); ++it)
      print_device(*it, indent);
  }

  std::string take() { return std::move(text_); }

 private:
  void print_device(DeviceState* dev, int indent) {
    append_format(text_, "%*sdev: %s, id \"%s\"\n", indent, "", object_get_typename(dev),
                  dev->id.c_str());
    indent += 2;
    for (auto it = dev->gpios.rbegin(); it != dev->gpios.rend(); ++it)
      print_lines(*it, indent);
    print_properties(dev, indent);
    if (const auto print = class_of<BusClass>(dev->parent_bus)->print_dev)
      print(dev, text_, indent);
    for (BusState* bus : dev->child_buses)
      print_bus(bus, indent);
  }

  void print_lines(const NamedGpioList& lines, int indent) {
    if (!lines.in.empty())
      append_format(text_, "%*sgpio-in \"%s\" %zu\n", indent, "", lines.name.c_str(),
                    lines.in.size());
    if (!lines.out.empty())
      append_format(text_, "%*sgpio-out \"%s\" %zu\n", indent, "", lines.name.c_str(),
                    lines.out.size());
  }

  // Rows of the class tables only, leaf class first.
  void print_properties(DeviceState* dev, int indent) {
    for (ObjectClass* klass = object_get_class(dev);
         klass && object_class_dynamic_cast(klass, TYPE_DEVICE);
         klass = object_class_get_parent(klass)) {
      const auto* dc = static_cast<const DeviceClass*>(klass);
      for (int i = 0; i < dc->props_count; ++i)
        print_property(dev, dc->props[i], indent);
    }
  }

  void print_property(DeviceState* dev, const Property& row, int indent) {
    const std::string value = row.info->print
                                  ? row.info->print(dev, row)
                                  : object_property_print(dev, row.name, true);
    append_format(text_, "%*s%s = %s\n", indent, "", row.name,
                  value.empty() ? "<null>" : value.c_str());
  }

  std::string text_;
};

void print_object(std::string& text, Object* obj, const std::string& name, int indent) {
  append_format(text, "%*s/%s (%s)\n", indent, "", name.c_str(),
                object_get_typename(obj));
  object_child_foreach(obj, [&](Object* child) {
    print_object(text, child, object_get_canonical_path_component(child).value_or(""),
                 indent + 2);
    return 0;
  });
}

}  // namespace

std::string info_qtree() {
  QtreePrinter printer;
  printer.print_bus(sysbus_get_default(), 0);
  return printer.take();
}

std::string info_qom_tree() {
  std::string text;
  if (Object* machine = object_resolve_path_component(object_get_root(), "machine"))
    print_object(text, machine, "machine", 0);
  return text;
}

}  // namespace core
