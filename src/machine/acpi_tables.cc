#include "machine/acpi_tables.h"

#include "hw/acpi_pm.h"
#include "machine/aml.h"

namespace machine {

namespace {

constexpr std::uint32_t local_apic_address = 0xfee00000, io_apic_address = 0xfec00000;
constexpr std::uint32_t pci_memory_last = io_apic_address - 1;
constexpr std::size_t checksum_at = 9;

TableBytes begin_table(std::string_view signature, std::uint8_t revision) {
  TableBytes out;
  return out.text(signature, 4)
      .number(0, 4)  // length
      .bytes({revision, 0})
      .text(acpi_oem, 6)
      .text(acpi_oem_table, 8)
      .number(1, 4)
      .text("VTRN", 4)
      .number(1, 4);
}

TableBytes end_table(TableBytes table) {
  constexpr std::size_t length_at = 4;
  table.put(length_at, table.size(), 4);
  table.set_checksum(checksum_at, table.size());
  return table;
}

// ---- FADT ---------------------------------------------------------------------------

// A register in port space.
void add_port(TableBytes& out, std::uint16_t port, unsigned bytes) {
  constexpr std::uint8_t system_io = 1;
  out.bytes({system_io, static_cast<std::uint8_t>(8 * bytes), 0, 0}).number(port, 8);
}

void add_pm_blocks(TableBytes& out, const AcpiBoard& board) {
  for (const std::uint32_t port : {board.pm_port + 0u, 0u, board.pm_port + 4u, 0u, 0u,
                                   board.pm_port + 8u, board.gpe_port + 0u, 0u}) {
    out.number(port, 4);
  }
  out.bytes({4, 2, 0, 4, 4, 0, 0, 0});  // their sizes; GPE1's base; no _CST
}

void add_wide_pm_blocks(TableBytes& out, const AcpiBoard& board) {
  add_port(out, board.pm_port, 4);
  out.zeros(12);
  add_port(out, static_cast<std::uint16_t>(board.pm_port + 4), 2);
  out.zeros(24);
  add_port(out, static_cast<std::uint16_t>(board.pm_port + 8), 4);
  add_port(out, board.gpe_port, 4);
  out.zeros(12);
}

std::uint16_t boot_architecture(const AcpiBoard& board) {
  constexpr std::uint16_t legacy_devices = 1 << 0, no_vga = 1 << 2, no_aspm = 1 << 4;
  // Bit 1, "there is a keyboard controller", is left out: nothing is plugged into it.
  return legacy_devices | no_aspm | (board.vga ? 0 : no_vga);
}

TableBytes fadt(const AcpiBoard& board, std::uint32_t facs, std::uint32_t dsdt) {
  constexpr std::uint16_t smi_command_port = 0xb2, reset_port = 0xcf9;
  constexpr std::uint8_t dual_8259 = 1, century_register = 0x32, reset_now = 0x06;
  constexpr std::uint16_t no_c2 = 0xfff, no_c3 = 0xfff;
  // WBINVD works, C1 on all CPUs, no sleep button, RTC wakes from S4 only, reset port.
  constexpr std::uint32_t flags = 1 << 0 | 1 << 2 | 1 << 5 | 1 << 7 | 1 << 10;
  TableBytes out = begin_table("FACP", 3);
  out.number(facs, 4).number(dsdt, 4).bytes({dual_8259, 0});
  out.number(board.sci_irq, 2).number(smi_command_port, 4);
  out.bytes({hw::acpi_enable_command, hw::acpi_disable_command, 0, 0});
  add_pm_blocks(out, board);
  out.number(no_c2, 2).number(no_c3, 2).zeros(4);  // no cache flush by size
  out.bytes({0, 0, 0, 0, century_register});       // no duty cycle, RTC alarm day, month
  out.number(boot_architecture(board), 2).zeros(1).number(flags, 4);
  add_port(out, reset_port, 1);
  out.bytes({reset_now, 0, 0, 0});
  out.number(facs, 8).number(dsdt, 8);
  add_wide_pm_blocks(out, board);
  return end_table(std::move(out));
}

// Where firmware and operating system meet when a machine wakes up; nobody sleeps here.
TableBytes facs() {
  constexpr std::uint32_t size = 64;
  TableBytes out;
  return out.text("FACS", 4).number(size, 4).zeros(size - 8);
}

// ---- MADT ---------------------------------------------------------------------------

enum : std::uint16_t { as_its_bus_says = 0, level_active_high = 0x000d };

void add_cpu(TableBytes& out, std::uint32_t uid, std::uint32_t apic_id) {
  constexpr std::uint32_t enabled = 1;
  if (apic_id < 255) {
    out.bytes({0, 8, static_cast<std::uint8_t>(uid), static_cast<std::uint8_t>(apic_id)});
    out.number(enabled, 4);
  } else {
    out.bytes({9, 16, 0, 0}).number(apic_id, 4).number(enabled, 4).number(uid, 4);
  }
}

TableBytes madt(const AcpiBoard& board) {
  constexpr std::uint32_t has_8259_pair = 1;
  constexpr std::uint8_t all_cpus = 0xff, nmi_pin = 1;
  TableBytes out = begin_table("APIC", 1);
  out.number(local_apic_address, 4).number(has_8259_pair, 4);
  for (std::uint32_t uid = 0; uid < board.apic_ids.size(); ++uid) {
    add_cpu(out, uid, board.apic_ids[uid]);
  }
  out.bytes({1, 12, 0, 0}).number(io_apic_address, 4).number(0, 4);
  // Lines of PCI and of ACPI's events are levels; ISA line n is pin n otherwise.
  for (const std::uint8_t line : {5, 9, 10, 11}) {
    out.bytes({2, 10, 0, line}).number(line, 4).number(level_active_high, 2);
  }
  out.bytes({4, 6, all_cpus}).number(as_its_bus_says, 2).number(nmi_pin, 1);
  return end_table(std::move(out));
}

// ---- DSDT ---------------------------------------------------------------------------

constexpr std::array<std::string_view, 4> link_names{"LNKA", "LNKB", "LNKC", "LNKD"};

// An interrupt wire of PCI: where it leads is settled, so that setting and switching
// off do nothing.
TableBytes link_device(unsigned wire, std::uint8_t line) {
  constexpr std::uint8_t present_enabled_working = 0x0b;
  const TableBytes route = aml::resource_template({aml::shared_level_interrupt(line)});
  return aml::device(link_names[wire],
                     {
                         aml::name("_HID", aml::eisa_id("PNP0C0F")),
                         aml::name("_UID", aml::integer(wire)),
                         aml::name("_STA", aml::integer(present_enabled_working)),
                         aml::name("_PRS", route),
                         aml::name("_CRS", route),
                         aml::method("_DIS", 0, {}),
                         aml::method("_SRS", 1, {}),
                     });
}

// Which wire each pin of each slot is: as PIIX3's slots are wired (hw/piix3.cc).
TableBytes interrupt_routes() {
  constexpr unsigned slots = 32, pins = 4, any_function = 0xffff;
  aml::Terms routes;
  for (unsigned slot = 1; slot < slots; ++slot) {
    for (unsigned pin = 0; pin < pins; ++pin) {
      routes.push_back(aml::package(
          {aml::integer(slot << 16 | any_function), aml::integer(pin),
           aml::name_path(link_names[(slot + pin - 1) % pins]), aml::integer(0)}));
    }
  }
  return aml::package(routes);
}

TableBytes root_bridge(const AcpiBoard& board) {
  constexpr std::uint32_t vga_first = 0xa0000, vga_last = 0xbffff;
  const TableBytes windows = aml::resource_template({
      aml::bus_numbers(0, 0xff),
      aml::io_ports(0xcf8, 8),
      aml::io_window(0x0000, 0x0cf7),
      aml::io_window(0x0d00, 0xffff),
      aml::memory_window(vga_first, vga_last),
      aml::memory_window(board.pci_memory_start, pci_memory_last),
  });
  return aml::device("PCI0", {
                                 aml::name("_HID", aml::eisa_id("PNP0A03")),
                                 aml::name("_ADR", aml::integer(0)),
                                 aml::name("_UID", aml::integer(0)),
                                 aml::name("_CRS", windows),
                                 aml::name("_PRT", interrupt_routes()),
                             });
}

}  // namespace

TableBytes acpi_dsdt(const AcpiBoard& board) {
  const TableBytes zero = aml::integer(0);
  aml::Terms devices;
  for (unsigned wire = 0; wire < link_names.size(); ++wire) {
    devices.push_back(link_device(wire, board.pirq_lines[wire]));
  }
  devices.push_back(root_bridge(board));
  TableBytes out = begin_table("DSDT", 1);
  // Kind of sleep 0 in the control register is "off".
  out.append(aml::name("\\_S5", aml::package({zero, zero, zero, zero})));
  out.append(aml::scope("\\_SB", devices));
  return end_table(std::move(out));
}

namespace {

// Tables one behind the other, and what has to be known of them to move them.
class TableFile {
 public:
  TableFile(AcpiTables& out, std::uint32_t address) : out_(out), address_(address) {}

