// The run loop. Guest code runs in blocks; between blocks, and only there, the CPU
// looks at requests from outside, pending interrupts, timers and debugging.
//
// Devices: a port read or a device memory read stops the instruction in the middle.
// It runs again from its start when the machine calls run() with the data filled in.
// Writes do not wait: the instruction completes first, then the exit is reported.
#include "softcpu/vcpu.h"

#include <algorithm>
#include <utility>

#include "softcpu/block_builder.h"
#include "softcpu/guest_log.h"
#include "softcpu/vm.h"
#include "softcpu/zydis_decode.h"

namespace softcpu {
namespace {

constexpr i64 time_slice = 50'000;
constexpr u64 dr6_single_step = 0x4000;

// Software interrupts clear TF on their way in, so no single-step trap follows.
bool delivers_itself(u16 mnemonic) {
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_INT:
    case ZYDIS_MNEMONIC_INT1:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_INTO:
      return true;
    default:
      return false;
  }
}

}  // namespace

SoftVcpu::SoftVcpu(std::shared_ptr<SoftVm> vm, int id)
    : vm_(std::move(vm)), cpu_(vm_->memory(), vm_->blocks(), vm_->time()) {
  cpu_.id = id;
  cpu_.cpuid = softcpu::supported_cpuid();
  for (core::CpuidEntry& leaf : cpu_.cpuid) {
    if (leaf.function == 1) {
      leaf.ebx |= static_cast<u32>(id) << 24;
    }
  }
  cpu_.mmio.reserve(64);
  reset();
  vm_->add(this);
}

SoftVcpu::~SoftVcpu() {
  vm_->remove(this);
}

void SoftVcpu::request_exit() {
  exit_requested_.store(true, std::memory_order_release);
  attention_.store(true, std::memory_order_release);
}

core::Exit SoftVcpu::run() {
  deadline_ = cpu_.time.deadline();
  if (deadline_ >= 0 && deadline_ <= cpu_.time.now()) {
    deadline_ = cpu_.time.now() + 1;  // always make progress
  }
  auto lock = vm_->enter();
  cpu_.exit.reset();
  return run_locked(lock);
}

core::Exit SoftVcpu::run_locked(std::unique_lock<std::mutex>& lock) {
  Verdict verdict = resume_device_access();
  while (verdict == Verdict::go_on) {
    verdict = before_block(lock);
    if (verdict == Verdict::go_on) {
      verdict = one_at_a_time()        ? run_one()
                : logs_block_entries() ? run_blocks<true>()
                                       : run_blocks<false>();
    }
  }
  return std::move(*cpu_.exit);
}

SoftVcpu::Verdict SoftVcpu::leave(core::Exit exit) {
  cpu_.exit = std::move(exit);
  return Verdict::leave;
}

bool SoftVcpu::one_at_a_time() const {
  return cpu_.shadow || (cpu_.system_flags & flag_tf) ||
         (debug_.enabled && debug_.single_step);
}

// Is there a reason for run_blocks() to come back after the block it just ran?
bool SoftVcpu::must_look_up() const {
  return attention_.load(std::memory_order_relaxed) || cpu_.shadow || window_wanted_ ||
         nmi_pending_ || (cpu_.system_flags & flag_tf) || cpu_.time.now() >= stop_time_;
}

SoftVcpu::Verdict SoftVcpu::before_block(std::unique_lock<std::mutex>& lock) {
  if (attention_.exchange(false)) {
    vm_->give_way(lock);
    if (exit_requested_.exchange(false)) {
      return leave(core::exit::Intr{});
    }
  }
  if (cpu_.time.now() >= slice_end_) {
    vm_->give_turn(lock);
    slice_end_ = cpu_.time.now() + time_slice;
  }
  if (deadline_ >= 0) {
    if (cpu_.time.now() >= deadline_) {
      return leave(core::exit::Intr{});
    }
    slice_end_ = std::min(slice_end_, deadline_);
  }
  stop_time_ = debug_.enabled ? cpu_.time.now() : slice_end_;
  if (step_owed_) {
    step_owed_ = false;
    return leave_to_debugger(dr6_single_step);
  }
  if (cpu_.watch_hit) {
    return leave_to_debugger(0);
  }
  Verdict verdict = deliver_pending();
  return verdict == Verdict::go_on && debug_.enabled ? check_breakpoint() : verdict;
}

