// Programmable attribute map: for a piece of the first MiB, whether reads and writes go
// to RAM or to PCI (440FX datasheet, 3.2.13). Four aliases lie over the piece, one for
// each answer; exactly one is enabled.
#pragma once

#include <array>
#include <cstdint>

#include "core/memory.h"

namespace hw {

using namespace core;

inline constexpr std::uint64_t pam_expansion_base = 0xc0000, pam_expansion_size = 0x4000;
inline constexpr std::uint64_t pam_bios_base = 0xf0000, pam_bios_size = 0x10000;

struct PAMMemoryRegion {
  // By attribute: 0 PCI, 1 read RAM, 2 write RAM, 3 RAM.
  std::array<MemoryRegion*, 4> alias{};
};

// The regions are `owner`'s.
void init_pam(qom::Object* owner, MemoryRegion* ram, MemoryRegion* system,
              MemoryRegion* pci, PAMMemoryRegion* area, std::uint64_t start,
              std::uint64_t size);
// The two bits of the register: 1 reads, 2 writes go to RAM.
void pam_update(PAMMemoryRegion* area, unsigned attribute);

}  // namespace hw
