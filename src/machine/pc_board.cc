// CPUs, interrupt lines and ISA devices of a PC, in the order QEMU makes them.
//
// An interrupt line of a device ends at one of the board's 24 lines (gsi). The board
// passes it on to the 8259 pair or, if the accelerator has its own interrupt
// controllers, to the accelerator.
#include <algorithm>
#include <string>

#include "core/accel.h"
#include "core/guest_events.h"
#include "hw/i8042.h"
#include "hw/mc146818rtc.h"
#include "hw/pic_common.h"
#include "hw/pit_common.h"
#include "machine/board_config.h"
#include "machine/pc.h"

namespace machine {

namespace {

// ---- CPUs ---------------------------------------------------------------------------

unsigned bits_for(unsigned count) {
  unsigned bits = 0;
  while ((1u << bits) < count) {
    ++bits;
  }
  return bits;
}

// The APIC id packs package, core and thread into bit fields (SDM vol. 3, 8.9).
std::uint32_t apic_id_of(const MachineState* machine, unsigned index) {
  const auto threads = static_cast<unsigned>(std::max(machine->smp_threads, 1));
  const auto cores = static_cast<unsigned>(std::max(machine->smp_cores, 1));
  const unsigned thread_bits = bits_for(threads), core_bits = bits_for(cores);
  return index / (threads * cores) << (thread_bits + core_bits) |
         (index / threads % cores) << thread_bits | index % threads;
}

void pc_new_cpu(const char* type, std::uint32_t apic_id, bool boot_cpu) {
  if (object_class_by_name(type) == nullptr) {
    throw Error("unable to find CPU type '" + std::string(type) + "'");
  }
  const Ref<> cpu(object_new(type));
  object_property_set_uint(cpu.get(), apic_id, "apic-id");
  object_cast<CpuState>(cpu.get())->start_halted = !boot_cpu;
  object_property_set_bool(cpu.get(), true, "realized");
}

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

void serial_hds_isa_init(ISABus* isa_bus) {
  constexpr std::size_t max_isa_serial_ports = 4;
  const auto& hds = board_config().serial_hds;
  for (std::size_t i = 0; i < hds.size() && i < max_isa_serial_ports; ++i) {
    if (hds[i] == nullptr) {
      continue;
    }
    ISADeviceState* serial = isa_create(isa_bus, "isa-serial");
    qdev_prop_set_uint32(serial, "index", static_cast<std::uint32_t>(i));
    qdev_prop_set_chr(serial, "chardev", hds[i]);
    qdev_init_nofail(serial);
  }
}

}  // namespace

void pc_cpus_init(PCMachineState* pcms) {
  const char* type = pcms->cpu_type.empty() ? PC_MACHINE_GET_CLASS(pcms)->default_cpu_type
                                            : pcms->cpu_type.c_str();
  for (int i = 0; i < pcms->smp_cpus; ++i) {
    pc_new_cpu(type, apic_id_of(pcms, static_cast<unsigned>(i)), i == 0);
  }
}

bool pc_kernel_irqchip(const MachineState* machine) {
  // The irqchip itself is made after the board (accel_setup_post): ask what it will be.
  return machine->accelerator != nullptr &&
         object_dynamic_cast(machine->accelerator, "kvm-accel") != nullptr &&
         (machine->kernel_irqchip.empty() || machine->kernel_irqchip == "on");
}

void pc_gsi_init(PCMachineState* pcms) {
  if (pc_kernel_irqchip(pcms)) {
    pcms->gsi = qemu_allocate_irqs(
        [accel = pcms->accelerator](int n, int level) {
          if (accel->kernel_irqchip != nullptr) {
            accel->kernel_irqchip->set_irq(n, level != 0);
          }
        },
        gsi_count);
    return;
  }
  // Lines 16 and up lead to the I/O APIC only, which is not built yet.
  pcms->gsi = qemu_allocate_irqs(
      [pcms](int n, int level) {
        if (n < isa_irq_count) {
          qemu_set_irq(pcms->i8259_irq[static_cast<std::size_t>(n)], level);
        }
      },
      gsi_count);
}

void pc_i8259_init(PCMachineState* pcms, ISABus* isa_bus) {
  std::array<Irq, isa_irq_count> lines{};
  std::copy_n(pcms->gsi.begin(), lines.size(), lines.begin());
  isa_bus_irqs(isa_bus, lines);
  if (pc_kernel_irqchip(pcms)) {
    hw::kvm_i8259_init(isa_bus);
    return;
  }
  // INTR: the vCPU asks the pair itself whether and what (core::InterruptController).
  const Ref<IrqState> intr(qemu_allocate_irq([](int, int) { interrupt_changed(); }, 0));
  pcms->i8259_irq = hw::i8259_init(isa_bus, intr.get());
}

void pc_basic_device_init(PCMachineState* pcms, ISABus* isa_bus) {
  MemoryRegion* io80 =
      memory_region_new_io(nullptr, &ioport80_ops, nullptr, "ioport80", 1);
  memory_region_add_subregion(isa_bus->address_space_io, 0x80, io80);
  MemoryRegion* io_f0 =
      memory_region_new_io(nullptr, &ioport_f0_ops, pcms->gsi[13], "ioportF0", 1);
  memory_region_add_subregion(isa_bus->address_space_io, 0xf0, io_f0);

  ISADeviceState* rtc = hw::mc146818_rtc_init(isa_bus, 0, pcms->gsi[8]);
  pcms->rtc = object_ref(rtc);
  object_property_add_alias(pcms, "rtc-time", rtc, "date");
  if (pcms->pit_enabled) {
    ISADeviceState* pit = pc_kernel_irqchip(pcms)
                              ? hw::kvm_pit_init(isa_bus, 0x40)
                              : hw::i8254_pit_init(isa_bus, 0x40, pcms->gsi[0]);
    hw::pcspk_init(isa_bus, pit);
  }
  serial_hds_isa_init(isa_bus);

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
