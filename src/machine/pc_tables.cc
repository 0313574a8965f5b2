// What firmware leaves in memory for an operating system, on a PC that starts a kernel
// without firmware: ACPI's tables and the MultiProcessor table.
//
//   0xe0000   ACPI's tables             0xf0000   ACPI's root pointer
//                                       0xf0040   MultiProcessor pointer and table
//
// An operating system searches for both pointers from 0xf0000 on, in steps of 16.
#include <algorithm>

#include "machine/mp_table.h"
#include "machine/pc.h"

namespace machine {

namespace {

constexpr std::uint32_t tables_address = 0xe0000, tables_end = 0xf0000;
constexpr std::uint32_t rsdp_address = 0xf0000, mp_address = 0xf0040;
constexpr std::uint32_t base_memory_end = 0xa0000, firmware_data = 0x9fc00;
constexpr std::uint32_t one_mib = 0x100000;
constexpr std::uint32_t reserved = 2, acpi_data = 3;

// None without interrupt controllers that more than one CPU can share.
std::vector<std::uint32_t> apic_ids(PCMachineState* pcms) {
  std::vector<std::uint32_t> ids;
  if (x86_kernel_irqchip(pcms)) {
    for (CpuState* cpu : cpu_list()) {
      ids.push_back(static_cast<std::uint32_t>(object_property_get_uint(cpu, "apic-id")));
    }
  }
  return ids;
}

void add_part(LinuxTables& out, std::uint32_t address, TableBytes bytes) {
  out.parts.push_back({address, bytes.take()});
}

void add_acpi(LinuxTables& out, PCMachineState* pcms) {
  AcpiTables acpi = acpi_tables(pc_acpi_board(pcms), tables_address);
  add_part(out, tables_address, std::move(acpi.tables));
  add_part(out, rsdp_address, std::move(acpi.rsdp));
  out.ranges.push_back({tables_address, tables_end - tables_address, acpi_data});
  out.rsdp = rsdp_address;
}

}  // namespace

AcpiBoard pc_acpi_board(PCMachineState* pcms) {
  const auto number = [pcms](const char* property) {
    return object_property_get_uint(pcms->acpi_dev, property);
  };
  // No video card is built: a kernel need not look for one.
  return {.apic_ids = apic_ids(pcms),
          .pm_port = pc_pm_port,
          .gpe_port = static_cast<std::uint16_t>(number("gpe0_blk")),
          .sci_irq = static_cast<std::uint8_t>(number("sci_int")),
          .pirq_lines = pc_pirq_lines,
          .pci_memory_start = static_cast<std::uint32_t>(pcms->below_4g_mem_size),
          .vga = false};
}

SmbiosBoard pc_smbios_board(PCMachineState* pcms) {
  const auto at_least_one = [](int count) {
    return static_cast<unsigned>(std::max(count, 1));
  };
  const auto* mc = PC_MACHINE_GET_CLASS(pcms);
  return {.product = mc->desc == nullptr ? "" : mc->desc,
          .version = mc->name,
          .uuid = pcms->uuid,
          .sockets = at_least_one(pcms->smp_sockets),
          .cores = at_least_one(pcms->smp_cores),
          .threads = at_least_one(pcms->smp_threads),
          .below_4g = pcms->below_4g_mem_size,
          .above_4g = pcms->above_4g_mem_size};
}

LinuxTables pc_linux_tables(PCMachineState* pcms) {
  LinuxTables out;
  out.ranges.push_back({firmware_data, base_memory_end - firmware_data, reserved});
  if (pcms->acpi_dev != nullptr) {
    add_acpi(out, pcms);
  }
  if (std::vector<std::uint32_t> ids = apic_ids(pcms); !ids.empty()) {
    constexpr std::uint32_t signature = 0x600, has_fpu_and_apic = 0x201;
    add_part(out, mp_address,
             mp_table({.apic_ids = std::move(ids),
                       .cpu_signature = signature,
                       .cpu_features = has_fpu_and_apic,
                       .pci = PC_MACHINE_GET_CLASS(pcms)->pci_enabled,
                       .pirq_lines = pc_pirq_lines},
                      mp_address));
  }
  out.ranges.push_back({rsdp_address, one_mib - rsdp_address, reserved});
  return out;
}

}  // namespace machine
