// The modern face of a virtio card: registers in BAR 4, in memory, found by capabilities
// (Virtio 1.1, 4.1.4).
//
//   common, at 0x0000                      at 0x1000 interrupt reason, 1 byte
//   0x00 4 half of the features to read    at 0x2000 the device's own configuration
//   0x04 4 that half, offered              at 0x3000 + 4 n: notify queue n
//   0x08 4 half to write                     (4096 n if page-per-vq)
//   0x0c 4 that half, accepted
//   0x10 2 vector of changes   0x12 2 queues   0x14 1 status   0x15 1 generation
//   0x16 2 queue selected: 0x18 2 size, 0x1a 2 vector, 0x1c 2 enable, 0x1e 2 notify
//   offset, 0x20 8 descriptors, 0x28 8 available, 0x30 8 used ring
#include "core/msi.h"
#include "hw/virtio_pci.h"

namespace hw {

namespace {

enum : std::uint64_t {
  common_dfselect = 0x00,
  common_df = 0x04,
  common_gfselect = 0x08,
  common_gf = 0x0c,
  common_msix = 0x10,
  common_numq = 0x12,
  common_status = 0x14,
  common_generation = 0x15,
  common_q_select = 0x16,
  common_q_size = 0x18,
  common_q_msix = 0x1a,
  common_q_enable = 0x1c,
  common_q_noff = 0x1e,
  common_q_desc_low = 0x20,
  common_q_desc_high = 0x24,
  common_q_avail_low = 0x28,
  common_q_avail_high = 0x2c,
  common_q_used_low = 0x30,
  common_q_used_high = 0x34,
};

enum CapType : std::uint8_t {
  cap_common = 1,
  cap_notify = 2,
  cap_isr = 3,
  cap_device = 4,
  cap_window = 5,
};

constexpr std::uint32_t region_size = 0x1000, page = 4096;
constexpr unsigned cap_size = 16, cap_bar = 4, cap_offset = 8, cap_length = 12,
                   cap_data = 16;

VirtIOPCIProxy* as_proxy(void* opaque) {
  return static_cast<VirtIOPCIProxy*>(opaque);
}

std::uint32_t notify_step(const VirtIOPCIProxy* proxy) {
  return proxy->virtio_flags & VIRTIO_PCI_FLAG_PAGE_PER_VQ ? page : 4;
}

// ---- common registers ---------------------------------------------------------------

std::uint32_t queue_register(const VirtIOPCIProxy* proxy, std::uint64_t offset) {
  const VirtIODevice* vdev = proxy->vdev;
  const VirtQueue* vq = virtio_queue(proxy->vdev, vdev->queue_sel);
  if (vq == nullptr) {
    return offset == common_q_msix ? VIRTIO_NO_VECTOR : 0;
  }
  const VirtIOPCIQueue& queue = proxy->queues[vdev->queue_sel];
  switch (offset) {
    case common_q_size:
      return vq->num;
    case common_q_msix:
      return vq->vector;
    case common_q_enable:
      return queue.enabled;
    case common_q_noff:
      return vdev->queue_sel;  // the notify multiplier does the rest
    case common_q_desc_low:
      return queue.desc[0];
    case common_q_desc_high:
      return queue.desc[1];
    case common_q_avail_low:
      return queue.avail[0];
    case common_q_avail_high:
      return queue.avail[1];
    case common_q_used_low:
      return queue.used[0];
    case common_q_used_high:
      return queue.used[1];
    default:
      return 0;
  }
}

std::uint32_t offered(const VirtIOPCIProxy* proxy) {
  const std::uint64_t legacy = class_of<VirtioDeviceClass>(proxy->vdev)->legacy_features;
  const std::uint64_t features = proxy->vdev->host_features & ~legacy;
  return proxy->dfselect <= 1
             ? static_cast<std::uint32_t>(features >> 32 * proxy->dfselect)
             : 0;
}

std::uint64_t virtio_pci_common_read(void* opaque, std::uint64_t offset, unsigned) {
  const VirtIOPCIProxy* proxy = as_proxy(opaque);
  const VirtIODevice* vdev = proxy->vdev;
  switch (offset) {
    case common_dfselect:
      return proxy->dfselect;
    case common_df:
      return offered(proxy);
    case common_gfselect:
      return proxy->gfselect;
    case common_gf:
      return proxy->gfselect <= 1 ? proxy->guest_features[proxy->gfselect] : 0;
    case common_msix:
      return vdev->config_vector;
    case common_numq:
      return vdev->queues.size();
    case common_status:
      return vdev->status;
    case common_generation:
      return vdev->generation & 0xff;
    case common_q_select:
      return vdev->queue_sel;
    default:
      return queue_register(proxy, offset);
  }
}

void write_accepted(VirtIOPCIProxy* proxy, std::uint32_t value) {
  if (proxy->gfselect <= 1) {
    proxy->guest_features[proxy->gfselect] = value;
    virtio_set_features(proxy->vdev, std::uint64_t{proxy->guest_features[1]} << 32 |
                                         proxy->guest_features[0]);
  }
}

std::uint64_t whole(const std::array<std::uint32_t, 2>& halves) {
  return std::uint64_t{halves[1]} << 32 | halves[0];
}

void enable_queue(VirtIOPCIProxy* proxy, VirtIOPCIQueue& queue) {
  VirtIODevice* vdev = proxy->vdev;
  virtio_queue_set_num(vdev, vdev->queue_sel, queue.num);
  virtio_queue_set_rings(vdev, vdev->queue_sel, whole(queue.desc), whole(queue.avail),
                         whole(queue.used));
  queue.enabled = true;
}

void write_queue_register(VirtIOPCIProxy* proxy, std::uint64_t offset,
                          std::uint32_t value) {
  VirtQueue* vq = virtio_queue(proxy->vdev, proxy->vdev->queue_sel);
  if (vq == nullptr) {
    return;
  }
  VirtIOPCIQueue& queue = proxy->queues[proxy->vdev->queue_sel];
  switch (offset) {
    case common_q_size:
      queue.num = static_cast<std::uint16_t>(value);
      break;
    case common_q_msix:
      vq->vector = virtio_pci_checked_vector(proxy, value);
      break;
    case common_q_enable:
      if (value == 1) {
        enable_queue(proxy, queue);
      }
      break;
    case common_q_desc_low:
      queue.desc[0] = value;
      break;
    case common_q_desc_high:
      queue.desc[1] = value;
      break;
    case common_q_avail_low:
      queue.avail[0] = value;
      break;
    case common_q_avail_high:
      queue.avail[1] = value;
      break;
    case common_q_used_low:
      queue.used[0] = value;
      break;
    case common_q_used_high:
      queue.used[1] = value;
      break;
    default:
      break;
  }
}

void virtio_pci_common_write(void* opaque, std::uint64_t offset, std::uint64_t value,
                             unsigned) {
  VirtIOPCIProxy* proxy = as_proxy(opaque);
  VirtIODevice* vdev = proxy->vdev;
  const auto number = static_cast<std::uint32_t>(value);
  switch (offset) {
    case common_dfselect:
      proxy->dfselect = number;
      break;
    case common_gfselect:
      proxy->gfselect = number;
      break;
    case common_gf:
      write_accepted(proxy, number);
      break;
    case common_msix:
      vdev->config_vector = virtio_pci_checked_vector(proxy, number);
      break;
    case common_status:
      virtio_set_status(vdev, static_cast<std::uint8_t>(number));
      if (vdev->status == 0) {
        virtio_pci_reset(proxy);
      }
      break;
    case common_q_select:
      if (number < VIRTIO_QUEUE_MAX) {
        vdev->queue_sel = static_cast<std::uint16_t>(number);
      }
      break;
    default:
      write_queue_register(proxy, offset, number);
      break;
  }
}

// ---- the other regions --------------------------------------------------------------

std::uint64_t virtio_pci_isr_read(void* opaque, std::uint64_t offset, unsigned) {
  return offset == 0 ? virtio_pci_take_isr(as_proxy(opaque)) : 0;
}

void write_nothing(void*, std::uint64_t, std::uint64_t, unsigned) {}

std::uint64_t read_nothing(void*, std::uint64_t, unsigned) {
  return 0;
}

std::uint64_t virtio_pci_device_read(void* opaque, std::uint64_t offset, unsigned size) {
  return virtio_config_read(as_proxy(opaque)->vdev, offset, size);
}

void virtio_pci_device_write(void* opaque, std::uint64_t offset, std::uint64_t value,
                             unsigned size) {
  virtio_config_write(as_proxy(opaque)->vdev, offset, static_cast<std::uint32_t>(value),
                      size);
}

void virtio_pci_notify_write(void* opaque, std::uint64_t offset, std::uint64_t,
                             unsigned) {
  VirtIOPCIProxy* proxy = as_proxy(opaque);
  virtio_queue_notify(proxy->vdev, static_cast<unsigned>(offset / notify_step(proxy)));
}

void virtio_pci_notify_write_pio(void* opaque, std::uint64_t, std::uint64_t value,
                                 unsigned) {
  virtio_queue_notify(as_proxy(opaque)->vdev, static_cast<unsigned>(value));
}

constexpr MemoryRegionOps common_ops{.read = virtio_pci_common_read,
                                     .write = virtio_pci_common_write,
                                     .impl_max_access_size = 4};
constexpr MemoryRegionOps isr_ops{
    .read = virtio_pci_isr_read, .write = write_nothing, .impl_max_access_size = 4};
constexpr MemoryRegionOps device_ops{.read = virtio_pci_device_read,
                                     .write = virtio_pci_device_write,
                                     .impl_max_access_size = 4};
constexpr MemoryRegionOps notify_ops{
    .read = read_nothing, .write = virtio_pci_notify_write, .impl_max_access_size = 4};
constexpr MemoryRegionOps notify_pio_ops{.read = read_nothing,
                                         .write = virtio_pci_notify_write_pio,
                                         .impl_max_access_size = 4};

// ---- capabilities -------------------------------------------------------------------

// A piece of a BAR, its registers, the capability that tells of it.
struct Piece {
  const char* name;
  const MemoryRegionOps* ops;
  CapType type;
  std::uint32_t offset, size;
};

std::uint8_t add_capability(VirtIOPCIProxy* proxy, CapType type, int bar,
                            std::uint32_t offset, std::uint32_t size, unsigned more) {
  const auto length = static_cast<std::uint8_t>(cap_size + more);
  const std::uint8_t at = pci_add_capability(proxy, PCI_CAP_ID_VNDR, 0, length);
  PciConfigBytes& config = proxy->config;
  config[at + 2u] = length;
  config[at + 3u] = type;
  config[at + cap_bar] = static_cast<std::uint8_t>(bar);
  pci_set_long(config, at + cap_offset, offset);
  pci_set_long(config, at + cap_length, size);
  return at;
}

void map_piece(VirtIOPCIProxy* proxy, const Piece& piece) {
  MemoryRegion* region =
      memory_region_new_io(proxy, piece.ops, proxy, piece.name, piece.size);
  memory_region_add_subregion(proxy->modern_bar, piece.offset, region);
  const bool notify = piece.type == cap_notify;
  const std::uint8_t at = add_capability(proxy, piece.type, virtio_pci_modern_mem_bar,
                                         piece.offset, piece.size, notify ? 4 : 0);
  if (notify) {
    pci_set_long(proxy->config, at + cap_data, notify_step(proxy));
  }
}

void map_notify_port(VirtIOPCIProxy* proxy) {
  constexpr std::uint32_t size = 4;
  MemoryRegion* bar = memory_region_new_container(proxy, "virtio-pci-io", size);
  memory_region_add_subregion(
      bar, 0,
      memory_region_new_io(proxy, &notify_pio_ops, proxy, "virtio-pci-notify-pio", size));
  add_capability(proxy, cap_notify, virtio_pci_modern_io_bar, 0, size, 4);
  pci_register_bar(proxy, virtio_pci_modern_io_bar, PCI_BASE_ADDRESS_SPACE_IO, bar);
}

void add_window(VirtIOPCIProxy* proxy) {
  proxy->config_cap = add_capability(proxy, cap_window, 0, 0, 0, 4);
  PciConfigBytes& writable = proxy->wmask;
  writable[proxy->config_cap + cap_bar] = 0xff;
  pci_set_long(writable, proxy->config_cap + cap_offset, ~std::uint32_t{0});
  pci_set_long(writable, proxy->config_cap + cap_length, ~std::uint32_t{0});
  pci_set_long(writable, proxy->config_cap + cap_data, ~std::uint32_t{0});
}

struct Window {
  std::uint32_t offset = 0;
  std::span<std::uint8_t> data;  // empty: it does not lead anywhere
};

Window window_of(VirtIOPCIProxy* proxy, unsigned offset, unsigned size) {
  const unsigned at = proxy->config_cap;
  if (at == 0 || !pci_ranges_overlap(offset, size, at + cap_data, 4)) {
    return {};
  }
  const std::uint32_t length = pci_get_long(proxy->config, at + cap_length);
  const std::uint32_t to = pci_get_long(proxy->config, at + cap_offset);
  const std::uint64_t end = proxy->modern_bar->size;
  const bool whole_number = length == 1 || length == 2 || length == 4;
  if (!whole_number || to % length != 0 || to >= end || length > end - to) {
    return {};
  }
  return {.offset = to, .data = std::span(proxy->config).subspan(at + cap_data, length)};
}

}  // namespace

void virtio_pci_window_read(VirtIOPCIProxy* proxy, unsigned offset, unsigned size) {
  const Window window = window_of(proxy, offset, size);
  if (!window.data.empty()) {
    proxy->modern_as->read(window.offset, std::as_writable_bytes(window.data));
  }
}

void virtio_pci_window_written(VirtIOPCIProxy* proxy, unsigned offset, unsigned size) {
  const Window window = window_of(proxy, offset, size);
  if (!window.data.empty()) {
    proxy->modern_as->write(window.offset, std::as_bytes(window.data));
  }
}

void virtio_pci_modern_plugged(VirtIOPCIProxy* proxy) {
  const std::uint32_t notify_size = notify_step(proxy) * VIRTIO_QUEUE_MAX;
  const Piece pieces[] = {
      {"virtio-pci-common", &common_ops, cap_common, 0, region_size},
      {"virtio-pci-isr", &isr_ops, cap_isr, region_size, region_size},
      {"virtio-pci-device", &device_ops, cap_device, 2 * region_size, region_size},
      {"virtio-pci-notify", &notify_ops, cap_notify, 3 * region_size, notify_size},
  };
  for (const Piece& piece : pieces) {
    map_piece(proxy, piece);
  }
  if (proxy->virtio_flags & VIRTIO_PCI_FLAG_MODERN_PIO_NOTIFY) {
    map_notify_port(proxy);
  }
  pci_register_bar(proxy, virtio_pci_modern_mem_bar,
                   PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_PREFETCH |
                       PCI_BASE_ADDRESS_MEM_TYPE_64,
                   proxy->modern_bar);
  add_window(proxy);
}

}  // namespace hw
