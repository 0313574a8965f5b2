#include "trace/session.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "trace/convert.h"
#include "trace/recorder.h"
#include "trace/window.h"

namespace trace {

namespace {

// The trace being recorded; empty when none is. Owned by the thread that calls
// open() and close().
std::string& trace_file() {
  static auto* const name = new std::string;
  return *name;
}

void close_at_exit() {
  try {
    close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
}

// A trace that is not whole says so itself; so does the program that made it.
void report(const std::string& file, const detail::Converted& made) {
  if (made.lost != 0) {
    std::fprintf(stderr,
                 "warning: %s: %llu events found no room and are missing: the disk was "
                 "full, or they came faster than it takes them (-trace enable= records "
                 "fewer)\n",
                 file.c_str(), static_cast<unsigned long long>(made.lost));
  }
  if (made.unreadable != 0) {
    std::fprintf(stderr, "warning: %s: %llu pieces of the record could not be read\n",
                 file.c_str(), static_cast<unsigned long long>(made.unreadable));
  }
}

// Records go beside the trace, so that one rename or disk serves both. A trace sent
// to a pipe or device has no "beside": then they go to the temporary folder.
std::string record_path_for(const std::string& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    if (std::filesystem::is_directory(status)) {
      throw std::system_error(EISDIR, std::generic_category(),
                              "trace: cannot write " + file);
    }
    return (std::filesystem::temp_directory_path() /
            ("vitrine-" + std::to_string(detail::process_id()) + ".rec"))
        .string();
  }
  return file + ".rec";
}

}  // namespace

void open(const SessionOptions& options) {
  if (!trace_file().empty()) {
    throw std::logic_error("trace: already recording into " + trace_file());
  }
  detail::output_form(options.file);  // refuses a name it cannot write before any work
  detail::start_file(record_path_for(options.file), options.ring_bytes);
  trace_file() = options.file;
  static const int once = std::atexit(close_at_exit);
  static_cast<void>(once);
}

void close() {
  const std::string file = std::exchange(trace_file(), {});
  if (const std::string window = detail::describe_window(); !window.empty()) {
    set_metadata("window", window);
  }
  const std::string records = detail::stop_file();
  if (records.empty()) {
    return;
  }
  try {
    report(file, detail::convert(records, file));
  } catch (const std::exception& error) {
    throw std::runtime_error(std::string(error.what()) + "\nThe records are kept in " +
                             records + ": make room, then run `vitrine trace recover " +
                             records + "`.");
  }
  detail::remove_record_file(records);
}

void discard() {
  trace_file().clear();
  detail::drop_everything();
}

std::string record_file() {
  return trace_file().empty() ? "" : record_path_for(trace_file());
}

bool enable(std::string_view pattern) {
  return detail::apply_pattern(pattern);
}

void set_metadata(std::string_view key, std::string_view value) {
  detail::define_metadata(key, value);
}

std::uint64_t now_ns() {
  return detail::nanoseconds_since_start();
}

}  // namespace trace
