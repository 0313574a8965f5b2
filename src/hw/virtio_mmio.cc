// virtio-mmio: a place in memory where a virtio device can sit (Virtio 1.1, 4.2). Where
// nobody does, a driver reads device number 0, which says so, and goes on.
//
//   0x000 "virt"               0x030 queue selected        0x060 interrupt reason
//   0x004 version: 1 legacy    0x034 its greatest size     0x064 acknowledge it
//   0x008 device number        0x038 its size              0x070 status
//   0x00c vendor               0x03c alignment (1)         0x080 8 descriptors (2)
//   0x010 features, by 0x014   0x040 page (1)              0x090 8 available ring (2)
//   0x020 accepted, by 0x024   0x044 ready (2)             0x0a0 8 used ring (2)
//   0x028 size of a page (1)   0x050 notify                0x0fc generation (2)
//                                                          0x100 the device's own
//
// Registers take 4 bytes at once, the device's configuration 1, 2 or 4.
#include <bit>

#include "core/log.h"
#include "core/sysbus.h"
#include "hw/virtio.h"

namespace hw {

namespace {

constexpr const char* TYPE_VIRTIO_MMIO = "virtio-mmio";
constexpr const char* TYPE_VIRTIO_MMIO_BUS = "virtio-mmio-bus";
constexpr std::uint64_t region_size = 0x200, config_offset = 0x100;
constexpr std::uint32_t magic = 0x74726976, vendor = 0x554d4551;  // "virt", "QEMU"

enum : std::uint64_t {
  reg_magic = 0x000,
  reg_version = 0x004,
  reg_device_id = 0x008,
  reg_vendor_id = 0x00c,
  reg_device_features = 0x010,
  reg_device_features_sel = 0x014,
  reg_driver_features = 0x020,
  reg_driver_features_sel = 0x024,
  reg_guest_page_size = 0x028,
  reg_queue_sel = 0x030,
  reg_queue_num_max = 0x034,
  reg_queue_num = 0x038,
  reg_queue_align = 0x03c,
  reg_queue_pfn = 0x040,
  reg_queue_ready = 0x044,
  reg_queue_notify = 0x050,
  reg_interrupt_status = 0x060,
  reg_interrupt_ack = 0x064,
  reg_status = 0x070,
  reg_queue_desc_low = 0x080,
  reg_queue_desc_high = 0x084,
  reg_queue_avail_low = 0x090,
  reg_queue_avail_high = 0x094,
  reg_queue_used_low = 0x0a0,
  reg_queue_used_high = 0x0a4,
  reg_config_generation = 0x0fc,
};

// What a modern driver has said about a queue before it is ready.
struct MmioQueue {
  std::uint32_t num = 0;
  bool enabled = false;
  std::uint64_t desc = 0, avail = 0, used = 0;
};

struct VirtIOMMIOProxy : SysBusDevice {
  static constexpr const char* qom_type = "virtio-mmio";
  bool format_transport_address = true, legacy = true;
  Irq irq = nullptr;
  std::uint32_t host_features_sel = 0, guest_features_sel = 0, guest_page_shift = 0;
  std::uint64_t guest_features = 0;
  std::vector<MmioQueue> queues;
  BusState* virtio_bus = nullptr;
};

VirtIOMMIOProxy* as_proxy(void* opaque) {
  return static_cast<VirtIOMMIOProxy*>(opaque);
}

VirtIODevice* device_of(const VirtIOMMIOProxy* proxy) {
  return virtio_bus_get_device(proxy->virtio_bus);
}

void update_irq(VirtIOMMIOProxy* proxy) {
  qemu_set_irq(proxy->irq, device_of(proxy)->isr != 0);
}

void soft_reset(VirtIOMMIOProxy* proxy) {
  virtio_bus_reset(proxy->virtio_bus);
  if (const VirtIODevice* vdev = device_of(proxy)) {
    update_irq(proxy);
    proxy->queues.assign(vdev->queues.size(), {});
  }
  proxy->host_features_sel = proxy->guest_features_sel = 0;
  proxy->guest_page_shift = 0;
  proxy->guest_features = 0;
}

// ---- reading ------------------------------------------------------------------------

std::uint32_t offered(const VirtIOMMIOProxy* proxy, const VirtIODevice* vdev) {
  std::uint64_t features = vdev->host_features;
  if (proxy->legacy) {
    return proxy->host_features_sel == 0 ? static_cast<std::uint32_t>(features) : 0;
  }
  features &= ~class_of<VirtioDeviceClass>(vdev)->legacy_features;
  return proxy->host_features_sel <= 1
             ? static_cast<std::uint32_t>(features >> 32 * proxy->host_features_sel)
             : 0;
}

std::uint32_t queue_register(const VirtIOMMIOProxy* proxy, VirtIODevice* vdev,
                             std::uint64_t offset) {
  const VirtQueue* vq = virtio_queue(vdev, vdev->queue_sel);
  if (vq == nullptr) {
    return 0;
  }
  switch (offset) {
    case reg_queue_num_max:
      return vq->num == 0 ? 0 : VIRTQUEUE_MAX_SIZE;
    case reg_queue_pfn:
      return proxy->legacy
                 ? static_cast<std::uint32_t>(vq->desc >> proxy->guest_page_shift)
                 : 0;
    case reg_queue_ready:
      return !proxy->legacy && proxy->queues[vdev->queue_sel].enabled;
    default:
      return 0;
  }
}

std::uint32_t read_register(const VirtIOMMIOProxy* proxy, VirtIODevice* vdev,
                            std::uint64_t offset) {
  switch (offset) {
    case reg_device_id:
      return vdev->device_id;
    case reg_device_features:
      return offered(proxy, vdev);
    case reg_interrupt_status:
      return vdev->isr;
    case reg_status:
      return vdev->status;
    case reg_config_generation:
      return proxy->legacy ? 0 : vdev->generation;
    default:
      return queue_register(proxy, vdev, offset);
  }
}

std::uint64_t virtio_mmio_read(void* opaque, std::uint64_t offset, unsigned size) {
  const VirtIOMMIOProxy* proxy = as_proxy(opaque);
  VirtIODevice* vdev = device_of(proxy);
  switch (offset) {
    case reg_magic:
      return magic;
    case reg_version:
      return proxy->legacy ? 1 : 2;
    case reg_vendor_id:
      return vendor;
    default:
      break;
  }
  if (vdev == nullptr) {
    return 0;
  }
  if (offset >= config_offset) {
    return virtio_config_read(vdev, offset - config_offset, size);
  }
  if (size != 4) {
    qemu_log_mask(LOG_GUEST_ERROR, "virtio-mmio: wrong size access to register!\n");
    return 0;
  }
  return read_register(proxy, vdev, offset);
}

// ---- writing ------------------------------------------------------------------------

void write_accepted(VirtIOMMIOProxy* proxy, VirtIODevice* vdev, std::uint32_t value) {
  if (proxy->guest_features_sel > 1 ||
      (proxy->legacy && proxy->guest_features_sel != 0)) {
    return;
  }
  const unsigned shift = 32 * proxy->guest_features_sel;
  const std::uint64_t others = proxy->guest_features & ~(0xffffffffull << shift);
  proxy->guest_features = others | std::uint64_t{value} << shift;
  virtio_set_features(vdev, proxy->guest_features);
}

void write_page_size(VirtIOMMIOProxy* proxy, std::uint32_t value) {
  if (proxy->legacy && std::has_single_bit(value)) {
    proxy->guest_page_shift = static_cast<std::uint32_t>(std::countr_zero(value));
  }
}

void write_page(VirtIOMMIOProxy* proxy, VirtIODevice* vdev, std::uint32_t value) {
  if (!proxy->legacy) {
    return;
  }
  if (value == 0) {
    soft_reset(proxy);
  } else {
    virtio_queue_set_addr(vdev, vdev->queue_sel,
                          std::uint64_t{value} << proxy->guest_page_shift);
  }
}

void write_ready(VirtIODevice* vdev, MmioQueue& queue, std::uint32_t value) {
  queue.enabled = (value & 1) != 0;
  if (queue.enabled) {
    virtio_queue_set_num(vdev, vdev->queue_sel, queue.num);
    virtio_queue_set_rings(vdev, vdev->queue_sel, queue.desc, queue.avail, queue.used);
  }
}

void put_half(std::uint64_t& number, bool high, std::uint32_t half) {
  number = high ? (number & 0xffffffff) | std::uint64_t{half} << 32
                : (number & ~0xffffffffull) | half;
}

// Registers of a queue that only modern drivers have.
void write_modern(VirtIODevice* vdev, MmioQueue& queue, std::uint64_t offset,
                  std::uint32_t value) {
  switch (offset) {
    case reg_queue_num:
      queue.num = value;
      break;
    case reg_queue_ready:
      write_ready(vdev, queue, value);
      break;
    case reg_queue_desc_low:
    case reg_queue_desc_high:
      put_half(queue.desc, offset == reg_queue_desc_high, value);
      break;
    case reg_queue_avail_low:
    case reg_queue_avail_high:
      put_half(queue.avail, offset == reg_queue_avail_high, value);
      break;
    case reg_queue_used_low:
    case reg_queue_used_high:
      put_half(queue.used, offset == reg_queue_used_high, value);
      break;
    default:
      break;
  }
}

void write_queue(VirtIOMMIOProxy* proxy, VirtIODevice* vdev, std::uint64_t offset,
                 std::uint32_t value) {
  if (virtio_queue(vdev, vdev->queue_sel) == nullptr) {
    return;
  }
  if (!proxy->legacy) {
    write_modern(vdev, proxy->queues[vdev->queue_sel], offset, value);
  } else if (offset == reg_queue_num) {
    virtio_queue_set_num(vdev, vdev->queue_sel, value);
  } else if (offset == reg_queue_align) {
    virtio_queue_set_align(vdev, vdev->queue_sel, value);
  }
}

void write_register(VirtIOMMIOProxy* proxy, VirtIODevice* vdev, std::uint64_t offset,
                    std::uint32_t value) {
  switch (offset) {
    case reg_device_features_sel:
      proxy->host_features_sel = value;
      break;
    case reg_driver_features:
      write_accepted(proxy, vdev, value);
      break;
    case reg_driver_features_sel:
      proxy->guest_features_sel = value;
      break;
    case reg_guest_page_size:
      write_page_size(proxy, value);
      break;
    case reg_queue_sel:
      if (value < VIRTIO_QUEUE_MAX) {
        vdev->queue_sel = static_cast<std::uint16_t>(value);
      }
      break;
    case reg_queue_pfn:
      write_page(proxy, vdev, value);
      break;
    case reg_queue_notify:
      virtio_queue_notify(vdev, value);
      break;
    case reg_interrupt_ack:
      vdev->isr = static_cast<std::uint8_t>(vdev->isr & ~value);
      update_irq(proxy);
      break;
    case reg_status:
      virtio_set_status(vdev, static_cast<std::uint8_t>(value));
      if (vdev->status == 0) {
        soft_reset(proxy);
      }
      break;
    default:
      write_queue(proxy, vdev, offset, value);
      break;
  }
}

void virtio_mmio_write(void* opaque, std::uint64_t offset, std::uint64_t value,
                       unsigned size) {
  VirtIOMMIOProxy* proxy = as_proxy(opaque);
  VirtIODevice* vdev = device_of(proxy);
  if (vdev == nullptr) {
    return;
  }
  const auto number = static_cast<std::uint32_t>(value);
  if (offset >= config_offset) {
    virtio_config_write(vdev, offset - config_offset, number, size);
  } else if (size == 4) {
    write_register(proxy, vdev, offset, number);
  } else {
    qemu_log_mask(LOG_GUEST_ERROR, "virtio-mmio: wrong size access to register!\n");
  }
}

constexpr MemoryRegionOps virtio_mmio_ops{.read = virtio_mmio_read,
                                          .write = virtio_mmio_write,
                                          .max_access_size = 4,
                                          .impl_max_access_size = 4};

// ---- the bus and the types ----------------------------------------------------------

void virtio_mmio_notify(DeviceState* transport, std::uint16_t) {
  update_irq(object_cast<VirtIOMMIOProxy>(transport));
}

void virtio_mmio_pre_plugged(DeviceState* transport, VirtIODevice* vdev) {
  if (!object_cast<VirtIOMMIOProxy>(transport)->legacy) {
    vdev->host_features |= 1ull << VIRTIO_F_VERSION_1;
  }
}

void virtio_mmio_plugged(DeviceState* transport, VirtIODevice* vdev) {
  object_cast<VirtIOMMIOProxy>(transport)->queues.assign(vdev->queues.size(), {});
}

void virtio_mmio_bus_class_init(ObjectClass* klass, void*) {
  auto* bc = class_cast<VirtioBusClass>(klass);
  bc->max_devices = 1;
  bc->notify = virtio_mmio_notify;
  bc->pre_plugged = virtio_mmio_pre_plugged;
  bc->device_plugged = virtio_mmio_plugged;
}

void virtio_mmio_realizefn(DeviceState* dev) {
  auto* proxy = object_cast<VirtIOMMIOProxy>(dev);
  proxy->virtio_bus = qbus_create(TYPE_VIRTIO_MMIO_BUS, proxy, nullptr);
  sysbus_init_irq(proxy, &proxy->irq);
  sysbus_init_mmio(proxy, memory_region_new_io(proxy, &virtio_mmio_ops, proxy,
                                               TYPE_VIRTIO_MMIO, region_size));
}

void virtio_mmio_reset(DeviceState* dev) {
  soft_reset(object_cast<VirtIOMMIOProxy>(dev));
}

constexpr Property virtio_mmio_properties[] = {
    qdev_prop_bool("format_transport_address", &VirtIOMMIOProxy::format_transport_address,
                   true),
    qdev_prop_bool("force-legacy", &VirtIOMMIOProxy::legacy, true),
};

void virtio_mmio_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = virtio_mmio_realizefn;
  dc->reset = virtio_mmio_reset;
  dc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(dc, virtio_mmio_properties);
}

constinit const TypeInfo types[] = {
    {
        .name = TYPE_VIRTIO_MMIO,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance = instance_struct<VirtIOMMIOProxy>(),
        .class_init = virtio_mmio_class_init,
    },
    {
        .name = TYPE_VIRTIO_MMIO_BUS,
        .parent = TYPE_VIRTIO_BUS,
        .class_init = virtio_mmio_bus_class_init,
    },
};

void virtio_mmio_register_types() {
  for (const TypeInfo& info : types) {
    type_register_static(info);
  }
}

type_init(virtio_mmio_register_types);

}  // namespace

}  // namespace hw
