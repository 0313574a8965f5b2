// PIIX3: the bridge from PCI to ISA, which also leads PCI interrupts to ISA lines.
#pragma once

#include <span>

#include "core/isa.h"
#include "core/pci.h"

namespace hw {

using namespace core;

inline constexpr const char* TYPE_PIIX3_DEVICE = "PIIX3";

// At the next free slot of `bus`, whose interrupts it takes. `lines`: the 16 lines it can
// lead them to, not owned.
PCIDevice* piix3_create(PCIBus* bus, std::span<const Irq> lines);
ISABus* piix3_isa_bus(PCIDevice* piix3);
// Leads PIRQ A to D (0 to 3) to these ISA lines, as firmware does.
void piix3_route(PCIDevice* piix3, std::span<const std::uint8_t> isa_lines);

}  // namespace hw
