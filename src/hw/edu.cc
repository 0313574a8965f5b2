// edu: a PCI card made for teaching how to write a driver (documented as "EDU device" in
// QEMU's manual). It inverts a number, computes factorials on a thread of its own, raises
// interrupts, and copies between memory and a buffer of 4096 bytes.
//
//   BAR 0, 1 MiB of memory. Below 0x80 4 bytes at a time, from there on 4 or 8:
//   0x00  identification 0x010000ed           0x60  raise interrupt: status |= value
//   0x04  write x, read ~x                    0x64  acknowledge: status &= ~value
//   0x08  write n, read n! (mod 2^32) once    0x80  DMA source
//         bit 0 of 0x20 is clear              0x88  DMA destination
//   0x20  bit 0: computing (read-only)        0x90  DMA count
//         bit 7: interrupt 0x1 when done      0x98  DMA command: 1 go, 2 from the card to
//   0x24  interrupt status                          memory, 4 interrupt 0x100 when done
//
// In DMA addresses the buffer is at 0x40000. The card can reach memory only below
// dma_mask + 1. QEMU stops itself when a transfer leaves the buffer; here nothing is
// copied, and the trace and the log say so.
#include <array>

#include "core/clock.h"
#include "core/log.h"
#include "core/msi.h"
#include "hw/edu_factorial.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_PCI_EDU_DEVICE = "edu";

constexpr std::uint64_t bar_size = 1 << 20;
constexpr std::uint32_t identification = 0x010000ed;
constexpr std::uint32_t status_computing = 1 << 0, status_irq_when_done = 1 << 7;
constexpr std::uint32_t irq_factorial = 1, irq_dma = 0x100;
constexpr std::uint64_t dma_go = 1, dma_to_memory = 2, dma_irq = 4;
constexpr std::uint64_t dma_buffer_start = 0x40000, dma_buffer_size = 4096;
constexpr std::int64_t dma_time_ns = 100'000'000, factorial_time_ns = 1'000;

struct Dma {
  static constexpr trace::Declaration declaration{
      "edu_dma_timer", trace::Category::device, trace::Shape::instant,
      "The edu card copies between memory and its buffer."};
  trace::Hex source;
  trace::Hex destination;
  std::uint64_t count = 0;
  bool to_memory = false;
  bool allowed = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("source", &Dma::source, "from"),
        trace::identity("destination", &Dma::destination, "to"),
        trace::identity("count", &Dma::count, "bytes"),
        trace::identity("to_memory", &Dma::to_memory, "true: from the card"),
        trace::state("allowed", &Dma::allowed, "false: beyond the buffer, not done"));
  }
};

struct Factorial {
  static constexpr trace::Declaration declaration{
      "edu_fact_thread", trace::Category::device, trace::Shape::instant,
      "The edu card has computed a factorial."};
  std::uint32_t result = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("result", &Factorial::result, "modulo 2^32"));
  }
};

struct DmaState {
  std::uint64_t source = 0, destination = 0, count = 0, command = 0;
};

struct EduState : PCIDevice {
  static constexpr const char* qom_type = "edu";
  std::uint64_t dma_mask = 0;
  std::uint32_t inverted = 0, number = 0, status = 0, irq_status = 0;
  DmaState dma;
  std::array<std::byte, dma_buffer_size> buffer{};
  std::unique_ptr<Timer> dma_timer, factorial_timer;
  std::unique_ptr<FactorialThread> thread;
};

EduState* as_edu(Object* obj) {
  return object_cast<EduState>(obj);
}

// ---- interrupts -----------------------------------------------------------------------

void edu_raise_irq(EduState* edu, std::uint32_t value) {
  edu->irq_status |= value;
  if (edu->irq_status == 0) {
    return;
  }
  if (msi_enabled(edu)) {
    msi_notify(edu, 0);
  } else {
    pci_set_irq(edu, 1);
  }
}

void edu_lower_irq(EduState* edu, std::uint32_t value) {
  edu->irq_status &= ~value;
  if (edu->irq_status == 0 && !msi_enabled(edu)) {
    pci_set_irq(edu, 0);
  }
}

// ---- factorial ------------------------------------------------------------------------

void factorial_done(EduState* edu, std::uint32_t result) {
  trace::instant(Factorial{.result = result});
  edu->number = result;
  edu->status &= ~status_computing;
  if (edu->status & status_irq_when_done) {
    edu_raise_irq(edu, irq_factorial);
  }
}

// Where time is counted in instructions, a thread would finish at no certain one: there
// the result is there after a certain time.
void start_factorial(EduState* edu, std::uint32_t number) {
  if (edu->status & status_computing) {
    return;
  }
  edu->number = number;
  edu->status |= status_computing;
  if (clock_counts_instructions()) {
    edu->factorial_timer->arm(clock_virtual_ns() + factorial_time_ns);
  } else {
    edu->thread->compute(number);
  }
}

// ---- DMA ------------------------------------------------------------------------------

bool in_buffer(std::uint64_t address, std::uint64_t count) {
  return address >= dma_buffer_start && count <= dma_buffer_size &&
         address - dma_buffer_start <= dma_buffer_size - count;
}

std::uint64_t clamp_address(const EduState* edu, std::uint64_t address) {
  if ((address & edu->dma_mask) != address) {
    qemu_log_mask(LOG_GUEST_ERROR, "edu: DMA address %#llx is beyond dma_mask %#llx\n",
                  static_cast<unsigned long long>(address),
                  static_cast<unsigned long long>(edu->dma_mask));
  }
  return address & edu->dma_mask;
}

