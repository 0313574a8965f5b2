// Flattening: from a tree of regions to a sorted list of who answers where.
//
// Regions are visited from the one on top downwards: within a container higher
// priority first, and of equal ones the one added later. Each takes what is still
// free within its own bounds and those of all containers around it; what is under it
// only shows through the holes. Alias arithmetic can go below zero before clipping,
// hence 128-bit numbers.
#include <algorithm>

#include "core/memory_internal.h"

namespace core {
namespace {

__extension__ using Wide = __int128;

struct Range {  // [begin, end)
  Wide begin = 0, end = 0;

  bool empty() const { return begin >= end; }
};

Range intersect(Range a, Range b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

Wide wide_size(std::uint64_t size) {
  return size == ~std::uint64_t{0} ? Wide{1} << 64 : Wide{size};
}

struct Placed {
  Range range;
  MemoryRegion* region;
  Wide base;  // where the region's offset 0 would be
  bool read_only;
};

class Flattener {
 public:
  void visit(MemoryRegion* mr, Wide base, Range clip, bool read_only, int depth) {
    // A region that is its own ancestor through an alias ends here.
    if (!mr->enabled || depth > 64)
      return;
    base += mr->address;
    read_only = read_only || mr->read_only;
    clip = intersect(clip, {base, base + wide_size(mr->size)});
    if (clip.empty())
      return;
    if (mr->alias) {
      visit(mr->alias, base - mr->alias->address - mr->alias_offset, clip, read_only,
            depth + 1);
      return;
    }
    for (MemoryRegion* sub : mr->subregions)
      visit(sub, base, clip, read_only, depth + 1);
    if (mr->ops || !mr->ram.empty())
      fill(mr, base, clip, read_only);
  }

  std::vector<FlatRange> result() const {
    std::vector<FlatRange> out;
    for (const Placed& p : placed_) {
      const auto start = static_cast<std::uint64_t>(p.range.begin);
      const Wide length = p.range.end - p.range.begin;
      const auto size =
          length >> 64 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(length);
      const auto offset = static_cast<std::uint64_t>(p.range.begin - p.base);
      if (!out.empty() && joins(out.back(), start, p, offset))
        out.back().size += size;
      else
        out.push_back({start, size, p.region, offset, p.read_only});
    }
    return out;
  }

 private:
  static bool joins(const FlatRange& left, std::uint64_t start, const Placed& p,
                    std::uint64_t offset) {
    return left.region == p.region && left.start + left.size == start &&
           left.offset + left.size == offset && left.read_only == p.read_only;
  }

  // Takes the holes between what is placed already.
  void fill(MemoryRegion* mr, Wide base, Range clip, bool read_only) {
    Wide at = clip.begin;
    std::size_t i = 0;
    while (at < clip.end) {
      while (i < placed_.size() && placed_[i].range.end <= at)
        ++i;
      const Wide next = i < placed_.size() ? placed_[i].range.begin : clip.end;
      const Range hole{at, std::min(next, clip.end)};
      if (!hole.empty()) {
        placed_.insert(placed_.begin() + static_cast<std::ptrdiff_t>(i),
                       {hole, mr, base, read_only});
        ++i;
      }
      at = i < placed_.size() ? std::max(hole.end, placed_[i].range.end) : clip.end;
    }
  }

  std::vector<Placed> placed_;  // sorted by begin
};

}  // namespace

std::vector<FlatRange> flatten(MemoryRegion* root) {
  Flattener flattener;
  if (root)
    flattener.visit(root, 0, {0, Wide{1} << 64}, false, 0);
  return flattener.result();
}

}  // namespace core
