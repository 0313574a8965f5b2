// From a model and a command line to what the guest may see.
//
// Two different questions are asked of an accelerator. Which features does it support:
// what it lacks is reported, as 4.0 reports it. And which can its engine show a guest:
// the software CPU stands in for QEMU's, whose features its CPU objects have, and
// executes fewer. What it cannot execute stays on in the object, so that a machine has
// the properties 4.0 gives it, and is kept out of CPUID, so that no guest tries it.
#include <algorithm>
#include <iterator>

#include "core/report.h"
#include "cpu/feature_string.h"
#include "cpu/x86_cpu.h"

namespace cpu {

bool kvm_runs() {
  return current_machine != nullptr && current_machine->accelerator != nullptr &&
         object_dynamic_cast(current_machine->accelerator, "kvm-accel") != nullptr;
}

namespace {

// ---- what an accelerator supports ---------------------------------------------------

constexpr std::uint32_t all_bits = 0xffffffff;

// Of leaf 1 EDX, the bits that AMD processors repeat in leaf 8000_0001h EDX.
constexpr std::uint32_t amd_repeated_bits = 0x0183f3ff;

constexpr FeatureSet hypervisor = feature_set("hypervisor");
constexpr FeatureSet svm = feature_set("svm");
constexpr FeatureSet xsave = feature_set("xsave");
constexpr FeatureSet intel_pt = feature_set("intel-pt");
constexpr FeatureSet lm = feature_set("lm"), pse36 = feature_set("pse36");

bool has(const FeatureSet& set, const FeatureSet& bits) {
  return !none(set & bits);
}

// QEMU 4.0's own software CPU. What ours executes is less: see engine_features().
constexpr FeatureSet tcg_features = [] {
  FeatureSet set = feature_set(
      "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush acpi "
      "mmx fxsr sse sse2 ss pni pclmulqdq monitor ssse3 cx16 sse4.1 sse4.2 movbe popcnt "
      "aes xsave hypervisor fsgsbase bmi1 smep bmi2 erms mpx adx smap pcommit clflushopt "
      "clwb pku la57 syscall nx mmxext pdpe1gb rdtscp lm 3dnowext 3dnow lahf-lm svm "
      "cr8legacy abm sse4a npt xsaveopt xgetbv1 arat");
  set[FEAT_8000_0001_EDX] |= set[FEAT_1_EDX] & amd_repeated_bits;
  set[FEAT_XSAVE_COMP_LO] = set[FEAT_XSAVE_COMP_HI] = all_bits;
  return set;
}();

std::uint32_t register_of(const CpuidEntry& entry, Register reg) {
  switch (reg) {
    case Register::eax:
      return entry.eax;
    case Register::ebx:
      return entry.ebx;
    case Register::ecx:
      return entry.ecx;
    case Register::edx:
      return entry.edx;
  }
  return 0;
}

const CpuidEntry* find_leaf(const std::vector<CpuidEntry>& leaves, std::uint32_t function,
                            std::uint32_t index = 0) {
  const auto found =
      std::find_if(leaves.begin(), leaves.end(), [&](const CpuidEntry& leaf) {
        return leaf.function == function && leaf.index == index;
      });
  return found == leaves.end() ? nullptr : &*found;
}

Vm* engine() {
  const AccelState* accel =
      current_machine == nullptr ? nullptr : current_machine->accelerator;
  return accel == nullptr ? nullptr : accel->vm.get();
}

std::vector<CpuidEntry> engine_leaves() {
  return engine() == nullptr ? std::vector<CpuidEntry>() : engine()->supported_cpuid();
}

// What the engine says it can give a guest, as words.
FeatureSet words_of(const std::vector<CpuidEntry>& leaves) {
  FeatureSet set{};
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    const FeatureWordInfo& info = feature_words[word];
    const CpuidEntry* leaf =
        info.msr != 0 ? nullptr : find_leaf(leaves, info.function, info.index);
    set[word] = leaf == nullptr ? 0 : register_of(*leaf, info.reg);
  }
  return set;
}

constexpr std::uint32_t arch_capabilities = feature_words[FEAT_ARCH_CAPABILITIES].msr;

// Where KVM's answer is not what it can do.
FeatureSet kvm_features(const X86CPU* cpu) {
  FeatureSet set = words_of(engine_leaves());
  set = set | feature_set("arat hypervisor mce mca mtrr pat");
  set[FEAT_8000_0001_EDX] |= set[FEAT_1_EDX] & amd_repeated_bits;
  set[FEAT_KVM_HINTS] = all_bits;
  if (cpu->max_features || cpu->features[FEAT_ARCH_CAPABILITIES] != 0) {
    set[FEAT_ARCH_CAPABILITIES] =
        static_cast<std::uint32_t>(engine()->feature_msr(arch_capabilities).value_or(0));
  }
  if (current_machine->kernel_irqchip == "off") {
    set = without(set, feature_set("x2apic tsc-deadline kvm-pv-unhalt"));
  }
  return set;
}

FeatureSet supported_features(const X86CPU* cpu) {
  return kvm_runs() ? kvm_features(cpu) : tcg_features;
}

// Features the engine cannot show a guest. KVM's two answers are one. The parts of the
// XSAVE area go with "xsave", unnamed.
FeatureSet hidden_of(const FeatureSet& set) {
  if (kvm_runs() || engine() == nullptr) {
    return {};
  }
  FeatureSet hidden = without(set, words_of(engine_leaves()));
  hidden[FEAT_XSAVE_COMP_LO] = hidden[FEAT_XSAVE_COMP_HI] = 0;
  return hidden;
}

// ---- loading a model ----------------------------------------------------------------

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

FeatureSet tcg_features_hidden_by(const std::vector<CpuidEntry>& leaves) {
  FeatureSet hidden = without(tcg_features, words_of(leaves));
  hidden[FEAT_XSAVE_COMP_LO] = hidden[FEAT_XSAVE_COMP_HI] = 0;  // parts of "xsave"
  hidden[FEAT_8000_0001_EDX] &= ~amd_repeated_bits;
  return hidden;
}

// ---- expanding ----------------------------------------------------------------------

namespace {

struct ExpandFeatures {
  static constexpr trace::Declaration declaration{
      "x86_cpu_expand_features", trace::Category::vcpu, trace::Shape::span,
      "A CPU's features and levels are worked out of its model and the command line."};
  trace::ObjectId cpu;

