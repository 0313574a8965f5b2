#include "gdbstub/thread_id.h"

#include <cinttypes>
#include <cstdio>

namespace gdbstub {

static std::optional<std::int64_t> take_one(Cursor& text) {
  if (text.take("-1")) {
    return ThreadId::all;
  }
  const auto number = text.number();
  constexpr std::uint64_t largest = 0x7fffffff;
  if (!number || *number > largest) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

std::optional<ThreadId> take_thread_id(Cursor& text) {
  ThreadId id;
  if (text.take("p")) {
    const auto process = take_one(text);
    if (!process) {
      return std::nullopt;
    }
    id.process = *process;
    if (!text.take(".")) {
      id.thread = ThreadId::all;
      return id;
    }
  }
  const auto thread = take_one(text);
  if (!thread) {
    return std::nullopt;
  }
  id.thread = *thread;
  return id;
}

std::string thread_name(int cpu_index, bool multiprocess) {
  char text[32];
  std::snprintf(text, sizeof text, multiprocess ? "p01.%02x" : "%02x",
                static_cast<unsigned>(cpu_index) + 1);
  return text;
}

}  // namespace gdbstub
