// A VM of the kernel's, and the interrupt controllers in it, seen through core's
// interfaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/vcpu.h"
#include "kvm/system.h"
#include "kvm/vm.h"

namespace accel {

// `system` must outlive it.
class KvmVm : public core::Vm {
 public:
  explicit KvmVm(kvm::System& system) : system_(system), vm_(system) {}

  void map_memory(std::uint32_t slot, core::GuestPhysAddr address,
                  std::span<std::byte> host, core::MemoryAccess access) override;
  void unmap_memory(std::uint32_t slot) override;

  void invalidate(core::GuestPhysAddr, std::uint64_t) override {
  }  // the kernel sees our memory

  std::unique_ptr<core::Vcpu> create_vcpu(int id) override;
  std::vector<core::CpuidEntry> supported_cpuid() override;
  std::optional<std::uint64_t> feature_msr(std::uint32_t index) override;
  bool offers_msr(std::uint32_t index) override;

  kvm::Vm& vm() { return vm_; }

  void set_kernel_lapic() { kernel_lapic_ = true; }

 private:
  struct Slot {
    std::uint64_t address;
    std::size_t size;
  };

  kvm::System& system_;
  kvm::Vm vm_;
  std::map<std::uint32_t, Slot> slots_;
  std::vector<core::CpuidEntry> supported_cpuid_;  // empty: not asked yet
  std::vector<std::uint32_t> msrs_;                // empty: not asked yet
  bool kernel_lapic_ = false;
};

// 8259 pair, IOAPIC and 8254 in the kernel. `vm` must outlive it. Thread rule:
// set_irq from any thread, reset while no vCPU runs.
class KvmIrqchip : public core::KernelIrqchip {
 public:
  explicit KvmIrqchip(kvm::Vm& vm) : vm_(vm) {}

  void set_irq(int gsi, bool level) override {
    vm_.irq_line(static_cast<std::uint32_t>(gsi), level);
  }

  // Delivered or not (nobody listens): it was a message, not a write to memory.
  bool send_msi(std::uint64_t address, std::uint32_t data) override {
    vm_.signal_msi(address, data);
    return true;
  }

  void reset();

 private:
  struct PowerOn {
    kvm_irqchip pic_master, pic_slave, ioapic;
    kvm_pit_state2 pit;
  };

  kvm::Vm& vm_;
  std::optional<PowerOn> power_on_;
};

}  // namespace accel
