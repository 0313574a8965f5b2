// Cache leaves. SDM vol. 2 CPUID leaves 2 and 4; APM vol. 3 appendix E, functions
// 8000_0005h, 8000_0006h and 8000_001Dh.
//
// The legacy caches are three different sets, one a leaf: QEMU gave the leaves at
// different times, and guests have depended on each since.
#include "cpu/caches.h"

#include <bit>

namespace cpu {
namespace {

enum class Kind : std::uint8_t { data = 1, instruction = 2, unified = 3 };

struct Cache {
  Kind kind;
  unsigned level;
  unsigned size;  // bytes
  unsigned ways;
  unsigned lines_per_tag;
  std::uint8_t descriptor;  // of leaf 2
  std::uint32_t flags;      // EDX of leaf 4: 1 no write-back of lower ones on WBINVD,
                            // 2 inclusive, 4 hashed index
  bool self_initialising;
};

constexpr unsigned line = 64;
constexpr unsigned kib = 1024, mib = 1024 * kib;
constexpr std::uint8_t see_leaf_4 = 0xff;  // the descriptor of a size without one

struct CacheSet {
  Cache l1d, l1i, l2, l3;
};

constexpr Cache legacy_l1d{Kind::data, 1, 32 * kib, 8, 1, 0x2c, 1, true};
constexpr Cache legacy_l1i{Kind::instruction, 1, 32 * kib, 8, 1, 0x30, 1, true};
constexpr Cache legacy_l3{Kind::unified, 3, 16 * mib, 16, 1, 0x4d, 6, true};

constexpr CacheSet legacy_descriptors{
    legacy_l1d, legacy_l1i, {Kind::unified, 2, 2 * mib, 8, 1, 0x7d, 0, false}, legacy_l3};
constexpr CacheSet legacy_deterministic{
    legacy_l1d, legacy_l1i, {Kind::unified, 2, 4 * mib, 16, 1, 0x7d, 1, true}, legacy_l3};
constexpr CacheSet legacy_amd{{Kind::data, 1, 64 * kib, 2, 1, see_leaf_4, 1, true},
                              {Kind::instruction, 1, 64 * kib, 2, 1, see_leaf_4, 1, true},
                              {Kind::unified, 2, 512 * kib, 16, 1, see_leaf_4, 0, false},
                              legacy_l3};
constexpr CacheSet epyc{{Kind::data, 1, 32 * kib, 8, 1, 0x2c, 1, true},
                        {Kind::instruction, 1, 64 * kib, 4, 1, see_leaf_4, 1, true},
                        {Kind::unified, 2, 512 * kib, 8, 1, 0x80, 0, false},
                        {Kind::unified, 3, 8 * mib, 16, 1, 0x4b, 6, true}};

constexpr const CacheSet& pick(CacheStyle style, const CacheSet& legacy) {
  return style == CacheStyle::epyc ? epyc : legacy;
}

const Cache* cache_at(const CacheSet& set, unsigned index, bool l3) {
  switch (index) {
    case 0:
      return &set.l1d;
    case 1:
      return &set.l1i;
    case 2:
      return &set.l2;
    case 3:
      return l3 ? &set.l3 : nullptr;
    default:
      return nullptr;
  }
}

// The layout leaf 4 and 8000_001Dh share. `sharing` CPUs use the cache.
core::CpuidEntry describe(const Cache& cache, unsigned sharing) {
  core::CpuidEntry entry;
  entry.eax = static_cast<std::uint32_t>(cache.kind) | cache.level << 5 |
              (cache.self_initialising ? 1u << 8 : 0) | (sharing - 1) << 14;
  entry.ebx = (line - 1) | (cache.ways - 1) << 22;
  entry.ecx = cache.size / (line * cache.ways) - 1;
  entry.edx = cache.flags;
  return entry;
}

// Size in KiB, ways, lines a tag, line size.
std::uint32_t amd_l1(const Cache& cache) {
  return cache.size / kib << 24 | cache.ways << 16 | cache.lines_per_tag << 8 | line;
}

// Ways of a second-level cache or above as four bits; 15 is fully associative.
std::uint32_t amd_ways(unsigned ways) {
  switch (ways) {
    case 1:
    case 2:
      return ways;
    case 4:
      return 4;
    case 8:
      return 6;
    case 16:
      return 8;
    case 32:
      return 10;
    default:
      return 15;
  }
}

std::uint32_t amd_low_part(const Cache& cache) {
  return amd_ways(cache.ways) << 12 | cache.lines_per_tag << 8 | line;
}

}  // namespace

unsigned bits_for(unsigned count) {
  return static_cast<unsigned>(std::bit_width(count - 1));
}

core::CpuidEntry cache_descriptors(CacheStyle style, const CacheTopology& topology) {
  const CacheSet& set = pick(style, legacy_descriptors);
  core::CpuidEntry entry;
  entry.eax = 1;  // ask once, that is all
  entry.ecx = topology.l3 ? set.l3.descriptor : 0;
  entry.edx = std::uint32_t{set.l1d.descriptor} << 16 |
              std::uint32_t{set.l1i.descriptor} << 8 | set.l2.descriptor;
  return entry;
}

core::CpuidEntry deterministic_cache(CacheStyle style, const CacheTopology& topology,
                                     unsigned index) {
  const Cache* cache = cache_at(pick(style, legacy_deterministic), index, topology.l3);
  if (cache == nullptr) {
    return {};
  }
  const unsigned package = 1u << (bits_for(topology.threads) + bits_for(topology.cores));
  const unsigned sharing = index == 3 ? package : index == 2 ? topology.threads : 1;
  core::CpuidEntry entry = describe(*cache, sharing);
  entry.eax |= (topology.cores - 1) << 26;
  return entry;
}

// The buffers for address translation: 255 entries, one way, for every page size.
core::CpuidEntry amd_l1_and_tlb(CacheStyle style) {
  const CacheSet& set = pick(style, legacy_amd);
  core::CpuidEntry entry;
  entry.eax = entry.ebx = 0x01ff01ff;
  entry.ecx = amd_l1(set.l1d);
  entry.edx = amd_l1(set.l1i);
  return entry;
}

core::CpuidEntry amd_l2_l3(CacheStyle style, const CacheTopology& topology) {
  const CacheSet& set = pick(style, legacy_amd);
  core::CpuidEntry entry;
  entry.ebx = 0x42004200;  // 512 entries of four ways for small pages, none for large
  entry.ecx = set.l2.size / kib << 16 | amd_low_part(set.l2);
  if (topology.l3) {
    entry.edx = set.l3.size / (512 * kib) << 18 | amd_low_part(set.l3);
  }
  return entry;
}

core::CpuidEntry amd_cache_properties(CacheStyle style, const CacheTopology& topology,
                                      unsigned index) {
  const Cache* cache = cache_at(pick(style, legacy_amd), index, topology.l3);
  if (cache == nullptr) {
    return {};
  }
  const unsigned sharing =
      index == 3 ? topology.cores * topology.threads : topology.threads;
  return describe(*cache, sharing);
}

}  // namespace cpu