SoftVcpu::Verdict SoftVcpu::deliver_pending() {
  if (injected_) {
    cpu_.fault = *injected_;
    injected_.reset();
    return deliver_raised();
  }
  if (nmi_pending_ && !cpu_.nmi_blocked && !cpu_.shadow) {
    nmi_pending_ = false;
    cpu_.nmi_blocked = true;
    return cpu_.deliver_external(vector_nmi) ? Verdict::go_on : Verdict::leave;
  }
  if (irq_) {
    u8 vector = *irq_;
    irq_.reset();
    return cpu_.deliver_external(vector) ? Verdict::go_on : Verdict::leave;
  }
  if (window_wanted_ && ready_for_irq()) {
    return leave(core::exit::IrqWindow{});
  }
  return Verdict::go_on;
}

// A breakpoint that was reported is passed over once, or nobody could go on from it.
SoftVcpu::Verdict SoftVcpu::check_breakpoint() {
  u64 here = (cpu_.rip + cpu_.base[seg_cs]) & cpu_.linear_mask;
  if (std::exchange(debug_reported_at_, std::nullopt) == here) {
    return Verdict::go_on;
  }
  for (unsigned i = 0; i < debug_.breakpoint.size(); ++i) {
    if ((debug_.breakpoint_mask >> i & 1) && debug_.breakpoint[i] == here) {
      debug_reported_at_ = here;
      return leave(core::exit::Debug{cpu_.rip, u64{1} << i});
    }
  }
  const auto& more = debug_.breakpoints;
  if (std::find(more.begin(), more.end(), here) != more.end()) {
    debug_reported_at_ = here;
    return leave(core::exit::Debug{cpu_.rip, 0});
  }
  return Verdict::go_on;
}

SoftVcpu::Verdict SoftVcpu::leave_to_debugger(u64 dr6) {
  core::exit::Debug debug{cpu_.rip, dr6};
  if (cpu_.watch_hit) {
    debug.watchpoint = static_cast<i32>(*cpu_.watch_hit);
    cpu_.watch_hit.reset();
  }
  return leave(debug);
}

Block* SoftVcpu::lookup() {
  u64 linear = (cpu_.rip + cpu_.base[seg_cs]) & cpu_.linear_mask;
  JumpEntry& entry = jumps_[(linear ^ (linear >> 12)) & (jump_entries - 1)];
  if (entry.linear == linear && entry.epoch == cpu_.epoch &&
      entry.mode == cpu_.code_mode && entry.cpl == cpu_.cpl &&
      cpu_.rip + (entry.block->length - 1) <= cpu_.code_limit) [[likely]] {
    return entry.block;
  }
  Block* block = block_at_rip(cpu_);
  if (block != nullptr && block->tail_page == ~u64{0}) {
    entry = {linear, cpu_.epoch, cpu_.code_mode, cpu_.cpl, block};
  }
  return block;
}

template <bool logged>
SoftVcpu::Verdict SoftVcpu::run_blocks() {
  do {
    Block* block = lookup();
    if (block == nullptr) {
      return cpu_.exit ? Verdict::leave : deliver_raised();
    }
    if constexpr (logged) {
      log_block_entry(cpu_, *block);
    }
    cpu_.gpr[block_register] = cpu_.rip;
    const Insn* begin = block->insns.get();
    const Insn* end = begin + block->count;
    const Insn* insn = begin;
    Step step;
    do {
      step = insn->handler(cpu_, *insn);
      ++insn;
    } while (step == Step::next && insn != end);
    if (step == Step::next) {
      cpu_.rip = (cpu_.gpr[block_register] + block->length) & cpu_.ip_mask;
      cpu_.time.advance(block->count);
    } else if (step == Step::jump) [[likely]] {
      cpu_.time.advance(static_cast<u64>(insn - begin));
    } else {
      --insn;
      cpu_.time.advance(static_cast<u64>(insn - begin));
      return after_one(step, *insn, false);
    }
  } while (!must_look_up());
  return Verdict::go_on;
}

SoftVcpu::Verdict SoftVcpu::run_one() {
  Block* block = lookup();
  if (block == nullptr) {
    return cpu_.exit ? Verdict::leave : deliver_raised();
  }
  if (logs_block_entries()) {
    log_block_entry(cpu_, *block);
  }
  bool trap_flag = (cpu_.system_flags & flag_tf) != 0;
  bool was_shadow = std::exchange(cpu_.shadow, false);
  cpu_.gpr[block_register] = cpu_.rip;
  const Insn insn = block->insns[0];
  Step step = insn.handler(cpu_, insn);
  if (step == Step::retry) {
    cpu_.shadow = was_shadow;
  }
  return after_one(step, insn, trap_flag);
}

