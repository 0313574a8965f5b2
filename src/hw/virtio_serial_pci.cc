// virtio-serial-pci: a virtio serial device on a PCI card.
#include "hw/virtio_pci.h"
#include "hw/virtio_serial.h"

namespace hw {

namespace {

constexpr std::uint16_t PCI_DEVICE_ID_VIRTIO_CONSOLE = 0x1003;
constexpr std::uint16_t PCI_CLASS_COMMUNICATION_OTHER = 0x0780;
constexpr std::uint16_t PCI_CLASS_DISPLAY_OTHER = 0x0380;
constexpr std::uint32_t vectors_unspecified = ~std::uint32_t{0};

struct VirtIOSerialPCI : VirtIOPCIProxy {
  static constexpr const char* qom_type = "virtio-serial-pci-base";
};

constexpr Property virtio_serial_pci_properties[] = {
    qdev_prop_bit("ioeventfd", &VirtIOSerialPCI::virtio_flags, 1, true),
    qdev_prop_uint32("vectors", &VirtIOSerialPCI::vectors, 2),
    qdev_prop_uint32("class", &VirtIOSerialPCI::class_code, 0),
};

void virtio_serial_pci_instance_init(Object* obj) {
  virtio_pci_init_backend(object_cast<VirtIOSerialPCI>(obj), TYPE_VIRTIO_SERIAL);
}

// Guests of old knew the card under other classes. Ports without a bus of their own name
// go to the bus of a card by the card's id.
void virtio_serial_pci_realize(VirtIOPCIProxy* proxy) {
  if (proxy->class_code != PCI_CLASS_COMMUNICATION_OTHER &&
      proxy->class_code != PCI_CLASS_DISPLAY_OTHER &&
      proxy->class_code != PCI_CLASS_OTHERS) {
    proxy->class_code = PCI_CLASS_COMMUNICATION_OTHER;
  }
  pci_set_word(proxy->config, PCI_CLASS_DEVICE,
               static_cast<std::uint16_t>(proxy->class_code));
  auto* vser = object_cast<VirtIOSerial>(proxy->vdev);
  if (proxy->vectors == vectors_unspecified) {
    proxy->vectors = vser->max_ports + 1;
  }
  if (!proxy->id.empty()) {
    vser->bus_name = proxy->id + ".0";
  }
  virtio_pci_realize_backend(proxy);
}

void virtio_serial_pci_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<VirtioPCIClass>(klass);
  pc->categories = DEVICE_CATEGORY_INPUT;
  pc->realize_virtio_pci = virtio_serial_pci_realize;
  pc->device_id = PCI_DEVICE_ID_VIRTIO_CONSOLE;
  pc->class_id = PCI_CLASS_COMMUNICATION_OTHER;
  device_class_set_props(pc, virtio_serial_pci_properties);
}

constinit const std::array<TypeInfo, 4> virtio_serial_pci_infos =
    virtio_pci_type_infos({.base = "virtio-serial-pci-base",
                           .generic = "virtio-serial-pci",
                           .non_transitional = "virtio-serial-pci-non-transitional",
                           .transitional = "virtio-serial-pci-transitional",
                           .instance = instance_struct<VirtIOSerialPCI>(),
                           .instance_init = virtio_serial_pci_instance_init,
                           .class_init = virtio_serial_pci_class_init});

void virtio_serial_pci_register_types() {
  for (const TypeInfo& info : virtio_serial_pci_infos) {
    type_register_static(info);
  }
}

type_init(virtio_serial_pci_register_types);

}  // namespace

}  // namespace hw
