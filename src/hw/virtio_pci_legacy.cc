// The legacy face of a virtio card: registers in BAR 0, at ports (Virtio 0.9.5, 2.3; 1.1,
// 4.1.4.8).
//
//   0x00 4 features offered         0x0e 2 queue selected       0x14 2 vector of changes
//   0x04 4 features accepted        0x10 2 notify queue         0x16 2 vector of the
//   queue 0x08 4 page of the queue        0x12 1 status                 (both while MSI-X
//   is on) 0x0c 2 its size                 0x13 1 interrupt reason     then the device's
//   own
#include <bit>

#include "core/msi.h"
#include "hw/virtio_pci.h"

namespace hw {

namespace {

enum : std::uint64_t {
  host_features = 0x00,
  guest_features = 0x04,
  queue_pfn = 0x08,
  queue_num = 0x0c,
  queue_sel = 0x0e,
  queue_notify = 0x10,
  status = 0x12,
  isr = 0x13,
  config_vector = 0x14,
  queue_vector = 0x16,
};

constexpr unsigned page_shift = 12;

VirtIOPCIProxy* as_proxy(void* opaque) {
  return static_cast<VirtIOPCIProxy*>(opaque);
}

// Where the device's own configuration begins.
std::uint64_t config_offset(const VirtIOPCIProxy* proxy) {
  constexpr std::uint64_t without = 0x14, with_vectors = 0x18;
  return msix_enabled(proxy) ? with_vectors : without;
}

std::uint32_t read_register(VirtIOPCIProxy* proxy, std::uint64_t offset) {
  VirtIODevice* vdev = proxy->vdev;
  const VirtQueue* vq = virtio_queue(vdev, vdev->queue_sel);
  switch (offset) {
    case host_features:
      return static_cast<std::uint32_t>(vdev->host_features);
    case guest_features:
      return static_cast<std::uint32_t>(vdev->guest_features);
    case queue_pfn:
      return vq == nullptr ? 0 : static_cast<std::uint32_t>(vq->desc >> page_shift);
    case queue_num:
      return vq == nullptr ? 0 : vq->num;
    case queue_sel:
      return vdev->queue_sel;
    case status:
      return vdev->status;
    case isr:
      return virtio_pci_take_isr(proxy);
    case config_vector:
      return vdev->config_vector;
    case queue_vector:
      return vq == nullptr ? VIRTIO_NO_VECTOR : vq->vector;
    default:
      return ~std::uint32_t{0};
  }
}

// Drivers before Linux 2.6.34 forget to make the card a bus master.
void become_bus_master(VirtIOPCIProxy* proxy) {
  pci_default_write_config(proxy, PCI_COMMAND,
                           proxy->config[PCI_COMMAND] | std::uint32_t{PCI_COMMAND_MASTER},
                           1);
}

void write_status(VirtIOPCIProxy* proxy, std::uint8_t value) {
  virtio_set_status(proxy->vdev, value);
  if (value == 0) {
    virtio_pci_reset(proxy);
  }
  if (value == (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER)) {
    become_bus_master(proxy);
  }
}

void write_features(VirtIODevice* vdev, std::uint32_t value) {
  // A driver that accepts bit 30 accepts anything and understands nothing.
  const bool bad = (value >> VIRTIO_F_BAD_FEATURE & 1) != 0;
  virtio_set_features(vdev, bad ? 0 : value);
}

void write_page(VirtIOPCIProxy* proxy, std::uint32_t page) {
  if (page == 0) {
    virtio_pci_reset(proxy);
  } else {
    virtio_queue_set_addr(proxy->vdev, proxy->vdev->queue_sel,
                          std::uint64_t{page} << page_shift);
  }
}

void write_register(VirtIOPCIProxy* proxy, std::uint64_t offset, std::uint32_t value) {
  VirtIODevice* vdev = proxy->vdev;
  VirtQueue* vq = virtio_queue(vdev, vdev->queue_sel);
  switch (offset) {
    case guest_features:
      write_features(vdev, value);
      break;
    case queue_pfn:
      write_page(proxy, value);
      break;
    case queue_sel:
      if (value < VIRTIO_QUEUE_MAX) {
        vdev->queue_sel = static_cast<std::uint16_t>(value);
      }
      break;
    case queue_notify:
      virtio_queue_notify(vdev, value);
      break;
    case status:
      write_status(proxy, static_cast<std::uint8_t>(value));
      break;
    case config_vector:
      vdev->config_vector = virtio_pci_checked_vector(proxy, value);
      break;
    case queue_vector:
      if (vq != nullptr) {
        vq->vector = virtio_pci_checked_vector(proxy, value);
      }
      break;
    default:
      break;
  }
}

std::uint64_t virtio_pci_config_read(void* opaque, std::uint64_t offset, unsigned size) {
  VirtIOPCIProxy* proxy = as_proxy(opaque);
  const std::uint64_t own = config_offset(proxy);
  return offset < own ? read_register(proxy, offset)
                      : virtio_config_read(proxy->vdev, offset - own, size);
}

void virtio_pci_config_write(void* opaque, std::uint64_t offset, std::uint64_t value,
                             unsigned size) {
  VirtIOPCIProxy* proxy = as_proxy(opaque);
  const std::uint64_t own = config_offset(proxy);
  const auto number = static_cast<std::uint32_t>(value);
  if (offset < own) {
    write_register(proxy, offset, number);
  } else {
    virtio_config_write(proxy->vdev, offset - own, number, size);
  }
}

constexpr MemoryRegionOps virtio_pci_config_ops{.read = virtio_pci_config_read,
                                                .write = virtio_pci_config_write,
                                                .max_access_size = 4,
                                                .impl_max_access_size = 4};

}  // namespace

void virtio_pci_legacy_plugged(VirtIOPCIProxy* proxy) {
  constexpr std::uint64_t without = 0x14, with_vectors = 0x18;
  const std::uint64_t size =
      (proxy->msix ? with_vectors : without) + proxy->vdev->config.size();
  proxy->legacy_bar = memory_region_new_io(proxy, &virtio_pci_config_ops, proxy,
                                           "virtio-pci", std::bit_ceil(size));
  pci_register_bar(proxy, virtio_pci_legacy_bar, PCI_BASE_ADDRESS_SPACE_IO,
                   proxy->legacy_bar);
}

}  // namespace hw
