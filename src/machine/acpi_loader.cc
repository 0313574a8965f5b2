#include "machine/acpi_loader.h"

#include <cassert>
#include <utility>

namespace machine {

namespace {

constexpr std::size_t command_size = 128, name_size = 56;

enum : std::uint32_t { allocate = 1, add_pointer = 2, add_checksum = 3 };

enum : std::uint8_t { high_memory = 1, f_segment = 2 };

TableBytes& add_name(TableBytes& out, std::string_view file) {
  return out.text(file, name_size, '\0');
}

void end_command(TableBytes& out) {
  out.zeros((command_size - out.size() % command_size) % command_size);
}

void allocate_file(TableBytes& out, std::string_view file, std::uint32_t alignment,
                   std::uint8_t zone) {
  add_name(out.number(allocate, 4), file).number(alignment, 4).number(zone, 1);
  end_command(out);
}

// The number at `pointer` of `file` gets the address of `target` added.
void point(TableBytes& out, std::string_view file, const AcpiPointer& pointer,
           std::string_view target) {
  add_name(add_name(out.number(add_pointer, 4), file), target);
  out.number(pointer.at, 4).number(pointer.width, 1);
  end_command(out);
}

void sum_up(TableBytes& out, std::string_view file, const AcpiChecksum& sum) {
  add_name(out.number(add_checksum, 4), file);
  out.number(sum.at, 4).number(sum.start, 4).number(sum.length, 4);
  end_command(out);
}

TableBytes commands(const AcpiTables& acpi) {
  constexpr std::uint32_t rsdp_alignment = 16, tables_alignment = 64;
  TableBytes out;
  allocate_file(out, acpi_rsdp_file, rsdp_alignment, f_segment);
  allocate_file(out, acpi_tables_file, tables_alignment, high_memory);
  for (const AcpiPointer& pointer : acpi.pointers) {
    point(out, acpi_tables_file, pointer, acpi_tables_file);
  }
  for (const AcpiChecksum& sum : acpi.checksums) {
    sum_up(out, acpi_tables_file, sum);
  }
  point(out, acpi_rsdp_file, acpi_rsdp_pointer, acpi_tables_file);
  sum_up(out, acpi_rsdp_file, acpi_rsdp_checksum);
  return out;
}

std::vector<std::byte> padded(TableBytes bytes, std::size_t size) {
  assert(bytes.size() <= size && "tables of 255 CPUs are a tenth of that");
  bytes.zeros(size - bytes.size());
  return bytes.take();
}

}  // namespace

AcpiFiles acpi_files(const AcpiBoard& board) {
  AcpiTables acpi = acpi_tables(board, 0);
  AcpiFiles out;
  out.loader = padded(commands(acpi), acpi_loader_file_size);
  out.tables = padded(std::move(acpi.tables), acpi_tables_file_size);
  out.rsdp = padded(std::move(acpi.rsdp), acpi_rsdp_file_size);
  return out;
}

}  // namespace machine
