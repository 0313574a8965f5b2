// The abstract x86 CPU: its properties, realize, and the CPUID it shows the guest.
#include "cpu/x86_cpu.h"

#include <algorithm>

#include "core/qdev_properties.h"
#include "cpu/feature_string.h"
#include "cpu/model_table.h"

namespace cpu {
namespace {

X86CPU* as_cpu(Object* obj) {
  return static_cast<X86CPU*>(obj);
}

// ---- properties ---------------------------------------------------------------------

constexpr Property x86_cpu_properties[] = {
    qdev_prop_uint32("apic-id", &X86CPU::apic_id, unassigned_apic_id),
    qdev_prop_int32("thread-id", &X86CPU::thread_id, -1),
    qdev_prop_int32("core-id", &X86CPU::core_id, -1),
    qdev_prop_int32("socket-id", &X86CPU::socket_id, -1),
    qdev_prop_int32("node-id", &X86CPU::node_id, -1),
    qdev_prop_uint32("level", &X86CPU::level, 0),
    qdev_prop_uint32("min-level", &X86CPU::min_level, 0),
    qdev_prop_uint32("xlevel", &X86CPU::xlevel, 0),
    qdev_prop_uint32("min-xlevel", &X86CPU::min_xlevel, 0),
    qdev_prop_uint32("xlevel2", &X86CPU::xlevel2, 0),
    qdev_prop_uint32("min-xlevel2", &X86CPU::min_xlevel2, 0),
    qdev_prop_uint32("phys-bits", &X86CPU::phys_bits, 0),
    qdev_prop_uint8("host-phys-bits-limit", &X86CPU::host_phys_bits_limit, 0),
    qdev_prop_int32("x-hv-max-vps", &X86CPU::hv_max_vps, -1),
    qdev_prop_string("hv-vendor-id", &X86CPU::hv_vendor_id),
};

template <auto member>
void add_int(ObjectClass* klass, const char* name) {
  object_class_property_add(
      klass, name, "int",
      [](Object* obj, const ObjectProperty&) { return Value(as_cpu(obj)->*member); },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        as_cpu(obj)->*member = visit_type_int(value, property.name);
      });
}

template <auto member>
void add_text(ObjectClass* klass, const char* name) {
  object_class_property_add_str(
      klass, name, [](Object* obj) { return as_cpu(obj)->*member; },
      [](Object* obj, const std::string& value) { as_cpu(obj)->*member = value; });
}

std::size_t place_of(std::string_view name) {
  const auto names = switch_names();
  const auto found = std::lower_bound(names.begin(), names.end(), name);
  const bool there = found != names.end() && *found == name;
  return there ? static_cast<std::size_t>(found - names.begin()) : names.size();
}

// '_' and '-' spell the same switch.
std::size_t switch_index(std::size_t row) {
  std::string dashed(switch_names()[row]);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  const std::size_t place = place_of(dashed);
  return place < switch_names().size() ? place : row;
}

void add_switches(ObjectClass* klass) {
  for (std::size_t row = 0; row < switch_names().size(); ++row) {
    const std::size_t index = switch_index(row);
    object_class_property_add_bool(
        klass, switch_names()[row],
        [index](Object* obj) { return as_cpu(obj)->switches.test(index); },
        [index](Object* obj, bool on) { as_cpu(obj)->switches.set(index, on); });
  }
}

// Three hundred properties that most starts never need.
constexpr LateProperties switch_properties{
    .has = [](std::string_view name) { return place_of(name) < switch_names().size(); },
    .add = add_switches,
};

void x86_cpu_instance_init(Object* obj) {
  X86CPU* x86 = as_cpu(obj);
  x86->model_id = class_of<X86CPUClass>(obj)->model_id;
  for (const std::string_view name : switches_on_by_default()) {
    x86->switches.set(place_of(name));
  }
}

// ---- realize ------------------------------------------------------------------------

bool kvm_runs() {
  return current_machine != nullptr && current_machine->accelerator != nullptr &&
         object_dynamic_cast(current_machine->accelerator, "kvm-accel") != nullptr;
}

// Where the CPU sits, if nobody said so: counted from its index.
void assign_topology(X86CPU* x86, int index) {
  const int threads = std::max(current_machine->smp_threads, 1);
  const int cores = std::max(current_machine->smp_cores, 1);
  const auto fill = [](std::int32_t& id, int value) { id = id < 0 ? value : id; };
  fill(x86->thread_id, index % threads);
  fill(x86->core_id, index / threads % cores);
  fill(x86->socket_id, index / (threads * cores));
}

void x86_cpu_realize(DeviceState* dev) {
  X86CPU* x86 = as_cpu(dev);
  const auto* xcc = class_of<X86CPUClass>(dev);
  if (xcc->requires_kvm && !kvm_runs()) {
    throw Error("CPU model 'host' requires KVM");
  }
  if (x86->apic_id == unassigned_apic_id) {
    throw Error("apic-id property was not initialized properly");
  }
  apply_plus_minus_features(dev);
  assign_topology(x86, static_cast<int>(cpu_list().size()));
  cpu_common_realize(dev);
}

// ---- what the guest reads -------------------------------------------------------------

// Leaves that name the CPU they are read on.
void set_apic_id(CpuidEntry& entry, std::uint32_t apic_id) {
  if (entry.function == 1) {
    entry.ebx = (entry.ebx & 0x00ffffff) | (apic_id & 0xff) << 24;
  } else if (entry.function == 0xb || entry.function == 0x1f) {
    entry.edx = apic_id;
  }
}

void x86_cpu_init_vcpu(DeviceState* dev, Vcpu& vcpu) {
  std::vector<CpuidEntry> entries = current_machine->accelerator->vm->supported_cpuid();
  for (CpuidEntry& entry : entries) {
    set_apic_id(entry, as_cpu(dev)->apic_id);
  }
  vcpu.set_cpuid(entries);
}

// ---- types ----------------------------------------------------------------------------

void x86_cpu_class_init(ObjectClass* klass, void*) {
  auto* xcc = class_cast<X86CPUClass>(klass);
  xcc->realize = x86_cpu_realize;
  xcc->init_vcpu = x86_cpu_init_vcpu;
  xcc->user_creatable = true;
  device_class_set_props(xcc, x86_cpu_properties);
  add_int<&X86CPU::family>(klass, "family");
  add_int<&X86CPU::model>(klass, "model");
  add_int<&X86CPU::stepping>(klass, "stepping");
  add_int<&X86CPU::tsc_frequency>(klass, "tsc-frequency");
  add_text<&X86CPU::vendor>(klass, "vendor");
  add_text<&X86CPU::model_id>(klass, "model-id");
  object_class_property_add_late(klass, &switch_properties);
}

void model_class_init(ObjectClass* klass, void* data) {
  class_cast<X86CPUClass>(klass)->model_id = static_cast<const Model*>(data)->model_id;
}

void host_class_init(ObjectClass* klass, void*) {
  class_cast<X86CPUClass>(klass)->requires_kvm = true;
}

constinit const TypeInfo x86_cpu_info{
    .name = TYPE_X86_CPU,
    .parent = TYPE_CPU,
    .instance = instance_struct<X86CPU>(),
    .instance_init = x86_cpu_instance_init,
    .abstract = true,
    .klass = class_struct<X86CPUClass>(),
    .class_init = x86_cpu_class_init,
};

constinit const TypeInfo max_cpu_info{.name = "max-x86_64-cpu", .parent = TYPE_X86_CPU};
constinit const TypeInfo base_cpu_info{.name = "base-x86_64-cpu", .parent = TYPE_X86_CPU};
constinit const TypeInfo host_cpu_info{
    .name = "host-x86_64-cpu",
    .parent = "max-x86_64-cpu",
    .class_init = host_class_init,
};

void x86_cpu_register_types() {
  type_register_static(x86_cpu_info);
  for (const Model& model : model_rows()) {
    TypeInfo info{.name = model.type, .parent = TYPE_X86_CPU};
    info.class_init = model_class_init;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): only ever read
    info.class_data = const_cast<Model*>(&model);
    type_register_static(info);
  }
  type_register_static(max_cpu_info);
  type_register_static(base_cpu_info);
  type_register_static(host_cpu_info);
}

type_init(x86_cpu_register_types);

}  // namespace
}  // namespace cpu
