// A guest that hangs is explained. What a guest does shows in its exits: which port it
// reads, which register it writes. One that has done nothing it did not do before for
// some seconds is asked where it is, once, and a message says what it keeps doing: most
// hangs are a loop that waits for a device.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/exit_watch.h"

namespace core {

class HangWatcher : public ExitWatch {
 public:
  HangWatcher(double seconds, Symbols symbols);
  ~HangWatcher() override;

  void exited(CpuState& cpu, const Exit& exit) override;

  void printed() override { progress_ = true; }

 private:
  // One kind of exit: a reason; for accesses also the address and the direction.
  struct Kind {
    std::uint64_t key = 0;     // 0: free
    std::uint64_t count = 0;   // since the guest last did something new
    std::uint32_t period = 0;  // to which `count` belongs
  };

  struct Place {
    int cpu = 0;
    std::uint64_t rip = 0;
    bool halted = false, interruptible = true;
  };

  void watch(const std::stop_token& stop);
  void ask_cpus();
  bool is_idle() const;
  void report(double seconds);
  std::vector<Kind> most_frequent() const;
  std::string places_text(std::string& first_symbol) const;

  static constexpr std::size_t kinds_max = 1024;  // a power of two
  std::array<Kind, kinds_max> kinds_{};
  std::size_t kinds_known_ = 0;
  std::uint64_t exits_ = 0;  // of this period
  std::uint32_t period_ = 1;
  bool progress_ = false;
  bool asked_ = false;  // every CPU's next exit says where it is
  std::vector<Place> places_;
  std::chrono::duration<double> patience_;
  Symbols symbols_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: ends before the others go
};

}  // namespace core
