// virtio-rng-device and virtio-rng-pci: random numbers for the guest (Virtio 1.1, 5.4).
// One queue; each buffer the driver puts in comes back with random bytes, `max-bytes` of
// them in `period` milliseconds at most. They come from an rng-backend: rng=, or one of
// the device's own.
#include <algorithm>
#include <memory>

#include "core/clock.h"
#include "core/rng.h"
#include "hw/virtio_pci.h"

namespace hw {

namespace {

constexpr const char* TYPE_VIRTIO_RNG = "virtio-rng-device";
constexpr std::uint16_t VIRTIO_ID_RNG = 4, PCI_DEVICE_ID_VIRTIO_RNG = 0x1005;
constexpr unsigned queue_size = 8;
constexpr std::uint64_t most_at_once = 65536;  // a driver asks again if it wants more
constexpr std::int64_t ns_per_ms = 1'000'000, retry_ns = 10 * ns_per_ms;

struct Feed {
  static constexpr trace::Declaration declaration{
      "virtio_rng_pushed", trace::Category::device, trace::Shape::instant,
      "A virtio source of random numbers has filled a buffer."};
  trace::ObjectId device;
  std::uint64_t length = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &Feed::device, "the device"),
                         trace::state("length", &Feed::length, "bytes"));
  }
};

struct VirtIORNG : VirtIODevice {
  static constexpr const char* qom_type = "virtio-rng-device";
  std::uint64_t max_bytes = 0;
  std::uint32_t period_ms = 0;
  Object* rng = nullptr;
  std::uint64_t quota = 0;  // bytes left of this period
  std::unique_ptr<Timer> period, retry;
};

VirtIORNG* as_rng(Object* obj) {
  return object_cast<VirtIORNG>(obj);
}

// As much of the pieces as the back end fills.
std::uint64_t fill(RngBackend* backend, VirtPieces pieces) {
  const auto read = class_of<RngBackendClass>(backend)->read;
  std::uint64_t done = 0;
  for (const std::span<std::byte> piece : pieces) {
    const std::size_t count = read ? read(backend, piece) : 0;
    done += count;
    if (count < piece.size()) {
      break;
    }
  }
  return done;
}

// False: wait, for the next period or for the back end.
bool feed_one(VirtIORNG* rng, VirtQueue* vq, const VirtQueueElement& element) {
  const std::uint64_t size =
      std::min({pieces_size(element.in), rng->quota, most_at_once});
  const std::uint64_t done =
      fill(object_cast<RngBackend>(rng->rng), pieces_slice(element.in, 0, size));
  if (done == 0 && !element.in.empty()) {
    virtqueue_unpop(vq);
    if (rng->quota != 0) {
      rng->retry->arm(clock_virtual_ns() + retry_ns);
    }
    return false;
  }
  rng->quota -= done;
  trace::instant(Feed{.device = object_id(rng), .length = done});
  virtqueue_push(vq, element, done);
  return true;
}

void virtio_rng_process(VirtIORNG* rng) {
  VirtQueue* vq = virtio_queue(rng, 0);
  if (!(rng->status & VIRTIO_CONFIG_S_DRIVER_OK)) {
    return;
  }
  if (!rng->period->armed()) {
    rng->quota = rng->max_bytes;
    rng->period->arm(clock_virtual_ns() + rng->period_ms * ns_per_ms);
  }
  bool fed = false;
  while (const std::optional<VirtQueueElement> element = virtqueue_pop(vq)) {
    if (!feed_one(rng, vq, *element)) {
      break;
    }
    fed = true;
  }
  if (fed) {
    virtio_notify(rng, vq);
  }
}

void virtio_rng_handle_output(VirtIODevice* vdev, VirtQueue*) {
  virtio_rng_process(as_rng(vdev));
}

void virtio_rng_set_status(VirtIODevice* vdev, std::uint8_t status) {
  VirtIORNG* rng = as_rng(vdev);
  if (!(status & VIRTIO_CONFIG_S_DRIVER_OK) && rng->period) {
    rng->period->cancel();
    rng->retry->cancel();
  }
}

