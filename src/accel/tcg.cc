// How tcg-accel starts: time is counted in instructions of the software CPU.
#include "accel/tcg.h"

#include <memory>
#include <utility>

#include "core/clock.h"
#include "softcpu/softcpu.h"

namespace accel {

using namespace core;

namespace {

// The machine's clock is the software CPU's instruction count.
class CountedClock : public ClockSource {
 public:
  explicit CountedClock(std::shared_ptr<softcpu::VirtualTime> time)
      : time_(std::move(time)) {}

  std::int64_t now_ns() override { return time_->now(); }

  bool counts_instructions() const override { return true; }

  void set_deadline(std::int64_t ns) override { time_->set_deadline(ns); }

  void warp(std::int64_t ns) override { time_->warp_to(ns); }

 private:
  std::shared_ptr<softcpu::VirtualTime> time_;
};

}  // namespace

void tcg_init(AccelState* accel, MachineState*) {
  auto time = std::make_shared<softcpu::VirtualTime>();
  clock_set_source(std::make_unique<CountedClock>(time));
  accel->deterministic = true;
  accel->vm = softcpu::make_vm(time);
}

}  // namespace accel
