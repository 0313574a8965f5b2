// -device help: what can be plugged in; -device DRIVER,help: its properties.
#include <algorithm>
#include <array>

#include "core/qdev_properties.h"
#include "launcher/device_option.h"
#include "launcher/known_types.h"
#include "options/command_line.h"

namespace launcher {

using namespace core;

static std::string device_line(const DeviceClass* dc) {
  const std::string name = object_class_get_name(dc);
  std::string line = "name \"" + name + "\"";
  if (dc->bus_type != nullptr) {
    line += std::string(", bus ") + dc->bus_type;
  }
  if (const std::string_view alias = alias_of_device(name); !alias.empty()) {
    line += ", alias \"" + std::string(alias) + "\"";
  }
  if (dc->desc != nullptr) {
    line += std::string(", desc \"") + dc->desc + "\"";
  }
  return line + (dc->user_creatable ? "\n" : ", no-user\n");
}

// In the order of DeviceCategory; devices without one come last.
static constexpr std::array category_titles{"Controller/Bridge/Hub",
                                            "USB",
                                            "Storage",
                                            "Network",
                                            "Input",
                                            "Display",
                                            "Sound",
                                            "Misc",
                                            "CPU"};

static std::string section(const std::vector<const DeviceClass*>& devices,
                           const char* title, std::uint64_t mask) {
  std::string text;
  for (const DeviceClass* dc : devices) {
    if (mask == 0 ? dc->categories == 0 : (dc->categories & mask) != 0) {
      text += device_line(dc);
    }
  }
  return text.empty() ? text : "\n" + std::string(title) + " devices:\n" + text;
}

static bool name_before(const DeviceClass* a, const DeviceClass* b) {
  return strcasecmp(object_class_get_name(a), object_class_get_name(b)) < 0;
}

static std::string device_list() {
  std::vector<const DeviceClass*> devices;
  for (ObjectClass* klass : object_class_get_list(TYPE_DEVICE, false)) {
    const auto* dc = class_cast<DeviceClass>(klass);
    if (dc->user_creatable) {
      devices.push_back(dc);
    }
  }
  std::sort(devices.begin(), devices.end(), name_before);
  std::string text;
  for (std::size_t i = 0; i < category_titles.size(); ++i) {
    text += section(devices, category_titles[i], 1ull << i);
  }
  text += section(devices, "Uncategorized", 0);
  return text.empty() ? text : text.substr(1);
}

static bool shown_in_help(const ObjectProperty* property) {
  for (const char* name : {"type", "realized", "hotpluggable", "hotplugged", "parent_bus",
                           "canonical_path"}) {
    if (property->name == name) {
      return false;
    }
  }
  return !property->type.starts_with("child<") &&
         !property->type.starts_with("link<irq>") && property->set != nullptr;
}

static std::string property_line(const ObjectProperty* property) {
  constexpr std::size_t help_column = 24;
  std::string line = "  " + property->name + "=<" + property->type + ">";
  const std::string help = property->description.empty() && property->type == "bool"
                               ? "on/off"
                               : property->description;
  if (!help.empty()) {
    line.resize(std::max(line.size(), help_column), ' ');
    line += " - " + help;
  }
  return line + "\n";
}

static std::string property_list(const std::string& driver) {
  const std::string_view name = device_of_alias(driver);
  const std::string type = name.empty() ? driver : std::string(name);
  ObjectClass* klass = object_class_by_name(type.c_str());
  if (klass == nullptr || object_class_dynamic_cast(klass, TYPE_DEVICE) == nullptr ||
      object_class_is_abstract(klass)) {
    Error error("Device '" + driver + "' not found");
    if (klass == nullptr && known_device(driver) != KnownDevice::unknown) {
      error.hint = "QEMU 4.0 has it; it is not built here yet.";
    }
    throw Error(error);
  }
  const Ref<> dev(object_new_with_class(klass));
  std::vector<std::string> lines;
  for (const ObjectProperty* property : object_property_list(dev.get())) {
    if (shown_in_help(property)) {
      lines.push_back(property_line(property));
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text = driver + " options:\n";
  for (const std::string& line : lines) {
    text += line;
  }
  return lines.empty() ? "There are no options for " + driver + ".\n" : text;
}

void qdev_device_help(const options::QemuOpts* opts) {
  const char* driver = options::qemu_opt_get(opts, "driver");
  if (driver == nullptr) {
    return;
  }
  if (options::is_help_option(driver)) {
    throw options::Answer{device_list(), {}, 0};
  }
  for (const char* word : {"help", "?"}) {
    if (options::qemu_opt_find(opts, word) != nullptr) {
      throw options::Answer{property_list(driver), {}, 0};
    }
  }
}

}  // namespace launcher
