// What a CPU object starts with: the features, levels and names of its model, or of the
// host (x86_cpu_load_def and its like; 4.0's steps, see x86_cpu.h).
#include "cpu/engine_features.h"

namespace cpu {

namespace {

constexpr FeatureSet hypervisor = feature_set("hypervisor");

// What 4.0 switches on and off in every model, for each accelerator.
constexpr FeatureSet kvm_on = feature_set(
    "kvmclock kvm-nopiodelay kvm-asyncpf kvm-steal-time kvm-pv-eoi kvmclock-stable-bit "
    "x2apic");
constexpr FeatureSet kvm_off = feature_set("acpi monitor svm");
constexpr FeatureSet tcg_off = feature_set("vme");

// An older machine leaves some of them as the model has them.
FeatureSet features_of_model() {
  FeatureSet set{};
  std::string_view names = class_of<MachineClass>(current_machine)->cpu_features_of_model;
  while (!names.empty()) {
    if (const Feature* feature = find_feature(detail::take_word(names))) {
      set[feature->word] |= feature->mask;
    }
  }
  return set;
}

void apply_kvm_defaults(X86CPU* cpu) {
  const FeatureSet kept = features_of_model();
  cpu->features = without(cpu->features | without(kvm_on, kept), without(kvm_off, kept));
  if (current_machine->kernel_irqchip == "off") {
    cpu->features = without(cpu->features, feature_set("x2apic"));
  }
}

std::string text_of(std::initializer_list<std::uint32_t> words) {
  std::string text;
  for (const std::uint32_t word : words) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      text += static_cast<char>(word >> shift & 0xff);
    }
  }
  return text;
}

std::string vendor_of(const std::vector<CpuidEntry>& leaves) {
  const CpuidEntry* leaf = find_leaf(leaves, 0);
  return leaf == nullptr ? "" : text_of({leaf->ebx, leaf->edx, leaf->ecx});
}

std::string brand_of(const std::vector<CpuidEntry>& leaves) {
  std::string text;
  for (std::uint32_t function = 0x80000002; function <= 0x80000004; ++function) {
    if (const CpuidEntry* leaf = find_leaf(leaves, function)) {
      text += text_of({leaf->eax, leaf->ebx, leaf->ecx, leaf->edx});
    }
  }
  return text.substr(0, text.find('\0'));
}

void load_signature(X86CPU* cpu, std::uint32_t eax) {
  cpu->family = (eax >> 8 & 0xf) + (eax >> 20 & 0xff);
  cpu->model = (eax >> 4 & 0xf) | (eax >> 12 & 0xf0);
  cpu->stepping = eax & 0xf;
}

}  // namespace

void x86_cpu_load_def(X86CPU* cpu, const Model& model) {
  cpu->vendor = model.vendor;
  cpu->model_id = model.model_id;
  cpu->family = model.family;
  cpu->model = model.model;
  cpu->stepping = model.stepping;
  cpu->min_level = model.level;
  cpu->min_xlevel = model.xlevel;
  cpu->legacy_cache = model.caches == CacheStyle::legacy;
  cpu->features = model.features | hypervisor;
  if (kvm_runs()) {
    apply_kvm_defaults(cpu);
    // Programs choose code by the vendor, and SYSENTER differs: it is the host's.
    cpu->vendor = vendor_of(engine_leaves());
  } else if (engine() != nullptr) {
    cpu->features = without(cpu->features, tcg_off);
  }
}

void x86_cpu_load_host(X86CPU* cpu) {
  if (!kvm_runs()) {
    cpu->vendor = "AuthenticAMD";
    cpu->model_id = "QEMU TCG CPU version 2.5+";
    cpu->family = cpu->model = 6;
    cpu->stepping = 3;
    return;
  }
  const std::vector<CpuidEntry> leaves = engine_leaves();
  const auto eax = [&](std::uint32_t function) {
    const CpuidEntry* leaf = find_leaf(leaves, function);
    return leaf == nullptr ? 0 : leaf->eax;
  };
  cpu->vendor = vendor_of(leaves);
  cpu->model_id = brand_of(leaves);
  load_signature(cpu, eax(1));
  cpu->min_level = eax(0);
  cpu->min_xlevel = eax(0x80000000);
  cpu->min_xlevel2 = eax(0xc0000000);
  cpu->pmu = true;
}

}  // namespace cpu
