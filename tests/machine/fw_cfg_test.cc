// fw_cfg as firmware uses it: items by port and by DMA, the directory of files, what a
// board says in them; and requests no firmware would make.
#include "hw/fw_cfg.h"

#include <algorithm>
#include <map>

#include "board.h"
#include "core/loader.h"
#include "core/pci.h"
#include "machine/acpi_loader.h"
#include "machine/boot_order.h"
#include "machine/smbios.h"

namespace {

using namespace machine_test;
using hw::fw_cfg_find;
using machine::acpi_files;
using machine::AcpiFiles;

constexpr std::uint16_t selector = 0x510, data_port = 0x511, dma_port = 0x514;
constexpr std::uint64_t request_at = 0x8000, buffer_at = 0x9000;

enum : std::uint32_t { error = 1, read = 2, skip = 4, select = 8, write = 16 };

std::string item(std::uint16_t key, std::size_t size) {
  write_number(address_space_io(), selector, key, 2);
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(read_number(address_space_io(), data_port, 1));
  }
  return bytes;
}

std::uint64_t number(std::string_view bytes, bool big_endian = false) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = big_endian ? i : bytes.size() - 1 - i;
    value = value << 8 | static_cast<std::uint8_t>(bytes[at]);
  }
  return value;
}

struct File {
  std::uint16_t key = 0;
  std::size_t size = 0;
};

std::map<std::string, File> directory() {
  constexpr std::size_t entry_size = 64;
  const std::size_t count = number(item(hw::FW_CFG_FILE_DIR, 4), true);
  const std::string all = item(hw::FW_CFG_FILE_DIR, 4 + count * entry_size);
  std::map<std::string, File> files;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view entry =
        std::string_view(all).substr(4 + i * entry_size, entry_size);
    files[std::string(entry.substr(8).data())] = {
        static_cast<std::uint16_t>(number(entry.substr(4, 2), true)),
        number(entry.substr(0, 4), true)};
  }
  return files;
}

std::string file(const std::string& name) {
  const File found = directory().at(name);
  return item(found.key, found.size);
}

void put_big_endian(std::uint64_t address, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) {
    write_number(address_space_memory(), address + i, value >> 8 * (width - 1 - i) & 0xff,
                 1);
  }
}

// The control word afterwards.
std::uint32_t transfer(std::uint32_t control, std::uint32_t length,
                       std::uint64_t address) {
  put_big_endian(request_at, control, 4);
  put_big_endian(request_at + 4, length, 4);
  put_big_endian(request_at + 8, address, 8);
  write_number(address_space_io(), dma_port, 0, 4);
  write_number(address_space_io(), dma_port + 4, __builtin_bswap32(request_at), 4);
  return __builtin_bswap32(
      static_cast<std::uint32_t>(read_number(address_space_memory(), request_at, 4)));
}

std::string memory(std::uint64_t address, std::size_t size) {
  std::string bytes(size, '\0');
  address_space_memory().read(address, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

TEST(FwCfg, says_who_it_is_byte_by_byte) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(item(hw::FW_CFG_SIGNATURE, 4), "QEMU");
  EXPECT_EQ(number(item(hw::FW_CFG_ID, 4)), 3u);  // by port and by DMA
}

TEST(FwCfg, what_lies_beyond_an_item_reads_as_zeros) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(item(hw::FW_CFG_SIGNATURE, 6), std::string("QEMU\0\0", 6));
  EXPECT_EQ(item(0x3fff, 2), std::string(2, '\0'));
}

TEST(FwCfg, files_are_listed_by_name_and_numbered_from_0x20_on) {
  const Board board("pc-i440fx-4.0");
  fw_cfg_add_file(fw_cfg_find(), "opt/a", {});

  const auto files = directory();

  std::uint16_t key = hw::FW_CFG_FILE_FIRST;
  for (const auto& [name, found] : files) {
    EXPECT_EQ(found.key, key++) << name;
  }
  EXPECT_THAT(files, testing::Contains(testing::Key("etc/acpi/tables")));
  EXPECT_THAT(files, testing::Contains(testing::Key("opt/a")));
}

