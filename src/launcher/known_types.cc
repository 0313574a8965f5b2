// Names of QEMU 4.0 that a command line may use and that are not all built here, so
// that "not built yet" and "no such thing" stay two different answers.
#include "launcher/known_types.h"

#include <algorithm>
#include <iterator>

namespace launcher {

// Network cards for a PCI bus; -nic takes them as models.
static constexpr std::string_view pci_nic_names[] = {"e1000",
                                                     "e1000-82544gc",
                                                     "e1000-82545em",
                                                     "e1000e",
                                                     "i82550",
                                                     "i82551",
                                                     "i82557a",
                                                     "i82557b",
                                                     "i82557c",
                                                     "i82558a",
                                                     "i82558b",
                                                     "i82559a",
                                                     "i82559b",
                                                     "i82559c",
                                                     "i82559er",
                                                     "i82562",
                                                     "i82801",
                                                     "ne2k_pci",
                                                     "pcnet",
                                                     "rocker",
                                                     "rtl8139",
                                                     "virtio-net-pci",
                                                     "virtio-net-pci-non-transitional",
                                                     "virtio-net-pci-transitional",
                                                     "vmxnet3"};

// What else -device accepts in 4.0; CPU models are left out, all of them exist here.
static constexpr std::string_view pluggable_devices[] = {
    "AC97",
    "AMDVI-PCI",
    "ES1370",
    "VGA",
    "adlib",
    "am53c974",
    "amd-iommu",
    "ati-vga",
    "bochs-display",
    "cirrus-vga",
    "cs4231a",
    "dc390",
    "edu",
    "floppy",
    "gus",
    "hda-duplex",
    "hda-micro",
    "hda-output",
    "hyperv-testdev",
    "i6300esb",
    "i8042",
    "i82801b11-bridge",
    "ib700",
    "ich9-ahci",
    "ich9-intel-hda",
    "ich9-usb-ehci1",
    "ich9-usb-ehci2",
    "ich9-usb-uhci1",
    "ich9-usb-uhci2",
    "ich9-usb-uhci3",
    "ich9-usb-uhci4",
    "ich9-usb-uhci5",
    "ich9-usb-uhci6",
    "ide-cd",
    "ide-drive",
    "ide-hd",
    "igd-passthrough-isa-bridge",
    "intel-hda",
    "intel-iommu",
    "ioh3420",
    "ipmi-bmc-extern",
    "ipmi-bmc-sim",
    "ipoctal232",
    "isa-applesmc",
    "isa-cirrus-vga",
    "isa-debug-exit",
    "isa-debugcon",
    "isa-fdc",
    "isa-ide",
    "isa-ipmi-bt",
    "isa-ipmi-kcs",
    "isa-parallel",
    "isa-serial",
    "isa-vga",
    "ivshmem-doorbell",
    "ivshmem-plain",
    "kvaser_pci",
    "loader",
    "lsi53c810",
    "lsi53c895a",
    "megasas",
    "megasas-gen2",
    "mioe3680_pci",
    "mptsas1068",
    "ne2k_isa",
    "nec-usb-xhci",
    "nvdimm",
    "nvme",
    "pc-dimm",
    "pc-testdev",
    "pci-bridge",
    "pci-bridge-seat",
    "pci-ohci",
    "pci-serial",
    "pci-serial-2x",
    "pci-serial-4x",
    "pci-testdev",
    "pcie-pci-bridge",
    "pcie-root-port",
    "pcm3680_pci",
    "piix3-ide",
    "piix3-ide-xen",
    "piix3-usb-uhci",
    "piix4-ide",
    "piix4-usb-uhci",
    "pvpanic",
    "pvscsi",
    "pxb",
    "pxb-pcie",
    "qemu-xhci",
    "ramfb",
    "sb16",
    "scsi-block",
    "scsi-cd",
    "scsi-disk",
    "scsi-generic",
    "scsi-hd",
    "sd-card",
    "sdhci-pci",
    "secondary-vga",
    "sga",
    "tpci200",
    "tpm-crb",
    "tpm-tis",
    "usb-audio",
    "usb-bot",
    "usb-braille",
    "usb-bt-dongle",
    "usb-ccid",
    "usb-ehci",
    "usb-hub",
    "usb-kbd",
    "usb-mouse",
    "usb-mtp",
    "usb-net",
    "usb-serial",
    "usb-storage",
    "usb-tablet",
    "usb-uas",
    "usb-wacom-tablet",
    "vfio-pci",
    "vfio-pci-igd-lpc-bridge",
    "vfio-pci-nohotplug",
    "vhost-scsi",
    "vhost-scsi-pci",
    "vhost-scsi-pci-non-transitional",
    "vhost-scsi-pci-transitional",
    "vhost-user-blk",
    "vhost-user-blk-pci",
    "vhost-user-blk-pci-non-transitional",
    "vhost-user-blk-pci-transitional",
    "vhost-user-scsi",
    "vhost-user-scsi-pci",
    "vhost-user-scsi-pci-non-transitional",
    "vhost-user-scsi-pci-transitional",
    "vhost-vsock-device",
    "vhost-vsock-pci",
    "vhost-vsock-pci-non-transitional",
    "vhost-vsock-pci-transitional",
    "virtconsole",
    "virtio-balloon-device",
    "virtio-balloon-pci",
    "virtio-balloon-pci-non-transitional",
    "virtio-balloon-pci-transitional",
    "virtio-blk-device",
    "virtio-blk-pci",
    "virtio-blk-pci-non-transitional",
    "virtio-blk-pci-transitional",
    "virtio-crypto-device",
    "virtio-crypto-pci",
    "virtio-gpu-device",
    "virtio-gpu-pci",
    "virtio-input-host-device",
    "virtio-input-host-pci",
    "virtio-input-host-pci-non-transitional",
    "virtio-input-host-pci-transitional",
    "virtio-keyboard-device",
    "virtio-keyboard-pci",
    "virtio-mouse-device",
    "virtio-mouse-pci",
    "virtio-net-device",
    "virtio-rng-device",
    "virtio-rng-pci",
    "virtio-rng-pci-non-transitional",
    "virtio-rng-pci-transitional",
    "virtio-scsi-device",
    "virtio-scsi-pci",
    "virtio-scsi-pci-non-transitional",
    "virtio-scsi-pci-transitional",
    "virtio-serial-device",
    "virtio-serial-pci",
    "virtio-serial-pci-non-transitional",
    "virtio-serial-pci-transitional",
    "virtio-tablet-device",
    "virtio-tablet-pci",
    "virtio-vga",
    "virtserialport",
    "vmcoreinfo",
    "vmgenid",
    "vmware-svga",
    "vt82c686b-usb-uhci",
    "x3130-upstream",
    "xio3130-downstream"};

// Devices that only a board makes.
static constexpr std::string_view board_devices[] = {"ICH9 SMB",
                                                     "ICH9-LPC",
                                                     "PIIX3",
                                                     "PIIX3-xen",
                                                     "PIIX4_PM",
                                                     "SUNW,fdtwo",
                                                     "apic",
                                                     "cfi.pflash01",
                                                     "cpu-cluster",
                                                     "esp",
                                                     "fdc37m81x-superio",
                                                     "fw_cfg_io",
                                                     "fw_cfg_mem",
                                                     "generic-sdhci",
                                                     "hpet",
                                                     "hyperv-synic",
                                                     "i440FX",
                                                     "i440FX-pcihost",
                                                     "i8257",
                                                     "igd-passthrough-i440FX",
                                                     "imx-usdhc",
                                                     "ioapic",
                                                     "isa-i8259",
                                                     "isa-pcspk",
                                                     "isa-pit",
                                                     "isabus-bridge",
                                                     "kvm-apic",
                                                     "kvm-i8259",
                                                     "kvm-ioapic",
                                                     "kvm-pit",
                                                     "kvmclock",
                                                     "kvmvapic",
                                                     "mc146818rtc",
                                                     "mch",
                                                     "migration",
                                                     "or-irq",
                                                     "port92",
                                                     "pxb-host",
                                                     "q35-pcihost",
                                                     "qemu,register",
                                                     "smbus-eeprom",
                                                     "split-irq",
                                                     "sysbus-ahci",
                                                     "sysbus-fdc",
                                                     "sysbus-ohci",
                                                     "unimplemented-device",
                                                     "vmmouse",
                                                     "vmport"};

static constexpr std::string_view abstract_devices[] = {"apic-common",
                                                        "base-pci-bridge",
                                                        "base-sysbus-fdc",
                                                        "base-xhci",
                                                        "ccid-card",
                                                        "cpu",
                                                        "cpu-core",
                                                        "device",
                                                        "e1000-base",
                                                        "fw_cfg",
                                                        "hda-audio",
                                                        "hda-codec",
                                                        "i2c-slave",
                                                        "ide-device",
                                                        "intel-hda-generic",
                                                        "ioapic-common",
                                                        "ipack-device",
                                                        "ipmi-bmc",
                                                        "isa-device",
                                                        "isa-superio",
                                                        "ivshmem-common",
                                                        "megasas-base",
                                                        "pci-device",
                                                        "pci-ehci-usb",
                                                        "pci-host-bridge",
                                                        "pci-ide",
                                                        "pci-piix3",
                                                        "pci-uhci-usb",
                                                        "pci-vga",
                                                        "pcie-host-bridge",
                                                        "pcie-port",
                                                        "pcie-root-port-base",
                                                        "pcie-slot",
                                                        "pcmcia-card",
                                                        "pic-common",
                                                        "pit-common",
                                                        "scsi-device",
                                                        "scsi-disk-base",
                                                        "smbus-device",
                                                        "sys-bus-device",
                                                        "usb-device",
                                                        "usb-hid",
                                                        "usb-serial-dev",
                                                        "usb-storage-dev",
                                                        "vhost-scsi-common",
                                                        "vhost-scsi-pci-base",
                                                        "vhost-user-blk-pci-base",
                                                        "vhost-user-scsi-pci-base",
                                                        "vhost-vsock-pci-base",
                                                        "virtio-balloon-pci-base",
                                                        "virtio-blk-pci-base",
                                                        "virtio-device",
                                                        "virtio-input-device",
                                                        "virtio-input-hid-device",
                                                        "virtio-input-hid-pci",
                                                        "virtio-input-host-pci-base",
                                                        "virtio-input-pci",
                                                        "virtio-net-pci-base",
                                                        "virtio-pci",
                                                        "virtio-rng-pci-base",
                                                        "virtio-scsi-common",
                                                        "virtio-scsi-pci-base",
                                                        "virtio-serial-pci-base",
                                                        "virtio-serial-port",
                                                        "x86-iommu",
                                                        "x86_64-cpu"};

static constexpr std::string_view user_objects[] = {"authz-list",
                                                    "authz-list-file",
                                                    "authz-simple",
                                                    "can-bus",
                                                    "can-host-socketcan",
                                                    "colo-compare",
                                                    "cryptodev-backend",
                                                    "cryptodev-backend-builtin",
                                                    "cryptodev-vhost-user",
                                                    "filter-buffer",
                                                    "filter-dump",
                                                    "filter-mirror",
                                                    "filter-redirector",
                                                    "filter-replay",
                                                    "filter-rewriter",
                                                    "input-linux",
                                                    "iothread",
                                                    "memory-backend-file",
                                                    "memory-backend-memfd",
                                                    "memory-backend-ram",
                                                    "pr-manager-helper",
                                                    "rng-egd",
                                                    "rng-random",
                                                    "secret",
                                                    "sev-guest",
                                                    "throttle-group",
                                                    "tls-creds-anon",
                                                    "tls-creds-psk",
                                                    "tls-creds-x509"};

static constexpr std::string_view chardev_backends[] = {
    "file",    "memory",  "msmouse", "mux",     "null",   "parallel",
    "parport", "pipe",    "pty",     "ringbuf", "serial", "socket",
    "stdio",   "testdev", "tty",     "udp",     "vc",     "wctablet"};

template <std::size_t N>
static bool contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

KnownDevice known_device(std::string_view name) {
  if (contains(pluggable_devices, name) || contains(pci_nic_names, name)) {
    return KnownDevice::pluggable;
  }
  if (contains(board_devices, name)) {
    return KnownDevice::board_only;
  }
  return contains(abstract_devices, name) ? KnownDevice::abstract : KnownDevice::unknown;
}

std::span<const std::string_view> pci_nics() {
  return pci_nic_names;
}

bool known_object(std::string_view name) {
  return contains(user_objects, name);
}

bool known_chardev(std::string_view name) {
  return contains(chardev_backends, name);
}

// ---- second names ----------------------------------------------------------------

struct DeviceAlias {
  std::string_view alias;
  std::string_view name;
};

static constexpr DeviceAlias device_aliases[] = {
    {"ahci", "ich9-ahci"},
    {"e1000-82540em", "e1000"},
    {"lsi", "lsi53c895a"},
    {"virtio-9p", "virtio-9p-pci"},
    {"virtio-balloon", "virtio-balloon-pci"},
    {"virtio-blk", "virtio-blk-pci"},
    {"virtio-gpu", "virtio-gpu-pci"},
    {"virtio-input-host", "virtio-input-host-pci"},
    {"virtio-keyboard", "virtio-keyboard-pci"},
    {"virtio-mouse", "virtio-mouse-pci"},
    {"virtio-net", "virtio-net-pci"},
    {"virtio-rng", "virtio-rng-pci"},
    {"virtio-scsi", "virtio-scsi-pci"},
    {"virtio-serial", "virtio-serial-pci"},
    {"virtio-tablet", "virtio-tablet-pci"},
};

std::string_view device_of_alias(std::string_view alias) {
  for (const DeviceAlias& row : device_aliases) {
    if (row.alias == alias) {
      return row.name;
    }
  }
  return {};
}

std::string_view alias_of_device(std::string_view name) {
  for (const DeviceAlias& row : device_aliases) {
    if (row.name == name) {
      return row.alias;
    }
  }
  return {};
}

// ---- all of them ------------------------------------------------------------------

std::vector<std::string> known_device_names() {
  std::vector<std::string> names(std::begin(pluggable_devices),
                                 std::end(pluggable_devices));
  names.insert(names.end(), std::begin(pci_nic_names), std::end(pci_nic_names));
  for (const DeviceAlias& row : device_aliases) {
    names.emplace_back(row.alias);
  }
  return names;
}

std::vector<std::string> known_object_names() {
  return {std::begin(user_objects), std::end(user_objects)};
}

std::vector<std::string> known_chardev_names() {
  return {std::begin(chardev_backends), std::end(chardev_backends)};
}

}  // namespace launcher