// The end of an instruction that ran alone or that did not end with next or jump.
SoftVcpu::Verdict SoftVcpu::after_one(Step step, const Insn& insn, bool trap_flag) {
  if (step == Step::resync) {
    return Verdict::go_on;
  }
  if (step == Step::retry) {
    cpu_.rip = cpu_.insn_rip(insn);
    return retry(insn);
  }
  mmio_incomplete_ = false;
  Verdict verdict = Verdict::go_on;
  if (step == Step::fault) {
    cpu_.rip = cpu_.insn_rip(insn);
    verdict = deliver_raised();
  } else {
    if (step == Step::next || step == Step::exit) {
      cpu_.rip = cpu_.next_rip(insn);
    } else if (step != Step::jump) {
      cpu_.rip = cpu_.insn_rip(insn);
    }
    cpu_.time.advance(step == Step::repeat ? 0 : 1);
    if (trap_flag && !cpu_.shadow && !delivers_itself(insn.mnemonic)) {
      cpu_.dr[6] |= dr6_single_step;
      verdict = cpu_.deliver_trap(vector_db, cpu_.rip) ? Verdict::go_on : Verdict::leave;
    }
  }
  bool step_done = debug_.enabled && debug_.single_step;
  bool exits = step == Step::exit || step == Step::exit_here;
  if (exits || verdict == Verdict::leave) {
    step_owed_ = step_done && exits;
    cpu_.mmio.clear();
    cpu_.mmio_cursor = 0;
    return Verdict::leave;
  }
  if (!cpu_.mmio.empty()) {
    step_owed_ = step_done;
    return next_device_exit();
  }
  return step_done ? leave_to_debugger(dr6_single_step) : verdict;
}

// The instruction met a device (or is not built): tells the machine.
SoftVcpu::Verdict SoftVcpu::retry(const Insn&) {
  if (cpu_.exit) {
    return Verdict::leave;
  }
  mmio_incomplete_ = true;
  if (cpu_.mmio.back().write) {
    cpu_.mmio_cursor = 0;
    return run_one();  // the write is on record: finish the instruction first
  }
  return next_device_exit();
}

// Reports the first device access not yet reported; go_on when there is none left.
SoftVcpu::Verdict SoftVcpu::next_device_exit() {
  for (MmioAccess& access : cpu_.mmio) {
    if (!access.delivered) {
      access.delivered = true;
      return leave(core::exit::Mmio{
          core::GuestPhysAddr{access.address},
          access.write ? core::Direction::out : core::Direction::in,
          std::span(access.data).first(access.size),
      });
    }
  }
  if (!mmio_incomplete_) {
    cpu_.mmio.clear();
    cpu_.mmio_cursor = 0;
  }
  return Verdict::go_on;
}

SoftVcpu::Verdict SoftVcpu::resume_device_access() {
  if (cpu_.port_state == PortState::waiting) {
    cpu_.port_state = PortState::ready;
    return run_one();
  }
  if (cpu_.mmio.empty()) {
    return Verdict::go_on;
  }
  Verdict verdict = next_device_exit();
  if (verdict == Verdict::go_on && mmio_incomplete_) {
    cpu_.mmio_cursor = 0;
    return run_one();
  }
  return verdict;
}

SoftVcpu::Verdict SoftVcpu::deliver_raised() {
  return cpu_.deliver_fault() ? Verdict::go_on : Verdict::leave;
}

void SoftVcpu::forget_progress() {
  cpu_.mmio.clear();
  cpu_.mmio_cursor = 0;
  cpu_.port_state = PortState::idle;
  mmio_incomplete_ = false;
}

bool SoftVcpu::ready_for_irq() {
  return (cpu_.system_flags & flag_if) && !cpu_.shadow && !irq_ && !injected_ &&
         !mmio_incomplete_ && cpu_.port_state == PortState::idle;
}

void SoftVcpu::inject_irq(u8 vector) {
  irq_ = vector;
}

void SoftVcpu::inject_exception(u8 vector, std::optional<u32> error) {
  injected_ = Fault{vector, error.has_value(), error.value_or(0)};
}

void SoftVcpu::set_debug(const core::DebugControl& debug) {
  debug_ = debug;
  step_owed_ = false;
  cpu_.watch_hit.reset();
  if (!debug.enabled) {
    debug_ = {};
    debug_reported_at_.reset();
  }
  for (unsigned i = 0; i < debug_.breakpoint.size(); ++i) {
    if (debug_.breakpoint_mask >> i & 1) {
      debug_.breakpoints.push_back(debug_.breakpoint[i]);
    }
  }
  vm_->set_cuts(debug_.breakpoints);
  cpu_.watchpoints = debug_.watchpoints;
  cpu_.flush_tlb();
}

}  // namespace softcpu