  static constexpr auto fields() {
    return trace::fields(trace::identity("cpu", &ExpandFeatures::cpu, "the CPU object"));
  }
};

// Bits that a machine can take along to another host: those with a name, but not the
// promise that the time stamp counter never changes its pace.
FeatureSet migratable_features() {
  FeatureSet set{};
  for (const Feature& feature : features()) {
    set[feature.word] |= feature.mask;
  }
  set = without(set, feature_set("invtsc"));
  set[FEAT_XSAVE_COMP_LO] = 0x2ff;  // every part but processor trace
  return set;
}

// All that the accelerator has, but for bits the user named, and a hint that is a promise
// of the user's.
void add_all_supported(X86CPU* cpu) {
  FeatureSet wanted = supported_features(cpu);
  if (cpu->migratable) {
    wanted = wanted & migratable_features();
  }
  wanted[FEAT_KVM_HINTS] = 0;
  cpu->features = cpu->features | without(wanted, cpu->user_features);
}

struct StatePart {
  std::uint32_t component;
  FeatureSet needs;
};

constexpr StatePart state_parts[] = {
    {1u << 0, feature_set("xsave")},   {1u << 1, feature_set("xsave")},
    {1u << 2, feature_set("avx")},     {1u << 3, feature_set("mpx")},
    {1u << 4, feature_set("mpx")},     {1u << 5, feature_set("avx512f")},
    {1u << 6, feature_set("avx512f")}, {1u << 7, feature_set("avx512f")},
    {1u << 9, feature_set("pku")},
};

void enable_xsave_components(X86CPU* cpu) {
  cpu->features[FEAT_XSAVE_COMP_LO] = cpu->features[FEAT_XSAVE_COMP_HI] = 0;
  if (!has(cpu->features, xsave)) {
    return;
  }
  for (const StatePart& part : state_parts) {
    if (has(cpu->features, part.needs)) {
      cpu->features[FEAT_XSAVE_COMP_LO] |= part.component;
    }
  }
}

// A leaf with a feature in it can be asked for.
void raise_level(X86CPU* cpu, std::uint32_t function) {
  constexpr std::uint32_t regions = 0xf0000000;
  switch (function & regions) {
    case 0:
      cpu->min_level = std::max(cpu->min_level, function);
      break;
    case 0x80000000:
      cpu->min_xlevel = std::max(cpu->min_xlevel, function);
      break;
    case 0xc0000000:
      cpu->min_xlevel2 = std::max(cpu->min_xlevel2, function);
      break;
    default:
      break;  // hypervisor leaves have no level
  }
}

void raise_levels(X86CPU* cpu) {
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    const FeatureWordInfo& info = feature_words[word];
    if (cpu->features[word] != 0 && info.msr == 0) {
      raise_level(cpu, info.function);
    }
  }
  if (has(cpu->features, intel_pt) && cpu->intel_pt_auto_level) {
    raise_level(cpu, 0x14);
  }
  if (has(cpu->features, svm)) {
    raise_level(cpu, 0x8000000a);
  }
}

}  // namespace

