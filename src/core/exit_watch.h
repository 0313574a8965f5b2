// Who looks at every exit beside those who deal with it: limits, the watch for guests
// that hang. Nobody does by default, which costs one comparison an exit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/exit.h"
#include "core/symbols.h"

namespace core {

struct CpuState;

class ExitWatch {
 public:
  virtual ~ExitWatch() = default;
  // On the vCPU's thread with the big lock held, before the exit is dealt with.
  virtual void exited(CpuState& cpu, const Exit& exit) = 0;

  // The guest has finished a line on a console.
  virtual void printed() {}

 private:
  friend void exit_watch_add(ExitWatch* watch);
  friend void exit_watch_remove(ExitWatch* watch);
  friend void exit_watches_tell(CpuState& cpu, const Exit& exit);
  friend void exit_watches_printed();
  ExitWatch* next_ = nullptr;
};

// With the big lock held, or while no vCPU runs.
void exit_watch_add(ExitWatch* watch);
void exit_watch_remove(ExitWatch* watch);
void exit_watches_tell(CpuState& cpu, const Exit& exit);
void exit_watches_printed();

extern ExitWatch* first_exit_watch;  // nullptr: nobody

// ---- limits -------------------------------------------------------------------------
// What a run may use; 0: as much as it likes. It then ends by itself, with a cause of its
// own (ShutdownCause::limit).
struct RunLimits {
  double wall_seconds = 0;
  std::uint64_t exits = 0;
  std::uint64_t output = 0;  // bytes the guest sends to character devices
};

// ---- guests that hang ---------------------------------------------------------------
struct HangWatch {
  double seconds = 0;  // without a new kind of exit; 0: nobody watches
  Symbols symbols;
};

// Both are in force while this lives, so around run_machine().
class RunWatches {
 public:
  RunWatches(const RunLimits& limits, HangWatch hang);
  ~RunWatches();
  RunWatches(const RunWatches&) = delete;
  RunWatches& operator=(const RunWatches&) = delete;

 private:
  struct Parts;
  Parts* parts_;
};

}  // namespace core
