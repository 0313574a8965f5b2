// Slow paths of memory access: segment checks that the limit compare could not
// settle, TLB misses, accesses across two pages, devices, writes into decoded code.
#include "softcpu/block_cache.h"
#include "softcpu/cpu.h"
#include "softcpu/paging.h"

namespace softcpu {
namespace {

u8 segment_fault(u8 segment) {
  return segment == seg_ss ? vector_ss : vector_gp;
}

bool type_allows(const core::Segment& segment, Access access) {
  bool code = segment.type & 8;
  bool bit1 = segment.type & 2;  // writable data, readable code
  return access == Access::write ? !code && bit1 : !code || bit1;
}

// Where linear addresses wrap. In compatibility mode the system tables still lie
// anywhere in 64 bits, so only the segmented part of an access is cut to 32.
u64 wrap_mask(const Cpu& cpu) {
  return cpu.long_mode() ? ~u64{0} : 0xffffffff;
}

// Fills the TLB entry of `at` with what the walk found.
void fill(Cpu& cpu, u64 at, bool user, const Mapping& mapping) {
  TlbEntry& entry = cpu.tlb.at(user, at);
  u64 tag = at & ~page_offset_mask;
  u64 page = mapping.physical & ~page_offset_mask;
  HostPage host = cpu.memory.page(page);
  bool direct = host.bytes != nullptr;
  bool writable =
      direct && mapping.writable && host.writable && !cpu.blocks.has_code(page);
  entry.physical = page;
  entry.host = host.bytes;
  const auto free = [&](Access access) {
    return cpu.watchpoints.empty() || !cpu.watched(tag, page_size, access);
  };
  bool may_read = direct && mapping.readable && free(Access::read);
  entry.tag[0] = may_read ? tag : TlbEntry::no_tag;
  entry.tag[1] = writable && free(Access::write) ? tag : TlbEntry::no_tag;
  entry.tag[2] = mapping.executable ? tag : TlbEntry::no_tag;
}

}  // namespace

bool Cpu::slow_linear(u8 segment, u64 offset, unsigned size, Access access, u64& out) {
  const core::Segment& s = seg[segment];
  u64 last = offset + size - 1;
  bool ok = true;
  if (protected_mode()) {
    ok = !s.unusable && type_allows(s, access);
  }
  bool expand_down = protected_mode() && !(s.type & 8) && (s.type & 4);
  if (expand_down) {
    ok = ok && offset > s.limit && last <= (s.db ? 0xffffffffu : 0xffffu);
  } else {
    ok = ok && last <= s.limit;
  }
  if (!ok) {
    return raise(segment_fault(segment), 0);
  }
  out = (offset + base[segment]) & linear_mask;
  return true;
}

bool Cpu::translate(u8 segment, u64 at, Access access, bool user, u64& physical) {
  TlbEntry& entry = tlb.at(user, at);
  if (entry.tag[static_cast<u8>(access)] == (at & ~page_offset_mask)) {
    physical = entry.physical | (at & page_offset_mask);
    return true;
  }
  if (long_mode() && !canonical(at)) {
    return raise(segment_fault(segment), 0);
  }
  Mapping mapping;
  if (!walk(*this, {at, access, user}, mapping)) {
    return false;
  }
  fill(*this, at, user, mapping);
  physical = mapping.physical;
  return true;
}

bool Cpu::slow_load(u8 segment, u64 at, unsigned size, Access access, u64& out,
                    bool user) {
  u64 in_page = at & page_offset_mask;
  if (in_page + size > page_size) {
    unsigned first = static_cast<unsigned>(page_size - in_page);
    u64 low = 0, high = 0;
    if (!slow_load(segment, at, first, access, low, user) ||
        !slow_load(segment, (at + first) & wrap_mask(*this), size - first, access, high,
                   user)) {
      return false;
    }
    out = low | (high << (first * 8));
    return true;
  }
  u64 physical = 0;
  if (!translate(segment, at, access, user, physical)) {
    return false;
  }
  if (!watchpoints.empty()) {
    check_watchpoints(at, size, Access::read);
  }
  HostPage host = memory.page(physical);
  if (host.bytes == nullptr) {
    return device_load(physical, size, out);
  }
  out = 0;
  std::memcpy(&out, host.bytes + in_page, size);
  return true;
}

bool Cpu::slow_store(u8 segment, u64 at, unsigned size, u64 value, bool user) {
  u64 in_page = at & page_offset_mask;
  u64 physical = 0;
  if (in_page + size > page_size) {
    unsigned first = static_cast<unsigned>(page_size - in_page);
    u64 second = (at + first) & wrap_mask(*this);
    return translate(segment, at, Access::write, user, physical) &&
           translate(segment, second, Access::write, user, physical) &&
           slow_store(segment, at, first, value, user) &&
           slow_store(segment, second, size - first, value >> (first * 8), user);
  }
  if (!translate(segment, at, Access::write, user, physical)) {
    return false;
  }
  if (!watchpoints.empty()) {
    check_watchpoints(at, size, Access::write);
  }
  HostPage host = memory.page(physical);
  if (!host.writable) {
    return device_store(physical, size, value);
  }
  std::memcpy(host.bytes + in_page, &value, size);
  if (blocks.has_code(physical & ~page_offset_mask)) {
    blocks.written(physical, size);
  }
  return true;
}

const core::Watchpoint* Cpu::watched(u64 at, u64 size, Access access) const {
  using enum core::Watchpoint::Access;
  const auto other = access == Access::write ? read : write;
  for (const core::Watchpoint& point : watchpoints) {
    bool meets = at - point.address < point.length || point.address - at < size;
    if (meets && point.access != other) {
      return &point;
    }
  }
  return nullptr;
}

void Cpu::check_watchpoints(u64 at, unsigned size, Access access) {
  const core::Watchpoint* point = watch_hit ? nullptr : watched(at, size, access);
  if (point != nullptr) {
    watch_hit = static_cast<u32>(point - watchpoints.data());
    blocks.clear();
  }
}

bool Cpu::system_load(u64 at, unsigned size, u64& out) {
  return slow_load(seg_ds, at & wrap_mask(*this), size, Access::read, out, false);
}

bool Cpu::system_store(u64 at, unsigned size, u64 value) {
  return slow_store(seg_ds, at & wrap_mask(*this), size, value, false);
}

bool Cpu::device_load(u64 physical, unsigned size, u64& out) {
  if (mmio_cursor < mmio.size()) {
    const MmioAccess& done = mmio[mmio_cursor++];
    out = 0;
    std::memcpy(&out, done.data.data(), size);
    return true;
  }
  mmio.push_back({physical, static_cast<u8>(size), false, false, {}});
  stop_step = Step::retry;
  return false;
}

bool Cpu::device_store(u64 physical, unsigned size, u64 value) {
  if (mmio_cursor < mmio.size()) {
    ++mmio_cursor;
    return true;
  }
  MmioAccess access{physical, static_cast<u8>(size), true, false, {}};
  std::memcpy(access.data.data(), &value, size);
  mmio.push_back(access);
  stop_step = Step::retry;
  return false;
}

std::byte* Cpu::direct(u64 at, u64 size, Access access) {
  TlbEntry& entry = tlb.at(cpl == 3, at);
  u64 in_page = at & page_offset_mask;
  bool hit = entry.tag[static_cast<u8>(access)] == at - in_page;
  return hit && in_page + size <= page_size ? entry.host + in_page : nullptr;
}

bool Cpu::load_sized(u8 segment, u64 offset, unsigned size, u64& out) {
  u64 at = 0;
  return linear(segment, offset, size, Access::read, at) &&
         slow_load(segment, at, size, Access::read, out, cpl == 3);
}

bool Cpu::store_sized(u8 segment, u64 offset, unsigned size, u64 value) {
  u64 at = 0;
  return linear(segment, offset, size, Access::write, at) &&
         slow_store(segment, at, size, value, cpl == 3);
}

}  // namespace softcpu
