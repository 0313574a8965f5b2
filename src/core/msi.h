// Message signalled interrupts: instead of pulling a pin a device writes a number to an
// address the guest gave it (PCI 2.3, 6.8). MSI keeps address and number in its
// capability, MSI-X one pair a vector in a table in a BAR, each of which can be masked.
#pragma once

#include "core/pci.h"

namespace core {

// In realize. `vectors` 1, 2, 4 .. 32. Throws qom::Error if there is no room.
void msi_init(PCIDevice* dev, std::uint8_t offset, unsigned vectors, bool is_64bit,
              bool per_vector_mask);
void msi_uninit(PCIDevice* dev);
bool msi_enabled(const PCIDevice* dev);
void msi_notify(PCIDevice* dev, unsigned vector);  // ignored unless the guest enabled it

// Table and pending bits in `bar` from `table_offset` on; `bar` is a container that the
// device registers as BAR `bar_number`. 1 to 2048 vectors. Throws qom::Error.
void msix_init(PCIDevice* dev, unsigned vectors, MemoryRegion* bar, int bar_number,
               std::uint32_t table_offset, std::uint32_t pending_offset,
               std::uint8_t cap_offset);
bool msix_enabled(const PCIDevice* dev);
void msix_notify(PCIDevice* dev, unsigned vector);  // remembered while masked

// The write itself, as the device does it.
void msi_send_message(PCIDevice* dev, std::uint64_t address, std::uint32_t data);

}  // namespace core
