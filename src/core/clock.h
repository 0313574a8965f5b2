// Guest time and timers. QEMU_CLOCK_VIRTUAL stops when the machine stops; with the
// software CPU it may count instructions instead of nanoseconds (deterministic).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace core {

// Nanoseconds of virtual time since the machine was created.
std::int64_t clock_virtual_ns();
// Nanoseconds since 1970 as the guest should see them (-rtc base, or the host's).
std::int64_t clock_host_ns();

// What clock_host_ns() shows: `utc_ns` at the moment of the call; afterwards it
// follows the host's clock or, if `virtual_time`, guest time.
void clock_set_host_base(std::int64_t utc_ns, bool virtual_time);

// A source of virtual time: real by default; the software CPU may install
// instruction counting. Called with the big lock held.
//
// A source that counts instructions is driven by the vCPU loop: timers fire between
// runs on the vCPU's thread, before each run the loop says when the next one is due
// (run() then returns exit::Intr at the first instruction boundary at or after it),
// and a halted CPU lets time jump to that moment with warp().
class ClockSource {
 public:
  virtual ~ClockSource() = default;
  virtual std::int64_t now_ns() = 0;

  virtual bool counts_instructions() const { return false; }

  virtual void set_deadline(std::int64_t ns) { (void)ns; }  // -1: none

  virtual void warp(std::int64_t ns) { (void)ns; }  // forwards only
};

bool clock_counts_instructions();  // of the source in use
void clock_source_set_deadline(std::int64_t ns);
void clock_source_warp(std::int64_t ns);
void clock_set_source(std::unique_ptr<ClockSource> source);
void clock_enable(bool ticking);  // vm_start / vm_stop

// Fires once at or after its deadline (virtual ns), on the main loop thread (real
// time) or between instructions (counted time), with the big lock held.
class Timer {
 public:
  explicit Timer(std::function<void()> fire);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  void arm(std::int64_t deadline_ns);
  void cancel();
  bool armed() const;
  std::int64_t deadline() const;

 private:
  friend struct TimerList;
  std::function<void()> fire_;
  std::int64_t deadline_ = -1;
  std::uint64_t order_ = 0;
};

std::int64_t timers_next_deadline();  // -1: none armed
void timers_run_expired();            // in order of deadline, then of arming
void clock_reset_for_test();

}  // namespace core
