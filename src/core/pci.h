// PCI: the bus, what sits on it, and the bridge that leads to it (QEMU's hw/pci).
// Types "PCI" and "PCIE" (buses), "pci-device" and "pci-host-bridge" (abstract), and the
// interfaces "conventional-pci-device" and "pci-express-device".
//
//   host bridge (config mechanism 1) -> bus, 32 slots of 8 functions -> device
//
// A device has 256 bytes of configuration space. Most bits of its header are read-only:
// `wmask` says which the guest may write, `w1cmask` which it clears by writing one. Six
// base address registers (BARs) and a ROM address say where the guest wants the device's
// regions; the command register switches decoding on. All of it comes from the guest, so
// every offset, size and address is checked here and a device sees none of it.
//
// Thread rule: with the big lock held.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/memory.h"
#include "core/pci_regs.h"
#include "core/qdev_properties.h"
#include "core/sysbus.h"

namespace core {

inline constexpr const char* TYPE_PCI_BUS = "PCI";
inline constexpr const char* TYPE_PCIE_BUS = "PCIE";
inline constexpr const char* TYPE_PCI_DEVICE = "pci-device";
inline constexpr const char* TYPE_PCI_HOST_BRIDGE = "pci-host-bridge";
inline constexpr const char* INTERFACE_CONVENTIONAL_PCI_DEVICE =
    "conventional-pci-device";
inline constexpr const char* INTERFACE_PCIE_DEVICE = "pci-express-device";

struct PCIDevice;

struct PCIBusClass : BusClass {
  static constexpr const char* qom_type = "PCI";
};

// Which of the bus's interrupt lines pin 0..3 (A..D) of a device is wired to.
using PciMapIrq = int (*)(const PCIDevice* dev, int pin);

struct PCIBus : BusState {
  static constexpr const char* qom_type = "PCI";
  int devfn_min = 0;  // automatic addresses start here
  MemoryRegion* address_space_mem = nullptr;
  MemoryRegion* address_space_io = nullptr;
  std::array<PCIDevice*, pci_devfn_max> devices{};
  PciMapIrq map_irq = nullptr;
  std::function<void(int line, int level)> set_irq;
  std::vector<int> irq_count;  // of each line: how many pins pull it
};

struct PCIDeviceClass : DeviceClass {
  static constexpr const char* qom_type = "pci-device";
  void (*realize_pci)(PCIDevice* dev) = nullptr;  // may throw qom::Error
  void (*exit)(PCIDevice* dev) = nullptr;
  // nullptr: pci_default_read_config, pci_default_write_config. offset + size <= 256.
  std::uint32_t (*config_read)(PCIDevice* dev, unsigned offset, unsigned size) = nullptr;
  void (*config_write)(PCIDevice* dev, unsigned offset, std::uint32_t value,
                       unsigned size) = nullptr;
  std::uint16_t vendor_id = 0, device_id = 0, class_id = 0;
  std::uint16_t subsystem_vendor_id = 0, subsystem_id = 0;  // 0: 1af4:1100
  std::uint8_t revision = 0;
  const char* romfile = nullptr;  // option ROM the device comes with
};

inline constexpr std::uint64_t pci_bar_unmapped = ~0ull;

struct PCIIORegion {
  std::uint64_t address = pci_bar_unmapped;
  std::uint64_t size = 0;  // a power of two; 0: no such BAR
  std::uint8_t type = 0;
  MemoryRegion* memory = nullptr;
  MemoryRegion* address_space = nullptr;
};

using PciConfigBytes = std::array<std::uint8_t, pci_config_size>;

enum : std::uint32_t {  // bits of PCIDevice::flags, each a property
  pci_flag_multifunction = 1 << 0,
  pci_flag_serr_enable = 1 << 1,
  pci_flag_lnksta_dllla = 1 << 2,
  pci_flag_extcap_init = 1 << 3,
};

struct MsixState;

struct PCIDevice : DeviceState {
  static constexpr const char* qom_type = "pci-device";
  std::int32_t devfn = -1;  // slot * 8 + function; -1: the bus chooses
  std::uint32_t flags = 0;
  std::uint32_t rom_bar = 1;
  std::string romfile;
  PciConfigBytes config{}, wmask{}, w1cmask{}, used{};
  std::array<PCIIORegion, pci_num_regions> io_regions{};
  std::uint8_t irq_state = 0;  // bit n: the device pulls pin n
  bool intx_was_disabled = false;
  std::uint8_t msi_cap = 0;  // offset; 0: none
  std::uint8_t msi_vectors = 0;
  std::shared_ptr<MsixState> msix;
  MemoryRegion* bus_master_container = nullptr;
  MemoryRegion* bus_master_enable = nullptr;  // seen through the command register
  std::unique_ptr<AddressSpace> bus_master_as;
};

struct PCIHostBridgeClass : SysBusDeviceClass {
  static constexpr const char* qom_type = "pci-host-bridge";
};

// Configuration mechanism 1: a write of bus, device, function and register to one port,
// then reads and writes of that register at another.
struct PCIHostState : SysBusDevice {
  static constexpr const char* qom_type = "pci-host-bridge";
  MemoryRegion* conf_mem = nullptr;
  MemoryRegion* data_mem = nullptr;
  std::uint32_t config_reg = 0;
  PCIBus* bus = nullptr;
};

// ---- for boards and bridges ---------------------------------------------------------
// The bus of a host bridge: "pci.0" if `name` is nullptr.
PCIBus* pci_root_bus_new(DeviceState* parent, const char* name, MemoryRegion* memory,
                         MemoryRegion* io, int devfn_min, const char* type);
void pci_bus_irqs(PCIBus* bus, std::function<void(int, int)> set_irq, PciMapIrq map_irq,
                  int lines);
int pci_bus_irq_level(const PCIBus* bus, int line);
PCIDevice* pci_create(PCIBus* bus, int devfn, const char* type);  // not yet realized
PCIDevice* pci_create_simple(PCIBus* bus, int devfn, const char* type);
PCIDevice* pci_create_simple_multifunction(PCIBus* bus, int devfn, const char* type);
PCIBus* pci_bus_of(const PCIDevice* dev);
// The regions of a host bridge; `conf_ops` and `data_ops` answer at them.
extern const MemoryRegionOps pci_host_conf_le_ops, pci_host_data_le_ops;

// One access of the guest, traced. `size` 1, 2 or 4; what lies beyond the 256 bytes reads
// as ones and is not written.
std::uint32_t pci_host_config_read(PCIDevice* dev, unsigned offset, unsigned size);
void pci_host_config_write(PCIDevice* dev, unsigned offset, std::uint32_t value,
                           unsigned size);
// By the address format of mechanism 1; nobody there: all ones, traced.
std::uint32_t pci_data_read(PCIBus* bus, std::uint32_t address, unsigned size);
void pci_data_write(PCIBus* bus, std::uint32_t address, std::uint32_t value,
                    unsigned size);

// ---- for devices --------------------------------------------------------------------
std::uint32_t pci_default_read_config(PCIDevice* dev, unsigned offset, unsigned size);
void pci_default_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                              unsigned size);
// In realize. `region`'s size is a power of two, at least 4 (I/O) or 16 (memory) bytes.
void pci_register_bar(PCIDevice* dev, int n, std::uint8_t type, MemoryRegion* region);
// Puts a capability at the head of the list. offset 0: where there is room. Returns the
// offset. Throws qom::Error if there is no room.
std::uint8_t pci_add_capability(PCIDevice* dev, std::uint8_t id, std::uint8_t offset,
                                std::uint8_t size);
