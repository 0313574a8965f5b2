// MSI-X. See msi.h; the layout is that of PCI 3.0, 6.8.2:
//
//   capability  +2 control   +4 table: offset, BAR   +8 pending bits: offset, BAR
//   table       16 bytes a vector: address (8), data (4), control (4; bit 0: masked)
#include <algorithm>
#include <cassert>
#include <vector>

#include "core/msi.h"
#include "core/pci_internal.h"

namespace core {

struct MsixState {
  std::uint8_t cap = 0;
  std::vector<std::uint8_t> table;    // 16 bytes a vector
  std::vector<std::uint8_t> pending;  // a bit a vector, whole 8 byte words
};

namespace {

constexpr unsigned entry_size = 16, capability_size = 12, max_vectors = 2048;
constexpr unsigned entry_data = 8, entry_control = 12;
constexpr std::uint16_t msix_enable = 1 << 15, msix_function_mask = 1 << 14;

std::uint16_t control(const PCIDevice* dev) {
  return pci_get_word(dev->config, dev->msix->cap + 2u);
}

unsigned vector_count(const PCIDevice* dev) {
  return static_cast<unsigned>(dev->msix->table.size()) / entry_size;
}

bool masked(const PCIDevice* dev, unsigned vector) {
  return (control(dev) & msix_function_mask) ||
         (dev->msix->table[vector * entry_size + entry_control] & 1);
}

std::uint64_t number(const std::vector<std::uint8_t>& bytes, std::size_t offset,
                     unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = size; i-- > 0;)
    value = value << 8 | (offset + i < bytes.size() ? bytes[offset + i] : 0);
  return value;
}

bool is_pending(const PCIDevice* dev, unsigned vector) {
  return dev->msix->pending[vector / 8] >> vector % 8 & 1;
}

void set_pending(PCIDevice* dev, unsigned vector, bool value) {
  std::uint8_t& byte = dev->msix->pending[vector / 8];
  const auto bit = static_cast<std::uint8_t>(1u << vector % 8);
  byte = static_cast<std::uint8_t>(value ? byte | bit : byte & ~bit);
}

void send_if_pending(PCIDevice* dev, unsigned vector) {
  if (!msix_enabled(dev) || masked(dev, vector) || !is_pending(dev, vector))
    return;
  set_pending(dev, vector, false);
  const std::size_t entry = std::size_t{vector} * entry_size;
  msi_send_message(
      dev, number(dev->msix->table, entry, 8) & ~std::uint64_t{3},
      static_cast<std::uint32_t>(number(dev->msix->table, entry + entry_data, 4)));
}

PCIDevice* as_device(void* opaque) {
  return static_cast<PCIDevice*>(opaque);
}

std::uint64_t table_read(void* opaque, std::uint64_t offset, unsigned size) {
  return number(as_device(opaque)->msix->table, offset, size);
}

void table_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned size) {
  PCIDevice* dev = as_device(opaque);
  std::vector<std::uint8_t>& table = dev->msix->table;
  for (unsigned i = 0; i < size && offset + i < table.size(); ++i)
    table[offset + i] = static_cast<std::uint8_t>(data >> 8 * i);
  if (offset / entry_size < vector_count(dev))
    send_if_pending(dev, static_cast<unsigned>(offset / entry_size));
}

std::uint64_t pending_read(void* opaque, std::uint64_t offset, unsigned size) {
  return number(as_device(opaque)->msix->pending, offset, size);
}

void pending_write(void*, std::uint64_t, std::uint64_t, unsigned) {}  // read-only

constexpr MemoryRegionOps table_ops{.read = table_read,
                                    .write = table_write,
                                    .min_access_size = 4,
                                    .max_access_size = 8,
                                    .impl_min_access_size = 4,
                                    .impl_max_access_size = 4};
constexpr MemoryRegionOps pending_ops{.read = pending_read,
                                      .write = pending_write,
                                      .min_access_size = 4,
                                      .max_access_size = 8,
                                      .impl_min_access_size = 4,
                                      .impl_max_access_size = 4};

void mask_all(PCIDevice* dev) {
  for (unsigned vector = 0; vector < vector_count(dev); ++vector)
    dev->msix->table[vector * entry_size + entry_control] |= 1;
}

}  // namespace

void msix_init(PCIDevice* dev, unsigned vectors, MemoryRegion* bar, int bar_number,
               std::uint32_t table_offset, std::uint32_t pending_offset,
               std::uint8_t cap_offset) {
  assert(vectors >= 1 && vectors <= max_vectors && table_offset % 8 == 0 &&
         pending_offset % 8 == 0);
  auto state = std::make_shared<MsixState>();
  state->cap = pci_add_capability(dev, PCI_CAP_ID_MSIX, cap_offset, capability_size);
  state->table.resize(std::size_t{vectors} * entry_size);
  state->pending.resize((vectors + 63) / 64 * 8);
  dev->msix = std::move(state);
  const auto bir = static_cast<std::uint32_t>(bar_number);
  const unsigned cap = dev->msix->cap;
  pci_set_word(dev->config, cap + 2, static_cast<std::uint16_t>(vectors - 1));
  pci_set_long(dev->config, cap + 4, table_offset | bir);
  pci_set_long(dev->config, cap + 8, pending_offset | bir);
  pci_set_word(dev->wmask, cap + 2, msix_enable | msix_function_mask);
  mask_all(dev);
  MemoryRegion* table = memory_region_new_io(dev, &table_ops, dev, "msix-table",
                                             std::uint64_t{vectors} * entry_size);
  memory_region_add_subregion(bar, table_offset, table);
  MemoryRegion* pending =
      memory_region_new_io(dev, &pending_ops, dev, "msix-pba", dev->msix->pending.size());
  memory_region_add_subregion(bar, pending_offset, pending);
}

bool msix_enabled(const PCIDevice* dev) {
  return dev->msix && (control(dev) & msix_enable);
}

void msix_notify(PCIDevice* dev, unsigned vector) {
  if (!msix_enabled(dev) || vector >= vector_count(dev))
    return;
  set_pending(dev, vector, true);
  send_if_pending(dev, vector);
}

void msix_reset(PCIDevice* dev) {
  if (!dev->msix)
    return;
  const unsigned offset = dev->msix->cap + 2u;
  pci_set_word(
      dev->config, offset,
      static_cast<std::uint16_t>(control(dev) & ~(msix_enable | msix_function_mask)));
  std::fill(dev->msix->table.begin(), dev->msix->table.end(), 0);
  std::fill(dev->msix->pending.begin(), dev->msix->pending.end(), 0);
  mask_all(dev);
}

void msix_write_config(PCIDevice* dev, unsigned offset, unsigned size) {
  if (!dev->msix || !pci_ranges_overlap(offset, size, dev->msix->cap, capability_size) ||
      !msix_enabled(dev))
    return;
  pci_deassert_intx(dev);
  for (unsigned vector = 0; vector < vector_count(dev); ++vector)
    send_if_pending(dev, vector);
}

}  // namespace core
