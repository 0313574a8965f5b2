// virtio-blk-pci: the virtio disk on a PCI card.
#include "hw/virtio_blk.h"
#include "hw/virtio_pci.h"

namespace hw {

namespace {

constexpr std::uint16_t PCI_DEVICE_ID_VIRTIO_BLOCK = 0x1001;
constexpr std::uint16_t PCI_CLASS_STORAGE_SCSI = 0x0100;

struct VirtIOBlkPCI : VirtIOPCIProxy {
  static constexpr const char* qom_type = "virtio-blk-pci-base";
};

constexpr Property virtio_blk_pci_properties[] = {
    qdev_prop_uint32("class", &VirtIOBlkPCI::class_code, 0),
    qdev_prop_bit("ioeventfd", &VirtIOBlkPCI::virtio_flags, 1, true),
    qdev_prop_uint32("vectors", &VirtIOBlkPCI::vectors, 2),
};

void virtio_blk_pci_instance_init(Object* obj) {
  auto* card = object_cast<VirtIOBlkPCI>(obj);
  virtio_pci_init_backend(card, TYPE_VIRTIO_BLK);
  object_property_add_alias(card, "bootindex", card->vdev, "bootindex");
}

// "class" was for guests that knew another class for it.
void virtio_blk_pci_realize(VirtIOPCIProxy* proxy) {
  if (proxy->class_code != 0) {
    pci_set_word(proxy->config, PCI_CLASS_DEVICE,
                 static_cast<std::uint16_t>(proxy->class_code));
  }
  virtio_pci_realize_backend(proxy);
}

void virtio_blk_pci_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<VirtioPCIClass>(klass);
  pc->categories = DEVICE_CATEGORY_STORAGE;
  pc->realize_virtio_pci = virtio_blk_pci_realize;
  pc->device_id = PCI_DEVICE_ID_VIRTIO_BLOCK;
  pc->class_id = PCI_CLASS_STORAGE_SCSI;
  device_class_set_props(pc, virtio_blk_pci_properties);
}

constinit const std::array<TypeInfo, 4> virtio_blk_pci_infos =
    virtio_pci_type_infos({.base = "virtio-blk-pci-base",
                           .generic = "virtio-blk-pci",
                           .non_transitional = "virtio-blk-pci-non-transitional",
                           .transitional = "virtio-blk-pci-transitional",
                           .instance = instance_struct<VirtIOBlkPCI>(),
                           .instance_init = virtio_blk_pci_instance_init,
                           .class_init = virtio_blk_pci_class_init});

void virtio_blk_pci_register_types() {
  for (const TypeInfo& info : virtio_blk_pci_infos) {
    type_register_static(info);
  }
}

type_init(virtio_blk_pci_register_types);

}  // namespace

}  // namespace hw
