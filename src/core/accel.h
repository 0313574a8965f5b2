// Accel: the type family "accel" (QEMU accel/accel.c). An accelerator is an object
// that can make a Vm; configure_accelerator() tries the names of accel=A:B in order.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/clock.h"
#include "core/machine.h"
#include "core/memory_slots.h"
#include "core/vcpu.h"

namespace core {

inline constexpr const char* TYPE_ACCEL = "accel";
inline constexpr const char* ACCEL_CLASS_SUFFIX = "-accel";

struct AccelClass : ObjectClass {
  static constexpr const char* qom_type = "accel";
  const char* name = nullptr;  // "KVM", "tcg": shown to people
  // Makes the Vm and stores it in the state. Throws qom::Error or
  // std::system_error with what was tried and why it failed.
  void (*init_machine)(AccelState* accel, MachineState* machine) = nullptr;
  // After guest RAM is mapped: in-kernel irqchip and PIT (RAM first is 4x faster).
  void (*setup_post)(AccelState* accel, MachineState* machine) = nullptr;
  bool* allowed = nullptr;
  std::span<const CompatProperty> compat_props = {};
};

struct AccelState : Object {
  static constexpr const char* qom_type = "accel";
  std::unique_ptr<Vm> vm;
  std::unique_ptr<MemorySlots> slots;             // made by accel_setup_post
  std::unique_ptr<KernelIrqchip> kernel_irqchip;  // nullptr: user-space 8259/8254
  bool deterministic = false;                     // guest time counts instructions
};

AccelClass* accel_find(const std::string& name);  // "kvm" -> class of "kvm-accel"
// Returns the accelerator that came up (also machine->accelerator). Throws
// qom::Error in 4.0's words; warnings go to core::warn_report.
AccelState* configure_accelerator(MachineState* machine);
// After the board is built: maps guest RAM into the Vm, then AccelClass::setup_post
// (in-kernel irqchip), then makes the vCPU of every realized CPU. The order is what
// makes a start fast: slots before the irqchip, the irqchip before the first vCPU.
void accel_setup_post(MachineState* machine);

}  // namespace core
