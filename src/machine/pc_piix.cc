// The standard PC (i440FX + PIIX, 1996) in the version of every QEMU release up to 4.0.
//
// A release's type behaves as that release did. Its options function calls the next
// newer one's and then takes back what that release did not have yet; so each
// difference stands once, at the release that introduced it.
//
// Host bridge i440FX, on its bus the south bridge PIIX3 with the ISA bus, beside it the
// PIIX4's power management. Not built yet: PIIX3's IDE and USB, the SMBus EEPROMs.
#include "machine/pc_piix.h"

#include "core/startup_step.h"
#include "hw/piix3.h"
#include "hw/piix4_pm.h"
#include "machine/cpu_compat.h"
#include "machine/pc_compat.h"
#include "machine/pc_fw_cfg.h"

namespace machine {

// ---- the board ----------------------------------------------------------------------

namespace {

// Function 3 of PIIX3's slot, as if it were part of that chip.
void pc_power_management_init(PCMachineState* pcms, PCIDevice* piix3) {
  constexpr int function = 3;
  constexpr std::uint32_t smbus_port = 0xb100;
  constexpr std::size_t sci = 9;
  PCIDevice* pm = hw::piix4_pm_init(pci_bus_of(piix3), piix3->devfn + function,
                                    smbus_port, pcms->lines.gsi[sci]);
  pcms->acpi_dev = object_ref(pm);
}

// What SeaBIOS has done to the chipset when it starts an operating system.
void leave_as_firmware_does(PCMachineState* pcms, PCIDevice* piix3) {
  hw::i440fx_shadow_ram_on(pci_bus_of(piix3));
  hw::piix3_route(piix3, pc_pirq_lines);
  hw::piix4_pm_enable(object_cast<PCIDevice>(pcms->acpi_dev), pc_pm_port);
}

}  // namespace

void pc_init1(MachineState* machine, const char* host_type, const char* pci_type) {
  const StartupStep step("pc_init1");
  PCMachineState* pcms = PC_MACHINE(machine);
  constexpr std::uint64_t three_gib = 0xc0000000, three_and_a_half_gib = 0xe0000000;
  pc_split_ram(pcms, PC_MACHINE_GET_CLASS(pcms)->gigabyte_align ? three_gib
                                                                : three_and_a_half_gib);
  x86_cpus_init(pcms);

  // What PCI devices will answer lies below RAM: RAM wins where both are.
  MemoryRegion* pci_memory = memory_region_new_container(nullptr, "pci", ~0ull);
  memory_region_add_subregion_overlap(get_system_memory(), 0, pci_memory, -1);
  pc_memory_init(pcms, get_system_memory(), pci_memory);

  x86_gsi_init(pcms, &pcms->lines);
  PCIBus* pci_bus = hw::i440fx_init(host_type, pci_type,
                                    {.system = get_system_memory(),
                                     .io = get_system_io(),
                                     .pci = pci_memory,
                                     .ram = pcms->ram,
                                     .below_4g = pcms->below_4g_mem_size,
                                     .above_4g = pcms->above_4g_mem_size});
  PCIDevice* piix3 = hw::piix3_create(pci_bus, pcms->lines.gsi);
  ISABus* isa_bus = hw::piix3_isa_bus(piix3);
  x86_i8259_init(pcms, &pcms->lines, isa_bus);
  pc_basic_device_init(pcms, isa_bus);
  pc_power_management_init(pcms, piix3);
  pc_fw_cfg_show_acpi(pcms);
  if (!pcms->has_firmware) {
    // Nobody runs before the image: the board is left as firmware leaves it. Now, too,
    // so that guest RAM is given to the accelerator in its final pieces.
    leave_as_firmware_does(pcms, piix3);
    qemu_register_reset([=] { leave_as_firmware_does(pcms, piix3); });
  }
  pc_load_kernel(pcms);
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
  compat_props_add(m, cpu_compat_3_1);
  compat_props_add(m, pc_compat_3_1);
  m->is_default = false;
  m->alias = nullptr;
  m->smbus_no_migration_support = 1;
}

DEFINE_I440FX_MACHINE(v3_1, "pc-i440fx-3.1", NULL, pc_i440fx_3_1_machine_options);

static void pc_i440fx_3_0_machine_options(MachineClass* m) {
  pc_i440fx_3_1_machine_options(m);
  compat_props_add(m, cpu_compat_3_0);
}

DEFINE_I440FX_MACHINE(v3_0, "pc-i440fx-3.0", NULL, pc_i440fx_3_0_machine_options);

static void pc_i440fx_2_12_machine_options(MachineClass* m) {
  pc_i440fx_3_0_machine_options(m);
  compat_props_add(m, cpu_compat_2_12);
}

DEFINE_I440FX_MACHINE(v2_12, "pc-i440fx-2.12", NULL, pc_i440fx_2_12_machine_options);

static void pc_i440fx_2_11_machine_options(MachineClass* m) {
  pc_i440fx_2_12_machine_options(m);
  compat_props_add(m, cpu_compat_2_11);
}

DEFINE_I440FX_MACHINE(v2_11, "pc-i440fx-2.11", NULL, pc_i440fx_2_11_machine_options);

static void pc_i440fx_2_10_machine_options(MachineClass* m) {
  pc_i440fx_2_11_machine_options(m);
  compat_props_add(m, cpu_compat_2_10);
}

DEFINE_I440FX_MACHINE(v2_10, "pc-i440fx-2.10", NULL, pc_i440fx_2_10_machine_options);

static void pc_i440fx_2_9_machine_options(MachineClass* m) {
  pc_i440fx_2_10_machine_options(m);
}

DEFINE_I440FX_MACHINE(v2_9, "pc-i440fx-2.9", NULL, pc_i440fx_2_9_machine_options);

static void pc_i440fx_2_8_machine_options(MachineClass* m) {
  pc_i440fx_2_9_machine_options(m);
  compat_props_add(m, cpu_compat_2_8);
  compat_props_add(m, pc_compat_2_8);
}

DEFINE_I440FX_MACHINE(v2_8, "pc-i440fx-2.8", NULL, pc_i440fx_2_8_machine_options);

static void pc_i440fx_2_7_machine_options(MachineClass* m) {
  pc_i440fx_2_8_machine_options(m);
  compat_props_add(m, cpu_compat_2_7);
  compat_props_add(m, pc_compat_2_7);
}

DEFINE_I440FX_MACHINE(v2_7, "pc-i440fx-2.7", NULL, pc_i440fx_2_7_machine_options);

static void pc_i440fx_2_6_machine_options(MachineClass* m) {
  pc_i440fx_2_7_machine_options(m);
  compat_props_add(m, cpu_compat_2_6);
  compat_props_add(m, pc_compat_2_6);
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
  compat_props_add(m, cpu_compat_2_4);
  compat_props_add(m, pc_compat_2_4);
}

DEFINE_I440FX_MACHINE(v2_4, "pc-i440fx-2.4", NULL, pc_i440fx_2_4_machine_options);

static void pc_i440fx_2_3_machine_options(MachineClass* m) {
  pc_i440fx_2_4_machine_options(m);
  compat_props_add(m, cpu_compat_2_3);
  compat_props_add(m, pc_compat_2_3);
}

DEFINE_I440FX_MACHINE(v2_3, "pc-i440fx-2.3", NULL, pc_i440fx_2_3_machine_options);

static void pc_i440fx_2_2_machine_options(MachineClass* m) {
  pc_i440fx_2_3_machine_options(m);
  compat_props_add(m, cpu_compat_2_2);
}

DEFINE_I440FX_MACHINE(v2_2, "pc-i440fx-2.2", NULL, pc_i440fx_2_2_machine_options);

static void pc_i440fx_2_1_machine_options(MachineClass* m) {
  pc_i440fx_2_2_machine_options(m);
  compat_props_add(m, cpu_compat_2_1);
  compat_props_add(m, pc_compat_2_1);
  m->default_display = nullptr;  // so the video card is a Cirrus one
  m->cpu_features_of_model = "svm";
}

DEFINE_I440FX_MACHINE(v2_1, "pc-i440fx-2.1", NULL, pc_i440fx_2_1_machine_options);

void pc_i440fx_2_0_machine_options(MachineClass* m) {
  pc_i440fx_2_1_machine_options(m);
  compat_props_add(m, cpu_compat_2_0);
  PC_MACHINE_CLASS(m)->has_reserved_memory = false;
}

DEFINE_I440FX_MACHINE(v2_0, "pc-i440fx-2.0", NULL, pc_i440fx_2_0_machine_options);

static void pc_i440fx_1_7_machine_options(MachineClass* m) {
  pc_i440fx_2_0_machine_options(m);
  compat_props_add(m, cpu_compat_1_7);
  PCMachineClass* pcmc = PC_MACHINE_CLASS(m);
  m->default_machine_opts = nullptr;  // so firmware is bios.bin, 128 KiB
  m->option_rom_has_mr = true;
  m->cpu_features_of_model = "svm x2apic";
  pcmc->smbios_defaults = false;
  pcmc->gigabyte_align = false;
}

DEFINE_I440FX_MACHINE(v1_7, "pc-i440fx-1.7", NULL, pc_i440fx_1_7_machine_options);

static void pc_i440fx_1_6_machine_options(MachineClass* m) {
  pc_i440fx_1_7_machine_options(m);
  compat_props_add(m, cpu_compat_1_6);
  m->rom_file_has_mr = false;
  PC_MACHINE_CLASS(m)->has_acpi_build = false;
}

DEFINE_I440FX_MACHINE(v1_6, "pc-i440fx-1.6", NULL, pc_i440fx_1_6_machine_options);

static void pc_i440fx_1_5_machine_options(MachineClass* m) {
  pc_i440fx_1_6_machine_options(m);
  compat_props_add(m, cpu_compat_1_5);
}

DEFINE_I440FX_MACHINE(v1_5, "pc-i440fx-1.5", NULL, pc_i440fx_1_5_machine_options);

static void pc_i440fx_1_4_machine_options(MachineClass* m) {
  pc_i440fx_1_5_machine_options(m);
  compat_props_add(m, cpu_compat_1_4);
}

DEFINE_I440FX_MACHINE(v1_4, "pc-i440fx-1.4", NULL, pc_i440fx_1_4_machine_options);

static void pc_i440fx_1_3_machine_options(MachineClass* m) {
  pc_i440fx_1_4_machine_options(m);
}

DEFINE_I440FX_MACHINE(v1_3, "pc-1.3", NULL, pc_i440fx_1_3_machine_options);

static void pc_i440fx_1_2_machine_options(MachineClass* m) {
  pc_i440fx_1_3_machine_options(m);
  m->cpu_features_of_model = "svm x2apic kvm-pv-eoi";
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
