// virtio: devices made for guests that know they are guests (Virtio 1.1; before 1.0,
// "legacy", 0.9.5). This is what every virtio device has, whatever it is and however the
// guest reaches it; QEMU's hw/virtio/virtio.c.
//
//   transport (virtio-pci, virtio-mmio) -- virtio-bus -- device (virtio-blk-device...)
//
// Driver and device agree on features (bits both know), then exchange buffers through
// queues in guest memory: virtqueue.h. The transport turns the guest's register accesses
// into the functions below and the device's notifications into interrupts.
//
// All of it comes from the guest: every number is checked here or in virtqueue.cc, and a
// device whose driver breaks the rules stops answering (`broken`) until it is reset.
// Thread rule: with the big lock held.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "core/memory.h"
#include "core/qdev_properties.h"
#include "hw/virtqueue.h"

namespace hw {

using namespace core;

inline constexpr const char* TYPE_VIRTIO_DEVICE = "virtio-device";
inline constexpr const char* TYPE_VIRTIO_BUS = "virtio-bus";

enum VirtioStatus : std::uint8_t {
  VIRTIO_CONFIG_S_ACKNOWLEDGE = 1,
  VIRTIO_CONFIG_S_DRIVER = 2,
  VIRTIO_CONFIG_S_DRIVER_OK = 4,
  VIRTIO_CONFIG_S_FEATURES_OK = 8,
  VIRTIO_CONFIG_S_NEEDS_RESET = 0x40,
  VIRTIO_CONFIG_S_FAILED = 0x80,
};

enum VirtioFeature : std::uint8_t {  // numbers of bits that mean the same to all devices
  VIRTIO_F_NOTIFY_ON_EMPTY = 24,
  VIRTIO_F_ANY_LAYOUT = 27,
  VIRTIO_RING_F_INDIRECT_DESC = 28,
  VIRTIO_RING_F_EVENT_IDX = 29,
  VIRTIO_F_BAD_FEATURE = 30,
  VIRTIO_F_VERSION_1 = 32,
  VIRTIO_F_IOMMU_PLATFORM = 33,
};

enum VirtioIsr : std::uint8_t { VIRTIO_ISR_QUEUE = 1, VIRTIO_ISR_CONFIG = 2 };

inline constexpr std::uint16_t VIRTIO_NO_VECTOR = 0xffff;
inline constexpr unsigned VIRTIO_QUEUE_MAX = 1024;

struct VirtIODevice;

struct VirtioDeviceClass : DeviceClass {
  static constexpr const char* qom_type = "virtio-device";
  // Calls virtio_init and virtio_add_queue; may throw qom::Error.
  void (*realize_virtio)(VirtIODevice* vdev) = nullptr;
  void (*unrealize_virtio)(VirtIODevice* vdev) = nullptr;
  // What the device offers, given what properties and transport do. May throw.
  std::uint64_t (*get_features)(VirtIODevice* vdev, std::uint64_t features) = nullptr;
  // The device's own configuration, config_len bytes; `set` after the guest wrote some.
  void (*get_config)(VirtIODevice* vdev, std::span<std::byte> config) = nullptr;
  void (*set_config)(VirtIODevice* vdev, std::span<const std::byte> config) = nullptr;
  void (*reset_virtio)(VirtIODevice* vdev) = nullptr;
  void (*set_status)(VirtIODevice* vdev, std::uint8_t status) = nullptr;
  std::uint64_t legacy_features = 0;  // offered to legacy drivers only
};

struct VirtIODevice : DeviceState {
  static constexpr const char* qom_type = "virtio-device";
  std::string name;  // "virtio-blk"
  std::uint16_t device_id = 0;
  std::uint8_t status = 0;
  std::uint8_t isr = 0;  // why the interrupt pin is up: bits of VirtioIsr
  std::uint16_t queue_sel = 0;
  std::uint16_t config_vector = VIRTIO_NO_VECTOR;
  std::uint64_t host_features = 0;   // offered; properties set bits of it
  std::uint64_t guest_features = 0;  // accepted
  std::uint32_t generation = 0;      // counts changes of the configuration
  std::vector<std::byte> config;
  std::deque<VirtQueue> queues;  // they do not move
  bool broken = false;
  AddressSpace* dma_as = nullptr;  // the memory its queues are in
};

// ---- the bus between a transport and its device -------------------------------------

struct VirtioBusClass : BusClass {
  static constexpr const char* qom_type = "virtio-bus";
  // Raises an interrupt for `vector` (the pin if the transport has no vectors on).
  void (*notify)(DeviceState* transport, std::uint16_t vector) = nullptr;
  void (*pre_plugged)(DeviceState* transport, VirtIODevice* vdev) = nullptr;
  // The device's features are known: registers appear. May throw.
  void (*device_plugged)(DeviceState* transport, VirtIODevice* vdev) = nullptr;
  void (*device_unplugged)(DeviceState* transport) = nullptr;
  AddressSpace* (*get_dma_as)(DeviceState* transport) = nullptr;
};

VirtIODevice* virtio_bus_get_device(BusState* bus);  // nullptr: nobody plugged in
void virtio_bus_reset(BusState* bus);

// ---- for devices --------------------------------------------------------------------

inline bool virtio_vdev_has_feature(const VirtIODevice* vdev, unsigned bit) {
  return vdev->guest_features >> bit & 1;
}

inline bool virtio_host_has_feature(const VirtIODevice* vdev, unsigned bit) {
  return vdev->host_features >> bit & 1;
}

void virtio_init(VirtIODevice* vdev, const char* name, std::uint16_t device_id,
                 std::size_t config_size);
void virtio_cleanup(VirtIODevice* vdev);
// `handle` runs when the guest says there is something in the queue.
VirtQueue* virtio_add_queue(VirtIODevice* vdev, unsigned size, VirtQueueHandler handle);
void virtio_notify(VirtIODevice* vdev,
                   VirtQueue* vq);  // used buffers: interrupt if wanted
void virtio_notify_config(VirtIODevice* vdev);
// The driver broke the rules. `what` goes to the trace and to -d guest_errors.
void virtio_error(VirtIODevice* vdev, const std::string& what);

// ---- for transports -----------------------------------------------------------------

void virtio_reset(VirtIODevice* vdev);
void virtio_set_status(VirtIODevice* vdev, std::uint8_t status);
void virtio_set_features(VirtIODevice* vdev, std::uint64_t features);
// What lies beyond the configuration reads as ones and is not written. size 1, 2 or 4.
std::uint32_t virtio_config_read(VirtIODevice* vdev, std::uint64_t offset, unsigned size);
void virtio_config_write(VirtIODevice* vdev, std::uint64_t offset, std::uint32_t value,
                         unsigned size);
VirtQueue* virtio_queue(VirtIODevice* vdev, unsigned n);  // nullptr if there is none
void virtio_queue_set_num(VirtIODevice* vdev, unsigned n, std::uint32_t num);
// Legacy: the ring's parts follow from where it begins.
void virtio_queue_set_addr(VirtIODevice* vdev, unsigned n, std::uint64_t address);
void virtio_queue_set_align(VirtIODevice* vdev, unsigned n, std::uint64_t align);
void virtio_queue_set_rings(VirtIODevice* vdev, unsigned n, std::uint64_t desc,
                            std::uint64_t avail, std::uint64_t used);
void virtio_queue_notify(VirtIODevice* vdev, unsigned n);
// Reads and clears the reason of an interrupt.
std::uint8_t virtio_take_isr(VirtIODevice* vdev);

}  // namespace hw
