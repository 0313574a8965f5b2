// CPU state between the kernel's structs and core's: both say the same registers,
// each in its own layout.
#pragma once

#include "kvm/linux_kvm.h"

#include "core/vcpu.h"

namespace accel {

core::Regs regs_from_kvm(const kvm_regs& regs);
kvm_regs regs_to_kvm(const core::Regs& regs);

core::Sregs sregs_from_kvm(const kvm_sregs& sregs);
// `base` supplies what core::Sregs has no field for (the interrupt bitmap).
kvm_sregs sregs_to_kvm(const core::Sregs& sregs, const kvm_sregs& base);

core::Fpu fpu_from_kvm(const kvm_fpu& fpu);
kvm_fpu fpu_to_kvm(const core::Fpu& fpu);

core::CpuidEntry cpuid_from_kvm(const kvm_cpuid_entry2& entry);
kvm_cpuid_entry2 cpuid_to_kvm(const core::CpuidEntry& entry);

kvm_guest_debug debug_to_kvm(const core::DebugControl& control);
// Which of `control`'s watchpoints a debug exit's DR6 tells of; -1: none.
int watchpoint_hit(const core::DebugControl& control, std::uint64_t dr6);

// The state of a CPU after power-on, SDM vol. 3 table 10-1. `signature` is what
// CPUID leaf 1 says in EAX: the CPU shows it in EDX.
core::Regs power_on_regs(std::uint32_t signature);
core::Sregs power_on_sregs(std::uint64_t apic_base);

}  // namespace accel
