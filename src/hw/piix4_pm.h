// PIIX4_PM: the power management function of a PIIX4 (piix4_pm.cc).
#pragma once

#include "core/pci.h"

namespace hw {

using namespace core;

inline constexpr const char* TYPE_PIIX4_PM = "PIIX4_PM";

// `sci`: the line of its events, which it takes a reference to.
PCIDevice* piix4_pm_init(PCIBus* bus, int devfn, std::uint32_t smbus_port, Irq sci);
// Its registers appear at `port`, a multiple of 64, as firmware has it. Until a reset.
void piix4_pm_enable(PCIDevice* pm, std::uint16_t port);

}  // namespace hw
