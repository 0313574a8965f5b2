// The ports by which AML asks what was plugged (QEMU's own; its ACPI tables know them).
// Nothing is plugged here while a machine runs, so they only tell what is there.
//
//   PCI    0 slots plugged   4 to be unplugged   8 eject   12 removable slots   16 bus
//   CPUs   32 bytes, one bit for each local APIC id: that processor is there
#pragma once

#include "core/pci.h"

namespace hw {

using namespace core;

inline constexpr std::uint64_t acpi_pci_hotplug_port = 0xae00, acpi_pci_hotplug_size = 20;
inline constexpr std::uint64_t acpi_cpu_hotplug_port = 0xaf00, acpi_cpu_hotplug_size = 32;

// The regions are `owner`'s. `bus` is the one whose slots are told.
MemoryRegion* acpi_pci_hotplug_region(Object* owner, PCIBus* bus);
MemoryRegion* acpi_cpu_hotplug_region(Object* owner);

}  // namespace hw
