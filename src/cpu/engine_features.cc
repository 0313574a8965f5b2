#include "cpu/engine_features.h"

#include <algorithm>

namespace cpu {

bool kvm_runs() {
  return current_machine != nullptr && current_machine->accelerator != nullptr &&
         object_dynamic_cast(current_machine->accelerator, "kvm-accel") != nullptr;
}

const CpuidEntry* find_leaf(const std::vector<CpuidEntry>& leaves, std::uint32_t function,
                            std::uint32_t index) {
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

namespace {

constexpr std::uint32_t all_bits = 0xffffffff;

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

}  // namespace

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

FeatureSet tcg_features_hidden_by(const std::vector<CpuidEntry>& leaves) {
  FeatureSet hidden = without(tcg_features, words_of(leaves));
  hidden[FEAT_XSAVE_COMP_LO] = hidden[FEAT_XSAVE_COMP_HI] = 0;  // parts of "xsave"
  hidden[FEAT_8000_0001_EDX] &= ~amd_repeated_bits;
  return hidden;
}

}  // namespace cpu
