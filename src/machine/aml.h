// A small writer of AML, the byte code in which ACPI tables describe devices (ACPI 6,
// chapter 20; resource descriptors: chapter 6.4). Each function returns the bytes of one
// term; terms nest by being passed on. Only what the tables of acpi_tables.cc need.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "machine/table_bytes.h"

namespace machine::aml {

using Terms = std::vector<TableBytes>;

// ---- data ---------------------------------------------------------------------------
TableBytes integer(std::uint64_t value);
TableBytes eisa_id(std::string_view id);  // "PNP0A03"
TableBytes package(const Terms& elements);

// ---- named things. A `name` is a path: up to four letters a part, parted by dots, a
// backslash first if it begins at the root.
TableBytes name_path(std::string_view name);
TableBytes name(std::string_view name, const TableBytes& value);
TableBytes scope(std::string_view name, const Terms& terms);
TableBytes device(std::string_view name, const Terms& terms);
TableBytes method(std::string_view name, unsigned arguments, const Terms& terms);

// ---- resource descriptors, [first, last] with both ends ------------------------------
TableBytes resource_template(const Terms& descriptors);
TableBytes io_ports(std::uint16_t first, std::uint8_t count);
TableBytes bus_numbers(std::uint16_t first, std::uint16_t last);
TableBytes io_window(std::uint16_t first, std::uint16_t last);
TableBytes memory_window(std::uint32_t first, std::uint32_t last);
TableBytes shared_level_interrupt(std::uint32_t number);  // active high

}  // namespace machine::aml
