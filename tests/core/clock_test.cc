// Guest time and timers.
#include "fixture.h"

namespace core_test {
namespace {

// Time in the test's hand.
class HandSource : public ClockSource {
 public:
  explicit HandSource(std::int64_t* now) : now_(now) {}

  std::int64_t now_ns() override { return *now_; }

  bool counts_instructions() const override { return true; }

 private:
  std::int64_t* now_;
};

class Clock : public ::testing::Test {
 protected:
  Clock() { clock_set_source(std::make_unique<HandSource>(&now)); }

  ~Clock() override { clock_reset_for_test(); }

  std::int64_t now = 0;
  std::vector<std::string> fired;

  std::function<void()> note(const char* name) {
    return [this, name] { fired.emplace_back(name); };
  }
};

TEST_F(Clock, a_timer_fires_at_its_deadline_and_not_before) {
  Timer timer(note("a"));
  timer.arm(100);

  now = 99;
  timers_run_expired();
  EXPECT_THAT(fired, IsEmpty());
  now = 100;
  timers_run_expired();
  EXPECT_THAT(fired, ElementsAre("a"));
}

TEST_F(Clock, a_timer_fires_once) {
  Timer timer(note("a"));
  timer.arm(100);
  now = 100;

  timers_run_expired();
  timers_run_expired();

  EXPECT_THAT(fired, ElementsAre("a"));
  EXPECT_FALSE(timer.armed());
}

TEST_F(Clock, timers_fire_in_order_of_deadline) {
  Timer late(note("late")), soon(note("soon"));
  late.arm(200);
  soon.arm(100);
  now = 300;

  timers_run_expired();

  EXPECT_THAT(fired, ElementsAre("soon", "late"));
}

TEST_F(Clock, of_equal_deadlines_the_one_armed_first_fires_first) {
  Timer b(note("b")), a(note("a"));
  a.arm(100);
  b.arm(100);
  now = 100;

  timers_run_expired();

  EXPECT_THAT(fired, ElementsAre("a", "b"));
}

TEST_F(Clock, arming_again_moves_the_deadline) {
  Timer timer(note("a"));
  timer.arm(100);
  timer.arm(500);
  now = 200;

  timers_run_expired();

  EXPECT_THAT(fired, IsEmpty());
  EXPECT_EQ(timers_next_deadline(), 500);
}

TEST_F(Clock, a_cancelled_timer_does_not_fire) {
  Timer timer(note("a"));
  timer.arm(100);
  timer.cancel();
  now = 200;

  timers_run_expired();

  EXPECT_THAT(fired, IsEmpty());
  EXPECT_EQ(timers_next_deadline(), -1);
}

TEST_F(Clock, a_timer_that_goes_is_not_armed_any_more) {
  {
    Timer timer(note("a"));
    timer.arm(100);
  }
  EXPECT_EQ(timers_next_deadline(), -1);
}

TEST_F(Clock, a_timer_that_arms_itself_for_the_past_does_not_hold_the_pass) {
  Timer timer([] {});
  int count = 0;
  Timer eager([&] {
    ++count;
    eager.arm(0);
  });
  eager.arm(0);

  timers_run_expired();

  EXPECT_EQ(count, 1);
}

TEST_F(Clock, a_timer_may_cancel_another_that_is_due) {
  Timer victim(note("victim"));
  Timer killer([&] { victim.cancel(); });
  killer.arm(50);
  victim.arm(100);
  now = 100;

  timers_run_expired();

  EXPECT_THAT(fired, IsEmpty());
}

TEST_F(Clock, with_counted_time_the_guests_date_is_the_same_in_every_run) {
  const std::int64_t start = clock_host_ns();
  now = 1'000'000'000;

  EXPECT_EQ(clock_host_ns() - start, 1'000'000'000);
  EXPECT_EQ(start, 1'555'977'600ll * 1'000'000'000);
}

TEST_F(Clock, a_date_that_was_set_moves_with_guest_time_if_asked) {
  now = 500;
  clock_set_host_base(1'000'000, true);
  now = 700;

  EXPECT_EQ(clock_host_ns(), 1'000'200);
}

TEST(RealClock, stands_still_until_the_machine_runs) {
  EXPECT_EQ(clock_virtual_ns(), 0);
  EXPECT_EQ(clock_virtual_ns(), 0);
  clock_reset_for_test();
}

TEST(RealClock, goes_on_where_it_stopped) {
  clock_enable(true);
  while (clock_virtual_ns() == 0) {
  }
  clock_enable(false);
  const std::int64_t stopped = clock_virtual_ns();

  clock_enable(true);

  EXPECT_GT(stopped, 0);
  EXPECT_GE(clock_virtual_ns(), stopped);
  EXPECT_LT(clock_virtual_ns(), stopped + 1'000'000'000);
  clock_reset_for_test();
}

}  // namespace
}  // namespace core_test
