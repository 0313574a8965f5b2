// virtio over PCI: the card a virtio device sits on (Virtio 1.1, 4.1). One card can show
// both faces at once ("transitional"):
//
//   BAR 0  I/O     legacy registers                       virtio_pci_legacy.cc
//   BAR 1  memory  MSI-X table, if the card has vectors
//   BAR 2  I/O     notification by port, if modern-pio-notify
//   BAR 4  memory  modern registers: 0x0000 common, 0x1000 interrupt status,
//                  0x2000 the device's own, 0x3000 notify  virtio_pci_modern.cc
//
// Capabilities in configuration space say where in BAR 4 what is. The device itself is
// the card's child "virtio-backend" on the card's bus "virtio-bus"; its properties can be
// given to the card.
#pragma once

#include <array>
#include <memory>

#include "core/pci.h"
#include "hw/virtio.h"

namespace hw {

inline constexpr const char* TYPE_VIRTIO_PCI = "virtio-pci";
inline constexpr const char* TYPE_VIRTIO_PCI_BUS = "virtio-pci-bus";

enum : std::uint32_t {  // bits of VirtIOPCIProxy::virtio_flags, each a property
  VIRTIO_PCI_FLAG_BUS_MASTER_BUG_MIGRATION = 1 << 0,
  VIRTIO_PCI_FLAG_USE_IOEVENTFD = 1 << 1,
  VIRTIO_PCI_FLAG_MIGRATE_EXTRA = 1 << 2,
  VIRTIO_PCI_FLAG_MODERN_PIO_NOTIFY = 1 << 3,
  VIRTIO_PCI_FLAG_DISABLE_PCIE = 1 << 4,
  VIRTIO_PCI_FLAG_PAGE_PER_VQ = 1 << 5,
  VIRTIO_PCI_FLAG_ATS = 1 << 6,
  VIRTIO_PCI_FLAG_INIT_DEVERR = 1 << 7,
  VIRTIO_PCI_FLAG_INIT_LNKCTL = 1 << 8,
  VIRTIO_PCI_FLAG_INIT_PM = 1 << 9,
};

struct VirtIOPCIProxy;

struct VirtioPCIClass : PCIDeviceClass {
  static constexpr const char* qom_type = "virtio-pci";
  // Plugs the device into the card's bus and realizes it; may throw qom::Error.
  void (*realize_virtio_pci)(VirtIOPCIProxy* proxy) = nullptr;
};

// What a modern driver has said about a queue before it enables it.
struct VirtIOPCIQueue {
  std::uint16_t num = 0;
  bool enabled = false;
  std::array<std::uint32_t, 2> desc{}, avail{}, used{};  // low half, high half
};

struct VirtIOPCIProxy : PCIDevice {
  static constexpr const char* qom_type = "virtio-pci";
  std::uint32_t virtio_flags = 0;
  std::uint32_t vectors = 0;
  std::uint32_t class_code = 0;
  bool ignore_backend_features = false;
  bool disable_modern = false;
  OnOffAuto disable_legacy = OnOffAuto::auto_;
  std::uint32_t dfselect = 0, gfselect = 0;
  std::array<std::uint32_t, 2> guest_features{};
  std::vector<VirtIOPCIQueue> queues;
  std::uint8_t config_cap = 0;  // of the window into BAR 4
  MemoryRegion* legacy_bar = nullptr;
  MemoryRegion* modern_bar = nullptr;
  std::unique_ptr<AddressSpace> modern_as;  // BAR 4 wherever it is mapped
  BusState* virtio_bus = nullptr;
  VirtIODevice* vdev = nullptr;  // child "virtio-backend"
};

inline bool virtio_pci_modern(const VirtIOPCIProxy* proxy) {
  return !proxy->disable_modern;
}

inline bool virtio_pci_legacy(const VirtIOPCIProxy* proxy) {
  return proxy->disable_legacy == OnOffAuto::off;  // settled by realize
}

// ---- for a card's file --------------------------------------------------------------

// In instance_init: the device of this type becomes the card's child, its properties the
// card's.
void virtio_pci_init_backend(VirtIOPCIProxy* proxy, const char* type);
// What realize_virtio_pci does if there is nothing else to do.
void virtio_pci_realize_backend(VirtIOPCIProxy* proxy);

// The four types of a card NAME: NAME-base (abstract), NAME, NAME-non-transitional,
// NAME-transitional.
struct VirtioPCITypes {
  const char* base = nullptr;
  const char* generic = nullptr;
  const char* non_transitional = nullptr;
  const char* transitional = nullptr;
  InstanceStruct instance = {};
  void (*instance_init)(Object* obj) = nullptr;
  void (*class_init)(ObjectClass* klass, void* data) = nullptr;
};

// What the three that can be made have of their own.
extern const InterfaceInfo virtio_pci_both_buses[], virtio_pci_conventional[];
void virtio_pci_generic_class_init(ObjectClass* klass, void* data);
void virtio_pci_transitional_init(Object* obj);
void virtio_pci_non_transitional_init(Object* obj);

constexpr std::array<TypeInfo, 4> virtio_pci_type_infos(const VirtioPCITypes& types) {
  return {TypeInfo{.name = types.base,
                   .parent = TYPE_VIRTIO_PCI,
                   .instance = types.instance,
                   .instance_init = types.instance_init,
                   .abstract = true,
                   .class_init = types.class_init},
          TypeInfo{.name = types.generic,
                   .parent = types.base,
                   .class_init = virtio_pci_generic_class_init,
                   .interfaces = virtio_pci_both_buses},
          TypeInfo{.name = types.non_transitional,
                   .parent = types.base,
                   .instance_init = virtio_pci_non_transitional_init,
                   .interfaces = virtio_pci_both_buses},
          TypeInfo{.name = types.transitional,
                   .parent = types.base,
                   .instance_init = virtio_pci_transitional_init,
                   .interfaces = virtio_pci_conventional}};
}

// ---- between the files of the card ----------------------------------------------------

inline constexpr int virtio_pci_legacy_bar = 0, virtio_pci_msix_bar = 1,
                     virtio_pci_modern_io_bar = 2, virtio_pci_modern_mem_bar = 4;

void virtio_pci_reset(VirtIOPCIProxy* proxy);
std::uint8_t virtio_pci_take_isr(VirtIOPCIProxy* proxy);
std::uint16_t virtio_pci_checked_vector(const VirtIOPCIProxy* proxy, std::uint32_t value);
void virtio_pci_legacy_plugged(VirtIOPCIProxy* proxy);
void virtio_pci_modern_plugged(VirtIOPCIProxy* proxy);
// The window in configuration space through which BAR 4 can be reached unmapped.
void virtio_pci_window_read(VirtIOPCIProxy* proxy, unsigned offset, unsigned size);
void virtio_pci_window_written(VirtIOPCIProxy* proxy, unsigned offset, unsigned size);

}  // namespace hw
