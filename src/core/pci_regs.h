// Configuration space of a conventional PCI function: where its registers are and what
// their bits mean (PCI Local Bus Specification 2.3, chapter 6 and appendix H).
#pragma once

#include <cstdint>

namespace core {

inline constexpr unsigned pci_config_size = 256;
inline constexpr unsigned pci_config_header_size = 0x40;  // the rest is the device's own
inline constexpr int pci_num_regions = 7;                 // six BARs and the option ROM
inline constexpr int pci_rom_slot = 6;
inline constexpr int pci_num_pins = 4;
inline constexpr int pci_slot_max = 32, pci_func_max = 8, pci_devfn_max = 256;

// Offsets.
inline constexpr unsigned PCI_VENDOR_ID = 0x00;
inline constexpr unsigned PCI_DEVICE_ID = 0x02;
inline constexpr unsigned PCI_COMMAND = 0x04;
inline constexpr unsigned PCI_STATUS = 0x06;
inline constexpr unsigned PCI_REVISION_ID = 0x08;
inline constexpr unsigned PCI_CLASS_PROG = 0x09;
inline constexpr unsigned PCI_CLASS_DEVICE = 0x0a;
inline constexpr unsigned PCI_CACHE_LINE_SIZE = 0x0c;
inline constexpr unsigned PCI_HEADER_TYPE = 0x0e;
inline constexpr unsigned PCI_BASE_ADDRESS_0 = 0x10;
inline constexpr unsigned PCI_SUBSYSTEM_VENDOR_ID = 0x2c;
inline constexpr unsigned PCI_SUBSYSTEM_ID = 0x2e;
inline constexpr unsigned PCI_ROM_ADDRESS = 0x30;
inline constexpr unsigned PCI_CAPABILITY_LIST = 0x34;
inline constexpr unsigned PCI_INTERRUPT_LINE = 0x3c;
inline constexpr unsigned PCI_INTERRUPT_PIN = 0x3d;

enum : std::uint16_t {  // command register
  PCI_COMMAND_IO = 1 << 0,
  PCI_COMMAND_MEMORY = 1 << 1,
  PCI_COMMAND_MASTER = 1 << 2,
  PCI_COMMAND_SERR = 1 << 8,
  PCI_COMMAND_INTX_DISABLE = 1 << 10,
};

enum : std::uint16_t {  // status register
  PCI_STATUS_INTERRUPT = 1 << 3,
  PCI_STATUS_CAP_LIST = 1 << 4,
  PCI_STATUS_FAST_BACK = 1 << 7,
  PCI_STATUS_DEVSEL_MEDIUM = 1 << 9,
  PCI_STATUS_ERRORS = 0xf900,  // written as ones to clear
};

inline constexpr std::uint8_t PCI_HEADER_TYPE_MULTI_FUNCTION = 0x80;

enum PciBarType : std::uint8_t {  // the low bits of a base address register
  PCI_BASE_ADDRESS_SPACE_MEMORY = 0,
  PCI_BASE_ADDRESS_SPACE_IO = 1 << 0,
  PCI_BASE_ADDRESS_MEM_TYPE_64 = 1 << 2,
  PCI_BASE_ADDRESS_MEM_PREFETCH = 1 << 3,
};

inline constexpr std::uint32_t PCI_ROM_ADDRESS_ENABLE = 1;

// Capability numbers.
inline constexpr std::uint8_t PCI_CAP_ID_MSI = 0x05;
inline constexpr std::uint8_t PCI_CAP_ID_VNDR = 0x09;
inline constexpr std::uint8_t PCI_CAP_ID_MSIX = 0x11;

// Class codes.
inline constexpr std::uint16_t PCI_CLASS_BRIDGE_HOST = 0x0600;
inline constexpr std::uint16_t PCI_CLASS_BRIDGE_ISA = 0x0601;
inline constexpr std::uint16_t PCI_CLASS_BRIDGE_OTHER = 0x0680;
inline constexpr std::uint16_t PCI_CLASS_OTHERS = 0x00ff;

// Who makes them.
inline constexpr std::uint16_t PCI_VENDOR_ID_INTEL = 0x8086;
inline constexpr std::uint16_t PCI_VENDOR_ID_REDHAT = 0x1b36;
inline constexpr std::uint16_t PCI_VENDOR_ID_QEMU = 0x1234;
inline constexpr std::uint16_t PCI_VENDOR_ID_REDHAT_QUMRANET = 0x1af4;
inline constexpr std::uint16_t PCI_SUBDEVICE_ID_QEMU = 0x1100;

constexpr int pci_devfn(int slot, int function) {
  return slot << 3 | function;
}

constexpr int pci_slot(int devfn) {
  return devfn >> 3;
}

constexpr int pci_func(int devfn) {
  return devfn & 7;
}

}  // namespace core