void x86_cpu_expand_features(X86CPU* cpu) {
  const trace::Span span{ExpandFeatures{.cpu = object_id(cpu)}};
  apply_plus_minus_features(cpu);
  if (cpu->max_features) {
    add_all_supported(cpu);
  }
  if (!kvm_runs() || !cpu->expose_kvm) {
    cpu->features[FEAT_KVM] = 0;
  }
  enable_xsave_components(cpu);
  if (cpu->full_cpuid_auto_level) {
    raise_levels(cpu);
  }
  const auto settle = [](std::uint32_t& level, std::uint32_t least) {
    level = level == level_by_features ? least : level;
  };
  settle(cpu->level, cpu->min_level);
  settle(cpu->xlevel, cpu->min_xlevel);
  settle(cpu->xlevel2, cpu->min_xlevel2);
}

// ---- filtering ----------------------------------------------------------------------

namespace {

struct FilterFeatures {
  static constexpr trace::Declaration declaration{
      "x86_cpu_filter_features", trace::Category::vcpu, trace::Shape::span,
      "What the accelerator lacks is taken out of a CPU's features."};
  trace::ObjectId cpu;

  static constexpr auto fields() {
    return trace::fields(trace::identity("cpu", &FilterFeatures::cpu, "the CPU object"));
  }

  struct Result {
    std::string_view filtered, features;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("filtered", &Result::filtered, "features taken out"),
          trace::state("features", &Result::features, "features that stay"));
    }
  };
};

template <class Do>
void for_each_bit(const FeatureSet& set, Do&& todo) {
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      if (set[word] >> bit & 1) {
        todo(static_cast<FeatureWord>(word), bit);
      }
    }
  }
}

void report_filtered(const X86CPU* cpu) {
  const std::string who = kvm_runs() ? "host" : "TCG";
  for_each_bit(cpu->filtered_features, [&](FeatureWord word, unsigned bit) {
    warn_report(who + " doesn't support requested feature: " + feature_text(word, bit));
  });
}

// The user asked for these by name, and no guest will see them.
void report_hidden(const X86CPU* cpu) {
  const FeatureSet named = cpu->enforce ? cpu->hidden_features
                                        : cpu->hidden_features & features_named_by_user();
  static bool warned = false;
  if (!none(named) && !warned) {
    warned = true;
    warn_report("the software CPU does not execute, and its guest does not see: " +
                feature_names(named) + "; accel=kvm may have them");
  }
}

// Bits that AMD processors have twice.
void repeat_bits(X86CPU* cpu) {
  if (cpu->vendor == "AuthenticAMD") {
    std::uint32_t& word = cpu->features[FEAT_8000_0001_EDX];
    word = (word & ~amd_repeated_bits) | (cpu->features[FEAT_1_EDX] & amd_repeated_bits);
  }
}

}  // namespace

void x86_cpu_filter_features(X86CPU* cpu) {
  trace::Span span{FilterFeatures{.cpu = object_id(cpu)}};
  const FeatureSet supported = supported_features(cpu);
  cpu->filtered_features = without(cpu->features, supported);
  cpu->features = cpu->features & supported;
  if ((cpu->check || cpu->enforce) && !none(cpu->filtered_features)) {
    report_filtered(cpu);
    if (cpu->enforce) {
      throw Error(std::string(kvm_runs() ? "Host" : "TCG") +
                  " doesn't support requested features");
    }
  }
  repeat_bits(cpu);
  cpu->hidden_features = hidden_of(cpu->features);
  report_hidden(cpu);
  const std::string filtered = feature_names(cpu->filtered_features);
  const std::string features = feature_names(cpu->features);
  span.result(FilterFeatures::Result{.filtered = filtered, .features = features});
}

// ---- physical addresses -------------------------------------------------------------

