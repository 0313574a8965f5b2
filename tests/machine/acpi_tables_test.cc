// ACPI's tables as an operating system follows them: from the root pointer on, each
// length and checksum checked. Offsets are those of ACPI 6, chapter 5. ACPICA's
// disassembler, where it is installed, is asked what it reads in the AML.
#include "machine/acpi_tables.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "board.h"

namespace {

using namespace machine_test;
using machine::acpi_dsdt;
using machine::acpi_tables;
using machine::AcpiBoard;
using machine::AcpiTables;
using ::testing::HasSubstr;

constexpr std::uint32_t address = 0xe0000;

AcpiBoard two_cpus() {
  return {.apic_ids = {0, 2},
          .pm_port = 0x600,
          .gpe_port = 0xafe0,
          .pirq_lines = {10, 10, 11, 11},
          .pci_memory_start = 0x10000000};
}

std::uint64_t number(std::span<const std::byte> bytes, std::size_t at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

unsigned sum(std::span<const std::byte> bytes) {
  unsigned out = 0;
  for (const std::byte byte : bytes) {
    out += std::to_integer<unsigned>(byte);
  }
  return out & 0xff;
}

std::string text(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  std::string out;
  for (std::size_t i = at; i < at + count; ++i) {
    out += std::to_integer<char>(bytes[i]);
  }
  return out;
}

// The table an address leads to.
std::span<const std::byte> table_at(const AcpiTables& tables, std::uint64_t where) {
  const auto rest = tables.tables.span().subspan(where - address);
  return rest.first(number(rest, 4, 4));
}

// Signature -> table, those of the RSDT and what the FADT leads to.
std::map<std::string, std::span<const std::byte>> all_tables(const AcpiTables& tables) {
  std::map<std::string, std::span<const std::byte>> found;
  const auto add = [&](std::uint64_t where) {
    const auto table = table_at(tables, where);
    found[text(table, 0, 4)] = table;
    return table;
  };
  const auto rsdt = add(number(tables.rsdp.span(), 16, 4));
  for (std::size_t at = 36; at < rsdt.size(); at += 4) {
    add(number(rsdt, at, 4));
  }
  add(number(found.at("FACP"), 36, 4));
  add(number(found.at("FACP"), 40, 4));
  return found;
}

// Entries of a MADT: first byte the kind, second the length.
std::vector<std::span<const std::byte>> entries(std::span<const std::byte> madt) {
  std::vector<std::span<const std::byte>> out;
  for (std::size_t at = 44; at < madt.size(); at += number(madt, at + 1, 1)) {
    out.push_back(madt.subspan(at, number(madt, at + 1, 1)));
  }
  return out;
}

TEST(AcpiTables, the_root_pointer_leads_to_every_table) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);

  std::vector<std::string> names;
  for (const auto& [name, table] : all_tables(tables)) {
    names.push_back(name);
  }

  EXPECT_THAT(names, testing::ElementsAre("APIC", "DSDT", "FACP", "FACS", "RSDT"));
}

TEST(AcpiTables, every_table_but_the_FACS_adds_up_to_zero) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);

  for (const auto& [name, table] : all_tables(tables)) {
    EXPECT_EQ(name == "FACS" ? 0 : sum(table), 0u) << name;
  }
  EXPECT_EQ(sum(tables.rsdp.span()), 0u);
}

TEST(AcpiTables, the_FACS_lies_at_a_multiple_of_64) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);

  EXPECT_EQ(number(all_tables(tables).at("FACP"), 36, 4) % 64, 0u);
}

TEST(AcpiTables, the_FADT_names_the_power_management_ports) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);
  const auto fadt = all_tables(tables).at("FACP");

  ASSERT_EQ(fadt.size(), 244u);             // of revision 3
  EXPECT_EQ(number(fadt, 56, 4), 0x600u);   // PM1a events
  EXPECT_EQ(number(fadt, 64, 4), 0x604u);   // PM1a control
  EXPECT_EQ(number(fadt, 76, 4), 0x608u);   // PM timer
  EXPECT_EQ(number(fadt, 80, 4), 0xafe0u);  // GPE0
  EXPECT_EQ(number(fadt, 120, 8), 0xcf9u);  // reset register
  EXPECT_EQ(number(fadt, 128, 1), 0x06u);   // what is written to it
  EXPECT_EQ(number(fadt, 152, 8), 0x600u);  // PM1a events once more
  EXPECT_EQ(number(fadt, 176, 8), 0x604u);
  EXPECT_EQ(number(fadt, 212, 8), 0x608u);
  EXPECT_EQ(number(fadt, 224, 8), 0xafe0u);
}