TEST(FwCfg, an_isa_pc_has_no_files_of_acpi) {
  const Board board("isapc");

  EXPECT_THAT(directory(),
              testing::Not(testing::Contains(testing::Key("etc/acpi/rsdp"))));
}

// What a machine of that version gives the device.
std::string compat_value(const char* machine, const char* property) {
  register_types();
  ObjectClass* klass = object_class_by_name((std::string(machine) + "-machine").c_str());
  for (const GlobalProperty& row :
       machine_compat_props(class_cast<MachineClass>(klass))) {
    if (row.driver == hw::TYPE_FW_CFG_IO && row.property == property) {
      return row.value;
    }
  }
  return "";
}

TEST(FwCfg, old_machines_have_no_dma) {
  EXPECT_EQ(compat_value("pc-i440fx-2.4", "dma_enabled"), "off");
  EXPECT_EQ(compat_value("pc-i440fx-2.5", "dma_enabled"), "");
}

TEST(FwCfg, old_machines_have_room_for_16_files) {
  EXPECT_EQ(compat_value("pc-i440fx-2.8", "x-file-slots"), "0x10");
  EXPECT_EQ(compat_value("pc-i440fx-2.9", "x-file-slots"), "");
}

TEST(FwCfg, without_dma_the_port_is_not_there_and_the_id_says_so) {
  const Board board("pc-i440fx-4.0", [](MachineState*) {
    qdev_prop_register_global(
        {.driver = "fw_cfg_io", .property = "dma_enabled", .value = "off"});
  });
  object_reset_globals_for_test();

  EXPECT_EQ(number(item(hw::FW_CFG_ID, 4)), 1u);
  EXPECT_EQ(read_number(address_space_io(), dma_port, 4), 0xffffffffu);
}

TEST(FwCfg, the_map_of_memory_has_both_parts_of_ram) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    object_property_parse(machine, "1M", "max-ram-below-4g");
    machine->ram_size = 3 << 20;
  });

  const std::string map = file("etc/e820");

  ASSERT_EQ(map.size(), 40u);
  EXPECT_EQ(number(map.substr(0, 8)), 0u);
  EXPECT_EQ(number(map.substr(8, 8)), 1u << 20);
  EXPECT_EQ(number(map.substr(20, 8)), 1ull << 32);
  EXPECT_EQ(number(map.substr(28, 8)), 2u << 20);
}

TEST(FwCfg, cpus_are_counted_and_their_ids_have_a_limit) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    machine->smp_cpus = 2;
    machine->max_cpus = machine->smp_sockets = 2;
    machine->smp_cores = 3;
    machine->max_cpus = 6;
  });

  EXPECT_EQ(number(item(hw::FW_CFG_NB_CPUS, 2)), 2u);
  EXPECT_EQ(number(item(hw::FW_CFG_MAX_CPUS, 2)), 7u);  // ids 0, 1, 2, 4, 5, 6
}

TEST(FwCfg, a_name_that_is_taken_is_refused_in_4_0_s_words) {
  const Board board("pc-i440fx-4.0");
  const auto add = [](const char* name) {
    return error_of([&] { fw_cfg_add_file(fw_cfg_find(), name, {}); });
  };

  EXPECT_EQ(add("opt/x"), "");
  EXPECT_EQ(add("opt/x"), "duplicate fw_cfg file name: opt/x");
  EXPECT_EQ(add("etc/e820"), "duplicate fw_cfg file name: etc/e820");
}

TEST(FwCfg, there_is_room_for_so_many_files) {
  const Board board("pc-i440fx-4.0");

  std::string refused;
  for (int i = 0; i < 40 && refused.empty(); ++i) {
    refused =
        error_of([&] { fw_cfg_add_file(fw_cfg_find(), "opt/" + std::to_string(i), {}); });
  }

  EXPECT_THAT(refused, testing::StartsWith("fw_cfg has room for 32 files"));
  EXPECT_LE(directory().size(), 32u);
}

