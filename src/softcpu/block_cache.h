// Decoded code: basic blocks keyed by physical address and code mode, shared by all
// CPUs of a Vm, dropped when the bytes they came from change.
//
// A block never spans two pages, except that its only instruction may; then the page
// holding the tail is remembered and checked on every lookup. When a block is dropped
// while it runs (self-modifying code), its handlers are replaced so that the next
// instruction leaves the block; its memory is freed at the next lookup.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "softcpu/cpu.h"

namespace softcpu {

struct Block {
  u64 physical = 0;
  u64 tail_page = ~u64{0};  // physical page of the bytes beyond the page, if any
  u32 length = 0;           // bytes
  u16 count = 0;            // instructions
  CodeMode mode = CodeMode::real16;
  std::unique_ptr<Insn[]> insns;
};

class BlockCache {
 public:
  Block* find(u64 physical, CodeMode mode);
  Block* insert(std::unique_ptr<Block> block);

  bool has_code(u64 page) const { return pages_.count(page) != 0; }

  // Bytes changed: drops the blocks decoded from them.
  void written(u64 physical, u64 size);
  void clear();

  // Blocks decoded from now on begin anew at these linear addresses, so that a CPU comes
  // back to its loop there. Drops all blocks if that is a change.
  void set_cuts(std::vector<u64> addresses);

  // Does an instruction at this linear address begin a block? Judged by its place in the
  // page: a page may be mapped at several addresses.
  bool is_cut(u64 linear) const {
    for (u64 cut : cuts_) {
      if (((cut ^ linear) & page_offset_mask) == 0) {
        return true;
      }
    }
    return false;
  }

  // Frees blocks dropped earlier. Only between blocks.
  void collect() { dropped_.clear(); }

  void add_cpu(Cpu* cpu) { cpus_.push_back(cpu); }

  void remove_cpu(Cpu* cpu);

 private:
  struct Page {
    u64 granules = 0;  // bit i: bytes [64 i, 64 i + 64) hold decoded code
    std::vector<Block*> blocks;
  };

  void note_page(u64 page, u64 first, u64 last, Block* block);
  void drop(Block* block);

  std::unordered_map<u64, std::unique_ptr<Block>> blocks_;
  std::unordered_map<u64, Page> pages_;
  std::vector<std::unique_ptr<Block>> dropped_;
  std::vector<Cpu*> cpus_;
  std::vector<u64> cuts_;
};

}  // namespace softcpu
