// The 440FX host bridge of a PC: what leads from the processor to PCI, and which parts of
// the first MiB are RAM. i440fx.cc tells its registers.
#pragma once

#include "core/pci.h"

namespace hw {

using namespace core;

inline constexpr const char* TYPE_I440FX_PCI_HOST_BRIDGE = "i440FX-pcihost";
inline constexpr const char* TYPE_I440FX_PCI_DEVICE = "i440FX";

// What the bridge stands between, and how much RAM it tells firmware of.
struct I440FXMemory {
  MemoryRegion* system = nullptr;
  MemoryRegion* io = nullptr;
  MemoryRegion* pci = nullptr;
  MemoryRegion* ram = nullptr;
  std::uint64_t below_4g = 0, above_4g = 0;  // bytes of `ram`
};

// Host bridge (child "i440fx" of the machine), its bus pci.0, and its own device there.
PCIBus* i440fx_init(const char* host_type, const char* pci_type,
                    const I440FXMemory& memory);
// Everything from 0xc0000 to 1 MiB becomes RAM, as firmware leaves it that has copied
// itself there. `bus` is what i440fx_init returned.
void i440fx_shadow_ram_on(PCIBus* bus);

}  // namespace hw
