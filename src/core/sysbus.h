// SysBusDevice: a device the board wires by hand: numbered memory regions and
// interrupt lines, no bus protocol (QEMU's hw/core/sysbus). All of them sit on one
// bus of type "System", named main-system-bus.
#pragma once

#include <vector>

#include "core/memory.h"
#include "core/qdev.h"

namespace core {

inline constexpr const char* TYPE_SYSTEM_BUS = "System";
inline constexpr const char* TYPE_SYS_BUS_DEVICE = "sys-bus-device";
inline constexpr const char* SYSBUS_DEVICE_GPIO_IRQ = "sysbus-irq";

struct SysBusDeviceClass : DeviceClass {
  static constexpr const char* qom_type = "sys-bus-device";
};

struct SysBusDevice : DeviceState {
  static constexpr const char* qom_type = "sys-bus-device";

  struct Mmio {
    MemoryRegion* region = nullptr;
    std::uint64_t address = ~0ull;  // all ones: not mapped
  };

  std::vector<Mmio> mmio;
  std::vector<std::uint32_t> pio;
};

// For the device, in instance_init or realize: numbers regions and lines 0, 1, 2...
void sysbus_init_mmio(SysBusDevice* dev, MemoryRegion* region);
void sysbus_init_irq(SysBusDevice* dev, Irq* line);
void sysbus_init_ioports(SysBusDevice* dev, std::uint32_t port, std::uint32_t count);

// For the board.
MemoryRegion* sysbus_mmio_get_region(SysBusDevice* dev, int n);
void sysbus_mmio_map(SysBusDevice* dev, int n, std::uint64_t address);
void sysbus_mmio_map_overlap(SysBusDevice* dev, int n, std::uint64_t address,
                             int priority);
void sysbus_connect_irq(SysBusDevice* dev, int n, Irq line);
void sysbus_add_io(SysBusDevice* dev, std::uint64_t port, MemoryRegion* region);

}  // namespace core
