// How a vCPU is stopped from outside, the one subtle thing here. The requester
// first sets immediate_exit in the run page, which makes the next KVM_RUN return
// at once, then signals the thread that is inside KVM_RUN, if there is one. If
// the thread was about to enter, the flag stops it; if it is inside, the signal
// does; there is no gap between the two. The flag is cleared by run() when it
// reports the interruption, so no request is lost and none is answered twice.
#include "kvm/vcpu.h"

#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

#include "kvm/list.h"

namespace kvm {
namespace {

constexpr int kick_signal = SIGUSR1;  // QEMU's choice too

// The handler does nothing: that the signal was delivered is the whole effect.
// Without SA_RESTART, or KVM_RUN would be entered again.
void install_kick_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    sigaction(kick_signal, &action, nullptr);
  });
}

pid_t this_thread() {
  thread_local const pid_t id = static_cast<pid_t>(syscall(SYS_gettid));
  return id;
}

}  // namespace

Vcpu::Vcpu(Target target, std::size_t page_size, int sync_registers)
    : target_(std::move(target)),
      page_(Mapping::shared(target_.fd, page_size)),
      sync_registers_((sync_registers & KVM_SYNC_X86_REGS) != 0),
      running_(std::make_unique<std::atomic<pid_t>>(0)) {
  install_kick_handler();
  if (sync_registers_) {
    run_page().kvm_valid_regs = KVM_SYNC_X86_REGS;
  }
}

Vcpu::~Vcpu() = default;

kvm_run& Vcpu::run_page() const {
  return *reinterpret_cast<kvm_run*>(page_.bytes().data());
}

Exit Vcpu::run() {
  kvm_run& page = run_page();
  running_->store(this_thread());
  int answer = kvm::run(target_, page);
  running_->store(0, std::memory_order_release);
  interrupt_queued_ = false;
  page_has_regs_ = sync_registers_;
  if (answer >= 0) {
    return decode(page_.bytes());
  }
  if (answer == -EINTR || answer == -EAGAIN) {
    std::atomic_ref(page.immediate_exit).store(0);
    return exit::Interrupted{};
  }
  // A refused entry can come as an error together with a filled-in page.
  if (page.exit_reason == KVM_EXIT_INTERNAL_ERROR ||
      page.exit_reason == KVM_EXIT_FAIL_ENTRY) {
    return decode(page_.bytes());
  }
  throw std::system_error(-answer, std::generic_category(), "KVM_RUN on " + target_.name);
}

void Vcpu::request_exit() {
  std::atomic_ref(run_page().immediate_exit).store(1);
  pid_t thread = running_->load();
  if (thread != 0) {
    syscall(SYS_tgkill, getpid(), thread, kick_signal);
  }
}

std::uint64_t Vcpu::rip() const {
  return page_has_regs_ ? run_page().s.regs.regs.rip : regs().rip;
}

kvm_regs Vcpu::regs() const {
  if (page_has_regs_) {
    return run_page().s.regs.regs;
  }
  kvm_regs regs{};
  call(target_, KVM_GET_REGS, &regs);
  return regs;
}

void Vcpu::set_regs(const kvm_regs& regs) {
  page_has_regs_ = false;
  call(target_, KVM_SET_REGS, &regs);
}

kvm_sregs Vcpu::sregs() const {
  kvm_sregs sregs{};
  call(target_, KVM_GET_SREGS, &sregs);
  return sregs;
}

void Vcpu::set_sregs(const kvm_sregs& sregs) {
  call(target_, KVM_SET_SREGS, &sregs);
  // Without a kernel APIC KVM_RUN takes CR8 from the page, not from KVM_SET_SREGS.
  run_page().cr8 = sregs.cr8;
}

kvm_fpu Vcpu::fpu() const {
  kvm_fpu fpu{};
  call(target_, KVM_GET_FPU, &fpu);
  return fpu;
}

