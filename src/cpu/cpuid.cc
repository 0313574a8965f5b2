// The leaves one by one, lowest first. SDM vol. 2 CPUID; APM vol. 3 appendix E.
#include "cpu/cpuid.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "cpu/caches.h"

namespace cpu {
namespace {

using core::CpuidEntry;

constexpr std::uint32_t hypervisor_base = 0x40000000, second_base = 0x40000100,
                        timing_leaf = 0x40000010, extended_base = 0x80000000,
                        centaur_base = 0xc0000000;
constexpr std::uint32_t threads_bit = 1u << 28;      // leaf 1 EDX: EBX tells how many
constexpr std::uint32_t cmp_legacy_bit = 1u << 1;    // leaf 8000_0001h ECX
constexpr std::uint32_t long_mode_bit = 1u << 29;    // leaf 8000_0001h EDX
constexpr std::uint32_t svm_bit = 1u << 2;           // leaf 8000_0001h ECX
constexpr std::uint32_t topoext_bit = 1u << 22;      // leaf 8000_0001h ECX
constexpr std::uint32_t five_levels_bit = 1u << 16;  // leaf 7 ECX
constexpr std::uint32_t xsave_bit = 1u << 26;        // leaf 1 ECX

// One part of the state XSAVE saves; the place of the first two is fixed (SDM vol. 1
// 13.4), the others' is what processors have.
struct StateComponent {
  std::uint32_t offset, size;
};

constexpr std::uint32_t legacy_area = 512 + 64;  // x87 and SSE, and the header
constexpr std::array<StateComponent, 10> state_components{{
    {0, legacy_area},  // x87
    {0, legacy_area},  // SSE
    {576, 256},        // upper halves of YMM
    {960, 64},         // bound registers
    {1024, 64},        // their control
    {1088, 64},        // AVX-512 masks
    {1152, 512},       // upper halves of ZMM 0 to 15
    {1664, 1024},      // ZMM 16 to 31
    {},                // processor trace: not in this area
    {2688, 8},         // protection keys
}};

std::uint32_t xsave_size(std::uint64_t components) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < state_components.size(); ++i) {
    if (components >> i & 1) {
      size = std::max(size, state_components[i].offset + state_components[i].size);
    }
  }
  return size;
}

class Leaves {
 public:
  explicit Leaves(const CpuidInput& input)
      : in_(input), topology_{input.cores, input.threads, input.l3_cache} {}

  std::vector<CpuidEntry> all() {
    list_.reserve(48);
    hypervisor();
    basic();
    extended();
    centaur();
    for (const CpuidEntry& host : in_.host_leaves) {
      replace(host);
    }
    return std::move(list_);
  }

 private:
  std::uint32_t feature(FeatureWord word) const { return in_.features[word]; }

  void add(std::uint32_t function, CpuidEntry entry) {
    entry.function = function;
    list_.push_back(entry);
  }

  void add_index(std::uint32_t function, std::uint32_t index, CpuidEntry entry) {
    entry.index = index;
    entry.index_significant = true;
    add(function, entry);
  }

  void replace(const CpuidEntry& host) {
    const auto same = [&](const CpuidEntry& ours) {
      return ours.function == host.function && ours.index == host.index;
    };
    const auto ours = std::find_if(list_.begin(), list_.end(), same);
    if (ours != list_.end()) {
      *ours = host;
    }
  }

  // Twelve letters of a name.
  static CpuidEntry name_in(std::string name, std::uint32_t eax, const char* order) {
    name.resize(12, '\0');
    CpuidEntry entry;
    entry.eax = eax;
    for (std::size_t part = 0; part < 3; ++part) {
      std::uint32_t word;
      std::memcpy(&word, name.data() + 4 * part, sizeof word);
      (order[part] == 'b'   ? entry.ebx
       : order[part] == 'c' ? entry.ecx
                            : entry.edx) = word;
    }
    return entry;
  }

  void hypervisor() {
    list_ = in_.hyperv_leaves;
    if (in_.hypervisor == Hypervisor::none) {
      return;
    }
    const bool kvm = in_.hypervisor == Hypervisor::kvm;
    const char* name = kvm ? "KVMKVMKVM" : "TCGTCGTCGTCG";
    const std::uint32_t base = list_.empty() ? hypervisor_base : second_base;
    // Nobody looks for the timing leaf behind a name that is not the first one.
    const bool timing = kvm && in_.tsc_khz != 0 && base == hypervisor_base;
    add(base, name_in(name, timing ? timing_leaf : base + 1, "bcd"));
    CpuidEntry features;
    features.eax = kvm ? feature(FEAT_KVM) : 0;
    features.edx = kvm ? feature(FEAT_KVM_HINTS) : 0;
    add(base + 1, features);
    if (timing) {
      constexpr std::uint32_t apic_bus_khz = 1000000;  // KVM's local APIC counts in ns
      add(timing_leaf, {.eax = in_.tsc_khz, .ebx = apic_bus_khz});
    }
  }

