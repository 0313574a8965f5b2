// kvm-accel: the kernel's hypervisor as an accelerator.
//
// Three small adapters and a type. KvmVm, KvmVcpu and KvmIrqchip give core's
// interfaces to kvm/'s handles; nothing here knows an ioctl. The type's two class
// functions are called by configure_accelerator(): init_machine opens /dev/kvm and
// makes the VM, setup_post, once guest RAM is mapped, puts the interrupt
// controllers and the timer into the kernel if the machine wants them there.
//
// kernel_irqchip of the machine: "on" (8259 pair, IOAPIC, local APIC and 8254 in
// the kernel), "split" (local APIC only), "off" (all of them are devices of ours).
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "accel/kvm_state.h"
#include "core/accel.h"
#include "core/report.h"
#include "kvm/system.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "qom/module.h"
#include "qom/object.h"

namespace accel {

using namespace core;

namespace {

constexpr const char* TYPE_KVM_ACCEL = "kvm-accel";

// Where Intel's hardware may keep its three TSS pages and the page of its identity
// map: right below the firmware, in QEMU's places.
constexpr std::uint64_t identity_map_address = 0xfeffc000;
constexpr std::uint32_t tss_address = 0xfeffd000;

constexpr std::uint32_t cpuid_hypervisor_bit = 1u << 31;  // leaf 1, ECX

// ---- exits ------------------------------------------------------------------------
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
  kvm::Vcpu& vcpu;

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

// ---- the vCPU -----------------------------------------------------------------------
class KvmVcpu : public Vcpu {
 public:
  KvmVcpu(kvm::Vcpu vcpu, bool kernel_lapic)
      : vcpu_(std::move(vcpu)), kernel_lapic_(kernel_lapic) {}

  Regs regs() override { return regs_from_kvm(vcpu_.regs()); }

  void set_regs(const Regs& regs) override { vcpu_.set_regs(regs_to_kvm(regs)); }

  Sregs sregs() override { return sregs_from_kvm(vcpu_.sregs()); }

  void set_sregs(const Sregs& sregs) override {
    vcpu_.set_sregs(sregs_to_kvm(sregs, kvm_sregs{}));
  }

  Fpu fpu() override { return fpu_from_kvm(vcpu_.fpu()); }

  void set_fpu(const Fpu& fpu) override { vcpu_.set_fpu(fpu_to_kvm(fpu)); }

  std::optional<std::uint64_t> msr(std::uint32_t index) override {
    return vcpu_.msr(index);
  }

  bool set_msr(std::uint32_t index, std::uint64_t value) override {
    return vcpu_.set_msr(index, value);
  }

  void set_cpuid(std::span<const CpuidEntry> entries) override;

  Exit run() override {
    started_ = true;
    return std::visit(ToCore{vcpu_}, vcpu_.run());
  }

  std::uint64_t exit_rip() override { return vcpu_.regs().rip; }

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

  void set_debug(const DebugControl& control) override {
    vcpu_.set_guest_debug(debug_to_kvm(control));
  }

  void reset() override;

 private:
  void forget_run();

  kvm::Vcpu vcpu_;
  bool kernel_lapic_;
  bool started_ = false;  // since the last reset
  std::uint32_t signature_ = 0x600;
  std::optional<kvm_lapic_state> power_on_lapic_;
};

void KvmVcpu::set_cpuid(std::span<const CpuidEntry> entries) {
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
  if (kernel_lapic_ && !power_on_lapic_) {
    power_on_lapic_ = vcpu_.lapic();
  }
  Sregs sregs = power_on_sregs(vcpu_.sregs().apic_base);
  vcpu_.set_sregs(sregs_to_kvm(sregs, kvm_sregs{}));
  vcpu_.set_regs(regs_to_kvm(power_on_regs(signature_)));
  if (started_) {
    forget_run();  // a vCPU that never ran holds none of that state
  }
  started_ = false;
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
    vcpu_.set_mp_state(KVM_MP_STATE_RUNNABLE);
  }
  vcpu_.request_interrupt_window(false);
}

// ---- the machine's side of the VM
// ------------------------------------------------------
class KvmVm : public Vm {
 public:
  explicit KvmVm(kvm::System& system) : system_(system), vm_(system) {}

  void map_memory(std::uint32_t slot, GuestPhysAddr address, std::span<std::byte> host,
                  MemoryAccess access) override;
  void unmap_memory(std::uint32_t slot) override;

  void invalidate(GuestPhysAddr, std::uint64_t) override {}  // the kernel sees our memory

