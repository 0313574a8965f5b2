// See x86_board.h. An interrupt line of a device ends at one of the board's 24 lines
// (gsi). The board passes it on to the 8259 pair or, if the accelerator has its own
// interrupt controllers, to the accelerator.
#include "machine/x86_board.h"

#include <algorithm>
#include <string>

#include "core/accel.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "core/startup_step.h"
#include "hw/pic_common.h"
#include "machine/board_config.h"

namespace machine {

bool x86_kernel_irqchip(const MachineState* machine) {
  // The irqchip itself is made after the board (accel_setup_post): ask what it will be.
  return machine->accelerator != nullptr &&
         object_dynamic_cast(machine->accelerator, "kvm-accel") != nullptr &&
         (machine->kernel_irqchip.empty() || machine->kernel_irqchip == "on");
}

void x86_gsi_init(const MachineState* machine, X86Lines* lines) {
  if (x86_kernel_irqchip(machine)) {
    lines->gsi = qemu_allocate_irqs(
        [accel = machine->accelerator](int n, int level) {
          if (accel->kernel_irqchip != nullptr) {
            accel->kernel_irqchip->set_irq(n, level != 0);
          }
        },
        gsi_count);
    return;
  }
  // Lines 16 and up lead to the I/O APIC only, which is not built yet.
  lines->gsi = qemu_allocate_irqs(
      [lines](int n, int level) {
        if (n < isa_irq_count) {
          qemu_set_irq(lines->i8259_irq[static_cast<std::size_t>(n)], level);
        }
      },
      gsi_count);
}

void x86_i8259_init(const MachineState* machine, X86Lines* lines, ISABus* isa_bus) {
  std::array<Irq, isa_irq_count> isa_lines{};
  std::copy_n(lines->gsi.begin(), isa_lines.size(), isa_lines.begin());
  isa_bus_irqs(isa_bus, isa_lines);
  if (x86_kernel_irqchip(machine)) {
    hw::kvm_i8259_init(isa_bus);
    return;
  }
  // INTR: the vCPU asks the pair itself whether and what (core::InterruptController).
  const Ref<IrqState> intr(qemu_allocate_irq([](int, int) { interrupt_changed(); }, 0));
  lines->i8259_irq = hw::i8259_init(isa_bus, intr.get());
}

void x86_serial_init(ISABus* isa_bus) {
  constexpr std::size_t max_isa_serial_ports = 4;
  const auto& hds = board_config().serial_hds;
  for (std::size_t i = 0; i < hds.size() && i < max_isa_serial_ports; ++i) {
    if (hds[i] == nullptr) {
      continue;
    }
    ISADeviceState* serial = isa_create(isa_bus, "isa-serial");
    qdev_prop_set_uint32(serial, "index", static_cast<std::uint32_t>(i));
    qdev_prop_set_chr(serial, "chardev", hds[i]);
    qdev_init_nofail(serial);
  }
}

}  // namespace machine
