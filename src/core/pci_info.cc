#include "core/pci_info.h"

#include "core/info.h"
#include "core/log.h"

namespace core {
namespace {

struct ClassName {
  std::uint16_t number;
  const char* name;
};

// PCI 2.3, appendix D; those a PC is likely to have.
constexpr ClassName class_names[] = {
    {0x0001, "VGA controller"},     {0x0100, "SCSI controller"},
    {0x0101, "IDE controller"},     {0x0102, "Floppy controller"},
    {0x0103, "IPI controller"},     {0x0104, "RAID controller"},
    {0x0106, "SATA controller"},    {0x0107, "SAS controller"},
    {0x0180, "Storage controller"}, {0x0200, "Ethernet controller"},
    {0x0280, "Network controller"}, {0x0300, "VGA controller"},
    {0x0301, "XGA controller"},     {0x0302, "3D controller"},
    {0x0380, "Display controller"}, {0x0400, "Video controller"},
    {0x0401, "Audio controller"},   {0x0480, "Multimedia controller"},
    {0x0500, "RAM controller"},     {0x0501, "Flash controller"},
    {0x0580, "Memory controller"},  {0x0600, "Host bridge"},
    {0x0601, "ISA bridge"},         {0x0602, "EISA bridge"},
    {0x0604, "PCI bridge"},         {0x0680, "Bridge"},
    {0x0700, "Serial port"},        {0x0701, "Parallel port"},
    {0x0c03, "USB controller"},
};

// The region as it would end if it began where it is; that is nowhere while it is not
// mapped, and the sum wraps, as QEMU prints it.
std::uint64_t end_of(const PCIIORegion& region) {
  return region.address + region.size - 1;
}

void print_bar(std::string& text, const PCIIORegion& region, int n) {
  const auto address = static_cast<unsigned long long>(region.address);
  const auto end = static_cast<unsigned long long>(end_of(region));
  if (region.type & PCI_BASE_ADDRESS_SPACE_IO) {
    append_format(text, "      BAR%d: I/O at 0x%04llx [0x%04llx].\n", n, address, end);
    return;
  }
  append_format(text, "      BAR%d: %d bit%s memory at 0x%08llx [0x%08llx].\n", n,
                region.type & PCI_BASE_ADDRESS_MEM_TYPE_64 ? 64 : 32,
                region.type & PCI_BASE_ADDRESS_MEM_PREFETCH ? " prefetchable" : "",
                address, end);
}

void print_device(std::string& text, const PCIDevice* dev) {
  append_format(text, "  Bus  0, device %3d, function %d:\n", pci_slot(dev->devfn),
                pci_func(dev->devfn));
  const PciConfigBytes& config = dev->config;
  append_format(
      text, "    %s: PCI device %04x:%04x\n",
      pci_class_name(pci_get_word(config, PCI_CLASS_DEVICE), NumberStyle::decimal)
          .c_str(),
      pci_get_word(config, PCI_VENDOR_ID), pci_get_word(config, PCI_DEVICE_ID));
  append_format(text, "      PCI subsystem %04x:%04x\n",
                pci_get_word(config, PCI_SUBSYSTEM_VENDOR_ID),
                pci_get_word(config, PCI_SUBSYSTEM_ID));
  if (config[PCI_INTERRUPT_PIN] != 0)
    append_format(text, "      IRQ %d.\n", config[PCI_INTERRUPT_LINE]);
  for (int n = 0; n < pci_num_regions; ++n)
    if (const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
        region.size != 0)
      print_bar(text, region, n);
  append_format(text, "      id \"%s\"\n", dev->id.c_str());
}

}  // namespace

std::string pci_class_name(std::uint16_t class_id, NumberStyle style) {
  for (const ClassName& row : class_names)
    if (row.number == class_id)
      return row.name;
  char text[16];
  std::snprintf(text, sizeof text,
                style == NumberStyle::decimal ? "Class %04u" : "Class %04x",
                static_cast<unsigned>(class_id));
  return text;
}

void pcibus_dev_print(DeviceState* qdev, std::string& text, int indent) {
  const auto* dev = object_cast<PCIDevice>(qdev);
  const PciConfigBytes& config = dev->config;
  append_format(
      text, "%*sclass %s, addr %02x:%02x.%x, pci id %04x:%04x (sub %04x:%04x)\n", indent,
      "",
      pci_class_name(pci_get_word(config, PCI_CLASS_DEVICE), NumberStyle::hexadecimal)
          .c_str(),
      0, static_cast<unsigned>(pci_slot(dev->devfn)),
      static_cast<unsigned>(pci_func(dev->devfn)), pci_get_word(config, PCI_VENDOR_ID),
      pci_get_word(config, PCI_DEVICE_ID), pci_get_word(config, PCI_SUBSYSTEM_VENDOR_ID),
      pci_get_word(config, PCI_SUBSYSTEM_ID));
  for (int n = 0; n < pci_num_regions; ++n) {
    const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
    if (region.size != 0)
      append_format(text, "%*sbar %d: %s at 0x%llx [0x%llx]\n", indent, "", n,
                    region.type & PCI_BASE_ADDRESS_SPACE_IO ? "i/o" : "mem",
                    static_cast<unsigned long long>(region.address),
                    static_cast<unsigned long long>(end_of(region)));
  }
}

std::string info_pci() {
  auto* bus = static_cast<PCIBus*>(object_resolve_path_type("", TYPE_PCI_BUS));
  if (!bus)
    return "PCI bus not available\n";
  std::string text;
  for (const PCIDevice* dev : bus->devices)
    if (dev)
      print_device(text, dev);
  return text;
}

}  // namespace core
