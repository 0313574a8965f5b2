#include "hw/edu_factorial.h"

#include "core/run_state.h"
#include "trace/event.h"

namespace hw {

// 34! is divisible by 2^32, and so is every larger one.
std::uint32_t factorial(std::uint32_t n) {
  std::uint32_t result = 1;
  for (; n > 0 && result != 0; --n) {
    result *= n;
  }
  return result;
}

FactorialThread::FactorialThread(std::function<void(std::uint32_t)> done)
    : done_(std::move(done)) {}

void FactorialThread::compute(std::uint32_t number) {
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  const std::lock_guard lock(mutex_);
  number_ = number;
  wanted_ = true;
  wake_.notify_one();
}

void FactorialThread::run(const std::stop_token& stop) {
  constexpr int trace_tid = 5;
  trace::name_thread(trace_tid, "edu");
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait(lock, stop, [this] { return wanted_; })) {
      return;
    }
    wanted_ = false;
    const std::uint32_t number = number_;
    lock.unlock();
    deliver(factorial(number), stop);
  }
}

// Who stops this thread may hold the big lock: it must not be waited for then.
void FactorialThread::deliver(std::uint32_t result, const std::stop_token& stop) {
  std::unique_lock big(core::big_lock(), std::defer_lock);
  while (!big.try_lock()) {
    if (stop.stop_requested()) {
      return;
    }
    std::this_thread::yield();
  }
  done_(result);
}

}  // namespace hw
