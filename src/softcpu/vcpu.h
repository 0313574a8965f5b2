// core::Vcpu over a Cpu: the run loop, exits, and the register interface.
#pragma once

#include <atomic>
#include <mutex>

#include "softcpu/block_cache.h"
#include "softcpu/cpu.h"

namespace softcpu {

class SoftVm;

class SoftVcpu final : public core::Vcpu {
 public:
  SoftVcpu(std::shared_ptr<SoftVm> vm, int id);
  ~SoftVcpu() override;

  core::Regs regs() override;
  void set_regs(const core::Regs& regs) override;
  core::Sregs sregs() override;
  void set_sregs(const core::Sregs& sregs) override;
  core::Fpu fpu() override;
  void set_fpu(const core::Fpu& fpu) override;
  std::optional<u64> msr(u32 index) override;
  bool set_msr(u32 index, u64 value) override;
  void set_cpuid(std::span<const core::CpuidEntry> entries) override;

  std::optional<std::array<u64, 8>> debug_registers() override { return cpu_.dr; }

  core::Exit run() override;

  u64 exit_rip() override { return cpu_.rip; }

  bool ready_for_irq() override;
  void inject_irq(u8 vector) override;

  void request_irq_window(bool wanted) override { window_wanted_ = wanted; }

  void inject_exception(u8 vector, std::optional<u32> error) override;

  void inject_nmi() override { nmi_pending_ = true; }

  void request_exit() override;
  void set_debug(const core::DebugControl& debug) override;

  core::DebugFacilities debug_facilities() override {
    return {.any_number = true, .watchpoints = true};
  }

  void reset() override;

  // Asks run() to let go of the Vm's lock for a moment. Any thread.
  void request_pause() { attention_.store(true, std::memory_order_release); }

  Cpu& cpu() { return cpu_; }

 private:
  struct JumpEntry {
    u64 linear = 0;
    u64 epoch = 0;
    CodeMode mode = CodeMode::real16;
    u8 cpl = 0;
    Block* block = nullptr;
  };

  enum class Verdict : u8 { go_on, leave };

  core::Exit run_locked(std::unique_lock<std::mutex>& lock);
  Verdict before_block(std::unique_lock<std::mutex>& lock);
  Verdict deliver_pending();
  Verdict check_breakpoint();
  Verdict leave_to_debugger(u64 dr6);
  // `logged`: -d cpu or -d exec wants to know of every block.
  template <bool logged>
  Verdict run_blocks();
  Verdict run_one();
  Verdict after_one(Step step, const Insn& insn, bool trap_flag);
  Verdict retry(const Insn& insn);
  Verdict deliver_raised();
  Verdict resume_device_access();
  Verdict next_device_exit();
  Verdict leave(core::Exit exit);
  Block* lookup();
  void forget_progress();
  bool one_at_a_time() const;
  bool must_look_up() const;

  static constexpr std::size_t jump_entries = 4096;

  std::shared_ptr<SoftVm> vm_;
  Cpu cpu_;
  std::array<JumpEntry, jump_entries> jumps_{};
  std::atomic<bool> attention_{false};
  std::atomic<bool> exit_requested_{false};
  bool window_wanted_ = false;
  bool nmi_pending_ = false;
  bool nmi_blocked_ = false;
  std::optional<u8> irq_;
  std::optional<Fault> injected_;
  core::DebugControl debug_;
  std::optional<u64> debug_reported_at_;  // breakpoint to step over once
  bool mmio_incomplete_ = false;          // the instruction waits for device data
  bool step_owed_ = false;                // a debug step ended in another exit
  i64 stop_time_ = 0;                     // virtual time at which to look around
  i64 slice_end_ = 0;                     // and at which other CPUs have their turn
  i64 deadline_ = -1;                     // of the machine's next timer
};

}  // namespace softcpu
