#include "accel/kvm_vm.h"

#include <algorithm>

#include <utility>

#include "accel/kvm_state.h"
#include "accel/kvm_vcpu.h"

namespace accel {

using namespace core;

namespace {

// Leaf 1, ECX.
constexpr std::uint32_t cpuid_hypervisor_bit = 1u << 31, tsc_deadline_bit = 1u << 24;

}  // namespace

void KvmVm::map_memory(std::uint32_t slot, GuestPhysAddr address,
                       std::span<std::byte> host, MemoryAccess access) {
  if (slots_.count(slot) != 0) {
    unmap_memory(slot);  // KVM cannot move or resize a slot in use
  }
  vm_.set_memory_slot(slot, address.value, host,
                      access == MemoryAccess::read_only ? KVM_MEM_READONLY : 0);
  slots_[slot] = {address.value, host.size()};
}

void KvmVm::unmap_memory(std::uint32_t slot) {
  if (slots_.erase(slot) != 0) {
    vm_.delete_memory_slot(slot);
  }
}

// The kernel runs a hundred CPUID instructions to answer, each of which is slow where
// the host is a guest itself. It always answers the same.
std::vector<CpuidEntry> KvmVm::supported_cpuid() {
  if (supported_cpuid_.empty()) {
    for (const kvm_cpuid_entry2& entry : system_.supported_cpuid()) {
      supported_cpuid_.push_back(cpuid_from_kvm(entry));
      if (entry.function == 1) {
        // KVM leaves telling the guest that it is one to us, and tells of the local
        // APIC's timer by a capability.
        supported_cpuid_.back().ecx |= cpuid_hypervisor_bit;
        if (system_.check_extension(KVM_CAP_TSC_DEADLINE_TIMER) > 0) {
          supported_cpuid_.back().ecx |= tsc_deadline_bit;
        }
      }
    }
  }
  return supported_cpuid_;
}

std::optional<std::uint64_t> KvmVm::feature_msr(std::uint32_t index) {
  return system_.feature_msr(index);
}

bool KvmVm::offers_msr(std::uint32_t index) {
  if (msrs_.empty()) {
    msrs_ = system_.msr_index_list();
  }
  return std::find(msrs_.begin(), msrs_.end(), index) != msrs_.end();
}

// By default a vCPU can do what the host can; only its number is its own.
std::unique_ptr<Vcpu> KvmVm::create_vcpu(int id) {
  kvm::Vcpu vcpu = vm_.create_vcpu(static_cast<std::uint32_t>(id));
  std::vector<CpuidEntry> entries = supported_cpuid();
  for (CpuidEntry& entry : entries) {
    if (entry.function == 1) {
      entry.ebx = (entry.ebx & 0x00ffffff) | static_cast<std::uint32_t>(id) << 24;
    } else if (entry.function == 0xb) {
      entry.edx = static_cast<std::uint32_t>(id);  // x2APIC id
    }
  }
  return std::make_unique<KvmVcpu>(std::move(vcpu), kernel_lapic_, std::move(entries));
}

// The first reset, before anything ran, learns the state; later ones restore it.
void KvmIrqchip::reset() {
  if (!power_on_) {
    power_on_ =
        PowerOn{vm_.irqchip(KVM_IRQCHIP_PIC_MASTER), vm_.irqchip(KVM_IRQCHIP_PIC_SLAVE),
                vm_.irqchip(KVM_IRQCHIP_IOAPIC), vm_.pit2()};
    return;
  }
  vm_.set_irqchip(power_on_->pic_master);
  vm_.set_irqchip(power_on_->pic_slave);
  vm_.set_irqchip(power_on_->ioapic);
  vm_.set_pit2(power_on_->pit);
}

}  // namespace accel
