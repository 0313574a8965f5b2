// Guest time and timers. See clock.h.
//
// Thread rule: everything here is called with the big lock held. The list of armed
// timers is a plain set ordered by deadline: a PC has about ten timers.
#include "core/clock.h"

#include <chrono>
#include <set>
#include <tuple>
#include <utility>

#include "core/run_state.h"

namespace core {

namespace {

// Guest time starts here when instructions are counted and nobody set a date, so that
// two runs read the same clock: 2019-04-23, the day of QEMU 4.0.
constexpr std::int64_t counted_epoch_ns = 1'555'977'600ll * 1'000'000'000;

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t realtime_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The host's clock, standing still while the machine is stopped.
class RealSource : public ClockSource {
 public:
  std::int64_t now_ns() override {
    return ticking_ ? monotonic_ns() - origin_ : stopped_at_;
  }

  void tick(bool ticking) {
    if (ticking == ticking_)
      return;
    const std::int64_t now = now_ns();
    ticking_ = ticking;
    if (ticking)
      origin_ = monotonic_ns() - now;
    else
      stopped_at_ = now;
  }

 private:
  bool ticking_ = false;
  std::int64_t origin_ = 0;
  std::int64_t stopped_at_ = 0;
};

struct HostClock {
  enum class Follows { default_, host, guest } follows = Follows::default_;
  std::int64_t offset_ns = 0;
};

struct ClockState {
  RealSource real;
  std::unique_ptr<ClockSource> replaced;
  HostClock host;

  ClockSource& source() { return replaced ? *replaced : real; }
};

// Made before the program runs: every turn of a vCPU asks it.
constinit ClockState clocks;

}  // namespace

// Armed timers by (deadline, order of arming).
struct TimerList {
  using Key = std::tuple<std::int64_t, std::uint64_t, Timer*>;
  std::set<Key> armed;
  std::uint64_t next_order = 0;

  static TimerList& instance() {
    static TimerList list;
    return list;
  }

  static Key key(Timer* timer) { return {timer->deadline_, timer->order_, timer}; }

  void add(Timer* timer, std::int64_t deadline) {
    timer->deadline_ = deadline < 0 ? 0 : deadline;
    timer->order_ = next_order++;
    armed.insert(key(timer));
  }

  void remove(Timer* timer) {
    armed.erase(key(timer));
    timer->deadline_ = -1;
  }

  void fire(Timer* timer) {
    remove(timer);
    timer->fire_();
  }
};

std::int64_t clock_virtual_ns() {
  return clocks.source().now_ns();
}

std::int64_t clock_host_ns() {
  const HostClock& host = clocks.host;
  switch (host.follows) {
    case HostClock::Follows::host:
      return realtime_ns() + host.offset_ns;
    case HostClock::Follows::guest:
      return clock_virtual_ns() + host.offset_ns;
    case HostClock::Follows::default_:
      break;
  }
  return clock_counts_instructions() ? counted_epoch_ns + clock_virtual_ns()
                                     : realtime_ns();
}

void clock_set_host_base(std::int64_t utc_ns, bool virtual_time) {
  HostClock& host = clocks.host;
  host.follows = virtual_time ? HostClock::Follows::guest : HostClock::Follows::host;
  host.offset_ns = utc_ns - (virtual_time ? clock_virtual_ns() : realtime_ns());
}

void clock_set_source(std::unique_ptr<ClockSource> source) {
  clocks.replaced = std::move(source);
}

bool clock_counts_instructions() {
  return clocks.source().counts_instructions();
}

void clock_source_set_deadline(std::int64_t ns) {
  clocks.source().set_deadline(ns);
}

void clock_source_warp(std::int64_t ns) {
  clocks.source().warp(ns);
}

void clock_enable(bool ticking) {
  clocks.real.tick(ticking);
}

Timer::Timer(std::function<void()> fire) : fire_(std::move(fire)) {}

Timer::~Timer() {
  cancel();
}

void Timer::arm(std::int64_t deadline_ns) {
  TimerList& list = TimerList::instance();
  if (armed())
    list.remove(this);
  list.add(this, deadline_ns);
  if (std::get<Timer*>(*list.armed.begin()) == this)
    main_loop_deadline_changed(deadline_);
}

void Timer::cancel() {
  if (armed())
    TimerList::instance().remove(this);
}

bool Timer::armed() const {
  return deadline_ >= 0;
}

std::int64_t Timer::deadline() const {
  return deadline_;
}

std::int64_t timers_next_deadline() {
  const auto& armed = TimerList::instance().armed;
  return armed.empty() ? -1 : std::get<0>(*armed.begin());
}

void timers_run_expired() {
  auto& list = TimerList::instance();
  if (list.armed.empty())
    return;
  // One moment for the whole pass, and only timers armed before it: a timer that
  // arms itself for the past waits for the next pass instead of holding this one.
  const std::int64_t now = clock_virtual_ns();
  const std::uint64_t armed_before = list.next_order;
  for (auto it = list.armed.begin(); it != list.armed.end() && std::get<0>(*it) <= now;) {
    const auto [deadline, order, timer] = *it;
    if (order >= armed_before) {
      ++it;
      continue;
    }
    list.fire(timer);
    it = list.armed.begin();
  }
}

void clock_reset_for_test() {
  auto& list = TimerList::instance();
  while (!list.armed.empty())
    list.remove(std::get<Timer*>(*list.armed.begin()));
  clocks = ClockState();
}

}  // namespace core
