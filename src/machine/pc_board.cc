// What every PC has on its ISA bus, in the order QEMU makes it.
#include "core/guest_events.h"
#include "hw/i8042.h"
#include "hw/mc146818rtc.h"
#include "hw/pit_common.h"
#include "machine/pc.h"

namespace machine {

namespace {

// ---- ports 0x80 and 0xf0 --------------------------------------------------------------

// Port 0x80: where firmware shows its progress. Here the guest's words become part of
// the trace. Nothing is there to read.
std::uint64_t ioport80_read(void*, std::uint64_t, unsigned) {
  return ~0ull;
}

void ioport80_write(void*, std::uint64_t, std::uint64_t data, unsigned) {
  guest_mark(data);
}

constexpr MemoryRegionOps ioport80_ops{
    .read = ioport80_read,
    .write = ioport80_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

// Port 0xf0: a write takes back the interrupt 13 of the 387 coprocessor. No accelerator
// reports floating-point errors that way, so the line is never raised.
std::uint64_t ioport_f0_read(void*, std::uint64_t, unsigned) {
  return ~0ull;
}

void ioport_f0_write(void* opaque, std::uint64_t, std::uint64_t, unsigned) {
  qemu_irq_lower(static_cast<IrqState*>(opaque));
}

constexpr MemoryRegionOps ioport_f0_ops{
    .read = ioport_f0_read,
    .write = ioport_f0_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

}  // namespace

void pc_basic_device_init(PCMachineState* pcms, ISABus* isa_bus) {
  MemoryRegion* io80 =
      memory_region_new_io(nullptr, &ioport80_ops, nullptr, "ioport80", 1);
  memory_region_add_subregion(isa_bus->address_space_io, 0x80, io80);
  MemoryRegion* io_f0 =
      memory_region_new_io(nullptr, &ioport_f0_ops, pcms->lines.gsi[13], "ioportF0", 1);
  memory_region_add_subregion(isa_bus->address_space_io, 0xf0, io_f0);

  ISADeviceState* rtc = hw::mc146818_rtc_init(isa_bus, 0, pcms->lines.gsi[8]);
  pcms->rtc = object_ref(rtc);
  object_property_add_alias(pcms, "rtc-time", rtc, "date");
  if (pcms->pit_enabled) {
    ISADeviceState* pit = x86_kernel_irqchip(pcms)
                              ? hw::kvm_pit_init(isa_bus, 0x40)
                              : hw::i8254_pit_init(isa_bus, 0x40, pcms->lines.gsi[0]);
    hw::pcspk_init(isa_bus, pit);
  }
  x86_serial_init(isa_bus);

  const std::vector<Irq> a20_lines = qemu_allocate_irqs(
      [pcms](int, int level) { handle_a20_line_change(pcms, level); }, 2);
  hw::i8042_init(isa_bus, a20_lines[0]);
  hw::port92_init(isa_bus, a20_lines[1]);
  for (Irq line : a20_lines) {
    object_unref(line);  // the devices hold them now
  }
  if (pcms->vmport == OnOffAuto::auto_) {
    pcms->vmport = OnOffAuto::on;
  }
  pc_cmos_init(pcms, rtc);
  qemu_register_reset([] { qbus_reset_all(sysbus_get_default()); });
}

}  // namespace machine
