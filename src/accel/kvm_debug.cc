// What a debugger asked of a vCPU of the kernel's. Breakpoints and watchpoints are the
// processor's debug registers; an INT3 that the debugger put into guest memory is told
// from one of the guest's own, which the guest gets to see.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "accel/kvm_vcpu.h"

namespace accel {

using namespace core;

namespace {

constexpr std::uint32_t vector_breakpoint = 3;
constexpr std::uint64_t dr6_single_step = 1u << 14;

}  // namespace

// Kernels before 5.15 know no way to hold interrupts back.
void KvmVcpu::set_debug(const DebugControl& control) {
  if (!control.enabled && !debug_.enabled) {
    return;
  }
  debug_ = control;
  step_ends_ = false;
  try {
    vcpu_.set_guest_debug(debug_to_kvm(control));
  } catch (const std::system_error& error) {
    if (error.code().value() != EINVAL || !control.block_interrupts) {
      throw;
    }
    debug_.block_interrupts = false;
    vcpu_.set_guest_debug(debug_to_kvm(debug_));
  }
}

// kvm_pvm emulates the guest's own kernel, and the emulator compares the addresses of
// instructions with the debug registers but not those of data.
DebugFacilities KvmVcpu::debug_facilities() {
  std::error_code ignored;
  static const bool emulates = std::filesystem::exists("/sys/module/kvm_pvm", ignored);
  return {.registers = 4, .watchpoints = !emulates};
}

std::uint64_t KvmVcpu::linear_rip() const {
  const kvm_segment cs = vcpu_.sregs().cs;
  const std::uint64_t at = cs.base + vcpu_.rip();
  return cs.l ? at : at & 0xffffffff;
}

bool KvmVcpu::is_trap(std::uint64_t linear) const {
  const auto& traps = debug_.breakpoints;
  return std::find(traps.begin(), traps.end(), linear) != traps.end();
}

// A kernel that cannot execute INT3 (kvm_pvm) gives up at a trap of ours: that is the
// trap, too. An instruction that came to a device is over when the kernel was entered
// once more; where KVM emulates it does not say so, and would go on with the next one.
Exit KvmVcpu::debugged_run() {
  const bool step_ends = std::exchange(step_ends_, false);
  if (step_ends) {
    vcpu_.request_exit();
  }
  for (;;) {
    const kvm::Exit exit = vcpu_.run();
    if (step_ends && std::holds_alternative<kvm::exit::Interrupted>(exit)) {
      return exit::Debug{vcpu_.rip(), dr6_single_step};
    }
    if (std::holds_alternative<kvm::exit::InternalError>(exit) && is_trap(linear_rip())) {
      return exit::Debug{vcpu_.rip(), 0};
    }
    const auto* debug = std::get_if<kvm::exit::Debug>(&exit);
    if (debug == nullptr) {
      step_ends_ = debug_.single_step && (std::holds_alternative<kvm::exit::Io>(exit) ||
                                          std::holds_alternative<kvm::exit::Mmio>(exit));
      return exit_to_core(exit, vcpu_);
    }
    if (debug->exception != vector_breakpoint || is_trap(debug->pc)) {
      return exit::Debug{vcpu_.rip(), debug->dr6, watchpoint_hit(debug_, debug->dr6)};
    }
    vcpu_.inject_exception(vector_breakpoint, std::nullopt);
  }
}

}  // namespace accel
