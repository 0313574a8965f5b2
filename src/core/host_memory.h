// A host memory back end as the rest of the program sees it (its types are in backend/),
// and guest RAM made from such back ends.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/memory.h"
#include "qom/object.h"

namespace core {

inline constexpr const char* TYPE_MEMORY_BACKEND = "memory-backend";
inline constexpr std::size_t max_host_nodes = 128;  // QEMU 4.0's limit

struct HostMemoryBackend : qom::Object {
  static constexpr const char* qom_type = "memory-backend";
  std::uint64_t size = 0;  // bytes
  bool merge = true, dump = true, prealloc = false, share = false;
  bool canonical_path_for_ramblock_id = true;
  int policy = 0;  // by place in default, preferred, bind, interleave
  std::bitset<max_host_nodes> host_nodes;
  std::span<std::byte> bytes;  // empty until completed
  bool is_mapped = false;      // they are guest RAM now, whose region unmaps them
};

// The next system memory consists of these back ends, one behind the other; their bytes
// move to where that is. Throws qom::Error for one that is in use already.
void guest_ram_from_backends(std::span<HostMemoryBackend* const> backends);

// A board's RAM: what guest_ram_from_backends() gathered, if it has this size, else bytes
// without a name.
MemoryRegion* memory_region_allocate_system_memory(qom::Object* owner, std::string name,
                                                   std::uint64_t size);

}  // namespace core
