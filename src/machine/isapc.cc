// isapc: a PC of the time before PCI. One CPU, no host bridge: firmware and option
// ROM areas lie in system memory itself and can be written.
#include "machine/pc.h"

namespace machine {

namespace {

void pc_init_isa(MachineState* machine) {
  PCMachineState* pcms = PC_MACHINE(machine);
  constexpr std::uint64_t three_and_a_half_gib = 0xe0000000;
  pc_split_ram(pcms, three_and_a_half_gib);
  x86_cpus_init(pcms);
  pc_memory_init(pcms, get_system_memory(), get_system_memory());
  x86_gsi_init(pcms, &pcms->lines);
  ISABus* isa_bus = isa_bus_new(nullptr, get_system_memory(), get_system_io());
  x86_i8259_init(pcms, &pcms->lines, isa_bus);
  pc_basic_device_init(pcms, isa_bus);
  pc_load_kernel(pcms);
}

void isapc_machine_options(MachineClass* m) {
  PCMachineClass* pcmc = PC_MACHINE_CLASS(m);
  m->desc = "ISA-only PC";
  m->max_cpus = 1;
  m->option_rom_has_mr = true;
  m->rom_file_has_mr = false;
  m->default_cpu_type = "486-x86_64-cpu";
  m->default_nic_model = "ne2k_isa";
  pcmc->pci_enabled = false;
  pcmc->has_acpi_build = false;
  pcmc->smbios_defaults = false;
  pcmc->gigabyte_align = false;
  pcmc->has_reserved_memory = false;
}

DEFINE_PC_MACHINE(isapc, "isapc", pc_init_isa, isapc_machine_options);

}  // namespace

}  // namespace machine
