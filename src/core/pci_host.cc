// pci-host-bridge: how a PC's processor reaches configuration space (PCI 2.3, 3.2.2.3.2,
// "configuration mechanism 1").
//
//   0xcf8  address: 31 enable, 23..16 bus, 15..11 slot, 10..8 function, 7..2 register
//   0xcfc  data: 1, 2 or 4 bytes of that register
#include "core/pci.h"

namespace core {
namespace {

struct NoDevice {
  static constexpr trace::Declaration declaration{
      "pci_cfg_no_device", trace::Category::device, trace::Shape::instant,
      "The guest asks for configuration space where no PCI device is."};
  trace::Hex address;
  std::uint32_t size = 0;
  bool write = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("address", &NoDevice::address, "bus, devfn and register"),
        trace::identity("size", &NoDevice::size, "bytes"),
        trace::identity("write", &NoDevice::write, "true for a write"));
  }
};

constexpr std::uint32_t config_enable = 1u << 31;

PCIHostState* as_host(void* opaque) {
  return static_cast<PCIHostState*>(opaque);
}

// Only the root bus exists: there is no bridge to others.
PCIDevice* device_at(const PCIBus* bus, std::uint32_t address) {
  const unsigned bus_number = address >> 16 & 0xff;
  return bus && bus_number == 0 ? bus->devices[address >> 8 & 0xff] : nullptr;
}

// Reads and writes of four bytes only, as the specification says; QEMU answers a
// narrower read with the low bytes whatever the offset, and so do we.
std::uint64_t conf_read(void* opaque, std::uint64_t, unsigned) {
  return as_host(opaque)->config_reg;
}

void conf_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned size) {
  if (offset == 0 && size == 4)
    as_host(opaque)->config_reg = static_cast<std::uint32_t>(data);
}

std::uint64_t data_read(void* opaque, std::uint64_t offset, unsigned size) {
  const PCIHostState* host = as_host(opaque);
  if (!(host->config_reg & config_enable))
    return ~0ull;
  const auto low = static_cast<std::uint32_t>(offset & 3);
  return pci_data_read(host->bus, host->config_reg | low, size);
}

void data_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned size) {
  const PCIHostState* host = as_host(opaque);
  const auto low = static_cast<std::uint32_t>(offset & 3);
  if (host->config_reg & config_enable)
    pci_data_write(host->bus, host->config_reg | low, static_cast<std::uint32_t>(data),
                   size);
}

constinit const TypeInfo pci_host_info{
    .name = TYPE_PCI_HOST_BRIDGE,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance = instance_struct<PCIHostState>(),
    .abstract = true,
    .klass = class_struct<PCIHostBridgeClass>(),
};

void pci_host_register_types() {
  type_register_static(pci_host_info);
}

}  // namespace

constexpr MemoryRegionOps pci_host_conf_le_ops{.read = conf_read,
                                               .write = conf_write,
                                               .max_access_size = 4,
                                               .impl_max_access_size = 4};
constexpr MemoryRegionOps pci_host_data_le_ops{.read = data_read,
                                               .write = data_write,
                                               .max_access_size = 4,
                                               .impl_max_access_size = 4};

std::uint32_t pci_data_read(PCIBus* bus, std::uint32_t address, unsigned size) {
  if (PCIDevice* dev = device_at(bus, address))
    return pci_host_config_read(dev, address & 0xff, size);
  trace::instant(
      NoDevice{.address = {address & ~config_enable}, .size = size, .write = false});
  return ~std::uint32_t{0};
}

void pci_data_write(PCIBus* bus, std::uint32_t address, std::uint32_t value,
                    unsigned size) {
  if (PCIDevice* dev = device_at(bus, address)) {
    pci_host_config_write(dev, address & 0xff, value, size);
    return;
  }
  trace::instant(
      NoDevice{.address = {address & ~config_enable}, .size = size, .write = true});
}

type_init(pci_host_register_types)

}  // namespace core
