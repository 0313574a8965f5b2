// The card under a virtio device: its bus, interrupts, properties, types. See
// virtio_pci.h.
#include "hw/virtio_pci.h"

#include <bit>

#include "core/msi.h"
#include "core/report.h"

namespace hw {

namespace {

constexpr const char* TYPE_LINK_BUS = "virtio-bus";  // also the bus's name
constexpr std::uint16_t first_modern_id = 0x1040;

VirtIOPCIProxy* as_proxy(DeviceState* dev) {
  return object_cast<VirtIOPCIProxy>(dev);
}

// ---- interrupts ---------------------------------------------------------------------

void virtio_pci_notify(DeviceState* transport, std::uint16_t vector) {
  VirtIOPCIProxy* proxy = as_proxy(transport);
  if (msix_enabled(proxy)) {
    msix_notify(proxy, vector);
  } else {
    pci_set_irq(proxy, proxy->vdev->isr & VIRTIO_ISR_QUEUE);
  }
}

// Table in the first half of a page, pending bits in the second; larger if need be.
void add_vectors(VirtIOPCIProxy* proxy) {
  constexpr std::uint32_t entry_size = 16, half_page = 2048, page = 4096, most = 2048;
  if (proxy->vectors == 0) {
    return;
  }
  if (proxy->vectors > most) {
    warn_report("unable to init msix vectors to " + std::to_string(proxy->vectors));
    proxy->vectors = 0;
    return;
  }
  const std::uint32_t pending = std::max(half_page, proxy->vectors * entry_size);
  const std::uint32_t size =
      std::bit_ceil(std::max(page, pending + (proxy->vectors + 63) / 64 * 8));
  MemoryRegion* bar = memory_region_new_container(
      proxy, std::string(object_get_typename(proxy)) + "-msix", size);
  msix_init(proxy, proxy->vectors, bar, virtio_pci_msix_bar, 0, pending, 0);
  pci_register_bar(proxy, virtio_pci_msix_bar, PCI_BASE_ADDRESS_SPACE_MEMORY, bar);
}

// ---- the bus ------------------------------------------------------------------------

void virtio_pci_pre_plugged(DeviceState* transport, VirtIODevice* vdev) {
  const VirtIOPCIProxy* proxy = as_proxy(transport);
  if (virtio_pci_modern(proxy)) {
    vdev->host_features |= 1ull << VIRTIO_F_VERSION_1;
  }
  vdev->host_features |= 1ull << VIRTIO_F_BAD_FEATURE;
}

void set_identity(VirtIOPCIProxy* proxy) {
  PciConfigBytes& config = proxy->config;
  if (virtio_pci_legacy(proxy)) {
    pci_set_word(config, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_REDHAT_QUMRANET);
    pci_set_word(config, PCI_SUBSYSTEM_ID, proxy->vdev->device_id);
  } else {
    const auto id = static_cast<std::uint16_t>(first_modern_id + proxy->vdev->device_id);
    pci_set_word(config, PCI_DEVICE_ID, id);
    config[PCI_REVISION_ID] = 1;
  }
  pci_config_set_interrupt_pin(proxy, 1);
}

void virtio_pci_device_plugged(DeviceState* transport, VirtIODevice* vdev) {
  VirtIOPCIProxy* proxy = as_proxy(transport);
  if (proxy->ignore_backend_features) {
    vdev->host_features |= 1ull << VIRTIO_F_VERSION_1;
  }
  if (virtio_pci_legacy(proxy) &&
      virtio_host_has_feature(vdev, VIRTIO_F_IOMMU_PLATFORM)) {
    throw Error(
        "VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional "
        "device");
  }
  set_identity(proxy);
  proxy->queues.assign(vdev->queues.size(), {});
  if (virtio_pci_modern(proxy)) {
    virtio_pci_modern_plugged(proxy);
  }
  add_vectors(proxy);
  if (virtio_pci_legacy(proxy)) {
    virtio_pci_legacy_plugged(proxy);
  }
  virtio_pci_reset(proxy);
}

AddressSpace* virtio_pci_get_dma_as(DeviceState* transport) {
  return as_proxy(transport)->bus_master_as.get();
}

void virtio_pci_bus_class_init(ObjectClass* klass, void*) {
  auto* bc = class_cast<VirtioBusClass>(klass);
  bc->max_devices = 1;
  bc->notify = virtio_pci_notify;
  bc->pre_plugged = virtio_pci_pre_plugged;
  bc->device_plugged = virtio_pci_device_plugged;
  bc->get_dma_as = virtio_pci_get_dma_as;
}

// ---- configuration space ------------------------------------------------------------

std::uint32_t virtio_read_config(PCIDevice* dev, unsigned offset, unsigned size) {
  virtio_pci_window_read(as_proxy(dev), offset, size);
  return pci_default_read_config(dev, offset, size);
}

// A card that may not reach memory does nothing for its driver.
void virtio_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                         unsigned size) {
  VirtIOPCIProxy* proxy = as_proxy(dev);
  pci_default_write_config(dev, offset, value, size);
  const bool master = pci_get_word(dev->config, PCI_COMMAND) & PCI_COMMAND_MASTER;
  if (pci_ranges_overlap(offset, size, PCI_COMMAND, 2) && !master) {
    virtio_set_status(proxy->vdev, static_cast<std::uint8_t>(proxy->vdev->status &
                                                             ~VIRTIO_CONFIG_S_DRIVER_OK));
  }
  virtio_pci_window_written(proxy, offset, size);
}

// ---- realize ------------------------------------------------------------------------

void settle_faces(VirtIOPCIProxy* proxy) {
  if (proxy->disable_legacy == OnOffAuto::auto_) {
    proxy->disable_legacy = OnOffAuto::off;  // this is no PCI Express port
  }
  if (!virtio_pci_modern(proxy) && !virtio_pci_legacy(proxy)) {
    Error error("device cannot work as neither modern nor legacy mode is enabled");
    error.hint = "Set either disable-modern or disable-legacy to off";
    throw error;
  }
}

void make_modern_bar(VirtIOPCIProxy* proxy) {
  constexpr std::uint64_t notify_offset = 0x3000, page = 4096;
  const bool pages = proxy->virtio_flags & VIRTIO_PCI_FLAG_PAGE_PER_VQ;
  const std::uint64_t size =
      std::bit_ceil(notify_offset + VIRTIO_QUEUE_MAX * (pages ? page : 4));
  proxy->modern_bar = memory_region_new_container(proxy, "virtio-pci", size);
  MemoryRegion* window =
      memory_region_new_alias(proxy, "virtio-pci-cfg", proxy->modern_bar, 0, size);
  proxy->modern_as = std::make_unique<AddressSpace>(window, "virtio-pci-cfg-as");
}

void virtio_pci_realize(PCIDevice* dev) {
  VirtIOPCIProxy* proxy = as_proxy(dev);
  settle_faces(proxy);
  make_modern_bar(proxy);
  proxy->virtio_bus = qbus_create(TYPE_VIRTIO_PCI_BUS, proxy, TYPE_LINK_BUS);
  if (const auto realize = class_of<VirtioPCIClass>(proxy)->realize_virtio_pci) {
    realize(proxy);
  }
}

void virtio_pci_exit(PCIDevice* dev) {
  VirtIOPCIProxy* proxy = as_proxy(dev);
  proxy->modern_as.reset();
  proxy->msix.reset();
}

void virtio_pci_reset_device(DeviceState* dev) {
  virtio_pci_reset(as_proxy(dev));
}

// ---- the types ----------------------------------------------------------------------

constexpr Property virtio_pci_properties[] = {
    qdev_prop_bit("virtio-pci-bus-master-bug-migration", &VirtIOPCIProxy::virtio_flags, 0,
                  false),
    qdev_prop_bit("migrate-extra", &VirtIOPCIProxy::virtio_flags, 2, true),
    qdev_prop_bit("modern-pio-notify", &VirtIOPCIProxy::virtio_flags, 3, false),
    qdev_prop_bit("x-disable-pcie", &VirtIOPCIProxy::virtio_flags, 4, false),
    qdev_prop_bit("page-per-vq", &VirtIOPCIProxy::virtio_flags, 5, false),
    qdev_prop_bool("x-ignore-backend-features", &VirtIOPCIProxy::ignore_backend_features,
                   false),
    qdev_prop_bit("ats", &VirtIOPCIProxy::virtio_flags, 6, false),
    qdev_prop_bit("x-pcie-deverr-init", &VirtIOPCIProxy::virtio_flags, 7, true),
    qdev_prop_bit("x-pcie-lnkctl-init", &VirtIOPCIProxy::virtio_flags, 8, true),
    qdev_prop_bit("x-pcie-pm-init", &VirtIOPCIProxy::virtio_flags, 9, true),
};

constexpr Property virtio_pci_generic_properties[] = {
    qdev_prop_on_off_auto("disable-legacy", &VirtIOPCIProxy::disable_legacy,
                          OnOffAuto::auto_),
    qdev_prop_bool("disable-modern", &VirtIOPCIProxy::disable_modern, false),
};

void virtio_pci_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<VirtioPCIClass>(klass);
  pc->realize_pci = virtio_pci_realize;
  pc->exit = virtio_pci_exit;
  pc->reset = virtio_pci_reset_device;
  pc->config_read = virtio_read_config;
  pc->config_write = virtio_write_config;
  pc->vendor_id = PCI_VENDOR_ID_REDHAT_QUMRANET;
  pc->class_id = PCI_CLASS_OTHERS;
  device_class_set_props(pc, virtio_pci_properties);
}