namespace {

constexpr unsigned default_phys_bits = 40, most_phys_bits = 52, least_phys_bits = 32;

unsigned host_phys_bits() {
  const std::vector<CpuidEntry> leaves = engine_leaves();
  const CpuidEntry* leaf = find_leaf(leaves, 0x80000008);
  return leaf == nullptr ? 36 : leaf->eax & 0xff;
}

void follow_host_phys_bits(X86CPU* cpu) {
  const unsigned host = host_phys_bits();
  if (cpu->host_phys_bits) {
    cpu->phys_bits = cpu->host_phys_bits_limit == 0
                         ? host
                         : std::min<unsigned>(host, cpu->host_phys_bits_limit);
  }
  static bool warned = false;
  if (cpu->phys_bits != host && cpu->phys_bits != 0 && !warned) {
    warned = true;
    warn_report("Host physical bits (" + std::to_string(host) +
                ") does not match phys-bits property (" + std::to_string(cpu->phys_bits) +
                ")");
  }
  if (cpu->phys_bits != 0 &&
      (cpu->phys_bits > most_phys_bits || cpu->phys_bits < least_phys_bits)) {
    throw Error("phys-bits should be between 32 and " + std::to_string(most_phys_bits) +
                "  (but is " + std::to_string(cpu->phys_bits) + ")");
  }
}

}  // namespace

void x86_cpu_settle_phys_bits(X86CPU* cpu) {
  if (!has(cpu->features, lm)) {
    if (cpu->phys_bits != 0) {
      throw Error("phys-bits is not user-configurable in 32 bit");
    }
    cpu->phys_bits = has(cpu->features, pse36) ? 36 : 32;
    return;
  }
  if (kvm_runs()) {
    follow_host_phys_bits(cpu);
  } else if (cpu->phys_bits != 0 && cpu->phys_bits != default_phys_bits) {
    throw Error("TCG only supports phys-bits=" + std::to_string(default_phys_bits));
  }
  cpu->phys_bits = cpu->phys_bits == 0 ? default_phys_bits : cpu->phys_bits;
}

// ---- the leaves ---------------------------------------------------------------------

namespace {

// What only the host can say: its performance counters, and its caches if asked for.
std::vector<CpuidEntry> passed_through(const X86CPU* cpu) {
  std::vector<CpuidEntry> kept;
  const auto wanted = [&](const CpuidEntry& leaf) {
    switch (leaf.function) {
      case 0xa:
        return cpu->pmu;
      case 2:
      case 4:
      case 0x80000005:
      case 0x80000006:
      case 0x8000001d:
        return cpu->host_cache_info;
      default:
        return false;
    }
  };
  const std::vector<CpuidEntry> leaves = engine_leaves();
  std::copy_if(leaves.begin(), leaves.end(), std::back_inserter(kept), wanted);
  return kept;
}

Hypervisor hypervisor_leaf(const X86CPU* cpu) {
  if (kvm_runs()) {
    return cpu->expose_kvm ? Hypervisor::kvm : Hypervisor::none;
  }
  return cpu->expose_tcg ? Hypervisor::tcg : Hypervisor::none;
}

}  // namespace

std::vector<CpuidEntry> x86_cpu_cpuid(const X86CPU* cpu) {
  CpuidInput input;
  input.features = without(cpu->features, cpu->hidden_features);
  input.level = cpu->level;
  input.xlevel = cpu->xlevel;
  input.xlevel2 = cpu->xlevel2;
  input.vendor = cpu->vendor;
  input.model_id = cpu->model_id;
  input.family = static_cast<unsigned>(cpu->family);
  input.model = static_cast<unsigned>(cpu->model);
  input.stepping = static_cast<unsigned>(cpu->stepping);
  input.apic_id = cpu->apic_id;
  input.cores = static_cast<unsigned>(std::max(current_machine->smp_cores, 1));
  input.threads = static_cast<unsigned>(std::max(current_machine->smp_threads, 1));
  input.phys_bits = cpu->phys_bits;
  input.caches = cpu->legacy_cache ? CacheStyle::legacy : CacheStyle::epyc;
  input.l3_cache = cpu->l3_cache;
  input.topology_leaf = cpu->cpuid_0xb;
  input.hypervisor = hypervisor_leaf(cpu);
  if (kvm_runs() && (cpu->pmu || cpu->host_cache_info)) {
    input.host_leaves = passed_through(cpu);
  }
  return cpuid_leaves(input);
}

}  // namespace cpu