void Vcpu::set_fpu(const kvm_fpu& fpu) {
  call(target_, KVM_SET_FPU, &fpu);
}

std::optional<std::uint64_t> Vcpu::msr(std::uint32_t index) const {
  List<kvm_msrs, kvm_msr_entry> list(1);
  list.get()->entries[0].index = index;
  if (call(target_, KVM_GET_MSRS, list.get()) != 1) {
    return std::nullopt;
  }
  return list.get()->entries[0].data;
}

std::uint32_t Vcpu::tsc_khz() const {
  const int khz = try_call(target_, KVM_GET_TSC_KHZ);
  return khz > 0 ? static_cast<std::uint32_t>(khz) : 0;
}

bool Vcpu::set_tsc_khz(std::uint32_t khz) {
  return try_call(target_, KVM_SET_TSC_KHZ, khz) >= 0;
}

bool Vcpu::set_msr(std::uint32_t index, std::uint64_t value) {
  List<kvm_msrs, kvm_msr_entry> list(1);
  list.get()->entries[0].index = index;
  list.get()->entries[0].data = value;
  return call(target_, KVM_SET_MSRS, list.get()) == 1;
}

void Vcpu::set_cpuid(std::span<const kvm_cpuid_entry2> entries) {
  List<kvm_cpuid2, kvm_cpuid_entry2> list(entries);
  call(target_, KVM_SET_CPUID2, list.get());
}

kvm_debugregs Vcpu::debugregs() const {
  kvm_debugregs registers{};
  call(target_, KVM_GET_DEBUGREGS, &registers);
  return registers;
}

void Vcpu::set_debugregs(const kvm_debugregs& registers) {
  call(target_, KVM_SET_DEBUGREGS, &registers);
}

kvm_mp_state Vcpu::mp_state() const {
  kvm_mp_state state{};
  call(target_, KVM_GET_MP_STATE, &state);
  return state;
}

void Vcpu::set_mp_state(std::uint32_t state) {
  kvm_mp_state wanted{state};
  call(target_, KVM_SET_MP_STATE, &wanted);
}

kvm_lapic_state Vcpu::lapic() const {
  kvm_lapic_state state{};
  call(target_, KVM_GET_LAPIC, &state);
  return state;
}

void Vcpu::set_lapic(const kvm_lapic_state& state) {
  call(target_, KVM_SET_LAPIC, &state);
}

kvm_vcpu_events Vcpu::events() const {
  kvm_vcpu_events events{};
  call(target_, KVM_GET_VCPU_EVENTS, &events);
  return events;
}

void Vcpu::set_events(const kvm_vcpu_events& events) {
  call(target_, KVM_SET_VCPU_EVENTS, &events);
}

bool Vcpu::ready_for_interrupt() const {
  const kvm_run& page = run_page();
  return !interrupt_queued_ && page.ready_for_interrupt_injection != 0 &&
         page.if_flag != 0;
}

void Vcpu::interrupt(std::uint8_t vector) {
  kvm_interrupt interrupt{vector};
  call(target_, KVM_INTERRUPT, &interrupt);
  interrupt_queued_ = true;
}

void Vcpu::request_interrupt_window(bool wanted) {
  run_page().request_interrupt_window = wanted ? 1 : 0;
}

void Vcpu::inject_exception(std::uint8_t vector, std::optional<std::uint32_t> error) {
  kvm_vcpu_events next = events();
  next.exception.injected = 1;
  next.exception.nr = vector;
  next.exception.has_error_code = error.has_value() ? 1 : 0;
  next.exception.error_code = error.value_or(0);
  set_events(next);
}

void Vcpu::nmi() {
  call(target_, KVM_NMI);
}

void Vcpu::set_guest_debug(const kvm_guest_debug& debug) {
  page_has_regs_ = false;  // KVM may write rflags.TF
  call(target_, KVM_SET_GUEST_DEBUG, &debug);
}

}  // namespace kvm
