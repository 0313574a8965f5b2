// MSI. See msi.h; the layout is that of PCI 2.3, 6.8.1:
//
//   +0  id, next   +2  control   +4  address, low   [+8  address, high]
//   then  data (2 bytes)   [+ 2: mask bits, one a vector   + 6: pending bits]
#include "core/msi.h"

#include <bit>
#include <cassert>

#include "core/accel.h"
#include "core/machine.h"
#include "core/pci_internal.h"

namespace core {
namespace {

struct MsiSend {
  static constexpr trace::Declaration declaration{
      "msi_send_message", trace::Category::irq, trace::Shape::instant,
      "A device interrupts by a write to memory."};
  trace::ObjectId device;
  trace::Hex address;
  trace::Hex data;
  bool delivered = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &MsiSend::device, "the device"),
        trace::state("address", &MsiSend::address, "where to: names the processor"),
        trace::state("data", &MsiSend::data, "what: names the vector"),
        trace::state("delivered", &MsiSend::delivered, "false: it is no bus master"));
  }
};

enum : std::uint16_t {  // control
  msi_enable = 1 << 0,
  msi_capable_shift = 1,  // log2 of the vectors it has
  msi_given_shift = 4,    // log2 of the vectors it was given
  msi_given_mask = 7 << msi_given_shift,
  msi_64_bit = 1 << 7,
  msi_per_vector_mask = 1 << 8,
};

std::uint16_t control(const PCIDevice* dev) {
  return pci_get_word(dev->config, dev->msi_cap + 2u);
}

bool is_64bit(const PCIDevice* dev) {
  return (control(dev) & msi_64_bit) != 0;
}

unsigned data_offset(const PCIDevice* dev) {
  return dev->msi_cap + (is_64bit(dev) ? 12u : 8u);
}

unsigned mask_offset(const PCIDevice* dev) {
  return data_offset(dev) + 4;
}

unsigned pending_offset(const PCIDevice* dev) {
  return data_offset(dev) + 8;
}

std::uint8_t capability_size(bool wide, bool masks) {
  return static_cast<std::uint8_t>((wide ? 14 : 10) + (masks ? 10 : 0));
}

unsigned vectors_given(const PCIDevice* dev) {
  const unsigned asked = 1u << ((control(dev) & msi_given_mask) >> msi_given_shift);
  return std::min<unsigned>(asked, dev->msi_vectors);
}

bool masked(const PCIDevice* dev, unsigned vector) {
  return (control(dev) & msi_per_vector_mask) &&
         (pci_get_long(dev->config, mask_offset(dev)) >> vector & 1);
}

void send_vector(PCIDevice* dev, unsigned vector) {
  std::uint64_t address = pci_get_long(dev->config, dev->msi_cap + 4u);
  if (is_64bit(dev))
    address |= std::uint64_t{pci_get_long(dev->config, dev->msi_cap + 8u)} << 32;
  const unsigned given = vectors_given(dev);
  std::uint32_t data = pci_get_word(dev->config, data_offset(dev));
  data = (data & ~(given - 1)) | (vector & (given - 1));
  msi_send_message(dev, address, data);
}

// A vector that fired while it was masked fires when the mask goes.
void send_pending(PCIDevice* dev) {
  if (!(control(dev) & msi_per_vector_mask))
    return;
  const std::uint32_t mask = pci_get_long(dev->config, mask_offset(dev));
  const std::uint32_t pending = pci_get_long(dev->config, pending_offset(dev));
  pci_set_long(dev->config, pending_offset(dev), pending & mask);
  for (unsigned vector = 0; vector < dev->msi_vectors; ++vector)
    if ((pending & ~mask) >> vector & 1)
      send_vector(dev, vector);
}

}  // namespace

void msi_init(PCIDevice* dev, std::uint8_t offset, unsigned vectors, bool wide,
              bool masks) {
  assert(std::has_single_bit(vectors) && vectors <= 32);
  const auto log2 = static_cast<unsigned>(std::countr_zero(vectors));
  dev->msi_cap =
      pci_add_capability(dev, PCI_CAP_ID_MSI, offset, capability_size(wide, masks));
  dev->msi_vectors = static_cast<std::uint8_t>(vectors);
  pci_set_word(
      dev->config, dev->msi_cap + 2u,
      static_cast<std::uint16_t>(log2 << msi_capable_shift | (wide ? msi_64_bit : 0) |
                                 (masks ? msi_per_vector_mask : 0)));
  pci_set_word(dev->wmask, dev->msi_cap + 2u,
               static_cast<std::uint16_t>(msi_enable | (log2 ? msi_given_mask : 0)));
  pci_set_long(dev->wmask, dev->msi_cap + 4u, 0xfffffffc);
  if (wide)
    pci_set_long(dev->wmask, dev->msi_cap + 8u, 0xffffffff);
  pci_set_word(dev->wmask, data_offset(dev), 0xffff);
  if (masks)
    pci_set_long(dev->wmask, mask_offset(dev),
                 static_cast<std::uint32_t>((1ull << vectors) - 1));
}

void msi_uninit(PCIDevice* dev) {
  dev->msi_cap = 0;
  dev->msi_vectors = 0;
}

bool msi_enabled(const PCIDevice* dev) {
  return dev->msi_cap != 0 && (control(dev) & msi_enable);
}

void msi_notify(PCIDevice* dev, unsigned vector) {
  if (!msi_enabled(dev) || vector >= dev->msi_vectors)
    return;
  if (!masked(dev, vector)) {
    send_vector(dev, vector);
    return;
  }
  const std::uint32_t pending = pci_get_long(dev->config, pending_offset(dev));
  pci_set_long(dev->config, pending_offset(dev), pending | 1u << vector);
}

void msi_reset(PCIDevice* dev) {
  if (dev->msi_cap == 0)
    return;
  const unsigned writable = msi_enable | msi_given_mask;
  pci_set_word(dev->config, dev->msi_cap + 2u,
               static_cast<std::uint16_t>(control(dev) & ~writable));
  pci_set_long(dev->config, dev->msi_cap + 4u, 0);
  if (is_64bit(dev))
    pci_set_long(dev->config, dev->msi_cap + 8u, 0);
  pci_set_word(dev->config, data_offset(dev), 0);
  if (control(dev) & msi_per_vector_mask) {
    pci_set_long(dev->config, mask_offset(dev), 0);
    pci_set_long(dev->config, pending_offset(dev), 0);
  }
}

void msi_write_config(PCIDevice* dev, unsigned offset, unsigned size) {
  if (dev->msi_cap == 0)
    return;
  const bool masks = (control(dev) & msi_per_vector_mask) != 0;
  if (!pci_ranges_overlap(offset, size, dev->msi_cap,
                          capability_size(is_64bit(dev), masks)))
    return;
  if (!msi_enabled(dev))
    return;
  pci_deassert_intx(dev);  // from now on it speaks by messages only
  send_pending(dev);
}

void msi_send_message(PCIDevice* dev, std::uint64_t address, std::uint32_t data) {
  const bool master = (pci_get_word(dev->config, PCI_COMMAND) & PCI_COMMAND_MASTER) != 0;
  trace::instant(MsiSend{.device = object_id(dev),
                         .address = {address},
                         .data = {data},
                         .delivered = master});
  if (!master)
    return;
  const AccelState* accel = current_machine ? current_machine->accelerator : nullptr;
  if (accel && accel->kernel_irqchip && accel->kernel_irqchip->send_msi(address, data))
    return;
  std::array<std::byte, 4> bytes;
  for (unsigned i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(data >> 8 * i);
  pci_dma_write(dev, address, bytes);
}

}  // namespace core