  // Where the table is for the guest. `pointers`: of the table, from its beginning.
  std::uint32_t add(const TableBytes& table,
                    std::initializer_list<AcpiPointer> pointers = {},
                    bool has_checksum = true) {
    constexpr std::size_t alignment = 16;
    const std::size_t at = out_.tables.size();
    out_.tables.append(table).zeros((alignment - table.size() % alignment) % alignment);
    for (const AcpiPointer& pointer : pointers) {
      out_.pointers.push_back({at + pointer.at, pointer.width});
    }
    if (has_checksum) {
      out_.checksums.push_back({at + checksum_at, at, table.size()});
    }
    return address_ + static_cast<std::uint32_t>(at);
  }

 private:
  AcpiTables& out_;
  std::uint32_t address_;
};

}  // namespace

AcpiTables acpi_tables(const AcpiBoard& board, std::uint32_t address) {
  constexpr AcpiPointer facs_32{36, 4}, dsdt_32{40, 4}, facs_64{132, 8}, dsdt_64{140, 8};
  constexpr AcpiPointer first_entry{36, 4}, second_entry{40, 4};
  AcpiTables out;
  TableFile file(out, address);
  const std::uint32_t facs_at = file.add(facs(), {}, false);  // at a multiple of 64
  const std::uint32_t dsdt_at = file.add(acpi_dsdt(board));
  TableBytes rsdt = begin_table("RSDT", 1);
  rsdt.number(
      file.add(fadt(board, facs_at, dsdt_at), {facs_32, dsdt_32, facs_64, dsdt_64}), 4);
  std::uint32_t rsdt_at = 0;
  if (board.apic_ids.empty()) {
    rsdt_at = file.add(end_table(std::move(rsdt)), {first_entry});
  } else {
    rsdt.number(file.add(madt(board)), 4);
    rsdt_at = file.add(end_table(std::move(rsdt)), {first_entry, second_entry});
  }
  out.rsdp.text("RSD PTR ", 8).number(0, 1).text(acpi_oem, 6).number(0, 1);
  out.rsdp.number(rsdt_at, acpi_rsdp_pointer.width);
  out.rsdp.set_checksum(acpi_rsdp_checksum.at, acpi_rsdp_checksum.length);
  return out;
}

}  // namespace machine
