// The log of -d. See log.h.
#include "core/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "qom/object.h"

namespace core {
namespace {

struct Range {
  std::uint64_t first = 0, last = 0;
};

struct Log {
  std::mutex lock;  // lines of several threads, and of one write(2) cut in two
  std::string path;
  int fd = STDERR_FILENO;
  std::vector<Range> filter;
};

// Never destroyed: threads may log while the program ends.
Log& log_state() {
  static Log& state = *new Log;
  return state;
}

void append_arguments(std::string& out, const char* format, std::va_list arguments) {
  char text[512];
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  if (length > 0)
    out.append(text,
               std::min<std::size_t>(static_cast<std::size_t>(length), sizeof text - 1));
}

std::string with_process_number(const std::string& path) {
  const std::size_t at = path.find('%');
  if (at == path.npos)
    return path;
  if (path.compare(at, 2, "%d") != 0 || path.find('%', at + 2) != path.npos)
    throw qom::Error("Bad logfile format: " + path);
  return path.substr(0, at) + std::to_string(::getpid()) + path.substr(at + 2);
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9')
    return std::nullopt;
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text.c_str(), &end, 0);
  if (errno != 0 || *end != '\0')
    return std::nullopt;
  return value;
}

struct Operator {
  const char* word;
  Range (*range)(std::uint64_t left, std::uint64_t right);
};

// A length of 0 wraps to an empty range, which parse_range() refuses.
constexpr Operator operators[] = {
    {"..",
     [](std::uint64_t left, std::uint64_t right) {
       return Range{left, right};
     }},
    {"+",
     [](std::uint64_t left, std::uint64_t right) {
       return Range{left, left + (right - 1)};
     }},
    {"-",
     [](std::uint64_t left, std::uint64_t right) {
       return Range{left - (right - 1), left};
     }},
};

Range parse_range(const std::string& text) {
  for (const Operator& op : operators) {
    const std::size_t at = text.find(op.word);
    if (at == text.npos)
      continue;
    const auto left = whole_number(text.substr(0, at));
    const auto right = whole_number(text.substr(at + std::strlen(op.word)));
    if (!left)
      throw qom::Error(std::string("Invalid number to the left of ") + op.word);
    if (!right)
      throw qom::Error(std::string("Invalid number to the right of ") + op.word);
    const Range range = op.range(*left, *right);
    if (range.first > range.last)
      throw qom::Error("Invalid range");
    return range;
  }
  throw qom::Error("Bad range specifier");
}

}  // namespace

void qemu_log(std::string_view text) {
  Log& state = log_state();
  const std::scoped_lock lock(state.lock);
  while (!text.empty()) {
    const ssize_t written = ::write(state.fd, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return;  // a full disk must not stop the guest
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void qemu_log_mask(std::uint32_t mask, const char* format, ...) {
  if (!qemu_loglevel_mask(mask))
    return;
  std::string text;
  std::va_list arguments;
  va_start(arguments, format);
  append_arguments(text, format, arguments);
  va_end(arguments);
  qemu_log(text);
}

void append_format(std::string& out, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  append_arguments(out, format, arguments);
  va_end(arguments);
}

void qemu_set_log(std::uint32_t mask) {
  Log& state = log_state();
  const std::scoped_lock lock(state.lock);
  if (mask != 0 && !state.path.empty() && state.fd == STDERR_FILENO) {
    const int fd = ::open(state.path.c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
      throw qom::Error(state.path + ": " + std::strerror(errno));
    state.fd = fd;
  }
  qemu_loglevel.store(mask, std::memory_order_relaxed);
}

void qemu_set_log_filename(const std::string& path) {
  const std::string name = with_process_number(path);
  Log& state = log_state();
  const std::scoped_lock lock(state.lock);
  if (state.fd != STDERR_FILENO)
    ::close(state.fd);
  state.fd = STDERR_FILENO;
  state.path = name;
}

void qemu_set_dfilter_ranges(const std::string& text) {
  std::vector<Range> ranges;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    ranges.push_back(parse_range(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  log_state().filter = std::move(ranges);
}

bool qemu_log_in_addr_range(std::uint64_t address) {
  const std::vector<Range>& filter = log_state().filter;
  for (const Range& range : filter) {
    if (address >= range.first && address <= range.last)
      return true;
  }
  return filter.empty();
}

}  // namespace core