  std::unique_ptr<Vcpu> create_vcpu(int id) override;
  std::vector<CpuidEntry> supported_cpuid() override;

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
  bool kernel_lapic_ = false;
};

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

std::vector<CpuidEntry> KvmVm::supported_cpuid() {
  std::vector<CpuidEntry> entries;
  for (const kvm_cpuid_entry2& entry : system_.supported_cpuid()) {
    entries.push_back(cpuid_from_kvm(entry));
    if (entry.function == 1) {
      // KVM leaves telling the guest that it is one to us.
      entries.back().ecx |= cpuid_hypervisor_bit;
    }
  }
  return entries;
}

// The CPUID given here is what the host can do; a CPU model may replace it before
// the first run.
std::unique_ptr<Vcpu> KvmVm::create_vcpu(int id) {
  auto vcpu = std::make_unique<KvmVcpu>(vm_.create_vcpu(static_cast<std::uint32_t>(id)),
                                        kernel_lapic_);
  std::vector<CpuidEntry> entries = supported_cpuid();
  for (CpuidEntry& entry : entries) {
    if (entry.function == 1) {
      entry.ebx = (entry.ebx & 0x00ffffff) | static_cast<std::uint32_t>(id) << 24;
    } else if (entry.function == 0xb) {
      entry.edx = static_cast<std::uint32_t>(id);  // x2APIC id
    }
  }
  vcpu->set_cpuid(entries);
  return vcpu;
}

class KvmIrqchip : public KernelIrqchip {
 public:
  explicit KvmIrqchip(kvm::Vm& vm) : vm_(vm) {}

  void set_irq(int gsi, bool level) override {
    vm_.irq_line(static_cast<std::uint32_t>(gsi), level);
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

// ---- the type ------------------------------------------------------------------------
struct KvmState : AccelState {
  static constexpr const char* qom_type = "kvm-accel";
  std::unique_ptr<kvm::System> system;
};

bool kvm_allowed = false;

// Two limits: what the kernel's authors recommend, and what it can do at all.
void check_vcpu_limits(const kvm::Vm& vm, int wanted) {
  const int recommended = vm.check_extension(KVM_CAP_NR_VCPUS);
  const int maximum = std::max(vm.check_extension(KVM_CAP_MAX_VCPUS), recommended);
  const std::string number =
      "Number of SMP cpus requested (" + std::to_string(wanted) + ") ";
  if (wanted > maximum) {
    Error error(std::generic_category().message(EINVAL));
    error.hint = number + "exceeds the maximum cpus supported by KVM (" +
                 std::to_string(maximum) + ")";
    throw error;
  }
  if (wanted > recommended) {
    warn_report(number + "exceeds the recommended cpus supported by KVM (" +
                std::to_string(recommended) + ")");
  }
}

void kvm_init(AccelState* accel, MachineState* machine) {
  KvmState* state = object_cast<KvmState>(accel);
  try {
    state->system = std::make_unique<kvm::System>();
  } catch (const kvm::Unavailable& e) {
    // Shown as "failed to initialize KVM: REASON", then what was tried, then what
    // to do about it.
    Error error(std::generic_category().message(e.error_number));
    error.hint = std::string(e.what()) + "\n" + e.hint;
    throw error;
  }
  auto vm = std::make_unique<KvmVm>(*state->system);
  check_vcpu_limits(vm->vm(), machine->smp_cpus);
  if (state->system->check_extension(KVM_CAP_SET_IDENTITY_MAP_ADDR) > 0) {
    vm->vm().set_identity_map_address(identity_map_address);
  }
  if (state->system->check_extension(KVM_CAP_SET_TSS_ADDR) > 0) {
    vm->vm().set_tss_address(tss_address);
  }
  accel->vm = std::move(vm);
}

void kvm_setup_post(AccelState* accel, MachineState* machine) {
  auto& vm = static_cast<KvmVm&>(*accel->vm);
  if (machine->kernel_irqchip == "off") {
    return;
  }
  if (machine->kernel_irqchip == "split") {
    vm.vm().create_split_irqchip(24);  // the pins of the IOAPIC a PC has
  } else {
    vm.vm().create_irqchip();
    vm.vm().create_pit2(KVM_PIT_SPEAKER_DUMMY);
    auto irqchip = std::make_unique<KvmIrqchip>(vm.vm());
    qemu_register_reset([chip = irqchip.get()] { chip->reset(); });
    accel->kernel_irqchip = std::move(irqchip);
  }
  vm.set_kernel_lapic();
}

// The VM and its users go before the system they were made from.
void kvm_accel_instance_finalize(Object* obj) {
  KvmState* state = object_cast<KvmState>(obj);
  state->kernel_irqchip.reset();
  state->vm.reset();
}

void kvm_accel_class_init(ObjectClass* klass, void*) {
  auto* ac = class_cast<AccelClass>(klass);
  ac->name = "KVM";
  ac->init_machine = kvm_init;
  ac->setup_post = kvm_setup_post;
  ac->allowed = &kvm_allowed;
}

const TypeInfo kvm_accel_type = {
    .name = TYPE_KVM_ACCEL,
    .parent = TYPE_ACCEL,
    .instance = instance_struct<KvmState>(),
    .instance_finalize = kvm_accel_instance_finalize,
    .class_init = kvm_accel_class_init,
};

void kvm_type_init() {
  type_register_static(&kvm_accel_type);
}

type_init(kvm_type_init)

}  // namespace
}  // namespace accel
