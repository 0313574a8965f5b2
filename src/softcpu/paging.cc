// Page walks of the three paging modes (SDM vol. 3 chapter 4): 32-bit (4 KiB and
// 4 MiB pages), PAE and 4-level. An entry of a level is `width` bytes; `shift` is the
// lowest linear address bit that selects it.
//
// Simplifications: the accessed bit of every level is set after all rights were
// checked; a table in a hole of guest memory reads as all ones.
#include "softcpu/paging.h"

namespace softcpu {
namespace {

enum EntryBit : u64 {
  entry_present = 1u << 0,
  entry_writable = 1u << 1,
  entry_user = 1u << 2,
  entry_accessed = 1u << 5,
  entry_dirty = 1u << 6,
  entry_large = 1u << 7,
  entry_nx = u64{1} << 63,
};

constexpr u64 table_mask = 0x000ffffffffff000;

struct Walk {
  Cpu& cpu;
  const WalkRequest& request;
  u64 path[4] = {};   // physical addresses of the entries used
  u64 entry[4] = {};  // and their values
  unsigned depth = 0;
  unsigned width = 8;
  bool writable = true, user = true, no_execute = false;

  bool fault(u32 cause) {
    u32 error = cause;
    bool nx_on = (cpu.efer & efer_nxe) && (cpu.cr4 & cr4_pae);
    if (request.access == Access::write) {
      error |= pf_write;
    }
    if (request.user) {
      error |= pf_user;
    }
    if (request.access == Access::fetch && nx_on) {
      error |= pf_fetch;
    }
    cpu.cr2 = request.linear;
    return cpu.raise(vector_pf, error);
  }

  u64 reserved_bits(bool large, unsigned shift) const {
    if (width == 4) {
      return large ? u64{1} << 21 : 0;
    }
    u64 bits = table_mask & ~physical_mask;
    if (!cpu.long_mode()) {
      bits |= 0x7ff0000000000000;
    }
    if (!(cpu.efer & efer_nxe)) {
      bits |= entry_nx;
    }
    if (large) {
      bits |= ((u64{1} << shift) - 1) & table_mask & ~(u64{1} << 12);
    }
    return bits;
  }

  // Reads one level. False after a fault.
  bool level(u64 table, unsigned shift, bool may_be_large, bool& large) {
    u64 index_mask = width == 4 ? 0x3ff : 0x1ff;
    u64 address = table + ((request.linear >> shift) & index_mask) * width;
    u64 value = cpu.memory.load(address & physical_mask, width);
    path[depth] = address & physical_mask;
    entry[depth] = value;
    ++depth;
    if (!(value & entry_present)) {
      return fault(0);
    }
    large = (value & entry_large) && may_be_large;
    u64 reserved = reserved_bits(large, shift);
    bool page_size_reserved = width == 8 && shift == 39 && (value & entry_large);
    if ((value & reserved) || page_size_reserved) {
      return fault(pf_present | pf_reserved);
    }
    writable = writable && (value & entry_writable);
    user = user && (value & entry_user);
    no_execute = no_execute || (width == 8 && (value & entry_nx));
    return true;
  }

  bool allowed() const {
    if (request.user && !user) {
      return false;
    }
    if (request.access == Access::write && !writable &&
        (request.user || (cpu.cr0 & cr0_wp))) {
      return false;
    }
    return request.access != Access::fetch || !no_execute;
  }

  void mark_used() {
    for (unsigned i = 0; i < depth; ++i) {
      u64 value = entry[i] | entry_accessed;
      if (i + 1 == depth && request.access == Access::write) {
        value |= entry_dirty;
      }
      if (value != entry[i]) {
        entry[i] = value;
        cpu.memory.store(path[i], width, value);
      }
    }
  }
};

// Descends to the leaf; `page_shift` becomes the size of the page found.
bool descend(Walk& walk, unsigned& page_shift) {
  Cpu& cpu = walk.cpu;
  bool pae = cpu.cr4 & cr4_pae;
  walk.width = pae ? 8 : 4;
  unsigned shift = cpu.long_mode() ? 39 : pae ? 21 : 22;
  unsigned step = pae ? 9 : 10;
  u64 table = cpu.cr3 & (pae ? table_mask : 0xfffff000);
  if (pae && !cpu.long_mode()) {
    u64 root = cpu.pdptr[(walk.request.linear >> 30) & 3];
    if (!(root & entry_present)) {
      return walk.fault(0);
    }
    table = root & table_mask;
  }
  for (;; shift -= step) {
    bool large = false;
    bool may_be_large =
        pae ? shift == 21 || shift == 30 : shift == 22 && (cpu.cr4 & cr4_pse);
    if (!walk.level(table, shift, may_be_large, large)) {
      return false;
    }
    if (large || shift == 12) {
      page_shift = shift;
      return true;
    }
    table = walk.entry[walk.depth - 1] & (pae ? table_mask : 0xfffff000);
  }
}

}  // namespace

bool walk(Cpu& cpu, const WalkRequest& request, Mapping& out) {
  if (!(cpu.cr0 & cr0_pg)) {
    out = {request.linear & physical_mask, true, true, true};
    return true;
  }
  Walk walk{cpu, request};
  unsigned page_shift = 12;
  if (!descend(walk, page_shift)) {
    return false;
  }
  if (!walk.allowed()) {
    return walk.fault(pf_present);
  }
  walk.mark_used();
  u64 leaf = walk.entry[walk.depth - 1];
  u64 in_page = (u64{1} << page_shift) - 1;
  u64 frame = walk.width == 8 ? leaf & table_mask & ~in_page
                              : leaf & 0xffffffff & ~in_page & ~page_offset_mask;
  if (walk.width == 4 && page_shift == 22) {
    frame |= ((leaf >> 13) & 0xff) << 32;  // PSE-36
  }
  out.physical = (frame | (request.linear & in_page)) & physical_mask;
  bool rights = walk.writable || (!request.user && !(cpu.cr0 & cr0_wp));
  out.writable = rights && (leaf & entry_dirty);
  out.readable = true;
  out.executable = !walk.no_execute;
  return true;
}

}  // namespace softcpu