constinit const TypeInfo types[] = {
    {
        .name = TYPE_VIRTIO_PCI,
        .parent = TYPE_PCI_DEVICE,
        .instance = instance_struct<VirtIOPCIProxy>(),
        .abstract = true,
        .klass = class_struct<VirtioPCIClass>(),
        .class_init = virtio_pci_class_init,
    },
    {
        .name = TYPE_VIRTIO_PCI_BUS,
        .parent = TYPE_VIRTIO_BUS,
        .class_init = virtio_pci_bus_class_init,
    },
};

void virtio_pci_register_types() {
  for (const TypeInfo& info : types) {
    type_register_static(info);
  }
}

type_init(virtio_pci_register_types);

// Rows of the device's classes become properties of the card.
void alias_all_properties(DeviceState* target, Object* source) {
  for (ObjectClass* klass = object_get_class(target);
       klass != nullptr && object_class_dynamic_cast(klass, TYPE_DEVICE) != nullptr;
       klass = object_class_get_parent(klass)) {
    const auto* dc = class_cast<DeviceClass>(klass);
    for (int i = 0; i < dc->props_count; ++i) {
      object_property_add_alias(source, dc->props[i].name, target, dc->props[i].name);
    }
  }
}

}  // namespace

// ---- for a card's file --------------------------------------------------------------

