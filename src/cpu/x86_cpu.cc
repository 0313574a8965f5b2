// The abstract x86 CPU and the type of each model.
#include "cpu/x86_cpu.h"

#include <algorithm>

#include "core/report.h"
#include "cpu/engine_features.h"
#include "cpu/hyperv.h"

namespace cpu {
namespace {

X86CPU* as_cpu(Object* obj) {
  return static_cast<X86CPU*>(obj);
}

void x86_cpu_instance_init(Object* obj) {
  if (const Model* model = class_of<X86CPUClass>(obj)->model) {
    x86_cpu_load_def(as_cpu(obj), *model);
  }
}

void max_x86_cpu_instance_init(Object* obj) {
  as_cpu(obj)->max_features = true;
  x86_cpu_load_host(as_cpu(obj));
}

// ---- realize ------------------------------------------------------------------------

void check_caches(const X86CPU* x86, const X86CPUClass* xcc) {
  if (!x86->legacy_cache &&
      (xcc->model == nullptr || xcc->model->caches == CacheStyle::legacy)) {
    std::string name = object_get_typename(x86);
    name.resize(name.size() - std::string_view("-x86_64-cpu").size());
    throw Error("CPU model '" + name + "' doesn't support legacy-cache=off");
  }
}

constexpr FeatureSet topoext = feature_set("topoext");
constexpr FeatureSet invtsc = feature_set("invtsc");

// AMD processors before the Zen ones had no threads, and guests know that.
void warn_of_threads(const X86CPU* x86) {
  static bool warned = false;
  const int threads = current_machine->smp_threads;
  if (warned || threads <= 1 || x86->vendor != "AuthenticAMD" ||
      !none(x86->features & topoext)) {
    return;
  }
  warned = true;
  warn_report(
      "This family of AMD CPU doesn't support hyperthreading(" + std::to_string(threads) +
      ")\nPlease configure -smp options properly or try enabling topoext feature.");
}

// 4.0 tells KVM of these. Under tcg it takes and forgets them, as we do.
void warn_of_unbuilt(const X86CPU* x86) {
  static bool warned = false;
  const std::string names = hyperv_unbuilt_names(x86);
  static bool missing = false;
  if (!missing && hyperv_is_missing(x86)) {
    missing = true;
    warn_report(
        "the kernel has no Hyper-V interface: its guest does not see the hv- "
        "features");
  }
  if (!warned && kvm_runs() && !names.empty()) {
    warned = true;
    warn_report("CPU properties without effect, because they are not built yet: " +
                names);
  }
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
  x86_cpu_expand_features(x86);
  x86_cpu_filter_features(x86);
  x86_cpu_settle_phys_bits(x86);
  check_caches(x86, xcc);
  cpu_common_realize(dev);
  warn_of_threads(x86);
  warn_of_unbuilt(x86);
}

// ---- what the guest reads -------------------------------------------------------------

struct KvmInitVcpu {
  static constexpr trace::Declaration declaration{
      "kvm_arch_init_vcpu", trace::Category::vcpu, trace::Shape::span,
      "KVM is told what CPUID answers a guest."};
  std::int32_t index = 0;
  std::uint32_t leaves = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("index", &KvmInitVcpu::index, "CPU number"),
                         trace::state("leaves", &KvmInitVcpu::leaves, "how many leaves"));
  }
};

struct TcgCpuid {
  static constexpr trace::Declaration declaration{
      "cpu_x86_cpuid", trace::Category::vcpu, trace::Shape::instant,
      "The software CPU is told what CPUID answers a guest."};
  std::int32_t index = 0;
  std::uint32_t leaves = 0;
  std::string_view hidden;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("index", &TcgCpuid::index, "CPU number"),
        trace::state("leaves", &TcgCpuid::leaves, "how many leaves"),
        trace::state("hidden", &TcgCpuid::hidden,
                     "features the CPU has and the software CPU does not execute"));
  }
};

// The counter's pace: as asked for, or the host's if it is promised never to change.
// Throws if neither the kernel can scale it nor the host's is the one asked for.
void settle_tsc(X86CPU* x86, Vcpu& vcpu) {
  const auto wanted = static_cast<std::uint32_t>(x86->tsc_frequency / 1000);
  if (wanted == 0) {
    x86->tsc_khz = has(x86->features, invtsc) ? vcpu.tsc_khz() : 0;
    return;
  }
  if (!vcpu.set_tsc_khz(wanted)) {
    const std::uint32_t host = vcpu.tsc_khz();
    if (host != wanted) {
      warn_report("TSC frequency mismatch between VM (" + std::to_string(wanted) +
                  " kHz) and host (" + std::to_string(host) +
                  " kHz), and TSC scaling unavailable");
      throw Error("kvm_init_vcpu failed: Operation not supported");
    }
  }
  x86->tsc_khz = wanted;
}

void x86_cpu_init_vcpu(DeviceState* dev, Vcpu& vcpu) {
  X86CPU* x86 = as_cpu(dev);
  if (kvm_runs()) {
    settle_tsc(x86, vcpu);
  }
  const std::vector<CpuidEntry> leaves = x86_cpu_cpuid(x86);
  const HypervFeatures hyperv = hyperv_features(x86);
  x86->hyperv_words = {hyperv.eax, hyperv.ebx, hyperv.edx};
  const auto count = static_cast<std::uint32_t>(leaves.size());
  if (!kvm_runs()) {
    vcpu.set_cpuid(leaves);
    const std::string hidden = feature_names(x86->hidden_features);
    trace::instant(TcgCpuid{.index = x86->cpu_index, .leaves = count, .hidden = hidden});
    return;
  }
  const trace::Span span{KvmInitVcpu{.index = x86->cpu_index, .leaves = count}};
  vcpu.set_cpuid(leaves);
  if (const std::uint32_t value = x86->features[FEAT_ARCH_CAPABILITIES]) {
    vcpu.set_msr(feature_words[FEAT_ARCH_CAPABILITIES].msr, value);
  }
}

// ---- types ----------------------------------------------------------------------------

void x86_cpu_class_init(ObjectClass* klass, void*) {
  auto* xcc = class_cast<X86CPUClass>(klass);
  xcc->realize = x86_cpu_realize;
  xcc->init_vcpu = x86_cpu_init_vcpu;
  xcc->user_creatable = true;
  x86_cpu_add_properties(xcc);
}

void model_class_init(ObjectClass* klass, void* data) {
  class_cast<X86CPUClass>(klass)->model = static_cast<const Model*>(data);
}

void max_class_init(ObjectClass* klass, void*) {
  max_x86_cpu_add_properties(class_cast<X86CPUClass>(klass));
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

constinit const TypeInfo max_cpu_info{
    .name = "max-x86_64-cpu",
    .parent = TYPE_X86_CPU,
    .instance_init = max_x86_cpu_instance_init,
    .class_init = max_class_init,
};
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
