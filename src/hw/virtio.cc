// What every virtio device has: status, features, configuration, queues, and the type it
// is of. See virtio.h.
#include "hw/virtio.h"

#include <algorithm>

#include "core/log.h"

namespace hw {

namespace {

struct SetStatus {
  static constexpr trace::Declaration declaration{
      "virtio_set_status", trace::Category::device, trace::Shape::instant,
      "A virtio driver says how far it is with its device."};
  trace::ObjectId device;
  trace::Hex status;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &SetStatus::device, "the device"),
        trace::identity(
            "status", &SetStatus::status,
            "1 seen, 2 driver, 4 ready, 8 features chosen, 0x40 needs reset"));
  }
};

struct SetFeatures {
  static constexpr trace::Declaration declaration{
      "virtio_set_features", trace::Category::device, trace::Shape::instant,
      "A virtio driver accepts features of its device."};
  trace::ObjectId device;
  trace::Hex features;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &SetFeatures::device, "the device"),
        trace::identity("features", &SetFeatures::features, "bits both know"));
  }
};

struct QueueNotify {
  static constexpr trace::Declaration declaration{
      "virtio_queue_notify", trace::Category::device, trace::Shape::span,
      "A virtio driver says that there is something in a queue; the device looks."};
  trace::ObjectId device;
  std::uint32_t queue = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &QueueNotify::device, "the device"),
        trace::identity("queue", &QueueNotify::queue, "which of its queues"));
  }
};

struct Notify {
  static constexpr trace::Declaration declaration{
      "virtio_notify", trace::Category::irq, trace::Shape::instant,
      "A virtio device interrupts: it has given requests back, or changed."};
  trace::ObjectId device;
  std::uint32_t vector = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &Notify::device, "the device"),
                         trace::identity("vector", &Notify::vector, "65535: its pin"));
  }
};

struct Broken {
  static constexpr trace::Declaration declaration{
      "virtio_error", trace::Category::device, trace::Shape::instant,
      "A virtio driver broke the rules; the device is silent until it is reset."};
  trace::ObjectId device;
  std::string_view what;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &Broken::device, "the device"),
                         trace::identity("what", &Broken::what, "which rule"));
  }
};

VirtioDeviceClass* class_of_device(const VirtIODevice* vdev) {
  return class_of<VirtioDeviceClass>(vdev);
}

DeviceState* transport_of(const VirtIODevice* vdev) {
  return vdev->parent_bus->parent_device;
}

void notify_vector(VirtIODevice* vdev, std::uint16_t vector) {
  if (vdev->parent_bus == nullptr) {
    return;
  }
  trace::instant(Notify{.device = object_id(vdev), .vector = vector});
  if (const auto notify = class_of<VirtioBusClass>(vdev->parent_bus)->notify) {
    notify(transport_of(vdev), vector);
  }
}

void reset_queue(VirtQueue& vq) {
  vq.desc = vq.avail = vq.used = 0;
  vq.last_avail = vq.used_index = vq.signalled_used = 0;
  vq.signalled_used_valid = false;
  vq.vector = VIRTIO_NO_VECTOR;
  vq.num = vq.num_default;
}

}  // namespace

// ---- for devices ----------------------------------------------------------------------

void virtio_init(VirtIODevice* vdev, const char* name, std::uint16_t device_id,
                 std::size_t config_size) {
  vdev->name = name;
  vdev->device_id = device_id;
  vdev->config.assign(config_size, std::byte{0});
  vdev->status = 0;
  vdev->isr = 0;
  vdev->queue_sel = 0;
  vdev->config_vector = VIRTIO_NO_VECTOR;
  vdev->broken = false;
  vdev->dma_as = &address_space_memory();
}

void virtio_cleanup(VirtIODevice* vdev) {
  vdev->queues.clear();
  vdev->config.clear();
}

VirtQueue* virtio_add_queue(VirtIODevice* vdev, unsigned size, VirtQueueHandler handle) {
  vdev->queues.push_back({.vdev = vdev,
                          .index = static_cast<unsigned>(vdev->queues.size()),
                          .num = size,
                          .num_default = size,
                          .handle = handle});
  return &vdev->queues.back();
}

void virtio_notify(VirtIODevice* vdev, VirtQueue* vq) {
  if (!virtqueue_is_ready(vq) || !virtqueue_should_notify(vq)) {
    return;
  }
  vdev->isr |= VIRTIO_ISR_QUEUE;
  notify_vector(vdev, vq->vector);
}

void virtio_notify_config(VirtIODevice* vdev) {
  if (!(vdev->status & VIRTIO_CONFIG_S_DRIVER_OK)) {
    return;
  }
  vdev->isr |= VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG;
  ++vdev->generation;
  notify_vector(vdev, vdev->config_vector);
}

