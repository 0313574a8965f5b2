// Builds basic blocks: decodes until a branch, the end of the page or a limit. The
// bytes of one instruction may reach into the next page; such an instruction is a
// block of its own.
#include "softcpu/block_builder.h"

#include <algorithm>

#include "core/log.h"
#include "softcpu/decoder.h"
#include "softcpu/guest_log.h"

namespace softcpu {
namespace {

constexpr u16 max_block_insns = 64;
constexpr u64 max_insn_bytes = 15;

Step raise_undefined(Cpu& cpu, const Insn&) {
  return cpu.raise_step(vector_ud);
}

Step raise_protection(Cpu& cpu, const Insn&) {
  return cpu.raise_step(vector_gp, 0);
}

// Bytes of code that the page and the code segment's limit leave at rip.
u64 bytes_available(const Cpu& cpu, u64 linear) {
  u64 in_page = page_size - (linear & page_offset_mask);
  if (cpu.code64()) {
    return in_page;
  }
  return std::min<u64>(in_page, u64{cpu.seg[seg_cs].limit} - cpu.rip + 1);
}

Insn stand_in(DecodeStatus status) {
  Insn insn{};
  insn.base = insn.index = zero_register;
  insn.length = 1;
  insn.handler = status == DecodeStatus::invalid ? raise_undefined : raise_protection;
  return insn;
}

// Decodes instructions that lie wholly in `bytes`, which are at `linear`. Returns an
// empty list when already the first one needs more bytes.
std::vector<Insn> decode_run(const Cpu& cpu, u64 linear, std::span<const u8> bytes) {
  std::vector<Insn> insns;
  u64 at = 0;
  while (at < bytes.size() && insns.size() < max_block_insns) {
    if (!insns.empty() && cpu.blocks.is_cut(linear + at)) {
      break;
    }
    Insn insn{};
    insn.offset = static_cast<u16>(at);
    insn.index_in_block = static_cast<u8>(insns.size());
    auto rest = bytes.subspan(at, std::min(bytes.size() - at, max_insn_bytes));
    DecodeOutcome outcome = decode(cpu.code_mode, rest, insn);
    if (outcome.status == DecodeStatus::need_more && rest.size() < max_insn_bytes) {
      break;
    }
    if (outcome.status != DecodeStatus::ok) {
      if (insns.empty()) {
        insns.push_back(stand_in(outcome.status));
      }
      break;
    }
    insns.push_back(insn);
    at += insn.length;
    if (outcome.ends_block) {
      break;
    }
  }
  return insns;
}

Block* install(Cpu& cpu, u64 physical, u64 tail_page, const std::vector<Insn>& insns,
               const u8* bytes) {
  auto block = std::make_unique<Block>();
  block->physical = physical;
  block->tail_page = tail_page;
  block->mode = cpu.code_mode;
  block->count = static_cast<u16>(insns.size());
  block->length = insns.back().offset + insns.back().length;
  block->insns = std::make_unique<Insn[]>(insns.size());
  std::copy(insns.begin(), insns.end(), block->insns.get());
  if (core::qemu_loglevel_mask(core::CPU_LOG_TB_IN_ASM)) {
    log_decoded_block(cpu, {bytes, block->length});
  }
  return cpu.blocks.insert(std::move(block));
}

// The first instruction reaches into the next page, or beyond the segment limit.
Block* build_crossing(Cpu& cpu, u64 linear, u64 physical, const u8* bytes,
                      u64 available) {
  u64 in_page = page_size - (linear & page_offset_mask);
  if (available < in_page) {
    cpu.raise(vector_gp, 0);
    return nullptr;
  }
  u64 next_linear = (linear + in_page) & cpu.linear_mask;
  u64 next_physical = 0;
  if (!cpu.translate(seg_cs, next_linear, Access::fetch, cpu.cpl == 3, next_physical)) {
    return nullptr;
  }
  HostPage next = cpu.memory.page(next_physical);
  if (next.bytes == nullptr) {
    cpu.unbuilt(nullptr, "code fetch from device memory");
    return nullptr;
  }
  std::array<u8, 2 * max_insn_bytes> joined{};
  std::memcpy(joined.data(), bytes, in_page);
  std::memcpy(joined.data() + in_page, next.bytes, max_insn_bytes);
  u64 limit_left = cpu.code64() ? ~u64{0} : u64{cpu.seg[seg_cs].limit} - cpu.rip + 1;
  u64 length = std::min({in_page + max_insn_bytes, max_insn_bytes, limit_left});
  std::vector<Insn> insns = decode_run(cpu, linear, {joined.data(), length});
  if (insns.empty()) {
    cpu.raise(vector_gp, 0);
    return nullptr;
  }
  insns.resize(1);
  u64 tail = insns[0].length > in_page ? next_physical & ~page_offset_mask : ~u64{0};
  return install(cpu, physical, tail, insns, joined.data());
}

bool tail_still_there(Cpu& cpu, const Block& block, u64 linear) {
  if (block.tail_page == ~u64{0}) {
    return true;
  }
  u64 next_linear = ((linear & ~page_offset_mask) + page_size) & cpu.linear_mask;
  u64 physical = 0;
  if (!cpu.translate(seg_cs, next_linear, Access::fetch, cpu.cpl == 3, physical)) {
    return false;
  }
  return (physical & ~page_offset_mask) == block.tail_page;
}

}  // namespace

Block* block_at_rip(Cpu& cpu) {
  cpu.blocks.collect();
  if (cpu.rip > cpu.code_limit) {
    cpu.raise(vector_gp, 0);
    return nullptr;
  }
  u64 linear = (cpu.rip + cpu.base[seg_cs]) & cpu.linear_mask;
  u64 physical = 0;
  if (!cpu.translate(seg_cs, linear, Access::fetch, cpu.cpl == 3, physical)) {
    return nullptr;
  }
  u64 available = bytes_available(cpu, linear);
  Block* known = cpu.blocks.find(physical, cpu.code_mode);
  if (known != nullptr && known->tail_page == ~u64{0} && known->length <= available) {
    return known;
  }
  if (known != nullptr && known->tail_page != ~u64{0} &&
      tail_still_there(cpu, *known, linear) &&
      cpu.rip + known->length - 1 <= cpu.code_limit) {
    return known;
  }
  HostPage host = cpu.memory.page(physical);
  if (host.bytes == nullptr) {
    cpu.unbuilt(nullptr, "code fetch from device memory");
    return nullptr;
  }
  const u8* bytes =
      reinterpret_cast<const u8*>(host.bytes) + (physical & page_offset_mask);
  std::vector<Insn> insns = decode_run(cpu, linear, {bytes, available});
  if (insns.empty()) {
    return build_crossing(cpu, linear, physical, bytes, available);
  }
  return install(cpu, physical, ~u64{0}, insns, bytes);
}

}  // namespace softcpu
