// The standard PC (i440FX + PIIX, 1996) in the version of every QEMU release up to 4.0.
//
// A release's type behaves as that release did. Its options function calls the next
// newer one's and then takes back what that release did not have yet; so each
// difference stands once, at the release that introduced it.
//
// The host bridge (i440FX) and the south bridge (PIIX3) are not built yet: the ISA bus
// hangs off the system bus instead, and RAM below 1 MiB is always on (pc_memory.cc).
#include "machine/pc_piix.h"

#include "machine/pc_compat.h"

namespace machine {

// ---- the board ----------------------------------------------------------------------

void pc_init1(MachineState* machine, const char* host_type, const char* pci_type) {
  PCMachineState* pcms = PC_MACHINE(machine);
  constexpr std::uint64_t three_gib = 0xc0000000, three_and_a_half_gib = 0xe0000000;
  pc_split_ram(pcms, PC_MACHINE_GET_CLASS(pcms)->gigabyte_align ? three_gib
                                                                : three_and_a_half_gib);
  pc_cpus_init(pcms);

  // What PCI devices will answer lies below RAM: RAM wins where both are.
  MemoryRegion* pci_memory = memory_region_new_container(nullptr, "pci", ~0ull);
  memory_region_add_subregion_overlap(get_system_memory(), 0, pci_memory, -1);
  pc_memory_init(pcms, get_system_memory(), pci_memory);

  pc_gsi_init(pcms);
  ISABus* isa_bus = i440fx_init(host_type, pci_type);
  pc_i8259_init(pcms, isa_bus);
  pc_basic_device_init(pcms, isa_bus);
  pc_load_kernel(pcms);
}

ISABus* i440fx_init(const char*, const char*) {
  return isa_bus_new(nullptr, get_system_memory(), get_system_io());
}

// ---- its versions, newest first -------------------------------------------------------

namespace {

void pc_i440fx_machine_options(MachineClass* m) {
  PCMachineClass* pcmc = PC_MACHINE_CLASS(m);
  pcmc->default_nic_model = "e1000";
  m->family = "pc_piix";
  m->desc = "Standard PC (i440FX + PIIX, 1996)";
  m->default_machine_opts = "firmware=bios-256k.bin";
  m->default_display = "std";
}

}  // namespace

void pc_i440fx_4_0_machine_options(MachineClass* m) {
  pc_i440fx_machine_options(m);
  m->alias = "pc";
  m->is_default = true;
}

DEFINE_I440FX_MACHINE(v4_0, "pc-i440fx-4.0", NULL, pc_i440fx_4_0_machine_options);

static void pc_i440fx_3_1_machine_options(MachineClass* m) {
  pc_i440fx_4_0_machine_options(m);
  m->is_default = false;
  m->alias = nullptr;
  m->smbus_no_migration_support = 1;
}

DEFINE_I440FX_MACHINE(v3_1, "pc-i440fx-3.1", NULL, pc_i440fx_3_1_machine_options);

static void pc_i440fx_3_0_machine_options(MachineClass* m) {
  pc_i440fx_3_1_machine_options(m);
}

DEFINE_I440FX_MACHINE(v3_0, "pc-i440fx-3.0", NULL, pc_i440fx_3_0_machine_options);

static void pc_i440fx_2_12_machine_options(MachineClass* m) {
  pc_i440fx_3_0_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_12, "pc-i440fx-2.12", NULL, pc_i440fx_2_12_machine_options);

static void pc_i440fx_2_11_machine_options(MachineClass* m) {
  pc_i440fx_2_12_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_11, "pc-i440fx-2.11", NULL, pc_i440fx_2_11_machine_options);

static void pc_i440fx_2_10_machine_options(MachineClass* m) {
  pc_i440fx_2_11_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_10, "pc-i440fx-2.10", NULL, pc_i440fx_2_10_machine_options);

static void pc_i440fx_2_9_machine_options(MachineClass* m) {
  pc_i440fx_2_10_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_9, "pc-i440fx-2.9", NULL, pc_i440fx_2_9_machine_options);

static void pc_i440fx_2_8_machine_options(MachineClass* m) {
  pc_i440fx_2_9_machine_options(m);
  compat_props_add(m, pc_compat_2_8);
}

DEFINE_I440FX_MACHINE(v2_8, "pc-i440fx-2.8", NULL, pc_i440fx_2_8_machine_options);

static void pc_i440fx_2_7_machine_options(MachineClass* m) {
  pc_i440fx_2_8_machine_options(m);
  compat_props_add(m, pc_compat_2_7);
}

DEFINE_I440FX_MACHINE(v2_7, "pc-i440fx-2.7", NULL, pc_i440fx_2_7_machine_options);

static void pc_i440fx_2_6_machine_options(MachineClass* m) {
  pc_i440fx_2_7_machine_options(m);
  PC_MACHINE_CLASS(m)->linuxboot_dma_enabled = false;
}

DEFINE_I440FX_MACHINE(v2_6, "pc-i440fx-2.6", NULL, pc_i440fx_2_6_machine_options);

static void pc_i440fx_2_5_machine_options(MachineClass* m) {
  pc_i440fx_2_6_machine_options(m);
  PC_MACHINE_CLASS(m)->save_tsc_khz = false;
}

DEFINE_I440FX_MACHINE(v2_5, "pc-i440fx-2.5", NULL, pc_i440fx_2_5_machine_options);

static void pc_i440fx_2_4_machine_options(MachineClass* m) {
  pc_i440fx_2_5_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_4, "pc-i440fx-2.4", NULL, pc_i440fx_2_4_machine_options);

static void pc_i440fx_2_3_machine_options(MachineClass* m) {
  pc_i440fx_2_4_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_3, "pc-i440fx-2.3", NULL, pc_i440fx_2_3_machine_options);

static void pc_i440fx_2_2_machine_options(MachineClass* m) {
  pc_i440fx_2_3_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_2, "pc-i440fx-2.2", NULL, pc_i440fx_2_2_machine_options);

static void pc_i440fx_2_1_machine_options(MachineClass* m) {
  pc_i440fx_2_2_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_1, "pc-i440fx-2.1", NULL, pc_i440fx_2_1_machine_options);

void pc_i440fx_2_0_machine_options(MachineClass* m) {
  pc_i440fx_2_1_machine_options(m);
  PC_MACHINE_CLASS(m)->has_reserved_memory = false;
}

DEFINE_I440FX_MACHINE(v2_0, "pc-i440fx-2.0", NULL, pc_i440fx_2_0_machine_options);

static void pc_i440fx_1_7_machine_options(MachineClass* m) {
  pc_i440fx_2_0_machine_options(m);
  PCMachineClass* pcmc = PC_MACHINE_CLASS(m);
  m->default_machine_opts = nullptr;  // so firmware is bios.bin, 128 KiB
  m->option_rom_has_mr = true;
  pcmc->smbios_defaults = false;
  pcmc->gigabyte_align = false;
}

DEFINE_I440FX_MACHINE(v1_7, "pc-i440fx-1.7", NULL, pc_i440fx_1_7_machine_options);

static void pc_i440fx_1_6_machine_options(MachineClass* m) {
  pc_i440fx_1_7_machine_options(m);
  m->rom_file_has_mr = false;
  PC_MACHINE_CLASS(m)->has_acpi_build = false;
}

DEFINE_I440FX_MACHINE(v1_6, "pc-i440fx-1.6", NULL, pc_i440fx_1_6_machine_options);

static void pc_i440fx_1_5_machine_options(MachineClass* m) {
  pc_i440fx_1_6_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_5, "pc-i440fx-1.5", NULL, pc_i440fx_1_5_machine_options);

static void pc_i440fx_1_4_machine_options(MachineClass* m) {
  pc_i440fx_1_5_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_4, "pc-i440fx-1.4", NULL, pc_i440fx_1_4_machine_options);

static void pc_i440fx_1_3_machine_options(MachineClass* m) {
  pc_i440fx_1_4_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_3, "pc-1.3", NULL, pc_i440fx_1_3_machine_options);

static void pc_i440fx_1_2_machine_options(MachineClass* m) {
  pc_i440fx_1_3_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_2, "pc-1.2", NULL, pc_i440fx_1_2_machine_options);

static void pc_i440fx_1_1_machine_options(MachineClass* m) {
  pc_i440fx_1_2_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_1, "pc-1.1", NULL, pc_i440fx_1_1_machine_options);

static void pc_i440fx_1_0_machine_options(MachineClass* m) {
  pc_i440fx_1_1_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_0, "pc-1.0", NULL, pc_i440fx_1_0_machine_options);

static void pc_i440fx_0_15_machine_options(MachineClass* m) {
  pc_i440fx_1_0_machine_options(m);
  m->deprecation_reason = "use a newer machine type instead";
}

DEFINE_I440FX_MACHINE(v0_15, "pc-0.15", NULL, pc_i440fx_0_15_machine_options);

static void pc_i440fx_0_14_machine_options(MachineClass* m) {
  pc_i440fx_0_15_machine_options(m);
}

DEFINE_I440FX_MACHINE(v0_14, "pc-0.14", NULL, pc_i440fx_0_14_machine_options);

static void pc_i440fx_0_13_machine_options(MachineClass* m) {
  pc_i440fx_0_14_machine_options(m);
}

DEFINE_I440FX_MACHINE(v0_13, "pc-0.13", NULL, pc_i440fx_0_13_machine_options);

static void pc_i440fx_0_12_machine_options(MachineClass* m) {
  pc_i440fx_0_13_machine_options(m);
}

DEFINE_I440FX_MACHINE(v0_12, "pc-0.12", NULL, pc_i440fx_0_12_machine_options);

}  // namespace machine
