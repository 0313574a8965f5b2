#include "softcpu/block_cache.h"

#include <algorithm>
#include <utility>

namespace softcpu {
namespace {

u64 key_of(u64 physical, CodeMode mode) {
  return (physical << 3) | static_cast<u64>(mode);
}

u64 granule_bits(u64 first, u64 last) {
  u64 low = first >> 6, high = last >> 6;
  u64 upto = high == 63 ? ~u64{0} : (u64{1} << (high + 1)) - 1;
  return upto & ~((u64{1} << low) - 1);
}

// Stands in every instruction of a dropped block.
Step leave_dropped_block(Cpu& cpu, const Insn& insn) {
  cpu.rip = cpu.insn_rip(insn);
  return Step::resync;
}

}  // namespace

Block* BlockCache::find(u64 physical, CodeMode mode) {
  auto found = blocks_.find(key_of(physical, mode));
  return found == blocks_.end() ? nullptr : found->second.get();
}

Block* BlockCache::insert(std::unique_ptr<Block> block) {
  Block* raw = block.get();
  u64 page = raw->physical & ~page_offset_mask;
  u64 first = raw->physical & page_offset_mask;
  u64 last = first + raw->length - 1;
  note_page(page, first, std::min(last, page_offset_mask), raw);
  if (raw->tail_page != ~u64{0}) {
    note_page(raw->tail_page, 0, last - page_size, raw);
  }
  auto& place = blocks_[key_of(raw->physical, raw->mode)];
  if (place) {
    Block* old = place.get();
    drop(old);
  }
  blocks_[key_of(raw->physical, raw->mode)] = std::move(block);
  return raw;
}

void BlockCache::note_page(u64 page, u64 first, u64 last, Block* block) {
  auto [place, is_new] = pages_.try_emplace(page);
  place->second.granules |= granule_bits(first, last);
  place->second.blocks.push_back(block);
  if (is_new) {
    for (Cpu* cpu : cpus_) {
      cpu->tlb.forbid_writes(page);
    }
  }
}

void BlockCache::written(u64 physical, u64 size) {
  u64 end = physical + size;
  for (u64 at = physical; at < end;) {
    u64 page = at & ~page_offset_mask;
    u64 stop = std::min(end, page + page_size);
    auto found = pages_.find(page);
    if (found != pages_.end() &&
        (found->second.granules & granule_bits(at - page, stop - 1 - page))) {
      std::vector<Block*> hit;
      for (Block* block : found->second.blocks) {
        u64 begin = block->tail_page == page ? page : block->physical;
        u64 finish = block->tail_page == page
                         ? page + ((block->physical + block->length) & page_offset_mask)
                         : block->physical + block->length;
        if (begin < stop && at < finish) {
          hit.push_back(block);
        }
      }
      for (Block* block : hit) {
        drop(block);
      }
    }
    at = stop;
  }
}

void BlockCache::drop(Block* block) {
  for (u64 page : {block->physical & ~page_offset_mask, block->tail_page}) {
    auto found = pages_.find(page);
    if (found == pages_.end()) {
      continue;
    }
    auto& list = found->second.blocks;
    list.erase(std::remove(list.begin(), list.end(), block), list.end());
    if (list.empty()) {
      pages_.erase(found);
    }
  }
  for (u16 i = 0; i < block->count; ++i) {
    block->insns[i].handler = leave_dropped_block;
  }
  for (Cpu* cpu : cpus_) {
    ++cpu->epoch;
  }
  auto place = blocks_.find(key_of(block->physical, block->mode));
  if (place != blocks_.end() && place->second.get() == block) {
    dropped_.push_back(std::move(place->second));
    blocks_.erase(place);
  }
}

void BlockCache::clear() {
  while (!blocks_.empty()) {
    drop(blocks_.begin()->second.get());
  }
  pages_.clear();
}

void BlockCache::set_cuts(std::vector<u64> addresses) {
  std::sort(addresses.begin(), addresses.end());
  if (addresses != cuts_) {
    cuts_ = std::move(addresses);
    clear();
  }
}

void BlockCache::remove_cpu(Cpu* cpu) {
  cpus_.erase(std::remove(cpus_.begin(), cpus_.end(), cpu), cpus_.end());
}

}  // namespace softcpu
