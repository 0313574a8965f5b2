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

namespace {

// ---- CPUs ---------------------------------------------------------------------------

unsigned bits_for(unsigned count) {
  unsigned bits = 0;
  while ((1u << bits) < count) {
    ++bits;
  }
  return bits;
}

// The APIC id packs package, core and thread into bit fields (SDM vol. 3, 8.9).
std::uint32_t apic_id_of(const MachineState* machine, unsigned index) {
  const auto threads = static_cast<unsigned>(std::max(machine->smp_threads, 1));
  const auto cores = static_cast<unsigned>(std::max(machine->smp_cores, 1));
  const unsigned thread_bits = bits_for(threads), core_bits = bits_for(cores);
  return index / (threads * cores) << (thread_bits + core_bits) |
         (index / threads % cores) << thread_bits | index % threads;
}

void new_cpu(const char* type, std::uint32_t apic_id, bool boot_cpu) {
  if (object_class_by_name(type) == nullptr) {
    throw Error("unable to find CPU type '" + std::string(type) + "'");
  }
  const Ref<> cpu(object_new(type));
  object_property_set_uint(cpu.get(), apic_id, "apic-id");
  object_cast<CpuState>(cpu.get())->start_halted = !boot_cpu;
  object_property_set_bool(cpu.get(), true, "realized");
}

}  // namespace

void x86_cpus_init(MachineState* machine) {
  const StartupStep step("pc_cpus_init");
  const char* type = machine->cpu_type.empty()
                         ? class_of<MachineClass>(machine)->default_cpu_type
                         : machine->cpu_type.c_str();
  for (int i = 0; i < machine->smp_cpus; ++i) {
    new_cpu(type, apic_id_of(machine, static_cast<unsigned>(i)), i == 0);
  }
}

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
