// The state of one software CPU and the primitives all handlers are made of:
// registers, segmented memory access, faults. Handlers (op_*.cc) are free functions
// over this struct; it is internal to the folder, so its members are public.
//
// Rule for handlers: touch registers and flags only after every access that can
// fail. An access that fails returns false; the handler then returns stopped().
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/vcpu.h"
#include "softcpu/fault.h"
#include "softcpu/flags.h"
#include "softcpu/memory.h"
#include "softcpu/mmu.h"
#include "softcpu/softcpu.h"

namespace softcpu {

class BlockCache;

enum ControlBit : u64 {
  cr0_pe = 1u << 0,
  cr0_mp = 1u << 1,
  cr0_em = 1u << 2,
  cr0_ts = 1u << 3,
  cr0_et = 1u << 4,
  cr0_ne = 1u << 5,
  cr0_wp = 1u << 16,
  cr0_am = 1u << 18,
  cr0_nw = 1u << 29,
  cr0_cd = 1u << 30,
  cr0_pg = 1u << 31,
  cr4_vme = 1u << 0,
  cr4_pvi = 1u << 1,
  cr4_tsd = 1u << 2,
  cr4_de = 1u << 3,
  cr4_pse = 1u << 4,
  cr4_pae = 1u << 5,
  cr4_mce = 1u << 6,
  cr4_pge = 1u << 7,
  cr4_pce = 1u << 8,
  cr4_osfxsr = 1u << 9,
  cr4_osxmmexcpt = 1u << 10,
  cr4_umip = 1u << 11,
  cr4_fsgsbase = 1u << 16,
  efer_sce = 1u << 0,
  efer_lme = 1u << 8,
  efer_lma = 1u << 10,
  efer_nxe = 1u << 11,
  efer_ffxsr = 1u << 14,
};

// How code is decoded; part of the key of a cached block.
enum class CodeMode : u8 { real16, legacy16, legacy32, compat16, compat32, long64 };

// Model-specific registers that are plain storage (msr.cc gives them their numbers).
struct Msrs {
  u64 star = 0, lstar = 0, cstar = 0, sfmask = 0, kernel_gs_base = 0;
  u64 sysenter_cs = 0, sysenter_esp = 0, sysenter_eip = 0;
  u64 tsc_aux = 0, tsc_offset = 0, pat = 0x0007040600070406, misc_enable = 1;
  u64 mtrr_def_type = 0;
  std::array<u64, 16> mtrr_variable{};
  std::array<u64, 11> mtrr_fixed{};
  u64 mcg_status = 0;
};

// One device access of the instruction in progress. An instruction that meets a
// device is run again from its start once the machine has answered; the log then
// answers each access in turn instead of asking again.
struct MmioAccess {
  u64 address = 0;
  u8 size = 0;
  bool write = false;
  bool delivered = false;
  std::array<std::byte, 8> data{};
};

enum class PortState : u8 { idle, waiting, ready };

struct Cpu {
  Cpu(Memory& guest_memory, BlockCache& block_cache, VirtualTime& virtual_time)
      : memory(guest_memory), blocks(block_cache), time(virtual_time) {}

  Memory& memory;
  BlockCache& blocks;
  VirtualTime& time;
  int id = 0;

  // --- architectural state -------------------------------------------------
  u64 gpr[18] = {};
  u64 rip = 0;
  Flags flags;
  u64 system_flags = 0;  // RFLAGS without the arithmetic flags and bit 1
  std::array<core::Segment, 8> seg{};
  core::DescriptorTable gdt, idt;
  u64 cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0, cr8 = 0, efer = 0, apic_base = 0xfee00900;
  std::array<u64, 8> dr{};
  Msrs msrs;
  core::Fpu fpu;
  std::vector<core::CpuidEntry> cpuid;
  u8 cpl = 0;
  bool nmi_blocked = false;  // until IRET
  bool shadow = false;       // STI or MOV SS: the next instruction is not interrupted

  // --- derived from it by update_derived() ---------------------------------
  u64 top[2][8] = {};   // by Access and segment: offset + size must not exceed this
  u64 base[8] = {};     // what is added to an offset
  u64 linear_mask = 0;  // 32 bits outside long mode
  u64 stack_mask = 0;   // width of the stack pointer
  u64 ip_mask = 0;      // width of the instruction pointer
  u64 code_limit = 0;   // last offset that may be fetched
  CodeMode code_mode = CodeMode::real16;

  // --- the instruction in progress -----------------------------------------
  Fault fault;
  Step stop_step = Step::fault;
  std::optional<core::Exit> exit;
  std::vector<MmioAccess> mmio;
  std::size_t mmio_cursor = 0;
  PortState port_state = PortState::idle;
  std::vector<std::byte> port_data;
  // What a debugger watches. A page with such bytes has no tag in the TLB for the
  // accesses in question, so each takes the slow path and is compared there.
  std::vector<core::Watchpoint> watchpoints;
  std::optional<u32> watch_hit;  // the first one the instruction used
  u64 epoch = 1;                 // changes whenever a virtual address may mean other code
  Tlb tlb;

