// The ISA bus of a PC and the base type of what sits on it (QEMU's hw/isa/isa-bus).
// Types "ISA" (bus), "isa-device" (abstract), "isabus-bridge" (the bridge of a
// machine without PCI).
//
// A device registers port regions and asks for its interrupt line in realize; the
// board gives the bus its sixteen lines before any device is realized.
#pragma once

#include <array>
#include <vector>

#include "core/address.h"
#include "core/memory.h"
#include "core/qdev.h"

namespace core {

inline constexpr const char* TYPE_ISA_BUS = "ISA";
inline constexpr const char* TYPE_ISA_DEVICE = "isa-device";
inline constexpr const char* TYPE_ISABUS_BRIDGE = "isabus-bridge";
inline constexpr int isa_irq_count = 16;

struct ISABusClass : BusClass {
  static constexpr const char* qom_type = "ISA";
};

struct ISABus : BusState {
  static constexpr const char* qom_type = "ISA";
  MemoryRegion* address_space = nullptr;
  MemoryRegion* address_space_io = nullptr;
  std::array<Irq, isa_irq_count> irqs{};  // the board's; not connected: nullptr
};

struct ISADeviceClass : DeviceClass {
  static constexpr const char* qom_type = "isa-device";
};

struct ISADeviceState : DeviceState {
  static constexpr const char* qom_type = "isa-device";
  std::vector<int> isa_irqs;   // numbers asked for with isa_init_irq, at most 2
  std::int32_t ioport_id = 0;  // lowest port registered: the device's address on the bus
};

// A second ISA bus is refused with qom::Error, as in QEMU. `bridge` nullptr: an
// isabus-bridge is made on the system bus.
ISABus* isa_bus_new(DeviceState* bridge, MemoryRegion* address_space,
                    MemoryRegion* address_space_io);
void isa_bus_irqs(ISABus* bus, const std::array<Irq, isa_irq_count>& irqs);
ISABus* isa_bus_from_device(ISADeviceState* dev);

// Line `n` of the device's bus; nullptr if the board did not connect it. n > 15
// throws qom::Error.
Irq isa_get_irq(ISADeviceState* dev, unsigned n);
void isa_init_irq(ISADeviceState* dev, Irq* line, unsigned n);
void isa_register_ioport(ISADeviceState* dev, MemoryRegion* region, Port port);

inline void isa_register_ioport(ISADeviceState* dev, MemoryRegion* region,
                                std::uint32_t port) {
  isa_register_ioport(dev, region, Port{static_cast<std::uint16_t>(port)});
}

ISADeviceState* isa_create(ISABus* bus, const char* type);         // not yet realized
ISADeviceState* isa_create_simple(ISABus* bus, const char* type);  // realized

}  // namespace core
