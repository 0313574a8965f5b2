// -smbios and -acpitable: tables for the firmware, described by keys. 4.0 builds them
// while it reads the command line, so their mistakes come first of all.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "options/argument_checks.h"
#include "options/opts_visitor.h"

namespace options {

using enum QemuOptType;

static constexpr QemuOptDesc smbios_file[] = {{"file", string}};
static constexpr QemuOptDesc smbios_type0[] = {{"type", number},    {"vendor", string},
                                               {"version", string}, {"date", string},
                                               {"release", string}, {"uefi", boolean}};
static constexpr QemuOptDesc smbios_type1[] = {
    {"type", number},    {"manufacturer", string}, {"product", string},
    {"version", string}, {"serial", string},       {"uuid", string},
    {"sku", string},     {"family", string}};
static constexpr QemuOptDesc smbios_type2[] = {
    {"type", number},    {"manufacturer", string}, {"product", string},
    {"version", string}, {"serial", string},       {"asset", string},
    {"location", string}};
static constexpr QemuOptDesc smbios_type3[] = {
    {"type", number},   {"manufacturer", string}, {"version", string},
    {"serial", string}, {"asset", string},        {"sku", string}};
static constexpr QemuOptDesc smbios_type4[] = {
    {"type", number},    {"sock_pfx", string}, {"manufacturer", string},
    {"version", string}, {"serial", string},   {"asset", string},
    {"part", string}};
static constexpr QemuOptDesc smbios_type11[] = {{"type", number}, {"value", string}};
static constexpr QemuOptDesc smbios_type17[] = {
    {"type", number},   {"loc_pfx", string}, {"bank", string}, {"manufacturer", string},
    {"serial", string}, {"asset", string},   {"part", string}, {"speed", number}};

struct SmbiosType {
  unsigned long type;
  std::span<const QemuOptDesc> keys;
};

static constexpr SmbiosType smbios_types[] = {
    {0, smbios_type0}, {1, smbios_type1},   {2, smbios_type2},  {3, smbios_type3},
    {4, smbios_type4}, {11, smbios_type11}, {17, smbios_type17}};

static void check_smbios_file(const QemuOpts* opts, const char* file) {
  constexpr std::streamoff header = 4;  // type, length, handle
  for (const QemuOpt& opt : opts->head) {
    if (opt.name != "file") {
      throw qom::Error("Invalid parameter '" + opt.name + "'");
    }
  }
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() < header) {
    throw qom::Error(std::string("Cannot read SMBIOS file ") + file);
  }
}

static bool release_wellformed(const char* text) {
  unsigned major = 0;
  unsigned minor = 0;
  return std::sscanf(text, "%3u.%3u", &major, &minor) == 2;
}

static bool uuid_of_smbios(const char* text) {
  return std::string_view(text).size() == 36 && std::string_view(text)[8] == '-' &&
         std::string_view(text).find_first_not_of("0123456789abcdefABCDEF-") ==
             std::string_view::npos;
}

void check_smbios(QemuOpts* opts) {
  constexpr unsigned long last_type = 127;
  if (const char* file = qemu_opt_get(opts, "file")) {
    return check_smbios_file(opts, file);
  }
  const char* text = qemu_opt_get(opts, "type");
  if (text == nullptr) {
    throw qom::Error("Must specify type= or file=");
  }
  const unsigned long type = std::strtoul(text, nullptr, 0);
  if (type > last_type) {
    throw qom::Error("out of range!");
  }
  for (const SmbiosType& row : smbios_types) {
    if (row.type == type) {
      qemu_opts_validate(opts, row.keys);
      const char* release = type == 0 ? qemu_opt_get(opts, "release") : nullptr;
      if (release != nullptr && !release_wellformed(release)) {
        throw qom::Error("Invalid release");
      }
      const char* uuid = type == 1 ? qemu_opt_get(opts, "uuid") : nullptr;
      if (uuid != nullptr && !uuid_of_smbios(uuid)) {
        throw qom::Error("Invalid UUID");
      }
      return;
    }
  }
  qom::Error error("Don't know how to build fields for SMBIOS type " +
                   std::to_string(type));
  if (type == 8 || type == 9 || type == 41) {
    error.hint = "It came later than QEMU 4.0; leave it out, or give the table by file=.";
  }
  throw error;
}

// ---- -acpitable ---------------------------------------------------------------------

static constexpr OptsMember acpi_members[] = {
    {"sig"},
    {"rev", MemberType::uint8},
    {"oem_id"},
    {"oem_table_id"},
    {"oem_rev", MemberType::uint32},
    {"asl_compiler_id"},
    {"asl_compiler_rev", MemberType::uint32},
    {"file"},
    {"data"},
};

// All files of "a:b:c" together; a table's size is kept in 16 bits.
static std::size_t size_of_files(std::string_view names) {
  std::size_t size = 0;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(':', begin), names.size());
    const std::string name(names.substr(begin, end - begin));
    std::ifstream in(name, std::ios::binary | std::ios::ate);
    if (!in) {
      throw qom::Error("can't open file " + name + ": " + std::strerror(errno));
    }
    size += static_cast<std::size_t>(in.tellg());
    begin = end + 1;
  }
  return size;
}

void check_acpitable(QemuOpts* opts) {
  constexpr std::size_t header = 36;
  constexpr std::size_t most = 65535;
  visit_opts(opts, acpi_members);
  const char* file = qemu_opt_get(opts, "file");
  const char* data = qemu_opt_get(opts, "data");
  if ((file == nullptr) == (data == nullptr)) {
    throw qom::Error("'-acpitable' requires one of 'data' or 'file'");
  }
  const char* names = file != nullptr ? file : data;
  if (*names == '\0') {
    throw qom::Error("'-acpitable' requires at least one pathname");
  }
  const std::size_t size = size_of_files(names) + (data != nullptr ? header : 0);
  if (file != nullptr && size < header) {
    throw qom::Error("ACPI table claims to have header, but is too short");
  }
  if (size > most) {
    throw qom::Error("ACPI table too big, requested: " + std::to_string(size) +
                     ", max: " + std::to_string(most));
  }
}

}  // namespace options