  // --- modes ---------------------------------------------------------------
  bool protected_mode() const { return cr0 & cr0_pe; }

  bool long_mode() const { return efer & efer_lma; }

  bool code64() const { return code_mode == CodeMode::long64; }

  // Recomputes the derived fields; after any change to segments, CR0, EFER, CPL.
  void update_derived();
  // Virtual addresses mean something else now (CR3, CR0.PG, CR4...).
  void flush_tlb();
  void power_on();

  // Copies in core's layout (vcpu_state.cc). Within a block rip is the block's.
  core::Regs regs() const;
  core::Sregs sregs() const;

  // --- flags ---------------------------------------------------------------
  u64 rflags() const { return flags.bits() | system_flags | flag_fixed; }

  void set_rflags(u64 value) {
    flags.set_bits(value);
    system_flags = value & ~arithmetic_flags & ~u64{flag_fixed} & 0x3f7fd7;
  }

  u8 iopl() const { return (system_flags >> 12) & 3; }

  // --- registers -----------------------------------------------------------
  template <class T>
  T reg(u8 number) const {
    if constexpr (sizeof(T) == 1) {
      return reinterpret_cast<const u8*>(gpr)[number];
    } else {
      return static_cast<T>(gpr[number]);
    }
  }

  template <class T>
  void set_reg(u8 number, T value) {
    if constexpr (sizeof(T) == 1) {
      reinterpret_cast<u8*>(gpr)[number] = value;
    } else if constexpr (sizeof(T) == 2) {
      gpr[number] = (gpr[number] & ~u64{0xffff}) | value;
    } else {
      gpr[number] = value;
    }
  }

  void set_reg_sized(u8 number, u64 value, unsigned size) {
    switch (size) {
      case 1:
        set_reg<u8>(number, static_cast<u8>(value));
        break;
      case 2:
        set_reg<u16>(number, static_cast<u16>(value));
        break;
      case 4:
        set_reg<u32>(number, static_cast<u32>(value));
        break;
      default:
        gpr[number] = value;
        break;
    }
  }

  u64 stack_pointer() const { return gpr[softcpu::rsp] & stack_mask; }

  void set_stack_pointer(u64 value) {
    gpr[softcpu::rsp] = (gpr[softcpu::rsp] & ~stack_mask) | (value & stack_mask);
    if (stack_mask == 0xffffffff) {
      gpr[softcpu::rsp] = value & stack_mask;
    }
  }

  // --- instruction addresses -----------------------------------------------
  u64 insn_rip(const Insn& insn) const {
    return (gpr[block_register] + insn.offset) & ip_mask;
  }

  u64 next_rip(const Insn& insn) const {
    return (gpr[block_register] + insn.offset + insn.length) & ip_mask;
  }

  u64 effective_address(const Insn& insn) const {
    return (gpr[insn.base] + (gpr[insn.index] << insn.scale) + insn.displacement) &
           insn.address_mask;
  }

  // --- faults --------------------------------------------------------------
  bool raise(u8 vector) {
    fault = Fault{vector, false, 0};
    stop_step = Step::fault;
    return false;
  }

  bool raise(u8 vector, u32 error) {
    fault = Fault{vector, true, error};
    stop_step = Step::fault;
    return false;
  }

  Step stopped() const { return stop_step; }

  Step raise_step(u8 vector) {
    raise(vector);
    return Step::fault;
  }

  Step raise_step(u8 vector, u32 error) {
    raise(vector, error);
    return Step::fault;
  }

  // The instruction or the case met is not built: leaves with InternalError.
  Step unbuilt(const Insn* insn, const std::string& why);
  bool unbuilt_access(const std::string& why);

  // --- guest memory through a segment --------------------------------------
  bool linear(u8 segment, u64 offset, unsigned size, Access access, u64& out) {
    if (offset + size <= top[access == Access::write][segment]) [[likely]] {
      out = (offset + base[segment]) & linear_mask;
      return true;
    }
    return slow_linear(segment, offset, size, access, out);
  }

  template <class T>
  bool load(u8 segment, u64 offset, T& out) {
    return load_checked(segment, offset, Access::read, out);
  }

  // Reads what the same instruction will write back: checks the right to write.
  template <class T>
  bool load_for_write(u8 segment, u64 offset, T& out) {
    return load_checked(segment, offset, Access::write, out);
  }

  template <class T>
  bool store(u8 segment, u64 offset, T value) {
    u64 at = 0;
    if (!linear(segment, offset, sizeof(T), Access::write, at)) {
      return false;
    }
    TlbEntry& entry = tlb.at(cpl == 3, at);
    u64 in_page = at & page_offset_mask;
    if (entry.tag[1] == at - in_page && in_page + sizeof(T) <= page_size) [[likely]] {
      std::memcpy(entry.host + in_page, &value, sizeof(T));
      return true;
    }
    return slow_store(segment, at, sizeof(T), value, cpl == 3);
  }

