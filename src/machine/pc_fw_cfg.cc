// The items of a PC's fw_cfg: memory map, CPUs, boot order, ACPI's tables; with the
// numbers and names of QEMU 4.0.
#include "machine/pc_fw_cfg.h"

#include <algorithm>
#include <string>

#include "core/loader.h"
#include "core/startup_step.h"
#include "machine/acpi_loader.h"
#include "machine/boot_order.h"
#include "machine/smbios.h"

namespace machine {

namespace {

using hw::FwCfgBytes;
using hw::FWCfgState;

constexpr std::uint32_t e820_ram = 1, e820_reserved = 2;
constexpr std::uint64_t four_gib = 1ull << 32;

FwCfgBytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// ---- memory -------------------------------------------------------------------------

// Three pages of a task state segment and one of page tables, which KVM uses on CPUs of
// Intel (accel/kvm.cc).
constexpr std::uint64_t kvm_pages = 0xfeffc000, kvm_pages_size = 0x4000;

bool needs_kvm_pages(const PCMachineState* pcms) {
  return object_dynamic_cast(pcms->accelerator, "kvm-accel") != nullptr;
}

FwCfgBytes memory_map(const PCMachineState* pcms) {
  TableBytes out;
  const auto add = [&out](std::uint64_t start, std::uint64_t size, std::uint32_t type) {
    if (size != 0) {
      out.number(start, 8).number(size, 8).number(type, 4);
    }
  };
  if (needs_kvm_pages(pcms)) {
    add(kvm_pages, kvm_pages_size, e820_reserved);
  }
  add(0, pcms->below_4g_mem_size, e820_ram);
  add(four_gib, pcms->above_4g_mem_size, e820_ram);
  return out.take();
}

// The older form, of fixed size: reserved ranges only.
FwCfgBytes reserved_ranges(const PCMachineState* pcms) {
  constexpr std::size_t most = 16, entry_size = 20;
  TableBytes out;
  out.number(needs_kvm_pages(pcms) ? 1 : 0, 4);
  if (needs_kvm_pages(pcms)) {
    out.number(kvm_pages, 8).number(kvm_pages_size, 8).number(e820_reserved, 4);
  }
  out.zeros(4 + most * entry_size - out.size());
  return out.take();
}

// ---- CPUs ---------------------------------------------------------------------------

// The number of nodes, the node of each APIC id, the memory of each node.
FwCfgBytes numa_nodes(const PCMachineState* pcms) {
  const std::uint32_t limit = x86_apic_id_limit(pcms);
  TableBytes out;
  out.number(pcms->numa_nodes.size(), 8).zeros(8 * std::size_t{limit});
  for (const CpuState* cpu : cpu_list()) {
    const std::int32_t node = machine_cpu_node_id(cpu->cpu_index);
    const auto apic_id = static_cast<std::uint32_t>(cpu->accel_id);
    if (node > 0 && apic_id < limit) {
      out.put(8 * (1 + std::size_t{apic_id}), static_cast<std::uint64_t>(node), 8);
    }
  }
  for (const NumaNode& node : pcms->numa_nodes) {
    out.number(node.memory, 8);
  }
  return out.take();
}

// No timer of that kind is built: a count of 255 says so, and room for eight follows.
FwCfgBytes no_hpet() {
  constexpr std::size_t most = 8, entry_size = 15;
  TableBytes out;
  return out.number(0xff, 1).zeros(most * entry_size).take();
}

// ---- ACPI ---------------------------------------------------------------------------

std::uint16_t pm_port(const PCMachineState* pcms) {
  const auto port =
      static_cast<std::uint16_t>(object_property_get_uint(pcms->acpi_dev, "pm_io_base"));
  return port != 0 ? port : pc_pm_port;
}

AcpiFiles acpi_files_of(PCMachineState* pcms) {
  AcpiBoard board = pc_acpi_board(pcms);
  board.pm_port = pm_port(pcms);  // where firmware has put it by now
  return acpi_files(board);
}

// Which kinds of sleep there are, and the number for each: as PIIX4's properties say.
FwCfgBytes system_states(const PCMachineState* pcms) {
  const auto number = [pcms](const char* property) {
    return object_property_get_uint(pcms->acpi_dev, property);
  };
  constexpr std::uint8_t there = 0x80;
  const auto s3 = static_cast<std::uint8_t>(number("disable_s3") != 0 ? 1 : 1 | there);
  const auto s4 = static_cast<std::uint8_t>((number("s4_val") & 0x7f) |
                                            (number("disable_s4") != 0 ? 0 : there));
  TableBytes out;
  return out.bytes({there, 0, 0, s3, s4, there}).take();
}

bool has_acpi_files(const PCMachineState* pcms) {
  return pcms->acpi_dev != nullptr && class_of<PCMachineClass>(pcms)->has_acpi_build;
}

void add_acpi(PCMachineState* pcms, FWCfgState* s) {
  const auto add = [&](std::string_view name, std::vector<std::byte> AcpiFiles::*file) {
    fw_cfg_add_file_later(
        s, std::string(name), [=] { return acpi_files_of(pcms).*file; }, true);
  };
  add(acpi_tables_file, &AcpiFiles::tables);
  add(acpi_rsdp_file, &AcpiFiles::rsdp);
  add(acpi_loader_file, &AcpiFiles::loader);
}

// ---- all of them --------------------------------------------------------------------

void add_boot(PCMachineState* pcms, FWCfgState* s) {
  const BootSettings& boot = pcms->boot;
  fw_cfg_add_number(s, hw::FW_CFG_NOGRAPHIC, pcms->graphics ? 0 : 1, 2);
  fw_cfg_add_number(s, hw::FW_CFG_BOOT_MENU, boot.menu ? 1 : 0, 2);
  if (boot.splash_time >= 0) {
    fw_cfg_add_file(
        s, "etc/boot-menu-wait",
        hw::fw_cfg_numbers({{static_cast<std::uint64_t>(boot.splash_time), 2}}));
  }
  fw_cfg_add_file(
      s, "etc/boot-fail-wait",
      hw::fw_cfg_numbers({{static_cast<std::uint64_t>(boot.reboot_timeout), 4}}));
  std::vector<std::pair<int, std::string>> roms;
  for (const OptionRom& rom : option_roms()) {
    fw_cfg_add_file(s, rom.name, rom.bytes);
    if (rom.bootindex >= 0) {
      roms.emplace_back(rom.bootindex, "/rom@" + rom.name);
    }
  }
  fw_cfg_add_file(s, "bootorder", bytes_of(boot_order_text(pcms, std::move(roms))));
}

void add_processors(const PCMachineState* pcms, FWCfgState* s) {
  const auto uuid = std::as_bytes(std::span(pcms->uuid));
  fw_cfg_add(s, hw::FW_CFG_UUID, {uuid.begin(), uuid.end()});
  fw_cfg_add_number(s, hw::FW_CFG_RAM_SIZE, pcms->ram_size, 8);
  fw_cfg_add_number(s, hw::FW_CFG_NB_CPUS,
                    static_cast<std::uint64_t>(std::max(pcms->smp_cpus, 1)), 2);
  fw_cfg_add_number(s, hw::FW_CFG_MAX_CPUS, x86_apic_id_limit(pcms), 2);
  fw_cfg_add(s, hw::FW_CFG_NUMA, numa_nodes(pcms));
  fw_cfg_add_number(s, hw::FW_CFG_IRQ0_OVERRIDE, 1, 4);
}

void fill(PCMachineState* pcms, FWCfgState* s) {
  add_boot(pcms, s);
  add_processors(pcms, s);
  fw_cfg_add(s, hw::FW_CFG_E820_TABLE, reserved_ranges(pcms));
  fw_cfg_add_file(s, "etc/e820", memory_map(pcms));
  fw_cfg_add(s, hw::FW_CFG_HPET, no_hpet());
  fw_cfg_add(s, hw::FW_CFG_ACPI_TABLES, {});
  if (PC_MACHINE_GET_CLASS(pcms)->smbios_defaults) {
    SmbiosFiles smbios = smbios_files(pc_smbios_board(pcms));
    fw_cfg_add_file(s, "etc/smbios/smbios-tables", std::move(smbios.tables));
    fw_cfg_add_file(s, "etc/smbios/smbios-anchor", std::move(smbios.anchor));
  }
  if (pcms->acpi_dev != nullptr) {
    fw_cfg_add_file(s, "etc/system-states", system_states(pcms));
  }
  if (has_acpi_files(pcms)) {
    add_acpi(pcms, s);
  }
}

void show_acpi_files() {
  for (const auto& [name, size] : {std::pair(acpi_tables_file, acpi_tables_file_size),
                                   std::pair(acpi_loader_file, acpi_loader_file_size),
                                   std::pair(acpi_rsdp_file, acpi_rsdp_file_size)}) {
    memory_region_new_container(hw::fw_cfg_find(), "/rom@" + std::string(name), size);
  }
}

}  // namespace

void pc_fw_cfg_init(PCMachineState* pcms) {
  FWCfgState* s = hw::fw_cfg_init_io_dma();
  s->board_files = {
      "bootorder",         "etc/boot-fail-wait",       "etc/e820",
      "etc/system-states", acpi_tables_file,           acpi_rsdp_file,
      acpi_loader_file,    "etc/smbios/smbios-tables", "etc/smbios/smbios-anchor"};
  s->fill = [pcms](FWCfgState* fw_cfg) { fill(pcms, fw_cfg); };
}

void pc_fw_cfg_show_acpi(PCMachineState* pcms) {
  if (has_acpi_files(pcms)) {
    qemu_add_machine_init_done_notifier(show_acpi_files);
  }
}

}  // namespace machine
