// The caches a CPU says it has, and the four ways in which CPUID tells about them.
#pragma once

#include <cstdint>

#include "core/vcpu.h"
#include "cpu/model_table.h"

namespace cpu {

struct CacheTopology {
  unsigned cores, threads;  // of a socket, of a core
  bool l3;
};

core::CpuidEntry cache_descriptors(CacheStyle style, const CacheTopology& topology);  // 2
// Leaf 4; zeros from the index on at which there is no cache.
core::CpuidEntry deterministic_cache(CacheStyle style, const CacheTopology& topology,
                                     unsigned index);
core::CpuidEntry amd_l1_and_tlb(CacheStyle style);  // 0x80000005
core::CpuidEntry amd_l2_l3(CacheStyle style,
                           const CacheTopology& topology);  // 0x80000006
core::CpuidEntry amd_cache_properties(CacheStyle style, const CacheTopology& topology,
                                      unsigned index);  // 0x8000001d

// Bits that number `count` things.
unsigned bits_for(unsigned count);

}  // namespace cpu
