// The hv-* switches: a KVM guest is told that it runs on Microsoft's hypervisor, because
// Windows then asks for time and for other CPUs' attention the cheap way. The leaves and
// their bits are those of the Hypervisor Top Level Functional Specification; the kernel
// answers the registers behind them. KVM's own leaves then stand 0x100 higher.
#pragma once

#include <string>
#include <vector>

#include "cpu/x86_cpu.h"

namespace cpu {

// What leaf 0x40000003 says in EAX, EBX and EDX.
struct HypervFeatures {
  std::uint32_t eax = 0, ebx = 0, edx = 0;
};

// Some switch is on, and the kernel has the interface at all.
bool hyperv_enabled(const X86CPU* cpu);
// Some switch is on that no guest sees, because the kernel lacks the whole interface.
bool hyperv_is_missing(const X86CPU* cpu);
// Throws qom::Error, in 4.0's words, for a switch the kernel has nothing behind.
HypervFeatures hyperv_features(const X86CPU* cpu);
// Empty: none of the switches is on.
std::vector<CpuidEntry> hyperv_leaves(const X86CPU* cpu);
// Switches that are on and that nothing acts on, with blanks between.
std::string hyperv_unbuilt_names(const X86CPU* cpu);

}  // namespace cpu
