// How tcg-accel starts: the software CPU checks itself, then time is counted in its
// instructions.
#include "accel/tcg.h"

#include <memory>
#include <string>
#include <utility>

#include "core/clock.h"
#include "softcpu/softcpu.h"
#include "trace/event.h"

namespace accel {

using namespace core;

namespace {

// ---- time ---------------------------------------------------------------------------
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

// ---- its check ----------------------------------------------------------------------
struct SelfCheck {
  static constexpr trace::Declaration declaration{
      "tcg_self_check", trace::Category::accel, trace::Shape::span,
      "The software CPU runs its own small guest from real to long mode."};

  struct Result {
    bool ok = false;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("ok", &Result::ok, "the guest printed what it should"));
    }
  };

  static constexpr auto fields() { return trace::fields(); }
};

std::string checked() {
  trace::Span span{SelfCheck{}};
  std::string difference = softcpu::self_check();
  span.result(SelfCheck::Result{.ok = difference.empty()});
  return difference;
}

}  // namespace

void tcg_init(AccelState* accel, MachineState*) {
  const std::string difference = checked();
  if (!difference.empty()) {
    Error error("the software CPU does not work on this host");
    error.hint = difference + "\nThis is a fault of this program; please report it.";
    throw error;
  }
  auto time = std::make_shared<softcpu::VirtualTime>();
  clock_set_source(std::make_unique<CountedClock>(time));
  accel->deterministic = true;
  accel->vm = softcpu::make_vm(time);
}

}  // namespace accel
