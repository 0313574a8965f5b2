// The pins of a device and its way to memory: INTA to INTD, and what the command
// register's bits do to both. See pci.h.
//
// A pin is a level. The bus wires it to one of its lines; a line is up while at least
// one pin pulls it, so each line counts its pins.
#include "core/pci.h"
#include "core/pci_internal.h"

namespace core {
namespace {

struct PinChange {
  static constexpr trace::Declaration declaration{
      "pci_irq_handler", trace::Category::irq, trace::Shape::instant,
      "A PCI device pulls or releases an interrupt pin."};
  trace::ObjectId device;
  std::uint32_t pin = 0;
  std::uint32_t level = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &PinChange::device, "the device"),
                         trace::identity("pin", &PinChange::pin, "0 is INTA"),
                         trace::identity("level", &PinChange::level, "1: pulled"));
  }
};

bool intx_disabled(const PCIDevice* dev) {
  return (pci_get_word(dev->config, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE) != 0;
}

void change_line(PCIDevice* dev, int pin, int change) {
  PCIBus* bus = pci_bus_of(dev);
  if (!bus->map_irq)
    return;
  const int line = bus->map_irq(dev, pin);
  int& count = bus->irq_count.at(static_cast<std::size_t>(line));
  count += change;
  bus->set_irq(line, count != 0);
}

void update_status(PCIDevice* dev) {
  std::uint8_t& status = dev->config[PCI_STATUS];
  status = static_cast<std::uint8_t>(dev->irq_state ? status | PCI_STATUS_INTERRUPT
                                                    : status & ~PCI_STATUS_INTERRUPT);
}

void set_pin(PCIDevice* dev, int pin, bool level) {
  const auto bit = static_cast<std::uint8_t>(1u << pin);
  if (((dev->irq_state & bit) != 0) == level)
    return;
  dev->irq_state = static_cast<std::uint8_t>(dev->irq_state ^ bit);
  trace::instant(PinChange{
      .device = object_id(dev), .pin = static_cast<std::uint32_t>(pin), .level = level});
  update_status(dev);
  if (!intx_disabled(dev))
    change_line(dev, pin, level ? 1 : -1);
}

// The disable bit cuts the wires of all pins or joins them again.
void update_intx_disabled(PCIDevice* dev, bool was_disabled) {
  const bool disabled = intx_disabled(dev);
  if (disabled == was_disabled)
    return;
  for (int pin = 0; pin < pci_num_pins; ++pin)
    if (dev->irq_state >> pin & 1)
      change_line(dev, pin, disabled ? -1 : 1);
}

}  // namespace

void pci_bus_irqs(PCIBus* bus, std::function<void(int, int)> set_irq, PciMapIrq map_irq,
                  int lines) {
  bus->set_irq = std::move(set_irq);
  bus->map_irq = map_irq;
  bus->irq_count.assign(static_cast<std::size_t>(lines), 0);
}

int pci_bus_irq_level(const PCIBus* bus, int line) {
  return bus->irq_count.at(static_cast<std::size_t>(line)) != 0;
}

void pci_config_set_interrupt_pin(PCIDevice* dev, std::uint8_t pin) {
  dev->config[PCI_INTERRUPT_PIN] = pin;
}

void pci_set_irq(PCIDevice* dev, int level) {
  const int pin = dev->config[PCI_INTERRUPT_PIN];
  if (pin >= 1 && pin <= pci_num_pins)
    set_pin(dev, pin - 1, level != 0);
}

void pci_deassert_intx(PCIDevice* dev) {
  for (int pin = 0; pin < pci_num_pins; ++pin)
    set_pin(dev, pin, false);
}

void pci_command_changed(PCIDevice* dev) {
  update_intx_disabled(dev, std::exchange(dev->intx_was_disabled, intx_disabled(dev)));
  if (dev->bus_master_enable)
    memory_region_set_enabled(
        dev->bus_master_enable,
        (pci_get_word(dev->config, PCI_COMMAND) & PCI_COMMAND_MASTER) != 0);
}

// ---- the device's own accesses --------------------------------------------------------

void pci_init_bus_master(PCIDevice* dev) {
  if (dev->bus_master_enable)
    return;
  dev->bus_master_enable =
      memory_region_new_alias(dev, "bus master", get_system_memory(), 0, ~0ull);
  memory_region_add_subregion(dev->bus_master_container, 0, dev->bus_master_enable);
  memory_region_set_enabled(
      dev->bus_master_enable,
      (pci_get_word(dev->config, PCI_COMMAND) & PCI_COMMAND_MASTER) != 0);
}

void pci_dma_read(PCIDevice* dev, std::uint64_t address, std::span<std::byte> data) {
  dev->bus_master_as->read(address, data);
}

void pci_dma_write(PCIDevice* dev, std::uint64_t address,
                   std::span<const std::byte> data) {
  dev->bus_master_as->write(address, data);
}

}  // namespace core
