#include "machine/aml.h"

#include <cassert>
#include <string>

namespace machine::aml {

namespace {

enum : std::uint8_t {  // first bytes of terms (ACPI 6, 20.3)
  zero_op = 0x00,
  one_op = 0x01,
  name_op = 0x08,
  byte_prefix = 0x0a,
  word_prefix = 0x0b,
  dword_prefix = 0x0c,
  qword_prefix = 0x0e,
  scope_op = 0x10,
  buffer_op = 0x11,
  package_op = 0x12,
  method_op = 0x14,
  dual_name_prefix = 0x2e,
  multi_name_prefix = 0x2f,
  extended_prefix = 0x5b,
  device_op = 0x82,  // after extended_prefix
};

// Of an address space descriptor.
enum : std::uint8_t { memory_range = 0, io_range = 1, bus_range = 2 };

TableBytes joined(const Terms& terms) {
  TableBytes all;
  for (const TableBytes& term : terms) {
    all.append(term);
  }
  return all;
}

// How long a term is, its own length included: one byte up to 63; else the first byte
// has the number of bytes that follow (bits 7..6) and the lowest four bits.
TableBytes package_length(std::size_t content) {
  TableBytes out;
  if (content + 1 < 64) {
    return out.number(content + 1, 1);
  }
  unsigned more = 1;
  while ((content + 1 + more) >> (4 + 8 * more) != 0) {
    ++more;
  }
  assert(more <= 3);
  const std::size_t length = content + 1 + more;
  return out.number(more << 6 | (length & 0xf), 1).number(length >> 4, more);
}

// A term with its length in front of it.
TableBytes sized(std::initializer_list<std::uint8_t> opcode, const TableBytes& content) {
  TableBytes out;
  return out.bytes(opcode).append(package_length(content.size())).append(content);
}

TableBytes named(std::initializer_list<std::uint8_t> opcode, std::string_view name,
                 const Terms& terms) {
  TableBytes content = name_path(name);
  return sized(opcode, content.append(joined(terms)));
}

// Both ends fixed, decoded positively; width: of each number, 2 or 4.
TableBytes address_space(std::uint8_t type, std::uint8_t type_flags, unsigned width,
                         std::uint64_t first, std::uint64_t last) {
  constexpr std::uint8_t word_descriptor = 0x88, dword_descriptor = 0x87;
  constexpr std::uint8_t ends_fixed = 0x0c;
  TableBytes out;
  out.number(width == 2 ? word_descriptor : dword_descriptor, 1);
  out.number(3 + 5 * width, 2).bytes({type, ends_fixed, type_flags});
  for (const std::uint64_t value :
       {std::uint64_t{0}, first, last, std::uint64_t{0}, last - first + 1}) {
    out.number(value, width);  // granularity, both ends, translation, length
  }
  return out;
}

}  // namespace

// ---- data ---------------------------------------------------------------------------

TableBytes integer(std::uint64_t value) {
  TableBytes out;
  if (value <= 1) {
    return out.number(value == 0 ? zero_op : one_op, 1);
  }
  if (value <= 0xff) {
    return out.number(byte_prefix, 1).number(value, 1);
  }
  if (value <= 0xffff) {
    return out.number(word_prefix, 1).number(value, 2);
  }
  if (value <= 0xffffffff) {
    return out.number(dword_prefix, 1).number(value, 4);
  }
  return out.number(qword_prefix, 1).number(value, 8);
}

// Three letters of five bits and four hexadecimal digits, the highest byte first.
TableBytes eisa_id(std::string_view id) {
  assert(id.size() == 7);
  std::uint32_t value = 0;
  for (const char letter : id.substr(0, 3)) {
    value = value << 5 | static_cast<std::uint32_t>(letter - 'A' + 1);
  }
  value = value << 16 |
          static_cast<std::uint32_t>(std::stoul(std::string(id.substr(3)), nullptr, 16));
  TableBytes out;
  out.number(dword_prefix, 1);
  for (int byte = 3; byte >= 0; --byte) {
    out.number(value >> (8 * byte), 1);
  }
  return out;
}

TableBytes package(const Terms& elements) {
  TableBytes content;
  content.number(elements.size(), 1);
  return sized({package_op}, content.append(joined(elements)));
}

// ---- named things ---------------------------------------------------------------------

TableBytes name_path(std::string_view name) {
  TableBytes out;
  if (name.front() == '\\') {
    out.text("\\", 1);
    name.remove_prefix(1);
  }
  Terms parts;
  while (!name.empty()) {
    const std::size_t dot = name.find('.');
    TableBytes part;
    parts.push_back(part.text(name.substr(0, dot), 4, '_'));
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  if (parts.empty()) {
    out.number(zero_op, 1);  // the root itself
  } else if (parts.size() == 2) {
    out.number(dual_name_prefix, 1);
  } else if (parts.size() > 2) {
    out.number(multi_name_prefix, 1).number(parts.size(), 1);
  }
  return out.append(joined(parts));
}

TableBytes name(std::string_view name, const TableBytes& value) {
  TableBytes out;
  return out.number(name_op, 1).append(name_path(name)).append(value);
}

TableBytes scope(std::string_view name, const Terms& terms) {
  return named({scope_op}, name, terms);
}

TableBytes device(std::string_view name, const Terms& terms) {
  return named({extended_prefix, device_op}, name, terms);
}

TableBytes method(std::string_view name, unsigned arguments, const Terms& terms) {
  TableBytes flags;
  Terms content{flags.number(arguments, 1)};
  content.insert(content.end(), terms.begin(), terms.end());
  return named({method_op}, name, content);
}

// ---- resource descriptors -------------------------------------------------------------

TableBytes resource_template(const Terms& descriptors) {
  constexpr std::uint8_t end_tag = 0x79;
  TableBytes bytes = joined(descriptors);
  bytes.bytes({end_tag, 0});  // its checksum: 0 is "not given"
  TableBytes content = integer(bytes.size());
  return sized({buffer_op}, content.append(bytes));
}

TableBytes io_ports(std::uint16_t first, std::uint8_t count) {
  constexpr std::uint8_t io_descriptor = 0x47, sixteen_bits = 1, alignment = 1;
  TableBytes out;
  return out.bytes({io_descriptor, sixteen_bits})
      .number(first, 2)
      .number(first, 2)
      .bytes({alignment, count});
}

TableBytes bus_numbers(std::uint16_t first, std::uint16_t last) {
  return address_space(bus_range, 0, 2, first, last);
}

TableBytes io_window(std::uint16_t first, std::uint16_t last) {
  constexpr std::uint8_t entire_range = 3;
  return address_space(io_range, entire_range, 2, first, last);
}

TableBytes memory_window(std::uint32_t first, std::uint32_t last) {
  constexpr std::uint8_t read_write_uncached = 1;
  return address_space(memory_range, read_write_uncached, 4, first, last);
}

TableBytes shared_level_interrupt(std::uint32_t number) {
  constexpr std::uint8_t interrupt_descriptor = 0x89, consumer_level_high_shared = 0x09;
  TableBytes out;
  return out.number(interrupt_descriptor, 1)
      .number(6, 2)
      .bytes({consumer_level_high_shared, 1})
      .number(number, 4);
}

}  // namespace machine::aml
