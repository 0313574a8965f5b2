#include "accel/kvm_vcpu.h"

#include <cstdio>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace accel {

using namespace core;

namespace {

Direction direction(kvm::exit::Direction d) {
  return d == kvm::exit::Direction::in ? Direction::in : Direction::out;
}

std::string hex(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// One overload for each alternative of kvm::Exit.
struct ToCore {
  const kvm::Vcpu& vcpu;

  Exit operator()(const kvm::exit::Io& e) const {
    return exit::Io{Port{e.port}, e.size, e.count, direction(e.direction), e.data};
  }

  Exit operator()(const kvm::exit::Mmio& e) const {
    return exit::Mmio{GuestPhysAddr{e.address}, direction(e.direction), e.data};
  }

  Exit operator()(const kvm::exit::Hlt&) const { return exit::Hlt{}; }

  Exit operator()(const kvm::exit::Shutdown&) const { return exit::Shutdown{}; }

  Exit operator()(const kvm::exit::IrqWindow&) const { return exit::IrqWindow{}; }

  Exit operator()(const kvm::exit::Interrupted&) const { return exit::Intr{}; }

  Exit operator()(const kvm::exit::Debug& e) const { return exit::Debug{e.pc, e.dr6}; }

  Exit operator()(const kvm::exit::SystemEvent& e) const {
    return exit::SystemEvent{e.type};
  }

  Exit operator()(const kvm::exit::FailEntry& e) const {
    return stopped(
        "KVM_EXIT_FAIL_ENTRY: the processor refused the guest state, hardware "
        "reason " +
        hex(e.hardware_reason));
  }

  Exit operator()(const kvm::exit::InternalError& e) const {
    exit::InternalError error =
        stopped("KVM_EXIT_INTERNAL_ERROR suberror " + std::to_string(e.suberror) + " (" +
                std::string(e.name) + ")");
    error.bytes = e.bytes;
    error.byte_count = e.byte_count;
    return error;
  }

  Exit operator()(const kvm::exit::Other& e) const {
    std::string name = e.name.empty() ? "KVM exit reason " + std::to_string(e.reason)
                                      : std::string(e.name);
    return stopped(name + " is not handled by this program");
  }

  Exit operator()(const kvm::exit::Malformed& e) const {
    return stopped("KVM's run page contradicts itself: " + std::string(e.what));
  }

 private:
  exit::InternalError stopped(std::string why) const {
    exit::InternalError error;
    error.why = std::move(why);
    error.rip = vcpu.regs().rip;
    return error;
  }
};

}  // namespace

Exit exit_to_core(const kvm::Exit& exit, const kvm::Vcpu& vcpu) {
  return std::visit(ToCore{vcpu}, exit);
}

void KvmVcpu::set_cpuid(std::span<const CpuidEntry> entries) {
  default_cpuid_.clear();
  std::vector<kvm_cpuid_entry2> list;
  list.reserve(entries.size());
  for (const CpuidEntry& entry : entries) {
    list.push_back(cpuid_to_kvm(entry));
    if (entry.function == 1) {
      signature_ = entry.eax;
    }
  }
  vcpu_.set_cpuid(list);
}

void KvmVcpu::reset() {
  settle_cpuid();
  if (kernel_lapic_ && !power_on_lapic_) {
    power_on_lapic_ = vcpu_.lapic();
    power_on_mp_state_ = vcpu_.mp_state().mp_state;
  }
  Sregs sregs = power_on_sregs(vcpu_.sregs().apic_base);
  vcpu_.set_sregs(sregs_to_kvm(sregs, kvm_sregs{}));
  vcpu_.set_regs(regs_to_kvm(power_on_regs(signature_)));
  if (started_) {
    forget_run();  // a vCPU that never ran holds none of that state
  }
  started_ = false;
}

// Without an interrupt controller in the kernel HLT is an exit like others.
bool KvmVcpu::halted() {
  return kernel_lapic_ && vcpu_.mp_state().mp_state != KVM_MP_STATE_RUNNABLE;
}

// What a run leaves behind besides the general and segment registers.
void KvmVcpu::forget_run() {
  static constexpr std::uint32_t msrs[] = {
      0x174,      0x175,      0x176,  // SYSENTER CS, ESP, EIP
      0xc0000081, 0xc0000082, 0xc0000083,
      0xc0000084, 0xc0000102  // STAR family, KERNEL_GS
  };
  vcpu_.set_fpu(fpu_to_kvm(Fpu{}));
  vcpu_.set_events(kvm_vcpu_events{});
  kvm_debugregs debugregs{};
  debugregs.dr6 = 0xffff0ff0;
  debugregs.dr7 = 0x400;
  vcpu_.set_debugregs(debugregs);
  for (std::uint32_t index : msrs) {
    vcpu_.set_msr(index, 0);
  }
  if (kernel_lapic_) {
    vcpu_.set_lapic(*power_on_lapic_);
    vcpu_.set_mp_state(power_on_mp_state_);
  }
  vcpu_.request_interrupt_window(false);
}

}  // namespace accel