  void basic() {
    for (std::uint32_t function = 0; function <= std::min(in_.level, 0x1fu); ++function) {
      basic_leaf(function);
    }
  }

  void basic_leaf(std::uint32_t function) {
    switch (function) {
      case 0:
        return add(0, name_in(in_.vendor, in_.level, "bdc"));
      case 1:
        return add(1, version());
      case 2:
        return add(2, cache_descriptors(in_.caches, topology_));
      case 4:
        return deterministic_caches();
      case 5:
        return add(5, monitor());
      case 6:
        return add(6, CpuidEntry{.eax = feature(FEAT_6_EAX)});
      case 7:
        return add_index(7, 0, structured_features());
      case 0xb:
        return topology();
      case 0xd:
        return extended_state();
      default:
        return add(function, {});
    }
  }

  unsigned logical_cpus() const { return in_.cores * in_.threads; }

  CpuidEntry version() const {
    CpuidEntry entry;
    entry.eax = cpuid_signature(in_.family, in_.model, in_.stepping);
    entry.ebx = in_.apic_id << 24 | 8u << 8;  // CLFLUSH: eight times eight bytes
    entry.ecx = feature(FEAT_1_ECX);
    entry.edx = feature(FEAT_1_EDX);
    if (logical_cpus() > 1) {
      entry.ebx |= (logical_cpus() & 0xff) << 16;
      entry.edx |= threads_bit;
    }
    return entry;
  }

  void deterministic_caches() {
    for (unsigned index = 0;; ++index) {
      const CpuidEntry entry = deterministic_cache(in_.caches, topology_, index);
      add_index(4, index, entry);
      if (entry.eax == 0) {
        return;
      }
    }
  }

  // MONITOR's extensions are listed, and interrupts end a wait.
  static CpuidEntry monitor() { return CpuidEntry{.ecx = 3}; }

  CpuidEntry structured_features() const {
    CpuidEntry entry;
    entry.ebx = feature(FEAT_7_0_EBX);
    entry.ecx = feature(FEAT_7_0_ECX);
    entry.edx = feature(FEAT_7_0_EDX);
    return entry;
  }

  void topology() {
    if (!in_.topology_leaf) {
      return add_index(0xb, 0, {});
    }
    const unsigned core_shift = bits_for(in_.threads);
    const unsigned package_shift = core_shift + bits_for(in_.cores);
    constexpr std::uint32_t thread_level = 1u << 8, core_level = 2u << 8;
    add_index(0xb, 0, {.eax = core_shift, .ebx = in_.threads, .ecx = thread_level});
    add_index(0xb, 1,
              {.eax = package_shift, .ebx = logical_cpus(), .ecx = 1 | core_level});
    add_index(0xb, 2, {.ecx = 2});
    for (auto entry = list_.end() - 3; entry != list_.end(); ++entry) {
      entry->edx = in_.apic_id;
    }
  }

  // EBX of index 0 is for the components switched on, at first x87 alone. The index
  // counts in the zeros too: without it KVM asks the host for each, one slow CPUID at a
  // time.
  void extended_state() {
    if ((feature(FEAT_1_ECX) & xsave_bit) == 0) {
      return add_index(0xd, 0, {});
    }
    const std::uint32_t low = feature(FEAT_XSAVE_COMP_LO),
                        high = feature(FEAT_XSAVE_COMP_HI);
    const std::uint64_t components = std::uint64_t{high} << 32 | low;
    add_index(
        0xd, 0,
        {.eax = low, .ebx = xsave_size(1), .ecx = xsave_size(components), .edx = high});
    add_index(0xd, 1, {.eax = feature(FEAT_XSAVE)});
    for (unsigned i = 2; i < state_components.size(); ++i) {
      if (components >> i & 1) {
        add_index(0xd, i,
                  {.eax = state_components[i].size, .ebx = state_components[i].offset});
      }
    }
  }

