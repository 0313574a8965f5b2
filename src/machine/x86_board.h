// What boards with x86 processors have in common, with PCI or without, old or new: CPUs,
// the lines interrupts arrive on, the 8259 pair, serial ports.
#pragma once

#include <array>
#include <vector>

#include "core/isa.h"
#include "core/machine.h"

namespace machine {

using namespace core;

inline constexpr int gsi_count = 24;  // interrupt lines of the board: an I/O APIC's pins

struct X86Lines {
  std::vector<Irq> gsi;  // owned; what a device's interrupt line ends at
  std::array<Irq, isa_irq_count> i8259_irq{};  // the 8259 pair's inputs
};

void x86_cpus_init(MachineState* machine);  // one CPU object for each of -smp
// Gives a CPU that is being realized its place: index, APIC id, socket, core, thread,
// NUMA node. Throws qom::Error if it names no place, or one that is taken.
void x86_cpu_pre_plug(const MachineState* machine, DeviceState* cpu);
// One more than the highest APIC id that a CPU of this machine can have.
std::uint32_t x86_apic_id_limit(const MachineState* machine);
// Makes a machine class, of a type with the interface hotplug-handler, do so.
void x86_take_cpus(ObjectClass* klass);
// True if the 8259 pair and the 8254 are the accelerator's, not devices of ours.
bool x86_kernel_irqchip(const MachineState* machine);
// `lines` must outlive the devices.
void x86_gsi_init(const MachineState* machine, X86Lines* lines);
// The interrupt controllers of the ISA bus and its sixteen lines.
void x86_i8259_init(const MachineState* machine, X86Lines* lines, ISABus* isa_bus);
// A serial port for each of the first four -serial.
void x86_serial_init(ISABus* isa_bus);

}  // namespace machine
