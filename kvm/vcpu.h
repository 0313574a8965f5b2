// Vcpu: one virtual CPU inside the kernel and the run page it shares with us.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <sys/types.h>
#include "kvm/linux_kvm.h"

#include "kvm/exit.h"
#include "kvm/ioctl.h"
#include "kvm/mapping.h"

namespace kvm {

// Thread rule: all but request_exit() belong to the thread that runs the vCPU.
// Errors of the host throw std::system_error. Made by Vm::create_vcpu().
class Vcpu {
 public:
  Vcpu(Target target, std::size_t page_size, int sync_registers);
  Vcpu(Vcpu&&) noexcept = default;
  Vcpu& operator=(Vcpu&&) = delete;
  ~Vcpu();

  // Runs guest code until the guest needs us. Spans in the result live in the run
  // page, until the next run(); an IN's data is filled in there before it.
  Exit run();

  // Any thread, sticky: the run() going on, or else the next one, ends with
  // exit::Interrupted. It first completes the guest access we just answered.
  void request_exit();

  std::uint64_t rip() const;  // as regs(), without copying the others
  kvm_regs regs() const;      // no ioctl if the last exit left a copy in the run page
  void set_regs(const kvm_regs& regs);
  kvm_sregs sregs() const;
  void set_sregs(const kvm_sregs& sregs);
  kvm_fpu fpu() const;
  void set_fpu(const kvm_fpu& fpu);
  std::optional<std::uint64_t> msr(std::uint32_t index) const;  // nullopt: KVM has none
  bool set_msr(std::uint32_t index, std::uint64_t value);       // false: refused
  void set_cpuid(std::span<const kvm_cpuid_entry2> entries);
  std::uint32_t tsc_khz() const;        // of the guest; 0: the kernel does not say
  bool set_tsc_khz(std::uint32_t khz);  // false: the host cannot scale the counter
  kvm_debugregs debugregs() const;
  void set_debugregs(const kvm_debugregs& registers);
  kvm_mp_state mp_state() const;
  void set_mp_state(std::uint32_t state);
  kvm_lapic_state lapic() const;  // only with a kernel irqchip
  void set_lapic(const kvm_lapic_state& state);
  kvm_vcpu_events events() const;
  void set_events(const kvm_vcpu_events& events);

  // External interrupts from a controller of ours (no irqchip, or a split one).
  bool ready_for_interrupt() const;  // as of the last exit
  void interrupt(std::uint8_t vector);
  void request_interrupt_window(bool wanted);
  // The guest takes this exception before its next instruction.
  void inject_exception(std::uint8_t vector, std::optional<std::uint32_t> error);
  void nmi();
  void set_guest_debug(const kvm_guest_debug& debug);

  std::span<std::byte> page() const { return page_.bytes(); }

 private:
  kvm_run& run_page() const;

  Target target_;
  Mapping page_;
  bool sync_registers_ = false;    // the kernel copies registers into the page
  bool page_has_regs_ = false;     // and that copy is what the vCPU holds now
  bool interrupt_queued_ = false;  // since the last run()
  // The thread inside KVM_RUN, 0 outside. Behind a pointer so that a Vcpu can move.
  std::unique_ptr<std::atomic<pid_t>> running_;
};

}  // namespace kvm
