#include "hw/pam.h"

namespace hw {

// Attribute 2 (writes to RAM, reads from PCI) cannot be made of slots of guest memory; as
// in QEMU reads get RAM too.
void init_pam(qom::Object* owner, MemoryRegion* ram, MemoryRegion* system,
              MemoryRegion* pci, PAMMemoryRegion* area, std::uint64_t start,
              std::uint64_t size) {
  area->alias[3] = memory_region_new_alias(owner, "pam-ram", ram, start, size);
  area->alias[1] = memory_region_new_alias(owner, "pam-rom", ram, start, size);
  area->alias[1]->read_only = true;
  area->alias[2] = memory_region_new_alias(owner, "pam-pci", ram, start, size);
  area->alias[0] = memory_region_new_alias(owner, "pam-pci", pci, start, size);
  for (MemoryRegion* alias : area->alias) {
    memory_region_set_enabled(alias, alias == area->alias[0]);
    memory_region_add_subregion_overlap(system, start, alias, 1);
  }
}

void pam_update(PAMMemoryRegion* area, unsigned attribute) {
  for (unsigned i = 0; i < area->alias.size(); ++i) {
    memory_region_set_enabled(area->alias[i], i == (attribute & 3));
  }
}

}  // namespace hw
