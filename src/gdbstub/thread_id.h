// How the remote protocol names threads. A thread is a vCPU: CPU 0 is thread 1. With the
// multiprocess extension they belong to process 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gdbstub/hex.h"

namespace gdbstub {

struct ThreadId {
  static constexpr std::int64_t any = 0, all = -1;

  std::int64_t process = any;
  std::int64_t thread = any;

  bool includes(int cpu_index) const {
    return (process == any || process == all || process == 1) &&
           (thread == any || thread == all || thread == cpu_index + 1);
  }
};

// "p1.2", "p1" (all its threads), "2", "0" (any), "-1" (all). nullopt: none of those.
std::optional<ThreadId> take_thread_id(Cursor& text);
// As 4.0 writes it, "p01.02" or "02".
std::string thread_name(int cpu_index, bool multiprocess);

}  // namespace gdbstub
