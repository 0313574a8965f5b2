// The properties of an x86 CPU: numbers and names, its features, its switches. 4.0's
// names.
#include <algorithm>

#include "core/qdev_properties.h"
#include "core/report.h"
#include "cpu/x86_cpu.h"

namespace cpu {
namespace {

X86CPU* as_cpu(Object* obj) {
  return static_cast<X86CPU*>(obj);
}

constexpr Property x86_cpu_properties[] = {
    qdev_prop_uint32("apic-id", &X86CPU::apic_id, unassigned_apic_id),
    qdev_prop_int32("thread-id", &X86CPU::thread_id, -1),
    qdev_prop_int32("core-id", &X86CPU::core_id, -1),
    qdev_prop_int32("socket-id", &X86CPU::socket_id, -1),
    qdev_prop_int32("node-id", &X86CPU::node_id, -1),
    qdev_prop_uint32("level", &X86CPU::level, level_by_features),
    qdev_prop_uint32("min-level", &X86CPU::min_level, 0),
    qdev_prop_uint32("xlevel", &X86CPU::xlevel, level_by_features),
    qdev_prop_uint32("min-xlevel", &X86CPU::min_xlevel, 0),
    qdev_prop_uint32("xlevel2", &X86CPU::xlevel2, level_by_features),
    qdev_prop_uint32("min-xlevel2", &X86CPU::min_xlevel2, 0),
    qdev_prop_uint32("phys-bits", &X86CPU::phys_bits, 0),
    qdev_prop_uint8("host-phys-bits-limit", &X86CPU::host_phys_bits_limit, 0),
    qdev_prop_int32("x-hv-max-vps", &X86CPU::hv_max_vps, -1),
    qdev_prop_string("hv-vendor-id", &X86CPU::hv_vendor_id),
};

// ---- numbers with limits --------------------------------------------------------------

struct Limits {
  std::int64_t least, most;
};

std::int64_t limited(const ObjectProperty& property, const Value& value, Limits limits) {
  const std::int64_t number = visit_type_int(value, property.name);
  if (number < limits.least || number > limits.most) {
    throw Error("Property ." + property.name + " doesn't take value " +
                std::to_string(number) + " (minimum: " + std::to_string(limits.least) +
                ", maximum: " + std::to_string(limits.most) + ")");
  }
  return number;
}

template <auto member, std::int64_t least, std::int64_t most>
void add_int(ObjectClass* klass, const char* name) {
  object_class_property_add(
      klass, name, "int",
      [](Object* obj, const ObjectProperty&) { return Value(as_cpu(obj)->*member); },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        as_cpu(obj)->*member = limited(property, value, {least, most});
      });
}

void set_vendor(Object* obj, const std::string& value) {
  if (value.size() != 12) {
    throw Error("Property '.vendor' doesn't take value '" + value + "'");
  }
  as_cpu(obj)->vendor = value;
}

void add_texts(ObjectClass* klass) {
  object_class_property_add_str(
      klass, "vendor", [](Object* obj) { return as_cpu(obj)->vendor; }, set_vendor);
  object_class_property_add_str(
      klass, "model-id", [](Object* obj) { return as_cpu(obj)->model_id; },
      [](Object* obj, const std::string& value) { as_cpu(obj)->model_id = value; });
}

// ---- features and switches: three hundred that most starts never need ---------------

struct Switch {
  std::string_view name;
  bool X86CPU::*member;
};

constexpr Switch switches[] = {
    {"check", &X86CPU::check},
    {"cpuid-0xb", &X86CPU::cpuid_0xb},
    {"enforce", &X86CPU::enforce},
    {"fill-mtrr-mask", &X86CPU::fill_mtrr_mask},
    {"full-cpuid-auto-level", &X86CPU::full_cpuid_auto_level},
    {"host-phys-bits", &X86CPU::host_phys_bits},
    {"hv-crash", &X86CPU::hv_crash},
    {"hv-evmcs", &X86CPU::hv_evmcs},
    {"hv-frequencies", &X86CPU::hv_frequencies},
    {"hv-ipi", &X86CPU::hv_ipi},
    {"hv-reenlightenment", &X86CPU::hv_reenlightenment},
    {"hv-relaxed", &X86CPU::hv_relaxed},
    {"hv-reset", &X86CPU::hv_reset},
    {"hv-runtime", &X86CPU::hv_runtime},
    {"hv-stimer", &X86CPU::hv_stimer},
    {"hv-synic", &X86CPU::hv_synic},
    {"hv-time", &X86CPU::hv_time},
    {"hv-tlbflush", &X86CPU::hv_tlbflush},
    {"hv-vapic", &X86CPU::hv_vapic},
    {"hv-vpindex", &X86CPU::hv_vpindex},
    {"kvm", &X86CPU::expose_kvm},
    {"kvm-no-smi-migration", &X86CPU::no_smi_migration},
    {"l3-cache", &X86CPU::l3_cache},
    {"legacy-cache", &X86CPU::legacy_cache},
    {"lmce", &X86CPU::lmce},
    {"pmu", &X86CPU::pmu},
    {"tcg-cpuid", &X86CPU::expose_tcg},
    {"vmware-cpuid-freq", &X86CPU::vmware_cpuid_freq},
    {"x-hv-synic-kvm-only", &X86CPU::hv_synic_kvm_only},
    {"x-intel-pt-auto-level", &X86CPU::intel_pt_auto_level},
    {"x-migrate-smi-count", &X86CPU::migrate_smi_count},
};

constexpr Switch max_switches[] = {
    {"host-cache-info", &X86CPU::host_cache_info},
    {"migratable", &X86CPU::migratable},
};

void add_switch(ObjectClass* klass, const Switch& row) {
  object_class_property_add_bool(
      klass, row.name, [&row](Object* obj) { return as_cpu(obj)->*row.member; },
      [&row](Object* obj, bool on) {
        qdev_prop_check_unrealized(as_cpu(obj), std::string(row.name).c_str());
        as_cpu(obj)->*row.member = on;
      });
}

void set_feature(X86CPU* cpu, const Feature& feature, bool on) {
  qdev_prop_check_unrealized(cpu, std::string(feature.name).c_str());
  std::uint32_t& word = cpu->features[feature.word];
  word = on ? word | feature.mask : word & ~feature.mask;
  cpu->user_features[feature.word] |= feature.mask;
}

// A name of two bits is on when both are.
bool has_feature(const X86CPU* cpu, const Feature& feature) {
  return (cpu->features[feature.word] & feature.mask) == feature.mask;
}

void add_feature(ObjectClass* klass, const Feature& feature) {
  object_class_property_add_bool(
      klass, feature.name,
      [&feature](Object* obj) { return has_feature(as_cpu(obj), feature); },
      [&feature](Object* obj, bool on) { set_feature(as_cpu(obj), feature, on); });
}

void add_words(ObjectClass* klass) {
  constexpr const char* type = "X86CPUFeatureWordInfo";
  object_class_property_add(
      klass, "feature-words", type,
      [](Object* obj, const ObjectProperty&) {
        const X86CPU* cpu = as_cpu(obj);
        return Value(feature_structures(cpu->features, cpu->hyperv_words));
      },
      {});
  object_class_property_add(
      klass, "filtered-features", type,
      [](Object* obj, const ObjectProperty&) {
        return Value(feature_structures(as_cpu(obj)->filtered_features));
      },
      {});
}

constexpr std::string_view other_late[] = {"crash-information", "feature-words",
                                           "filtered-features", "hv-spinlocks"};

void add_others(ObjectClass* klass) {
  add_words(klass);
  add_int<&X86CPU::hv_spinlocks, 0xfff, 0xffffffff>(klass, "hv-spinlocks");
  object_class_property_add(
      klass, "crash-information", "GuestPanicInformation",
      [](Object*, const ObjectProperty&) -> Value { throw Error("No crash occured"); },
      {});
}

bool is_late(std::string_view name) {
  const auto named = [name](const Switch& row) { return row.name == name; };
  return find_feature(name) != nullptr ||
         std::any_of(std::begin(switches), std::end(switches), named) ||
         std::find(std::begin(other_late), std::end(other_late), name) !=
             std::end(other_late);
}

void add_late(ObjectClass* klass) {
  for (const Feature& feature : features()) {
    add_feature(klass, feature);
  }
  for (const Switch& row : switches) {
    add_switch(klass, row);
  }
  add_others(klass);
}

constexpr LateProperties late_properties{.has = is_late, .add = add_late};

}  // namespace

void x86_cpu_add_properties(X86CPUClass* xcc) {
  device_class_set_props(xcc, x86_cpu_properties);
  add_int<&X86CPU::family, 0, 0xff + 0xf>(xcc, "family");
  add_int<&X86CPU::model, 0, 0xff>(xcc, "model");
  add_int<&X86CPU::stepping, 0, 0xf>(xcc, "stepping");
  add_int<&X86CPU::tsc_frequency, 0, INT64_MAX>(xcc, "tsc-frequency");
  add_texts(xcc);
  object_class_property_add_late(xcc, &late_properties);
}

void max_x86_cpu_add_properties(X86CPUClass* xcc) {
  for (const Switch& row : max_switches) {
    add_switch(xcc, row);
  }
}

}  // namespace cpu
