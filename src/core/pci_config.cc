// Configuration space: what the guest reads and writes of it, and what a write does.
// See pci.h; the registers are those of PCI 2.3, chapter 6.
#include <algorithm>

#include "core/pci.h"
#include "core/pci_internal.h"

namespace core {
namespace {

struct ConfigRead {
  static constexpr trace::Declaration declaration{
      "pci_cfg_read", trace::Category::device, trace::Shape::instant,
      "The guest reads a device's configuration space."};
  trace::ObjectId device;
  trace::Hex offset;
  std::uint32_t size = 0;
  trace::Hex value;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &ConfigRead::device, "the device"),
                         trace::identity("offset", &ConfigRead::offset, "register"),
                         trace::identity("size", &ConfigRead::size, "bytes"),
                         trace::state("value", &ConfigRead::value, "what the guest got"));
  }
};

struct ConfigWrite {
  static constexpr trace::Declaration declaration{
      "pci_cfg_write", trace::Category::device, trace::Shape::instant,
      "The guest writes a device's configuration space."};
  trace::ObjectId device;
  trace::Hex offset;
  std::uint32_t size = 0;
  trace::Hex value;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &ConfigWrite::device, "the device"),
        trace::identity("offset", &ConfigWrite::offset, "register"),
        trace::identity("size", &ConfigWrite::size, "bytes"),
        trace::state("value", &ConfigWrite::value, "what the guest wrote"));
  }
};

// Bytes of the access that are inside.
unsigned clip(unsigned offset, unsigned size) {
  return offset >= pci_config_size ? 0 : std::min(size, pci_config_size - offset);
}

std::uint32_t ones_above(unsigned size) {
  return size >= 4 ? 0 : ~std::uint32_t{0} << 8 * size;
}

bool touches_bars(unsigned offset, unsigned size) {
  return pci_ranges_overlap(offset, size, PCI_BASE_ADDRESS_0, 24) ||
         pci_ranges_overlap(offset, size, PCI_ROM_ADDRESS, 4);
}

void clear_writable(PCIDevice* dev, unsigned offset, unsigned size) {
  for (unsigned i = offset; i < offset + size; ++i)
    dev->config[i] =
        static_cast<std::uint8_t>(dev->config[i] & ~(dev->wmask[i] | dev->w1cmask[i]));
}

}  // namespace

void pci_config_init(PCIDevice* dev) {
  const auto* pc = class_of<PCIDeviceClass>(dev);
  dev->config = {};
  dev->wmask = {};
  dev->w1cmask = {};
  dev->used = {};
  pci_set_word(dev->config, PCI_VENDOR_ID, pc->vendor_id);
  pci_set_word(dev->config, PCI_DEVICE_ID, pc->device_id);
  dev->config[PCI_REVISION_ID] = pc->revision;
  pci_set_word(dev->config, PCI_CLASS_DEVICE, pc->class_id);
  const bool named = pc->subsystem_vendor_id != 0 || pc->subsystem_id != 0;
  pci_set_word(dev->config, PCI_SUBSYSTEM_VENDOR_ID,
               named ? pc->subsystem_vendor_id : PCI_VENDOR_ID_REDHAT_QUMRANET);
  pci_set_word(dev->config, PCI_SUBSYSTEM_ID,
               named ? pc->subsystem_id : PCI_SUBDEVICE_ID_QEMU);
  if (dev->flags & pci_flag_multifunction)
    dev->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MULTI_FUNCTION;

  dev->wmask[PCI_CACHE_LINE_SIZE] = 0xff;
  dev->wmask[PCI_INTERRUPT_LINE] = 0xff;
  const unsigned command =
      PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
  const bool serr = (dev->flags & pci_flag_serr_enable) != 0;
  pci_set_word(dev->wmask, PCI_COMMAND,
               static_cast<std::uint16_t>(command | (serr ? PCI_COMMAND_SERR : 0)));
  pci_set_word(dev->w1cmask, PCI_STATUS, PCI_STATUS_ERRORS);
  // What is beyond the header is the device's own: it takes bits away that it knows.
  std::fill(dev->wmask.begin() + pci_config_header_size, dev->wmask.end(), 0xff);
}

void pci_device_reset_common(PCIDevice* dev) {
  pci_deassert_intx(dev);
  clear_writable(dev, PCI_COMMAND, 2);
  clear_writable(dev, PCI_STATUS, 2);
  dev->config[PCI_CACHE_LINE_SIZE] = 0;
  clear_writable(dev, PCI_INTERRUPT_LINE, 1);
  for (int n = 0; n < pci_num_regions; ++n) {
    const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
    if (region.size == 0)
      continue;
    if (region.type & PCI_BASE_ADDRESS_MEM_TYPE_64)
      pci_set<std::uint64_t>(dev->config, pci_bar_offset(n), region.type);
    else
      pci_set_long(dev->config, pci_bar_offset(n), region.type);
  }
  pci_update_mappings(dev);
  pci_command_changed(dev);
  msi_reset(dev);
  msix_reset(dev);
}