TEST(FwCfg, the_dma_port_says_that_it_is_there) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(read_number(address_space_io(), dma_port, 4), number("QEMU"));
  EXPECT_EQ(read_number(address_space_io(), dma_port + 4, 4), number(" CFG"));
}

TEST(FwCfgDma, selects_and_copies_with_zeros_behind_the_end) {
  const Board board("pc-i440fx-4.0");
  write_number(address_space_memory(), buffer_at, ~0ull, 8);

  EXPECT_EQ(transfer(hw::FW_CFG_SIGNATURE << 16 | select | read, 6, buffer_at), 0u);

  EXPECT_EQ(memory(buffer_at, 7), std::string("QEMU\0\0\xff", 7));
}

TEST(FwCfgDma, skips) {
  const Board board("pc-i440fx-4.0");

  transfer(hw::FW_CFG_SIGNATURE << 16 | select | skip, 2, 0);

  EXPECT_EQ(transfer(read, 2, buffer_at), 0u);
  EXPECT_EQ(memory(buffer_at, 2), "MU");
}

TEST(FwCfgDma, refuses_to_write_an_item) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(transfer(hw::FW_CFG_SIGNATURE << 16 | select | write, 4, buffer_at), error);
  EXPECT_EQ(item(hw::FW_CFG_SIGNATURE, 4), "QEMU");
}

TEST(FwCfgDma, a_buffer_that_is_no_ram_is_an_error_and_ends_at_once) {
  const Board board("pc-i440fx-4.0");

  for (const std::uint64_t address :
       {0xfffffff0ull, 0x8000000000000000ull, 0xffffffffffffffffull, 0x1000000ull - 8}) {
    EXPECT_EQ(transfer(hw::FW_CFG_SIGNATURE << 16 | select | read, 0xffffffff, address),
              error)
        << address;
  }
}

TEST(FwCfgDma, a_request_outside_memory_hurts_nobody) {
  const Board board("pc-i440fx-4.0");

  write_number(address_space_io(), dma_port, 0xffffffff, 4);
  write_number(address_space_io(), dma_port + 4, 0xf0ffffff, 4);

  EXPECT_EQ(item(hw::FW_CFG_SIGNATURE, 4), "QEMU");
}

// ---- what firmware does with ACPI's files -------------------------------------------

machine::AcpiBoard board_with(std::vector<std::uint32_t> apic_ids) {
  return {.apic_ids = std::move(apic_ids), .pm_port = 0x600, .gpe_port = 0xafe0};
}

