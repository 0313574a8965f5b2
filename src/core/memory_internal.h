// What the parts of the memory code share; not for devices.
#pragma once

#include <cstdint>
#include <vector>

#include "core/memory.h"

namespace core {

// Grows with every change of any region: a flat view of an older one is stale.
std::uint64_t memory_generation();
void memory_changed();

// The sorted, non-overlapping ranges of what `root` shows, neighbours joined.
std::vector<FlatRange> flatten(MemoryRegion* root);

// One access that fits the region's rules, traced. `offset` is within the region.
std::uint64_t memory_region_dispatch_read(MemoryRegion* mr, std::uint64_t offset,
                                          unsigned size);
void memory_region_dispatch_write(MemoryRegion* mr, std::uint64_t offset,
                                  std::uint64_t data, unsigned size);

}  // namespace core
