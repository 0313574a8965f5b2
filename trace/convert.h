// From a record file to a trace: the last step of a run, and `vitrine trace recover`.
#pragma once

#include <cstdint>
#include <string>

namespace trace::detail {

enum class Form : std::uint8_t { json, ndjson };

// What a file name asks for: .ndjson the rows, any other name the default form.
// Refuses (std::runtime_error) .zst and .gz where this program cannot compress.
Form output_form(const std::string& file);

// What was found in a record file.
struct Converted {
  std::uint64_t events = 0;
  std::uint64_t lost = 0;        // records that found no room when they were emitted
  std::uint64_t unreadable = 0;  // chunks or records that made no sense
  bool complete = true;          // false if spans were still open
};

// Writes `file` from the records. Throws std::system_error on a read or write error,
// std::runtime_error if `records` is not a record file. A trace that exists is
// replaced only when the new one is complete.
Converted convert(const std::string& records, const std::string& file);

}  // namespace trace::detail