constexpr InterfaceInfo virtio_pci_both_buses[] = {
    {INTERFACE_PCIE_DEVICE}, {INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};
constexpr InterfaceInfo virtio_pci_conventional[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE},
                                                     {}};

void virtio_pci_generic_class_init(ObjectClass* klass, void*) {
  device_class_set_props(class_cast<DeviceClass>(klass), virtio_pci_generic_properties);
}

void virtio_pci_transitional_init(Object* obj) {
  object_cast<VirtIOPCIProxy>(obj)->disable_legacy = OnOffAuto::off;
}

void virtio_pci_non_transitional_init(Object* obj) {
  object_cast<VirtIOPCIProxy>(obj)->disable_legacy = OnOffAuto::on;
}

void virtio_pci_init_backend(VirtIOPCIProxy* proxy, const char* type) {
  proxy->vdev = object_cast<VirtIODevice>(object_new(type));
  object_property_add_child(proxy, "virtio-backend", proxy->vdev);
  object_unref(proxy->vdev);
  alias_all_properties(proxy->vdev, proxy);
}

void virtio_pci_realize_backend(VirtIOPCIProxy* proxy) {
  qdev_set_parent_bus(proxy->vdev, proxy->virtio_bus);
  object_property_set_bool(proxy->vdev, true, "realized");
}

// ---- between the files of the card --------------------------------------------------

void virtio_pci_reset(VirtIOPCIProxy* proxy) {
  if (proxy->virtio_bus != nullptr) {
    virtio_bus_reset(proxy->virtio_bus);
  }
  pci_set_irq(proxy, 0);
  proxy->dfselect = proxy->gfselect = 0;
  proxy->guest_features = {};
  for (std::size_t n = 0; n < proxy->queues.size(); ++n) {
    proxy->queues[n] = {};
    proxy->queues[n].num = static_cast<std::uint16_t>(proxy->vdev->queues[n].num_default);
  }
}

std::uint8_t virtio_pci_take_isr(VirtIOPCIProxy* proxy) {
  const std::uint8_t reason = virtio_take_isr(proxy->vdev);
  pci_set_irq(proxy, 0);
  return reason;
}

std::uint16_t virtio_pci_checked_vector(const VirtIOPCIProxy* proxy,
                                        std::uint32_t value) {
  return value < proxy->vectors ? static_cast<std::uint16_t>(value) : VIRTIO_NO_VECTOR;
}

}  // namespace hw
