// A vCPU of the kernel's, seen through core's interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "accel/kvm_state.h"
#include "core/vcpu.h"
#include "kvm/vcpu.h"

namespace accel {

// The kernel's reason for coming back, as core says it. What only an accelerator's
// author can act on becomes exit::InternalError, with rip and, where the kernel gave
// them, the instruction's bytes.
core::Exit exit_to_core(const kvm::Exit& exit, const kvm::Vcpu& vcpu);

class KvmVcpu : public core::Vcpu {
 public:
  // `default_cpuid` is what the guest sees unless set_cpuid() is called before the
  // first set_sregs(), set_msr() or run(): telling the kernel costs about 10 us, so it
  // is told once.
  KvmVcpu(kvm::Vcpu vcpu, bool kernel_lapic, std::vector<core::CpuidEntry> default_cpuid)
      : vcpu_(std::move(vcpu)),
        kernel_lapic_(kernel_lapic),
        default_cpuid_(std::move(default_cpuid)) {}

  core::Regs regs() override { return regs_from_kvm(vcpu_.regs()); }

  void set_regs(const core::Regs& regs) override { vcpu_.set_regs(regs_to_kvm(regs)); }

  core::Sregs sregs() override { return sregs_from_kvm(vcpu_.sregs()); }

  void set_sregs(const core::Sregs& sregs) override {
    settle_cpuid();
    vcpu_.set_sregs(sregs_to_kvm(sregs, kvm_sregs{}));
  }

  core::Fpu fpu() override { return fpu_from_kvm(vcpu_.fpu()); }

  void set_fpu(const core::Fpu& fpu) override { vcpu_.set_fpu(fpu_to_kvm(fpu)); }

  std::optional<std::uint64_t> msr(std::uint32_t index) override {
    return vcpu_.msr(index);
  }

  bool set_msr(std::uint32_t index, std::uint64_t value) override {
    settle_cpuid();
    return vcpu_.set_msr(index, value);
  }

  void set_cpuid(std::span<const core::CpuidEntry> entries) override;

  core::Exit run() override {
    settle_cpuid();
    started_ = true;
    return debug_.enabled ? debugged_run() : exit_to_core(vcpu_.run(), vcpu_);
  }

  std::uint64_t exit_rip() override { return vcpu_.rip(); }

  bool halted() override;

  bool ready_for_irq() override { return vcpu_.ready_for_interrupt(); }

  void inject_irq(std::uint8_t vector) override { vcpu_.interrupt(vector); }

  void request_irq_window(bool wanted) override {
    vcpu_.request_interrupt_window(wanted);
  }

  void inject_exception(std::uint8_t vector,
                        std::optional<std::uint32_t> error) override {
    vcpu_.inject_exception(vector, error);
  }

  void inject_nmi() override { vcpu_.nmi(); }

  void request_exit() override { vcpu_.request_exit(); }

  std::uint32_t tsc_khz() override { return vcpu_.tsc_khz(); }

  bool set_tsc_khz(std::uint32_t khz) override { return vcpu_.set_tsc_khz(khz); }

  void set_debug(const core::DebugControl& control) override;

  core::DebugFacilities debug_facilities() override;

  void reset() override;

  const kvm::Vcpu& vcpu() const { return vcpu_; }  // for what core has no word for

 private:
  void settle_cpuid() {
    if (!default_cpuid_.empty()) {
      set_cpuid(std::exchange(default_cpuid_, {}));
    }
  }

  void forget_run();
  core::Exit debugged_run();
  std::uint64_t linear_rip() const;
  bool is_trap(std::uint64_t linear) const;

  kvm::Vcpu vcpu_;
  bool kernel_lapic_;
  std::vector<core::CpuidEntry> default_cpuid_;  // empty: the kernel was told
  bool started_ = false;                         // since the last reset
  std::uint32_t signature_ = 0x600;
  std::optional<kvm_lapic_state> power_on_lapic_;
  // Only the first vCPU begins to run by itself; the others wait for its message.
  std::uint32_t power_on_mp_state_ = KVM_MP_STATE_RUNNABLE;
  core::DebugControl debug_;
  bool step_ends_ = false;  // a single step came to a device access
};

}  // namespace accel
