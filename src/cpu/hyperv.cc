#include "cpu/hyperv.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/report.h"
#include "cpu/engine_features.h"

namespace cpu {

namespace {

constexpr std::uint32_t hyperv_base = 0x40000000;
constexpr std::uint32_t never_retry = 0xffffffff;  // spinlocks: the guest does not ask

constexpr std::uint32_t bit(unsigned number) {
  return 1u << number;
}

// Bits of leaf 0x40000003 EAX (privileges) and of leaf 0x40000004 EAX (advice).
constexpr std::uint32_t hypercalls = bit(5);
constexpr std::uint32_t dynamic_partitioning = bit(3);  // leaf 0x40000003 EDX

// One switch: the register it needs, the name of what the kernel lacks without it, and
// the bits it sets.
struct Switch {
  bool X86CPU::*member;
  const char* property;
  std::uint32_t msr;      // 0: none
  const char* interface;  // in the message: "Hyper-V ... are not supported by kernel"
  const char* verb;
  std::uint32_t eax, edx, advice;
};

constexpr Switch switches[] = {
    {&X86CPU::hv_relaxed, "hv-relaxed", 0, "", "", hypercalls, 0, bit(5)},
    {&X86CPU::hv_vapic, "hv-vapic", 0, "", "", hypercalls | bit(4), 0, bit(3)},
    {&X86CPU::hv_time, "hv-time", 0x40000021, "clocksources", "are",
     hypercalls | bit(1) | bit(9), 0, 0},
    {&X86CPU::hv_frequencies, "hv-frequencies", 0x40000022, "frequency MSRs", "are",
     bit(11), bit(8), 0},
    {&X86CPU::hv_crash, "hv-crash", 0x40000105, "crash MSRs", "are", 0, bit(10), 0},
    {&X86CPU::hv_reenlightenment, "hv-reenlightenment", 0x40000106,
     "Reenlightenment MSRs", "are", bit(13), 0, 0},
    {&X86CPU::hv_reset, "hv-reset", 0x40000003, "reset MSR", "is", bit(7), 0, 0},
    {&X86CPU::hv_vpindex, "hv-vpindex", 0x40000002, "VP_INDEX MSR", "is", bit(6), 0, 0},
    {&X86CPU::hv_runtime, "hv-runtime", 0x40000010, "VP_RUNTIME MSR", "is", bit(0), 0, 0},
    {&X86CPU::hv_tlbflush, "hv-tlbflush", 0, "", "", 0, 0, bit(2) | bit(11)},
    {&X86CPU::hv_ipi, "hv-ipi", 0, "", "", 0, 0, bit(10) | bit(11)},
};

void check_kernel(const Switch& row) {
  if (row.msr != 0 && !engine()->offers_msr(row.msr)) {
    Error error(std::string("Hyper-V ") + row.interface + " (requested by '" +
                row.property + "' cpu flag) " + row.verb + " not supported by kernel");
    error.hint = program_name() + ": kvm_init_vcpu failed: Function not implemented";
    throw error;
  }
}

bool counts_spinlocks(const X86CPU* cpu) {
  return cpu->hv_spinlocks >= 0 && cpu->hv_spinlocks != never_retry;
}

// Twelve letters; a shorter name is filled up with zeros.
CpuidEntry vendor_leaf(const X86CPU* cpu) {
  std::string name = cpu->hv_vendor_id.empty() ? "Microsoft Hv" : cpu->hv_vendor_id;
  name.resize(12, '\0');
  CpuidEntry entry{.function = hyperv_base, .eax = hyperv_base + 5};
  std::memcpy(&entry.ebx, name.data(), 4);
  std::memcpy(&entry.ecx, name.data() + 4, 4);
  std::memcpy(&entry.edx, name.data() + 8, 4);
  return entry;
}

std::uint32_t advice(const X86CPU* cpu) {
  std::uint32_t bits = 0;
  for (const Switch& row : switches) {
    bits |= cpu->*row.member ? row.advice : 0;
  }
  return bits;
}

bool any_switch(const X86CPU* cpu) {
  return kvm_runs() &&
         (counts_spinlocks(cpu) ||
          std::any_of(std::begin(switches), std::end(switches),
                      [cpu](const Switch& row) { return cpu->*row.member; }));
}

bool kernel_has_hyperv() {
  constexpr std::uint32_t guest_os_id = 0x40000000;
  return engine() != nullptr && engine()->offers_msr(guest_os_id);
}

}  // namespace

bool hyperv_enabled(const X86CPU* cpu) {
  return any_switch(cpu) && kernel_has_hyperv();
}

bool hyperv_is_missing(const X86CPU* cpu) {
  return any_switch(cpu) && !kernel_has_hyperv();
}

HypervFeatures hyperv_features(const X86CPU* cpu) {
  if (!hyperv_enabled(cpu)) {
    return {};
  }
  HypervFeatures features{.edx = dynamic_partitioning};
  for (const Switch& row : switches) {
    if (cpu->*row.member) {
      check_kernel(row);
      features.eax |= row.eax;
      features.edx |= row.edx;
    }
  }
  return features;
}

std::vector<CpuidEntry> hyperv_leaves(const X86CPU* cpu) {
  if (!hyperv_enabled(cpu)) {
    return {};
  }
  constexpr std::uint32_t interface_id = 0x31237648;             // "Hv#1"
  constexpr std::uint32_t build = 0x1bbc, version = 0x00060001;  // of Windows Server 2008
  constexpr std::uint32_t logical_processors = 0x40;
  const HypervFeatures features = hyperv_features(cpu);
  const std::uint32_t retries =
      counts_spinlocks(cpu) ? static_cast<std::uint32_t>(cpu->hv_spinlocks) : never_retry;
  return {
      vendor_leaf(cpu),
      {.function = hyperv_base + 1, .eax = interface_id},
      {.function = hyperv_base + 2, .eax = build, .ebx = version},
      {.function = hyperv_base + 3,
       .eax = features.eax,
       .ebx = features.ebx,
       .edx = features.edx},
      {.function = hyperv_base + 4, .eax = advice(cpu), .ebx = retries},
      {.function = hyperv_base + 5,
       .eax = static_cast<std::uint32_t>(cpu->hv_max_vps),
       .ebx = logical_processors},
  };
}

// The synthetic interrupt controller and what rests on it need a device beside the
// kernel's half.
std::string hyperv_unbuilt_names(const X86CPU* cpu) {
  std::string names;
  const auto add = [&names](bool on, const char* name) {
    if (on) {
      names += (names.empty() ? "" : " ") + std::string(name);
    }
  };
  add(cpu->hv_evmcs, "hv-evmcs");
  add(cpu->hv_stimer, "hv-stimer");
  add(cpu->hv_synic, "hv-synic");
  return names;
}

}  // namespace cpu
