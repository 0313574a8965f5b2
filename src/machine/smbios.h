// SMBIOS tables (DMTF DSP0134, version 2.8): what a board says about itself to people,
// programs like dmidecode show it. Given to firmware as two files of fw_cfg; firmware
// adds the table about itself and puts them into memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace machine {

struct SmbiosBoard {
  std::string product, version;         // "Standard PC ...", "pc-i440fx-4.0"
  std::array<std::uint8_t, 16> uuid{};  // as text has it, first digit first
  unsigned sockets = 1, cores = 1, threads = 1;
  std::uint64_t below_4g = 0, above_4g = 0;  // bytes of RAM
};

struct SmbiosFiles {
  std::vector<std::byte> tables, anchor;  // the anchor leads to no address yet
};

SmbiosFiles smbios_files(const SmbiosBoard& board);

}  // namespace machine
