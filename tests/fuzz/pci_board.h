// A PCI bus with a host bridge, PIIX3 and PIIX4_PM, and whatever cards a fuzz target
// adds, in a machine of 4 MiB without processors.
#pragma once

#include <memory>

#include "core/clock.h"
#include "core/machine.h"
#include "core/pci.h"
#include "core/run_state.h"
#include "hw/i440fx.h"
#include "hw/piix3.h"
#include "hw/piix4_pm.h"
#include "machine/pc.h"

namespace pci_board {

using namespace core;

// Counted time: edu then computes by timer, so that a run can be repeated.
struct ManualClock : ClockSource {
  std::int64_t now_ns() override { return now; }

  bool counts_instructions() const override { return true; }

  std::int64_t now = 0;
};

inline ManualClock* manual_clock = nullptr;
inline PCIBus* bus = nullptr;

// `add_cards` puts its own on `bus`.
template <class AddCards>
void build(AddCards add_cards) {
  module_call_init(MODULE_INIT_QOM);
  auto clock = std::make_unique<ManualClock>();
  manual_clock = clock.get();
  clock_set_source(std::move(clock));
  current_machine = object_cast<MachineState>(object_new("pc-i440fx-4.0-machine"));
  object_property_add_child(object_get_root(), "machine", current_machine);
  address_spaces_init();
  machine::PCMachineState* pcms = machine::PC_MACHINE(current_machine);
  pcms->ram_size = pcms->below_4g_mem_size = 4 << 20;
  pcms->ram = memory_region_new_ram(nullptr, "pc.ram", pcms->ram_size);
  memory_region_add_subregion(get_system_memory(), 0, pcms->ram);
  MemoryRegion* pci = memory_region_new_container(nullptr, "pci", ~0ull);
  memory_region_add_subregion_overlap(get_system_memory(), 0, pci, -1);
  machine::x86_gsi_init(pcms, &pcms->lines);
  bus = hw::i440fx_init(hw::TYPE_I440FX_PCI_HOST_BRIDGE, hw::TYPE_I440FX_PCI_DEVICE,
                        {.system = get_system_memory(),
                         .io = get_system_io(),
                         .pci = pci,
                         .ram = pcms->ram,
                         .below_4g = pcms->ram_size});
  PCIDevice* piix3 = hw::piix3_create(bus, pcms->lines.gsi);
  machine::x86_i8259_init(pcms, &pcms->lines, hw::piix3_isa_bus(piix3));
  hw::piix4_pm_init(bus, piix3->devfn + 3, 0xb100, pcms->lines.gsi[9]);
  add_cards();
  qemu_register_reset([] { qbus_reset_all(sysbus_get_default()); });
  qemu_run_machine_init_done_notifiers();
}

}  // namespace pci_board
