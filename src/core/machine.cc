// Type "machine": what every board has. See machine.h.
#include "core/machine.h"

#include <cassert>
#include <deque>
#include <map>

#include "core/accel.h"
#include "core/report.h"

namespace core {

MachineState* current_machine = nullptr;

namespace {

MachineState* as_machine(Object* obj) {
  return static_cast<MachineState*>(obj);
}

// Compat rows by class; a class that is not in here has none.
using CompatLists =
    std::map<const MachineClass*, std::vector<std::span<const CompatProperty>>>;

CompatLists& compat_lists() {
  static CompatLists lists;
  return lists;
}

// ---- properties -------------------------------------------------------------------

void describe(ObjectClass* klass, const char* name, const char* text) {
  object_class_property_set_description(klass, name, text);
}

template <auto member>
void add_text(ObjectClass* klass, const char* name, const char* text) {
  object_class_property_add_str(
      klass, name, [](Object* obj) { return as_machine(obj)->*member; },
      [](Object* obj, const std::string& value) { as_machine(obj)->*member = value; });
  describe(klass, name, text);
}

template <auto member>
void add_switch(ObjectClass* klass, const char* name, const char* text) {
  object_class_property_add_bool(
      klass, name, [](Object* obj) { return as_machine(obj)->*member; },
      [](Object* obj, bool value) { as_machine(obj)->*member = value; });
  describe(klass, name, text);
}

template <auto member>
void add_int(ObjectClass* klass, const char* name, const char* text) {
  object_class_property_add(
      klass, name, "int",
      [](Object* obj, const ObjectProperty&) {
        return Value(static_cast<std::int64_t>(as_machine(obj)->*member));
      },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        auto& field = as_machine(obj)->*member;
        field = static_cast<std::remove_reference_t<decltype(field)>>(
            visit_type_int(value, property.name));
      });
  describe(klass, name, text);
}

void set_kernel_irqchip(Object* obj, const ObjectProperty& property, const Value& value) {
  const std::string mode = visit_type_str(value, property.name);
  if (mode != "on" && mode != "off" && mode != "split")
    throw Error("Invalid parameter '" + mode + "'");
  as_machine(obj)->kernel_irqchip = mode;
}

void set_accel(Object* obj, const std::string& value) {
  as_machine(obj)->accel = value;
  as_machine(obj)->accel_given = true;
}

void set_usb(Object* obj, bool value) {
  as_machine(obj)->usb = value;
  as_machine(obj)->usb_disabled = !value;
}

void set_enforce_config_section(Object* obj, bool value) {
  warn_report(
      "enforce-config-section is deprecated, please use "
      "-global migration.send-configuration=on|off instead");
  as_machine(obj)->enforce_config_section = value;
}

void add_boot_properties(ObjectClass* klass) {
  using M = MachineState;
  add_text<&M::kernel_filename>(klass, "kernel", "Linux kernel image file");
  add_text<&M::initrd_filename>(klass, "initrd", "Linux initial ramdisk file");
  add_text<&M::kernel_cmdline>(klass, "append", "Linux kernel command line");
  add_text<&M::dtb>(klass, "dtb", "Linux kernel device tree file");
  add_text<&M::dumpdtb>(klass, "dumpdtb", "Dump current dtb to a file and quit");
  add_text<&M::dt_compatible>(
      klass, "dt-compatible",
      "Overrides the \"compatible\" property of the dt root node");
  add_int<&M::phandle_start>(klass, "phandle-start",
                             "The first phandle ID we may generate dynamically");
  add_text<&M::firmware>(klass, "firmware", "Firmware image");
}

void add_accel_properties(ObjectClass* klass) {
  object_class_property_add_str(
      klass, "accel", [](Object* obj) { return as_machine(obj)->accel; }, set_accel);
  describe(klass, "accel", "Accelerator list");
  object_class_property_add(klass, "kernel-irqchip", "on|off|split", {},
                            set_kernel_irqchip);
  describe(klass, "kernel-irqchip", "Configure KVM in-kernel irqchip");
  add_int<&MachineState::kvm_shadow_mem>(klass, "kvm-shadow-mem", "KVM shadow MMU size");
}

void add_switch_properties(ObjectClass* klass) {
  using M = MachineState;
  add_switch<&M::dump_guest_core>(klass, "dump-guest-core",
                                  "Include guest memory in a core dump");
  add_switch<&M::mem_merge>(klass, "mem-merge", "Enable/disable memory merge support");
  object_class_property_add_bool(
      klass, "usb", [](Object* obj) { return as_machine(obj)->usb; }, set_usb);
  describe(klass, "usb", "Set on/off to enable/disable usb");
  add_switch<&M::graphics>(klass, "graphics",
                           "Set on/off to enable/disable graphics emulation");
  add_switch<&M::igd_passthru>(klass, "igd-passthru",
                               "Set on/off to enable/disable igd passthrou");
  object_class_property_add_bool(
      klass, "enforce-config-section",
      [](Object* obj) { return as_machine(obj)->enforce_config_section; },
      set_enforce_config_section);
  describe(klass, "enforce-config-section",
           "Set on to enforce configuration section migration");
  add_switch<&M::suppress_vmdesc>(klass, "suppress-vmdesc",
                                  "Set on to disable self-describing migration");
  add_text<&M::memory_encryption>(klass, "memory-encryption",
                                  "Set memory encryption object to use");
}

// ---- the type -----------------------------------------------------------------------

// A machine's public name is its type's name without "-machine".
void machine_class_base_init(ObjectClass* klass, void*) {
  if (object_class_is_abstract(klass))
    return;
  static std::deque<std::string> names;  // a class lives for ever
  const std::string_view type = object_class_get_name(klass);
  const std::string_view suffix = TYPE_MACHINE_SUFFIX;
  assert(type.ends_with(suffix) && "a machine type's name ends in -machine");
  names.emplace_back(type.substr(0, type.size() - suffix.size()));
  class_cast<MachineClass>(klass)->name = names.back().c_str();
}

void machine_class_init(ObjectClass* klass, void*) {
  add_accel_properties(klass);
  add_boot_properties(klass);
  add_switch_properties(klass);
}

void machine_finalize(Object* obj) {
  MachineState* machine = as_machine(obj);
  object_unref(machine->accelerator);
  if (current_machine == machine)
    current_machine = nullptr;
}

constinit const TypeInfo machine_info{
    .name = TYPE_MACHINE,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<MachineState>(),
    .instance_finalize = machine_finalize,
    .abstract = true,
    .klass = class_struct<MachineClass>(),
    .class_base_init = machine_class_base_init,
    .class_init = machine_class_init,
};

void machine_register_types() {
  type_register_static(machine_info);
}

}  // namespace

std::int32_t machine_cpu_node_id(int cpu_index) {
  const auto at = static_cast<std::size_t>(cpu_index);
  return current_machine == nullptr || cpu_index < 0 ||
                 at >= current_machine->cpu_node_ids.size()
             ? -1
             : current_machine->cpu_node_ids[at];
}

void compat_props_add(MachineClass* mc, std::span<const CompatProperty> rows) {
  compat_lists()[mc].push_back(rows);
}

GlobalProperties to_global_properties(std::span<const CompatProperty> rows) {
  GlobalProperties made;
  for (const CompatProperty& row : rows) {
    GlobalProperty global;
    global.driver = row.driver;
    global.property = row.property;
    global.value = row.value;
    made.push_back(std::move(global));
  }
  return made;
}

GlobalProperties machine_compat_props(const MachineClass* mc) {
  GlobalProperties all;
  const auto found = compat_lists().find(mc);
  if (found == compat_lists().end())
    return all;
  for (const auto& rows : found->second)
    for (GlobalProperty& global : to_global_properties(rows))
      all.push_back(std::move(global));
  return all;
}

type_init(machine_register_types)

}  // namespace core
