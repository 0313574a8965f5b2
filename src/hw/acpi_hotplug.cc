#include "hw/acpi_hotplug.h"

#include "core/run_state.h"

namespace hw {

namespace {

// A slot can be emptied if nothing in it is soldered on.
std::uint32_t removable_slots(const PCIBus* bus) {
  std::uint32_t slots = ~std::uint32_t{0};
  for (const PCIDevice* dev : bus->devices) {
    if (dev != nullptr && !class_of<DeviceClass>(dev)->hotpluggable) {
      slots &= ~(1u << pci_slot(dev->devfn));
    }
  }
  return slots;
}

std::uint64_t pci_read(void* opaque, std::uint64_t offset, unsigned) {
  constexpr std::uint64_t removable = 12;
  return offset == removable ? removable_slots(static_cast<PCIBus*>(opaque)) : 0;
}

std::uint64_t cpu_read(void*, std::uint64_t offset, unsigned) {
  std::uint64_t bits = 0;
  for (CpuState* cpu : cpu_list()) {
    const std::uint64_t id = object_property_get_uint(cpu, "apic-id");
    if (id / 8 == offset) {
      bits |= 1u << id % 8;
    }
  }
  return bits;
}

void ignore(void*, std::uint64_t, std::uint64_t, unsigned) {}

constexpr MemoryRegionOps pci_ops{
    .read = pci_read, .write = ignore, .min_access_size = 4, .max_access_size = 4};
constexpr MemoryRegionOps cpu_ops{
    .read = cpu_read, .write = ignore, .max_access_size = 4, .impl_max_access_size = 1};

}  // namespace

MemoryRegion* acpi_pci_hotplug_region(Object* owner, PCIBus* bus) {
  return memory_region_new_io(owner, &pci_ops, bus, "acpi-pci-hotplug",
                              acpi_pci_hotplug_size);
}

MemoryRegion* acpi_cpu_hotplug_region(Object* owner) {
  return memory_region_new_io(owner, &cpu_ops, nullptr, "acpi-cpu-hotplug",
                              acpi_cpu_hotplug_size);
}

}  // namespace hw