// ---- realize ------------------------------------------------------------------------

void make_default_backend(VirtIORNG* rng) {
  Object* backend = object_new("rng-random");
  object_property_add_child(rng, "default-backend", backend);
  object_unref(backend);
  user_creatable_complete(backend);
  object_property_set_link(rng, backend, "rng");
}

void virtio_rng_device_realize(VirtIODevice* vdev) {
  VirtIORNG* rng = as_rng(vdev);
  if (rng->period_ms == 0) {
    throw Error("'period' parameter expects a positive integer");
  }
  if (rng->max_bytes > static_cast<std::uint64_t>(INT64_MAX)) {
    throw Error("'max-bytes' parameter must be non-negative, and less than 2^63");
  }
  if (rng->rng == nullptr) {
    make_default_backend(rng);
  }
  rng->period = std::make_unique<Timer>([rng] { virtio_rng_process(rng); });
  rng->retry = std::make_unique<Timer>([rng] { virtio_rng_process(rng); });
  virtio_init(rng, "virtio-rng", VIRTIO_ID_RNG, 0);
  virtio_add_queue(rng, queue_size, virtio_rng_handle_output);
}

void virtio_rng_device_unrealize(VirtIODevice* vdev) {
  as_rng(vdev)->period.reset();
  as_rng(vdev)->retry.reset();
  virtio_cleanup(vdev);
}

// ---- the types ----------------------------------------------------------------------

constexpr Property virtio_rng_properties[] = {
    qdev_prop_uint64("max-bytes", &VirtIORNG::max_bytes, INT64_MAX),
    qdev_prop_uint32("period", &VirtIORNG::period_ms, 1 << 16),
    qdev_prop_link("rng", &VirtIORNG::rng, TYPE_RNG_BACKEND),
};

void virtio_rng_class_init(ObjectClass* klass, void*) {
  auto* vdc = class_cast<VirtioDeviceClass>(klass);
  vdc->categories = DEVICE_CATEGORY_MISC;
  vdc->realize_virtio = virtio_rng_device_realize;
  vdc->unrealize_virtio = virtio_rng_device_unrealize;
  vdc->set_status = virtio_rng_set_status;
  device_class_set_props(vdc, virtio_rng_properties);
}

struct VirtIORngPCI : VirtIOPCIProxy {
  static constexpr const char* qom_type = "virtio-rng-pci-base";
};

void virtio_rng_pci_instance_init(Object* obj) {
  virtio_pci_init_backend(object_cast<VirtIORngPCI>(obj), TYPE_VIRTIO_RNG);
}

void virtio_rng_pci_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<VirtioPCIClass>(klass);
  pc->categories = DEVICE_CATEGORY_MISC;
  pc->realize_virtio_pci = virtio_pci_realize_backend;
  pc->device_id = PCI_DEVICE_ID_VIRTIO_RNG;
  pc->class_id = PCI_CLASS_OTHERS;
}

constinit const TypeInfo virtio_rng_info{
    .name = TYPE_VIRTIO_RNG,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance = instance_struct<VirtIORNG>(),
    .class_init = virtio_rng_class_init,
};

constinit const std::array<TypeInfo, 4> virtio_rng_pci_infos =
    virtio_pci_type_infos({.base = "virtio-rng-pci-base",
                           .generic = "virtio-rng-pci",
                           .non_transitional = "virtio-rng-pci-non-transitional",
                           .transitional = "virtio-rng-pci-transitional",
                           .instance = instance_struct<VirtIORngPCI>(),
                           .instance_init = virtio_rng_pci_instance_init,
                           .class_init = virtio_rng_pci_class_init});

void virtio_rng_register_types() {
  type_register_static(virtio_rng_info);
  for (const TypeInfo& info : virtio_rng_pci_infos) {
    type_register_static(info);
  }
}

type_init(virtio_rng_register_types);

}  // namespace

}  // namespace hw