TEST(AcpiTables, the_MADT_has_a_local_APIC_for_each_CPU) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);

  std::vector<std::uint64_t> ids;
  for (const auto entry : entries(all_tables(tables).at("APIC"))) {
    if (number(entry, 0, 1) == 0) {
      ids.push_back(number(entry, 3, 1));
    }
  }

  EXPECT_THAT(ids, testing::ElementsAre(0, 2));
}

TEST(AcpiTables, an_APIC_id_beyond_254_has_an_x2APIC_entry) {
  AcpiBoard board = two_cpus();
  board.apic_ids = {0, 300};
  const AcpiTables tables = acpi_tables(board, address);

  std::vector<std::uint64_t> ids;
  for (const auto entry : entries(all_tables(tables).at("APIC"))) {
    if (number(entry, 0, 1) == 9) {
      ids.push_back(number(entry, 4, 4));
    }
  }

  EXPECT_THAT(ids, testing::ElementsAre(300));
}

TEST(AcpiTables, the_lines_of_PCI_and_of_power_management_are_levels) {
  const AcpiTables tables = acpi_tables(two_cpus(), address);

  std::vector<std::uint64_t> lines;
  for (const auto entry : entries(all_tables(tables).at("APIC"))) {
    if (number(entry, 0, 1) == 2 && number(entry, 8, 2) == 0x000d) {
      lines.push_back(number(entry, 4, 4));
    }
  }

  EXPECT_THAT(lines, testing::ElementsAre(5, 9, 10, 11));
}

TEST(AcpiTables, without_APICs_there_is_no_MADT) {
  AcpiBoard board = two_cpus();
  board.apic_ids.clear();
  const AcpiTables tables = acpi_tables(board, address);

  EXPECT_EQ(all_tables(tables).count("APIC"), 0u);
}

// What `iasl -d` makes of the DSDT; empty if it is not installed.
std::string disassembled(const machine::TableBytes& dsdt) {
  if (std::system("command -v iasl >/dev/null 2>&1") != 0) {
    return "";
  }
  std::string bytes = text(dsdt.span(), 0, dsdt.size());
  const std::string file = temporary_file(bytes);
  const std::string command =
      "iasl -p " + file + " -d " + file + " >" + file + ".log 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream source(file + ".dsl");
  std::string out{std::istreambuf_iterator<char>(source), {}};
  std::remove((file + ".dsl").c_str());
  std::remove((file + ".log").c_str());
  return status == 0 ? out : "iasl ended with status " + std::to_string(status);
}

TEST(AcpiAml, a_disassembler_reads_what_was_meant) {
  const std::string source = disassembled(acpi_dsdt(two_cpus()));
  if (source.empty()) {
    GTEST_SKIP() << "iasl (apt package acpica-tools) is not installed";
  }

  EXPECT_THAT(source, HasSubstr("Name (\\_S5, Package (0x04)"));
  EXPECT_THAT(source, HasSubstr("Device (LNKD)"));
  EXPECT_THAT(source, HasSubstr("EisaId (\"PNP0C0F\")"));
  EXPECT_THAT(source,
              HasSubstr("Interrupt (ResourceConsumer, Level, ActiveHigh, Shared"));
  EXPECT_THAT(source, HasSubstr("Method (_SRS, 1, NotSerialized)"));
  EXPECT_THAT(source, HasSubstr("EisaId (\"PNP0A03\")"));
  EXPECT_THAT(source, HasSubstr("WordBusNumber (ResourceProducer, MinFixed, MaxFixed"));
  EXPECT_THAT(source, HasSubstr("0x10000000,         // Range Minimum"));
  EXPECT_THAT(source, HasSubstr("0xFEBFFFFF,         // Range Maximum"));
  EXPECT_THAT(source, HasSubstr("Name (_PRT, Package (0x7C)"));
}

}  // namespace
