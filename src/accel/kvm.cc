// kvm-accel: the kernel's hypervisor as an accelerator.
//
// Three small adapters (kvm_vm.h, kvm_vcpu.h) give core's interfaces to kvm/'s
// handles; this file is the type, and nothing in this folder knows an ioctl. Two class
// functions matter: init_machine, called by configure_accelerator(), opens /dev/kvm and
// makes the VM; setup_post, called once guest RAM is mapped, puts the interrupt
// controllers and the timer into the kernel if the machine wants them there.
//
// kernel_irqchip of the machine: "on" (8259 pair, IOAPIC, local APIC and 8254 in
// the kernel), "split" (local APIC only), "off" (all of them are devices of ours).
#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "accel/kvm_vm.h"
#include "core/accel.h"
#include "core/report.h"
#include "core/run_state.h"
#include "core/startup_step.h"
#include "kvm/system.h"
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
  const StartupStep step("kvm_init");
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
  // Without a CPU nobody could be interrupted; and to take controllers away again
  // costs the kernel more than the whole rest of such a machine.
  if (machine->kernel_irqchip == "off" || cpu_list().empty()) {
    return;
  }
  const StartupStep step("kvm_irqchip_create");
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

// [kvm_accel_class_init]
void kvm_accel_class_init(ObjectClass* klass, void*) {
  auto* ac = class_cast<AccelClass>(klass);
  ac->name = "KVM";
  ac->init_machine = kvm_init;
  ac->setup_post = kvm_setup_post;
  ac->allowed = &kvm_allowed;
}

// [kvm_accel_class_init]

// [kvm_accel_type]
const TypeInfo kvm_accel_type = {
    .name = TYPE_KVM_ACCEL,
    .parent = TYPE_ACCEL,
    .instance = instance_struct<KvmState>(),
    .instance_finalize = kvm_accel_instance_finalize,
    .class_init = kvm_accel_class_init,
};

// [kvm_accel_type]

// [kvm_type_init]
void kvm_type_init() {
  type_register_static(&kvm_accel_type);
}

type_init(kvm_type_init)
// [kvm_type_init]

}  // namespace
}  // namespace accel