  void extended() {
    const std::uint32_t last = std::min(in_.xlevel, extended_base + 0x1f);
    for (std::uint32_t function = extended_base;
         function <= last && last >= extended_base; ++function) {
      extended_leaf(function);
    }
  }

  void extended_leaf(std::uint32_t function) {
    switch (function & 0xff) {
      case 0:
        return add(function, name_in(in_.vendor, in_.xlevel, "bdc"));
      case 1:
        return add(function, extended_features());
      case 2:
      case 3:
      case 4:
        return add(function, brand((function & 0xff) - 2));
      case 5:
        return add(function, amd_l1_and_tlb(in_.caches));
      case 6:
        return add(function, amd_l2_l3(in_.caches, topology_));
      case 7:
        return add(function, {.edx = feature(FEAT_8000_0007_EDX)});
      case 8:
        return add(function, address_sizes());
      case 0xa:
        return add(function, virtualisation());
      case 0x1d:
        return amd_caches(function);
      case 0x1e:
        return add(function, amd_topology());
      default:
        return add(function, {});
    }
  }

  CpuidEntry extended_features() const {
    CpuidEntry entry;
    entry.eax = cpuid_signature(in_.family, in_.model, in_.stepping);
    entry.ecx = feature(FEAT_8000_0001_ECX);
    entry.edx = feature(FEAT_8000_0001_EDX);
    // Linux takes the bit on an Intel CPU to mean that it has no threads.
    if (logical_cpus() > 1 && in_.vendor != "GenuineIntel") {
      entry.ecx |= cmp_legacy_bit;
    }
    return entry;
  }

  CpuidEntry brand(std::size_t third) const {
    std::string text = in_.model_id;
    text.resize(48, '\0');
    std::array<std::uint32_t, 4> words;
    std::memcpy(words.data(), text.data() + 16 * third, sizeof words);
    return {.eax = words[0], .ebx = words[1], .ecx = words[2], .edx = words[3]};
  }

  CpuidEntry address_sizes() const {
    CpuidEntry entry;
    entry.eax = in_.phys_bits;
    if (feature(FEAT_8000_0001_EDX) & long_mode_bit) {
      entry.eax |= (feature(FEAT_7_0_ECX) & five_levels_bit ? 57u : 48u) << 8;
    }
    entry.ebx = feature(FEAT_8000_0008_EBX);
    entry.ecx = logical_cpus() - 1;
    return entry;
  }

  CpuidEntry virtualisation() const {
    if ((feature(FEAT_8000_0001_ECX) & svm_bit) == 0) {
      return {};
    }
    constexpr std::uint32_t revision = 1, address_spaces = 16;
    return {.eax = revision, .ebx = address_spaces, .edx = feature(FEAT_SVM)};
  }

  void amd_caches(std::uint32_t function) {
    for (unsigned index = 0;; ++index) {
      const CpuidEntry entry = amd_cache_properties(in_.caches, topology_, index);
      add_index(function, index, entry);
      if (entry.eax == 0) {
        return;
      }
    }
  }

  // One node a processor.
  CpuidEntry amd_topology() const {
    if ((feature(FEAT_8000_0001_ECX) & topoext_bit) == 0) {
      return {};
    }
    const unsigned core =
        in_.apic_id >> bits_for(in_.threads) & ((1u << bits_for(in_.cores)) - 1);
    return {.eax = in_.apic_id, .ebx = (in_.threads - 1) << 8 | core};
  }

  void centaur() {
    for (std::uint32_t function = centaur_base;
         in_.xlevel2 >= centaur_base &&
         function <= std::min(in_.xlevel2, centaur_base + 4);
         ++function) {
      CpuidEntry entry;
      if (function == centaur_base) {
        entry.eax = in_.xlevel2;
      } else if (function == centaur_base + 1) {
        entry.eax = cpuid_signature(in_.family, in_.model, in_.stepping);
        entry.edx = feature(FEAT_C000_0001_EDX);
      }
      add(function, entry);
    }
  }

  const CpuidInput& in_;
  const CacheTopology topology_;
  std::vector<CpuidEntry> list_;
};

}  // namespace

std::uint32_t cpuid_signature(unsigned family, unsigned model, unsigned stepping) {
  const std::uint32_t families = family > 15 ? 0xf00 | (family - 15) << 20 : family << 8;
  return families | (model & 0xf) << 4 | (model >> 4 & 0xf) << 16 | stepping;
}

std::vector<CpuidEntry> cpuid_leaves(const CpuidInput& input) {
  return Leaves(input).all();
}

}  // namespace cpu