  bool load_sized(u8 segment, u64 offset, unsigned size, u64& out);
  bool store_sized(u8 segment, u64 offset, unsigned size, u64 value);

  // --- stack ---------------------------------------------------------------
  // Pushes and pops work on a copy of the stack pointer so that a fault changes
  // nothing; commit with set_stack_pointer().
  template <class T>
  bool push(T value) {
    u64 pointer = (stack_pointer() - sizeof(T)) & stack_mask;
    if (!store<T>(seg_ss, pointer, value)) {
      return false;
    }
    set_stack_pointer(pointer);
    return true;
  }

  bool push_sized(u64& pointer, unsigned size, u64 value) {
    pointer = (pointer - size) & stack_mask;
    return store_sized(seg_ss, pointer, size, value);
  }

  bool pop_sized(u64& pointer, unsigned size, u64& value) {
    if (!load_sized(seg_ss, pointer, size, value)) {
      return false;
    }
    pointer = (pointer + size) & stack_mask;
    return true;
  }

  // --- mmu.cc --------------------------------------------------------------
  bool slow_linear(u8 segment, u64 offset, unsigned size, Access access, u64& out);
  bool slow_load(u8 segment, u64 at, unsigned size, Access access, u64& out, bool user);
  bool slow_store(u8 segment, u64 at, unsigned size, u64 value, bool user);
  // Linear to physical for one byte's page; raises #PF. `segment` decides between
  // #GP and #SS for an address that is not canonical.
  bool translate(u8 segment, u64 at, Access access, bool user, u64& physical);
  // Descriptor tables and TSS: supervisor rights whatever CPL is.
  bool system_load(u64 at, unsigned size, u64& out);
  bool system_store(u64 at, unsigned size, u64 value);
  // Are some of these linear bytes watched for such an access?
  const core::Watchpoint* watched(u64 at, u64 size, Access access) const;
  // Notes which watchpoint an access hits; the CPU then leaves its block after the
  // instruction.
  void check_watchpoints(u64 at, unsigned size, Access access);
  bool device_load(u64 physical, unsigned size, u64& out);
  bool device_store(u64 physical, unsigned size, u64 value);
  // Host memory of [at, at + size) if it is plain memory inside one page that may be
  // accessed directly now; nullptr (and no fault) otherwise.
  std::byte* direct(u64 at, u64 size, Access access);

  // --- segments.cc, far_transfer.cc, exceptions.cc --------------------------
  bool load_segment(u8 segment, u16 selector);
  bool fetch_descriptor(u16 selector, u64& low, u64& high, u8 vector);
  void set_real_segment(u8 segment, u16 selector);
  enum class Event : u8 { exception, software, external };
  bool deliver_once(u8 vector, Event event, std::optional<u32> error, u64 return_rip);
  // Delivers `fault`, turning faults on the way into #DF and shutdown. False: the
  // CPU shut down or met something not built; `exit` says which.
  bool deliver_fault();
  bool deliver_external(u8 vector);
  bool deliver_trap(u8 vector, u64 return_rip);

  // --- system --------------------------------------------------------------
  std::optional<u64> read_msr(u32 index) const;
  bool write_msr(u32 index, u64 value);  // false: #GP
  bool write_cr0(u64 value);             // false: #GP raised
  bool write_cr3(u64 value);
  bool write_cr4(u64 value);
  bool write_cr8(u64 value);
  bool load_pdptrs();
  u64 timestamp(const Insn* insn) const;
  core::CpuidEntry cpuid_leaf(u32 function, u32 index) const;
  bool port_allowed(u16 port, unsigned size);  // false: #GP raised
  std::array<u64, 4> pdptr{};

 private:
  template <class T>
  bool load_checked(u8 segment, u64 offset, Access access, T& out) {
    u64 at = 0;
    if (!linear(segment, offset, sizeof(T), access, at)) {
      return false;
    }
    TlbEntry& entry = tlb.at(cpl == 3, at);
    u64 in_page = at & page_offset_mask;
    if (entry.tag[access == Access::write] == at - in_page &&
        in_page + sizeof(T) <= page_size) [[likely]] {
      std::memcpy(&out, entry.host + in_page, sizeof(T));
      return true;
    }
    u64 wide = 0;
    if (!slow_load(segment, at, sizeof(T), access, wide, cpl == 3)) {
      return false;
    }
    out = static_cast<T>(wide);
    return true;
  }
};

constexpr bool canonical(u64 address) {
  return static_cast<u64>(static_cast<i64>(address << 16) >> 16) == address;
}

constexpr u64 mask_of(unsigned size) {
  return size >= 8 ? ~u64{0} : (u64{1} << (size * 8)) - 1;
}

constexpr u64 sign_extend(u64 value, unsigned size) {
  unsigned shift = 64 - size * 8;
  return static_cast<u64>(static_cast<i64>(value << shift) >> shift);
}

}  // namespace softcpu
