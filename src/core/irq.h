// Interrupt lines: a device raises a line it was given; it never knows who listens.
// QEMU's qemu_irq (type "irq") and named GPIO arrays of a device.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "qom/object.h"

namespace core {

using IrqHandler = std::function<void(int n, int level)>;

inline constexpr const char* TYPE_IRQ = "irq";

// Type "irq", parent "object" (QEMU hw/core/irq.c).
struct IrqState : qom::Object {
  static constexpr const char* qom_type = "irq";
  IrqHandler handler;
  int n = 0;
};

using Irq = IrqState*;  // nullptr: not connected; setting it does nothing

Irq qemu_allocate_irq(IrqHandler handler, int n);  // caller owns a reference
// Lines 0 to count - 1 of one handler; the caller owns a reference to each.
std::vector<Irq> qemu_allocate_irqs(const IrqHandler& handler, int count);
void qemu_set_irq(Irq irq, int level);  // traced (category irq)

inline void qemu_irq_raise(Irq irq) {
  qemu_set_irq(irq, 1);
}

inline void qemu_irq_lower(Irq irq) {
  qemu_set_irq(irq, 0);
}

// One named array of lines into or out of a device. `out` points at the
// device's own Irq variables, which connecting fills.
struct NamedGpioList {
  std::string name;  // empty: "unnamed-gpio-in", "unnamed-gpio-out"
  std::vector<Irq> in;
  std::vector<Irq*> out;
};

}  // namespace core
