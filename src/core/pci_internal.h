// What the files of the PCI bus share.
#pragma once

#include "core/pci.h"

namespace core {

// Where the guest's registers say region `n` is; pci_bar_unmapped if nowhere.
std::uint64_t pci_bar_address(const PCIDevice* dev, int n);
void pci_update_mappings(PCIDevice* dev);
void pci_unmap_all(PCIDevice* dev);
// Offset of the register of region `n`.
unsigned pci_bar_offset(int n);
// After the command register changed: interrupt disable and bus mastering.
void pci_command_changed(PCIDevice* dev);
void pci_deassert_intx(PCIDevice* dev);
void pci_device_reset_common(PCIDevice* dev);
void pci_init_bus_master(PCIDevice* dev);  // once; later calls do nothing
// romfile as a BAR. Throws qom::Error.
void pci_add_option_rom(PCIDevice* dev);
// Header and masks of a new device, from its class.
void pci_config_init(PCIDevice* dev);

void msi_write_config(PCIDevice* dev, unsigned offset, unsigned size);
void msix_write_config(PCIDevice* dev, unsigned offset, unsigned size);
void msi_reset(PCIDevice* dev);
void msix_reset(PCIDevice* dev);

}  // namespace core
