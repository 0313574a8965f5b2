// What the command line and the accelerator make of a model's features: first everything
// that was asked for is worked in, then what the accelerator lacks is taken out.
#include <algorithm>
#include <iterator>

#include "core/report.h"
#include "cpu/engine_features.h"
#include "cpu/feature_string.h"

namespace cpu {

// ---- expanding ----------------------------------------------------------------------

namespace {

constexpr FeatureSet svm = feature_set("svm");
constexpr FeatureSet xsave = feature_set("xsave");
constexpr FeatureSet intel_pt = feature_set("intel-pt");

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

}  // namespace cpu