std::uint8_t pci_find_capability(const PCIDevice* dev, std::uint8_t id);  // 0: none
void pci_config_set_interrupt_pin(PCIDevice* dev, std::uint8_t pin);      // 1 is INTA
// The pin named by the interrupt pin register.
void pci_set_irq(PCIDevice* dev, int level);

// Memory as the device sees it: nothing unless the guest made it a bus master.
void pci_dma_read(PCIDevice* dev, std::uint64_t address, std::span<std::byte> data);
void pci_dma_write(PCIDevice* dev, std::uint64_t address,
                   std::span<const std::byte> data);

// ---- little-endian numbers in configuration space -------------------------------------
template <class Number>
Number pci_get(const PciConfigBytes& bytes, unsigned offset) {
  Number value = 0;
  for (unsigned i = sizeof(Number); i-- > 0;) {
    value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8 |
                                bytes.at(offset + i));
  }
  return value;
}

template <class Number>
void pci_set(PciConfigBytes& bytes, unsigned offset, Number value) {
  for (unsigned i = 0; i < sizeof(Number); ++i) {
    bytes.at(offset + i) =
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i);
  }
}

inline void pci_set_word(PciConfigBytes& bytes, unsigned offset, std::uint16_t value) {
  pci_set<std::uint16_t>(bytes, offset, value);
}

inline void pci_set_long(PciConfigBytes& bytes, unsigned offset, std::uint32_t value) {
  pci_set<std::uint32_t>(bytes, offset, value);
}

inline std::uint16_t pci_get_word(const PciConfigBytes& bytes, unsigned offset) {
  return pci_get<std::uint16_t>(bytes, offset);
}

inline std::uint32_t pci_get_long(const PciConfigBytes& bytes, unsigned offset) {
  return pci_get<std::uint32_t>(bytes, offset);
}

// Do [a, a + a_size) and [b, b + b_size) meet?
constexpr bool pci_ranges_overlap(unsigned a, unsigned a_size, unsigned b,
                                  unsigned b_size) {
  return a < b + b_size && b < a + a_size;
}

}  // namespace core
