// virtio-mmio: a place in memory where a virtio device can sit (Virtio 1.1, 4.2). Nothing
// sits in one yet: a driver reads device number 0, which says so, and goes on.
//
//   0x000  magic "virt"   0x004  version 1 (legacy)   0x008  device 0   0x00c  vendor
#include "core/qdev_properties.h"
#include "core/sysbus.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_VIRTIO_MMIO = "virtio-mmio";
constexpr std::uint64_t region_size = 0x200;
constexpr std::uint32_t magic = 0x74726976, vendor = 0x554d4551;  // "virt", "QEMU"

struct VirtIOMMIOProxy : SysBusDevice {
  static constexpr const char* qom_type = "virtio-mmio";
  bool format_transport_address = true, legacy = true;
  Irq irq = nullptr;
};

std::uint64_t virtio_mmio_read(void* opaque, std::uint64_t offset, unsigned) {
  const auto* proxy = static_cast<VirtIOMMIOProxy*>(opaque);
  switch (offset) {
    case 0x000:
      return magic;
    case 0x004:
      return proxy->legacy ? 1 : 2;
    case 0x00c:
      return vendor;
    default:
      return 0;
  }
}

void virtio_mmio_write(void*, std::uint64_t, std::uint64_t, unsigned) {}

constexpr MemoryRegionOps virtio_mmio_ops{
    .read = virtio_mmio_read, .write = virtio_mmio_write, .max_access_size = 4};

void virtio_mmio_realizefn(DeviceState* dev) {
  auto* proxy = object_cast<VirtIOMMIOProxy>(dev);
  sysbus_init_irq(proxy, &proxy->irq);
  sysbus_init_mmio(proxy, memory_region_new_io(proxy, &virtio_mmio_ops, proxy,
                                               TYPE_VIRTIO_MMIO, region_size));
}

constexpr Property virtio_mmio_properties[] = {
    qdev_prop_bool("format_transport_address", &VirtIOMMIOProxy::format_transport_address,
                   true),
    qdev_prop_bool("force-legacy", &VirtIOMMIOProxy::legacy, true),
};

void virtio_mmio_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = virtio_mmio_realizefn;
  dc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(dc, virtio_mmio_properties);
}

constinit const TypeInfo virtio_mmio_info{
    .name = TYPE_VIRTIO_MMIO,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance = instance_struct<VirtIOMMIOProxy>(),
    .class_init = virtio_mmio_class_init,
};

void virtio_mmio_register_types() {
  type_register_static(virtio_mmio_info);
}

type_init(virtio_mmio_register_types);

}  // namespace

}  // namespace hw