void edu_dma_timer(EduState* edu) {
  const DmaState& dma = edu->dma;
  const bool to_memory = (dma.command & dma_to_memory) != 0;
  const std::uint64_t inside = to_memory ? dma.source : dma.destination;
  const bool allowed = in_buffer(inside, dma.count);
  trace::instant(Dma{.source = {dma.source},
                     .destination = {dma.destination},
                     .count = dma.count,
                     .to_memory = to_memory,
                     .allowed = allowed});
  if (allowed) {
    const std::span<std::byte> bytes =
        std::span(edu->buffer).subspan(inside - dma_buffer_start, dma.count);
    if (to_memory) {
      pci_dma_write(edu, clamp_address(edu, dma.destination), bytes);
    } else {
      pci_dma_read(edu, clamp_address(edu, dma.source), bytes);
    }
  } else {
    qemu_log_mask(LOG_GUEST_ERROR, "edu: DMA of %llu bytes at %#llx leaves its buffer\n",
                  static_cast<unsigned long long>(dma.count),
                  static_cast<unsigned long long>(inside));
  }
  edu->dma.command &= ~dma_go;
  if (dma.command & dma_irq) {
    edu_raise_irq(edu, irq_dma);
  }
}

void write_dma(EduState* edu, std::uint64_t& place, std::uint64_t value) {
  if (!(edu->dma.command & dma_go)) {  // while it copies the registers are its own
    place = value;
  }
}

void write_dma_command(EduState* edu, std::uint64_t value) {
  if ((value & dma_go) && !(edu->dma.command & dma_go)) {
    edu->dma.command = value;
    edu->dma_timer->arm(clock_virtual_ns() + dma_time_ns);
  }
}

// ---- registers ------------------------------------------------------------------------

bool allowed_size(std::uint64_t offset, unsigned size) {
  return size == 4 || (size == 8 && offset >= 0x80);
}

std::uint64_t edu_mmio_read(void* opaque, std::uint64_t offset, unsigned size) {
  const auto* edu = static_cast<EduState*>(opaque);
  if (!allowed_size(offset, size)) {
    return ~0ull;
  }
  switch (offset) {
    case 0x00:
      return identification;
    case 0x04:
      return edu->inverted;
    case 0x08:
      return edu->number;
    case 0x20:
      return edu->status;
    case 0x24:
      return edu->irq_status;
    case 0x80:
      return edu->dma.source;
    case 0x88:
      return edu->dma.destination;
    case 0x90:
      return edu->dma.count;
    case 0x98:
      return edu->dma.command;
    default:
      return ~0ull;
  }
}

void edu_mmio_write(void* opaque, std::uint64_t offset, std::uint64_t value,
                    unsigned size) {
  auto* edu = static_cast<EduState*>(opaque);
  if (!allowed_size(offset, size)) {
    return;
  }
  const auto low = static_cast<std::uint32_t>(value);
  switch (offset) {
    case 0x04:
      edu->inverted = ~low;
      break;
    case 0x08:
      start_factorial(edu, low);
      break;
    case 0x20:
      edu->status = (edu->status & ~status_irq_when_done) | (low & status_irq_when_done);
      break;
    case 0x60:
      edu_raise_irq(edu, low);
      break;
    case 0x64:
      edu_lower_irq(edu, low);
      break;
    case 0x80:
      write_dma(edu, edu->dma.source, value);
      break;
    case 0x88:
      write_dma(edu, edu->dma.destination, value);
      break;
    case 0x90:
      write_dma(edu, edu->dma.count, value);
      break;
    case 0x98:
      write_dma_command(edu, value);
      break;
    default:
      break;
  }
}

constexpr MemoryRegionOps edu_mmio_ops{.read = edu_mmio_read,
                                       .write = edu_mmio_write,
                                       .min_access_size = 4,
                                       .max_access_size = 8,
                                       .impl_min_access_size = 4,
                                       .impl_max_access_size = 8};

// ---- the type -------------------------------------------------------------------------

void pci_edu_realize(PCIDevice* dev) {
  EduState* edu = as_edu(dev);
  pci_config_set_interrupt_pin(edu, 1);
  msi_init(edu, 0, 1, true, false);
  edu->dma_timer = std::make_unique<Timer>([edu] { edu_dma_timer(edu); });
  edu->factorial_timer =
      std::make_unique<Timer>([edu] { factorial_done(edu, factorial(edu->number)); });
  edu->thread = std::make_unique<FactorialThread>(
      [edu](std::uint32_t result) { factorial_done(edu, result); });
  MemoryRegion* mmio =
      memory_region_new_io(edu, &edu_mmio_ops, edu, "edu-mmio", bar_size);
  pci_register_bar(edu, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, mmio);
}

void pci_edu_uninit(PCIDevice* dev) {
  EduState* edu = as_edu(dev);
  edu->thread.reset();
  edu->dma_timer.reset();
  edu->factorial_timer.reset();
  msi_uninit(edu);
}

constexpr Property edu_properties[] = {
    qdev_prop_uint64("dma_mask", &EduState::dma_mask, (1 << 28) - 1),
};

void edu_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<PCIDeviceClass>(klass);
  pc->realize_pci = pci_edu_realize;
  pc->exit = pci_edu_uninit;
  pc->vendor_id = PCI_VENDOR_ID_QEMU;
  pc->device_id = 0x11e8;
  pc->revision = 0x10;
  pc->class_id = PCI_CLASS_OTHERS;
  pc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(pc, edu_properties);
}

constexpr InterfaceInfo edu_interfaces[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};

constinit const TypeInfo edu_info{
    .name = TYPE_PCI_EDU_DEVICE,
    .parent = TYPE_PCI_DEVICE,
    .instance = instance_struct<EduState>(),
    .class_init = edu_class_init,
    .interfaces = edu_interfaces,
};

void pci_edu_register_types() {
  type_register_static(edu_info);
}

type_init(pci_edu_register_types);

}  // namespace

}  // namespace hw