std::uint32_t pci_default_read_config(PCIDevice* dev, unsigned offset, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = clip(offset, size); i-- > 0;)
    value = value << 8 | dev->config[offset + i];
  return value;
}

void pci_default_write_config(PCIDevice* dev, unsigned offset, std::uint32_t value,
                              unsigned size) {
  size = clip(offset, size);
  for (unsigned i = 0; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(value >> 8 * i);
    const std::uint8_t wmask = dev->wmask[offset + i], w1c = dev->w1cmask[offset + i];
    std::uint8_t& place = dev->config[offset + i];
    place = static_cast<std::uint8_t>((place & ~wmask) | (byte & wmask));
    place = static_cast<std::uint8_t>(place & ~(byte & w1c));
  }
  const bool command = pci_ranges_overlap(offset, size, PCI_COMMAND, 2);
  if (command || touches_bars(offset, size))
    pci_update_mappings(dev);
  if (command)
    pci_command_changed(dev);
  msi_write_config(dev, offset, size);
  msix_write_config(dev, offset, size);
}

std::uint32_t pci_host_config_read(PCIDevice* dev, unsigned offset, unsigned size) {
  const unsigned inside = clip(offset, size);
  std::uint32_t value = ~std::uint32_t{0};
  if (inside != 0) {
    const auto read = class_of<PCIDeviceClass>(dev)->config_read;
    value =
        read ? read(dev, offset, inside) : pci_default_read_config(dev, offset, inside);
    value |= ones_above(inside);
  }
  value &= ~ones_above(size);
  trace::instant(ConfigRead{
      .device = object_id(dev), .offset = {offset}, .size = size, .value = {value}});
  return value;
}

void pci_host_config_write(PCIDevice* dev, unsigned offset, std::uint32_t value,
                           unsigned size) {
  trace::instant(ConfigWrite{
      .device = object_id(dev), .offset = {offset}, .size = size, .value = {value}});
  const unsigned inside = clip(offset, size);
  if (inside == 0)
    return;
  if (const auto write = class_of<PCIDeviceClass>(dev)->config_write)
    write(dev, offset, value, inside);
  else
    pci_default_write_config(dev, offset, value, inside);
}

// ---- capabilities -------------------------------------------------------------------

namespace {

std::uint8_t find_space(const PCIDevice* dev, unsigned size) {
  unsigned run = 0;
  for (unsigned offset = pci_config_header_size; offset < pci_config_size; ++offset) {
    run = dev->used[offset] ? 0 : offset % 4 == 0 || run > 0 ? run + 1 : 0;
    if (run == size)
      return static_cast<std::uint8_t>(offset + 1 - size);
  }
  return 0;
}

}  // namespace

std::uint8_t pci_add_capability(PCIDevice* dev, std::uint8_t id, std::uint8_t offset,
                                std::uint8_t size) {
  const std::string type = object_get_typename(dev);
  if (offset == 0)
    offset = find_space(dev, size);
  if (offset < pci_config_header_size || offset % 4 != 0 ||
      offset + size > static_cast<int>(pci_config_size) || size < 2)
    throw Error("PCI: no room for capability " + std::to_string(id) + " of " + type);
  const auto begin = dev->used.begin() + offset;
  if (std::any_of(begin, begin + size, [](std::uint8_t byte) { return byte != 0; }))
    throw Error("PCI: capability " + std::to_string(id) + " of " + type +
                " overlaps another one");
  std::fill(begin, begin + size, 0xff);
  dev->config[offset] = id;
  dev->config[offset + 1u] = dev->config[PCI_CAPABILITY_LIST];
  dev->config[PCI_CAPABILITY_LIST] = offset;
  dev->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
  // Read-only until the owner says otherwise.
  std::fill_n(dev->wmask.begin() + offset, size, 0);
  return offset;
}

std::uint8_t pci_find_capability(const PCIDevice* dev, std::uint8_t id) {
  std::uint8_t at = dev->config[PCI_CAPABILITY_LIST];
  for (unsigned hops = 0; at >= pci_config_header_size && hops < 48; ++hops) {
    if (dev->config[at] == id)
      return at;
    at = at == pci_config_size - 1 ? 0 : dev->config[at + 1u];
  }
  return 0;
}

}  // namespace core
