// What CPUID answers: every leaf of one CPU, worked out in one place from plain numbers.
// Both accelerators give a guest this list.
#pragma once

#include <string>
#include <vector>

#include "core/vcpu.h"
#include "cpu/feature_words.h"
#include "cpu/model_table.h"

namespace cpu {

enum class Hypervisor : std::uint8_t {
  none,
  kvm,
  tcg
};  // whose name leaf 0x40000000 has

struct CpuidInput {
  FeatureSet features{};
  std::uint32_t level = 0, xlevel = 0, xlevel2 = 0;
  std::string vendor, model_id;
  unsigned family = 0, model = 0, stepping = 0;
  std::uint32_t apic_id = 0;
  unsigned cores = 1, threads = 1;  // of a socket, of a core
  unsigned phys_bits = 40;
  CacheStyle caches = CacheStyle::legacy;
  bool l3_cache = true;
  bool topology_leaf = true;  // leaf 0xb
  Hypervisor hypervisor = Hypervisor::none;
  // Leaves of another hypervisor that come before KVM's own, which then move up.
  std::vector<core::CpuidEntry> hyperv_leaves;
  std::uint32_t tsc_khz = 0;  // told in leaf 0x40000010 beside KVM's; 0: not told
  // What the host itself answers, for what only it knows: caches and counters of the
  // model "host". Leaves in it replace ours.
  std::vector<core::CpuidEntry> host_leaves;
};

// EAX of leaf 1: family, model and stepping as CPUID packs them.
std::uint32_t cpuid_signature(unsigned family, unsigned model, unsigned stepping);

// Ordered: hypervisor, basic, extended, Centaur leaves. A leaf up to the level that means
// nothing here is in the list, as zeros.
std::vector<core::CpuidEntry> cpuid_leaves(const CpuidInput& input);

}  // namespace cpu
