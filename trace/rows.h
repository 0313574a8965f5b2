// From records to rows: begins matched with their ends, every row with its parent,
// all threads merged by time. A row is what becomes one line of a trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "trace/record_reader.h"

namespace trace::detail {

inline constexpr std::uint32_t no_row = 0xffffffff;

struct Row {
  const std::byte* record = nullptr;  // the begin, instant or counter record
  const std::byte* result = nullptr;  // a span's end, if it gave a result
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint32_t parent = no_row;  // index in the same stream
  std::uint32_t seq = 0;          // 1, 2, 3... over all threads, by time
  std::uint16_t depth = 0;        // enclosing rows
  bool open = false;              // a span without an end
  bool hidden = false;            // of a kind that was switched off later
};

struct StreamRows {
  std::uint32_t stream = 0;
  int tid = 0;
  std::vector<Row> rows;
};

struct RowSet {
  std::vector<StreamRows> streams;
  std::vector<ThreadText> threads;     // those with rows, by tid, names unique by tid
  std::vector<const KindText*> kinds;  // those that occur; in the image
  std::uint64_t spans = 0;
  std::uint64_t instants = 0;
  std::uint64_t counters = 0;
  std::uint64_t open = 0;
  std::deque<std::vector<std::byte>> made;  // records for what the recorder only counted
};

// Adds to image.unreadable what cannot be used, and to image.sites the kind that
// says how many records were lost.
RowSet build_rows(RecordImage& image);

// Numbers the rows and lists them in the order of time.
struct RowRef {
  std::uint32_t stream = 0;  // index into RowSet::streams
  std::uint32_t row = 0;
};

std::vector<RowRef> number_rows(RowSet& set);

}  // namespace trace::detail