// Carries out the commands with the tables at `base` and the root pointer elsewhere.
std::map<std::string, std::string> load(const AcpiFiles& files, std::uint32_t base) {
  const auto text = [](const std::vector<std::byte>& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  std::map<std::string, std::string> memory = {{"etc/acpi/tables", text(files.tables)},
                                               {"etc/acpi/rsdp", text(files.rsdp)}};
  const std::string commands = text(files.loader);
  for (std::size_t at = 0; at + 128 <= commands.size(); at += 128) {
    const std::string command = commands.substr(at, 128);
    const auto field = [&](std::size_t offset, std::size_t width) {
      return number(std::string_view(command).substr(offset, width));
    };
    std::string& target = memory[command.c_str() + 4];
    if (field(0, 4) == 2) {
      const std::size_t where = field(116, 4), width = field(120, 1);
      std::uint64_t value = number(std::string_view(target).substr(where, width)) + base;
      for (std::size_t i = 0; i < width; ++i, value >>= 8) {
        target.at(where + i) = static_cast<char>(value);
      }
    } else if (field(0, 4) == 3) {
      const std::size_t start = field(64, 4), length = field(68, 4);
      unsigned sum = 0;
      for (const char byte : target.substr(start, length)) {
        sum += static_cast<std::uint8_t>(byte);
      }
      target.at(field(60, 4)) = static_cast<char>(target.at(field(60, 4)) - sum);
    }
  }
  return memory;
}

TEST(AcpiLoader, its_commands_make_the_tables_that_are_made_for_an_address) {
  const machine::AcpiBoard board = board_with({0, 1});
  constexpr std::uint32_t base = 0x3fe0000;
  machine::AcpiTables expected = machine::acpi_tables(board, base);

  auto memory = load(acpi_files(board), base);

  const auto tables = expected.tables.span();
  const auto rsdp = expected.rsdp.span();
  EXPECT_EQ(memory["etc/acpi/tables"].substr(0, tables.size()),
            std::string(reinterpret_cast<const char*>(tables.data()), tables.size()));
  EXPECT_EQ(memory["etc/acpi/rsdp"],
            std::string(reinterpret_cast<const char*>(rsdp.data()), rsdp.size()));
}

TEST(AcpiLoader, the_files_keep_their_sizes_whatever_the_tables_say) {
  const AcpiFiles files = acpi_files(board_with(std::vector<std::uint32_t>(255, 7)));

  EXPECT_EQ(files.tables.size(), 0x20000u);
  EXPECT_EQ(files.loader.size(), 0x1000u);
  EXPECT_EQ(files.rsdp.size(), 20u);
}

TEST(AcpiLoader, tables_name_the_port_that_firmware_chose_meanwhile) {
  const Board board("pc-i440fx-4.0");
  const std::size_t size = directory().at("etc/acpi/tables").size;
  auto* pm =
      object_cast<PCIDevice>(object_property_get_link(current_machine, "acpi-device"));
  pci_host_config_write(pm, 0x40, 0x0801, 4);

  const std::string tables = file("etc/acpi/tables");

  EXPECT_EQ(tables.size(), size);
  EXPECT_EQ(number(tables.substr(tables.find("FACP") + 56, 4)), 0x800u);
}

// ---- other files --------------------------------------------------------------------

TEST(BootOrder, follows_the_indexes_and_ends_where_it_must) {
  const Board board("pc-i440fx-4.0",
                    [](MachineState* machine) { machine->boot.strict = true; });

  const std::string order = machine::boot_order_text(
      board.machine(), {{2, "/rom@genroms/b.bin"}, {1, "/rom@genroms/a.bin"}});

  EXPECT_EQ(order, std::string("/rom@genroms/a.bin\n/rom@genroms/b.bin\nHALT\0", 43));
}

TEST(Smbios, structures_are_counted_and_the_anchor_adds_up) {
  const machine::SmbiosFiles files = machine::smbios_files(
      {.product = "P", .version = "V", .sockets = 2, .below_4g = 1 << 30});

  std::map<unsigned, unsigned> kinds;
  std::size_t at = 0, count = 0;
  while (at < files.tables.size()) {
    ++kinds[std::to_integer<unsigned>(files.tables[at])];
    ++count;
    at += std::to_integer<std::size_t>(files.tables[at + 1]);
    while (files.tables[at] != std::byte{} || files.tables[at + 1] != std::byte{}) {
      ++at;
    }
    at += 2;
  }

  EXPECT_EQ(at, files.tables.size());
  EXPECT_EQ(kinds[1], 1u);
  EXPECT_EQ(kinds[4], 2u);
  EXPECT_EQ(kinds[127], 1u);
  ASSERT_EQ(files.anchor.size(), 31u);
  EXPECT_EQ(std::to_integer<unsigned>(files.anchor[28]), count);
  unsigned sum = 0;
  for (const std::byte byte : files.anchor) {
    sum += std::to_integer<unsigned>(byte);
  }
  EXPECT_EQ(sum & 0xff, 0u);
}

TEST(Smbios, a_uuid_has_its_first_groups_little_endian) {
  machine::SmbiosBoard board{.product = "P", .version = "V"};
  for (std::uint8_t i = 0; i < 16; ++i) {
    board.uuid[i] = i;
  }

  const machine::SmbiosFiles files = machine::smbios_files(board);

  EXPECT_EQ(std::to_integer<int>(files.tables[8]), 3);
  EXPECT_EQ(std::to_integer<int>(files.tables[11]), 0);
  EXPECT_EQ(std::to_integer<int>(files.tables[12]), 5);
  EXPECT_EQ(std::to_integer<int>(files.tables[16]), 8);
}

}  // namespace