void virtio_error(VirtIODevice* vdev, const std::string& what) {
  trace::instant(Broken{.device = object_id(vdev), .what = what});
  qemu_log_mask(LOG_GUEST_ERROR, "%s: %s\n", vdev->name.c_str(), what.c_str());
  vdev->broken = true;
  if (virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1)) {
    vdev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    virtio_notify_config(vdev);
  }
}

// ---- status and features --------------------------------------------------------------

void virtio_reset(VirtIODevice* vdev) {
  virtio_set_status(vdev, 0);
  if (const auto reset = class_of_device(vdev)->reset_virtio) {
    reset(vdev);
  }
  vdev->broken = false;
  vdev->guest_features = 0;
  vdev->queue_sel = 0;
  vdev->isr = 0;
  vdev->config_vector = VIRTIO_NO_VECTOR;
  for (VirtQueue& vq : vdev->queues) {
    reset_queue(vq);
  }
}

void virtio_set_status(VirtIODevice* vdev, std::uint8_t status) {
  if (status != vdev->status) {
    trace::instant(SetStatus{.device = object_id(vdev), .status = {status}});
  }
  if (const auto set_status = class_of_device(vdev)->set_status) {
    set_status(vdev, status);
  }
  vdev->status = status;
}

void virtio_set_features(VirtIODevice* vdev, std::uint64_t features) {
  if (vdev->status & VIRTIO_CONFIG_S_FEATURES_OK) {
    return;  // chosen already
  }
  vdev->guest_features = features & vdev->host_features;
  trace::instant(
      SetFeatures{.device = object_id(vdev), .features = {vdev->guest_features}});
}

// ---- configuration ------------------------------------------------------------------

std::uint32_t virtio_config_read(VirtIODevice* vdev, std::uint64_t offset,
                                 unsigned size) {
  const auto get = class_of_device(vdev)->get_config;
  if (offset > vdev->config.size() || size > vdev->config.size() - offset) {
    return ~std::uint32_t{0};
  }
  if (get) {
    get(vdev, vdev->config);
  }
  std::uint32_t value = 0;
  for (unsigned i = size; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(vdev->config[offset + i]);
  }
  return value;
}

void virtio_config_write(VirtIODevice* vdev, std::uint64_t offset, std::uint32_t value,
                         unsigned size) {
  if (offset > vdev->config.size() || size > vdev->config.size() - offset) {
    return;
  }
  if (const auto get = class_of_device(vdev)->get_config) {
    get(vdev, vdev->config);  // a write changes its own bytes only
  }
  for (unsigned i = 0; i < size; ++i) {
    vdev->config[offset + i] = static_cast<std::byte>(value >> 8 * i);
  }
  if (const auto set = class_of_device(vdev)->set_config) {
    set(vdev, vdev->config);
  }
}

// ---- queues -------------------------------------------------------------------------

VirtQueue* virtio_queue(VirtIODevice* vdev, unsigned n) {
  return n < vdev->queues.size() ? &vdev->queues[n] : nullptr;
}

// A queue cannot be made or abolished, nor have a size no device takes.
void virtio_queue_set_num(VirtIODevice* vdev, unsigned n, std::uint32_t num) {
  VirtQueue* vq = virtio_queue(vdev, n);
  if (vq != nullptr && vq->num != 0 && num != 0 && num <= VIRTQUEUE_MAX_SIZE) {
    vq->num = num;
  }
}

static void place_ring(VirtQueue* vq, std::uint64_t address) {
  constexpr std::uint64_t desc_size = 16, ring_header = 4, head_size = 2;
  vq->desc = address;
  vq->avail = address + desc_size * vq->num;
  const std::uint64_t end = vq->avail + ring_header + head_size * vq->num;
  vq->used = (end + vq->align - 1) / vq->align * vq->align;
}

void virtio_queue_set_addr(VirtIODevice* vdev, unsigned n, std::uint64_t address) {
  VirtQueue* vq = virtio_queue(vdev, n);
  if (vq != nullptr && vq->num != 0) {
    place_ring(vq, address);
  }
}

void virtio_queue_set_align(VirtIODevice* vdev, unsigned n, std::uint64_t align) {
  VirtQueue* vq = virtio_queue(vdev, n);
  if (vq != nullptr && align != 0) {
    vq->align = align;
    if (vq->desc != 0) {
      place_ring(vq, vq->desc);
    }
  }
}

void virtio_queue_set_rings(VirtIODevice* vdev, unsigned n, std::uint64_t desc,
                            std::uint64_t avail, std::uint64_t used) {
  VirtQueue* vq = virtio_queue(vdev, n);
  if (vq != nullptr && vq->num != 0) {
    vq->desc = desc;
    vq->avail = avail;
    vq->used = used;
  }
}

void virtio_queue_notify(VirtIODevice* vdev, unsigned n) {
  VirtQueue* vq = virtio_queue(vdev, n);
  if (vq == nullptr || !virtqueue_is_ready(vq) || vq->handle == nullptr) {
    return;
  }
  const trace::Span span{QueueNotify{.device = object_id(vdev), .queue = n}};
  vq->handle(vdev, vq);
}

