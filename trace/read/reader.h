// Reads a trace as a stream of events: the array (.json), or a header and flat rows
// (.ndjson), which have no flows. The reader is strict: it accepts exactly what the
// writer writes, down to the byte, so that an array it accepted can be written again
// unchanged, and every refusal names its line and column.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "trace/json_text.h"
#include "trace/read/source.h"
#include "trace/record_reader.h"

namespace trace {

// What is wrong with a trace, and where. Lines and columns count from 1; a column is
// a byte of its line.
class ReadError : public std::runtime_error {
 public:
  ReadError(const std::string& file, std::uint64_t line, std::uint64_t column,
            const std::string& what);

  std::uint64_t line() const { return line_; }

  std::uint64_t column() const { return column_; }

 private:
  std::uint64_t line_ = 0;
  std::uint64_t column_ = 0;
};

using FieldText = detail::FieldText;

// An event kind as the trace declares it.
struct KindText {
  std::string name;
  std::string cat;
  Shape shape = Shape::span;
  std::string help;
  std::vector<FieldText> fields;
  std::vector<FieldText> results;  // behind the fields, if the span gave a result
};

struct TraceHeader {
  std::uint64_t schema = 0;
  std::string started;  // wall clock, UTC
  std::uint64_t process = 0;
  std::uint64_t spans = 0;
  std::uint64_t instants = 0;
  std::uint64_t counters = 0;
  std::uint64_t open = 0;
  std::uint64_t lost = 0;
  std::uint64_t unreadable = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::pair<int, std::string>> threads;
  std::vector<KindText> kinds;
};

// One value of an event. Numbers in `bits` as their type says (real: its bits).
struct Arg {
  const FieldText* field = nullptr;  // name, role, type
  std::uint64_t bits = 0;
  std::string_view text;  // text and object ("kvm-accel#1"), unescaped
  std::string_view json;  // the value as it stands in the file
};

enum class Phase : char {
  span = 'X',
  open_span = 'B',
  instant = 'i',
  counter = 'C',
  flow_start = 's',
  flow_step = 't',
  flow_end = 'f',
};

// One line of a trace. Views are valid until the next call of next().
struct Event {
  Phase phase = Phase::instant;
  const KindText* kind = nullptr;  // null for flows
  int tid = 0;
  std::uint64_t ts_ns = 0;
  std::uint64_t dur_ns = 0;  // spans
  std::uint64_t seq = 0;     // 0 for flows
  std::uint64_t par = 0;     // seq of the enclosing span, 0 for none
  std::string_view loc;      // "qom/type.cc:120"
  std::uint64_t flow = 0;    // flows: the object's id
  std::vector<Arg> args;
  std::uint64_t line = 0;
  std::string_view text;  // the whole line, without its comma

  bool is_flow() const { return kind == nullptr; }

  std::string_view name() const {
    return kind != nullptr ? std::string_view(kind->name) : "object";
  }

  std::string_view cat() const {
    return kind != nullptr ? std::string_view(kind->cat) : "qom";
  }
};

class Reader {
 public:
  // Opens a file ("-": standard input), which may be compressed, and reads its
  // header. Throws std::system_error, or ReadError.
  explicit Reader(const std::string& file);

  // Reads from memory, which must outlive the reader; `name` is for messages.
  Reader(std::string_view text, std::string name);

  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const TraceHeader& header() const;

  // The next event in the order of the file. False at the end of a complete trace.
  bool next(Event& event);

  // Throws a ReadError about the line last read.
  [[noreturn]] void refuse(std::uint64_t column, const std::string& what) const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// Writes what a reader gave in the form of an array: an array byte for byte as it was.
void write_again(detail::JsonText& out, const TraceHeader& header);
void write_again(detail::JsonText& out, const Event& event);
void write_end(detail::JsonText& out);

}  // namespace trace
