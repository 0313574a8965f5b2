// From the features that are left to what CPUID answers: the width of addresses, what
// only the host can say, and the numbers that cpuid_leaves() works from.
#include <algorithm>
#include <iterator>

#include "core/report.h"
#include "cpu/engine_features.h"
#include "cpu/hyperv.h"

namespace cpu {

// ---- physical addresses -------------------------------------------------------------

namespace {

constexpr FeatureSet lm = feature_set("lm"), pse36 = feature_set("pse36");

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
  input.hyperv_leaves = hyperv_leaves(cpu);
  input.tsc_khz = cpu->vmware_cpuid_freq ? cpu->tsc_khz : 0;
  if (kvm_runs() && (cpu->pmu || cpu->host_cache_info)) {
    input.host_leaves = passed_through(cpu);
  }
  return cpuid_leaves(input);
}

}  // namespace cpu