std::uint8_t virtio_take_isr(VirtIODevice* vdev) {
  return std::exchange(vdev->isr, std::uint8_t{0});
}

// ---- the bus ------------------------------------------------------------------------

VirtIODevice* virtio_bus_get_device(BusState* bus) {
  return bus == nullptr || bus->children.empty()
             ? nullptr
             : object_cast<VirtIODevice>(bus->children.front());
}

void virtio_bus_reset(BusState* bus) {
  if (VirtIODevice* vdev = virtio_bus_get_device(bus)) {
    virtio_reset(vdev);
  }
}

// The transport says what it can do, the device what it can, the transport appears.
static void virtio_bus_device_plugged(VirtIODevice* vdev) {
  BusState* bus = vdev->parent_bus;
  const auto* klass = class_of<VirtioBusClass>(bus);
  const bool behind_iommu = virtio_host_has_feature(vdev, VIRTIO_F_IOMMU_PLATFORM);
  if (klass->pre_plugged) {
    klass->pre_plugged(bus->parent_device, vdev);
  }
  if (const auto get_features = class_of_device(vdev)->get_features) {
    vdev->host_features = get_features(vdev, vdev->host_features);
  }
  if (klass->device_plugged) {
    klass->device_plugged(bus->parent_device, vdev);
  }
  if (behind_iommu && klass->get_dma_as) {
    vdev->dma_as = klass->get_dma_as(bus->parent_device);
  }
}

// ---- the types ----------------------------------------------------------------------

static void virtio_device_realize(DeviceState* dev) {
  auto* vdev = object_cast<VirtIODevice>(dev);
  auto* vdc = class_of_device(vdev);
  if (vdc->realize_virtio) {
    vdc->realize_virtio(vdev);
  }
  try {
    virtio_bus_device_plugged(vdev);
  } catch (...) {
    if (vdc->unrealize_virtio) {
      vdc->unrealize_virtio(vdev);
    }
    throw;
  }
}

static void virtio_device_unrealize(DeviceState* dev) {
  auto* vdev = object_cast<VirtIODevice>(dev);
  const auto* klass = class_of<VirtioBusClass>(vdev->parent_bus);
  if (klass->device_unplugged) {
    klass->device_unplugged(transport_of(vdev));
  }
  if (const auto unrealize = class_of_device(vdev)->unrealize_virtio) {
    unrealize(vdev);
  }
}

static constexpr Property virtio_properties[] = {
    qdev_prop_bit64("indirect_desc", &VirtIODevice::host_features,
                    VIRTIO_RING_F_INDIRECT_DESC, true),
    qdev_prop_bit64("event_idx", &VirtIODevice::host_features, VIRTIO_RING_F_EVENT_IDX,
                    true),
    qdev_prop_bit64("notify_on_empty", &VirtIODevice::host_features,
                    VIRTIO_F_NOTIFY_ON_EMPTY, true),
    qdev_prop_bit64("any_layout", &VirtIODevice::host_features, VIRTIO_F_ANY_LAYOUT,
                    true),
    qdev_prop_bit64("iommu_platform", &VirtIODevice::host_features,
                    VIRTIO_F_IOMMU_PLATFORM, false),
};

static void virtio_device_class_init(ObjectClass* klass, void*) {
  auto* vdc = class_cast<VirtioDeviceClass>(klass);
  vdc->realize = virtio_device_realize;
  vdc->unrealize = virtio_device_unrealize;
  vdc->bus_type = TYPE_VIRTIO_BUS;
  vdc->legacy_features = 1ull << VIRTIO_F_NOTIFY_ON_EMPTY | 1ull << VIRTIO_F_ANY_LAYOUT |
                         1ull << VIRTIO_F_BAD_FEATURE;
  device_class_set_props(vdc, virtio_properties);
}

static void virtio_bus_class_init(ObjectClass* klass, void*) {
  class_cast<BusClass>(klass)->max_devices = 1;
}

constinit static const TypeInfo virtio_types[] = {
    {
        .name = TYPE_VIRTIO_BUS,
        .parent = TYPE_BUS,
        .abstract = true,
        .klass = class_struct<VirtioBusClass>(),
        .class_init = virtio_bus_class_init,
    },
    {
        .name = TYPE_VIRTIO_DEVICE,
        .parent = TYPE_DEVICE,
        .instance = instance_struct<VirtIODevice>(),
        .abstract = true,
        .klass = class_struct<VirtioDeviceClass>(),
        .class_init = virtio_device_class_init,
    },
};

static void virtio_register_types() {
  for (const TypeInfo& info : virtio_types) {
    type_register_static(info);
  }
}

type_init(virtio_register_types);

}  // namespace hw
