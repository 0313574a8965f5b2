// fw_cfg: how a board talks to its firmware. Items are numbered; those from 0x20 on have
// names too and are listed in item 0x19. fw_cfg.cc has the registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sysbus.h"

namespace hw {

using namespace core;

inline constexpr const char* TYPE_FW_CFG = "fw_cfg";
inline constexpr const char* TYPE_FW_CFG_IO = "fw_cfg_io";

// Numbers of items. Bit 15: those of one architecture alone.
enum FwCfgKey : std::uint16_t {
  FW_CFG_SIGNATURE = 0x00,
  FW_CFG_ID = 0x01,
  FW_CFG_UUID = 0x02,
  FW_CFG_RAM_SIZE = 0x03,
  FW_CFG_NOGRAPHIC = 0x04,
  FW_CFG_NB_CPUS = 0x05,
  FW_CFG_KERNEL_ADDR = 0x07,
  FW_CFG_KERNEL_SIZE = 0x08,
  FW_CFG_INITRD_ADDR = 0x0a,
  FW_CFG_INITRD_SIZE = 0x0b,
  FW_CFG_NUMA = 0x0d,
  FW_CFG_BOOT_MENU = 0x0e,
  FW_CFG_MAX_CPUS = 0x0f,
  FW_CFG_KERNEL_DATA = 0x11,
  FW_CFG_INITRD_DATA = 0x12,
  FW_CFG_CMDLINE_ADDR = 0x13,
  FW_CFG_CMDLINE_SIZE = 0x14,
  FW_CFG_CMDLINE_DATA = 0x15,
  FW_CFG_SETUP_ADDR = 0x16,
  FW_CFG_SETUP_SIZE = 0x17,
  FW_CFG_SETUP_DATA = 0x18,
  FW_CFG_FILE_DIR = 0x19,
  FW_CFG_FILE_FIRST = 0x20,
  FW_CFG_ARCH_LOCAL = 0x8000,
  FW_CFG_ACPI_TABLES = 0x8000,
  FW_CFG_SMBIOS_ENTRIES = 0x8001,
  FW_CFG_IRQ0_OVERRIDE = 0x8002,
  FW_CFG_E820_TABLE = 0x8003,
  FW_CFG_HPET = 0x8004,
};

inline constexpr std::size_t fw_cfg_max_file_name = 55;

using FwCfgBytes = std::vector<std::byte>;
using FwCfgMaker = std::function<FwCfgBytes()>;

// One item: its bytes come to be when the guest first asks for them.
struct FwCfgItem {
  std::uint16_t key = 0;
  std::string name;  // of a file
  FwCfgMaker make;   // empty: `bytes` are there already
  // The bytes depend on what firmware did, so they are made again when it selects the
  // item for the first time after a reset. Their number stays.
  bool follows_firmware = false;
  bool made = false;
  FwCfgBytes bytes;
};

struct FWCfgState : SysBusDevice {
  static constexpr const char* qom_type = "fw_cfg";
  std::uint16_t file_slots = 0;  // files there is room for
  bool dma_enabled = true;
  std::vector<FwCfgItem> items;  // files in the order they were added, until `filled`
  // Adds the board's own items, when the guest first selects one.
  std::function<void(FWCfgState*)> fill;
  // Names of the files that `fill` will add: nobody else may.
  std::vector<std::string_view> board_files;
  bool filling = false, filled = false;
  FwCfgItem* selected = nullptr;  // nullptr: there is no such item
  std::uint64_t offset = 0;       // of the next byte
  std::uint64_t dma_address = 0;
  MemoryRegion* io = nullptr;
  MemoryRegion* dma = nullptr;
};

// /machine/fw_cfg; nullptr if the board has none.
FWCfgState* fw_cfg_find();
// Makes it and puts it there: ports 0x510 and 0x511, and for DMA 0x514.
FWCfgState* fw_cfg_init_io_dma();

void fw_cfg_add(FWCfgState* s, std::uint16_t key, FwCfgBytes bytes);
void fw_cfg_add_number(FWCfgState* s, std::uint16_t key, std::uint64_t value,
                       unsigned width);
void fw_cfg_add_later(FWCfgState* s, std::uint16_t key, FwCfgMaker make);
// A file. Throws qom::Error for a name that is taken, and if there is no room for more.
void fw_cfg_add_file(FWCfgState* s, std::string name, FwCfgBytes bytes);
void fw_cfg_add_file_later(FWCfgState* s, std::string name, FwCfgMaker make,
                           bool follows_firmware = false);

// Little-endian numbers, one behind the other: {value, bytes}.
struct FwCfgNumber {
  std::uint64_t value = 0;
  unsigned width = 0;
};

FwCfgBytes fw_cfg_numbers(std::initializer_list<FwCfgNumber> numbers);

// ---- between the files of the device -----------------------------------------------
void fw_cfg_append_big_endian(FwCfgBytes& out, std::uint64_t value, unsigned width);
// Turns to an item, from its beginning.
void fw_cfg_select(FWCfgState* s, std::uint16_t key);
// What is left of the selected item.
std::span<const std::byte> fw_cfg_rest(const FWCfgState* s);

}  // namespace hw
