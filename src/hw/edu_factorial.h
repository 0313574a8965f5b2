// The edu card's own processor: factorials, computed beside the guest.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace hw {

std::uint32_t factorial(std::uint32_t n);  // modulo 2^32

// A number at a time is computed on another thread; `done` is called there with the
// result and the big lock held. The thread begins with the first number.
class FactorialThread {
 public:
  explicit FactorialThread(std::function<void(std::uint32_t)> done);

  // With the big lock held, and not while a number is being computed.
  void compute(std::uint32_t number);

 private:
  void run(const std::stop_token& stop);
  void deliver(std::uint32_t result, const std::stop_token& stop);

  std::function<void(std::uint32_t)> done_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::uint32_t number_ = 0;
  bool wanted_ = false;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace hw
