// The grammar of a trace, line by line: what a Reader is made of. A file has one of two
// forms: the array (.json), or a header and flat rows (.ndjson).
#pragma once

#include "trace/read/reader.h"
#include "trace/read/scan.h"

namespace trace {

namespace detail {

int thread_id(Scan& scan);

Shape shape_of(Phase phase);  // of an event that is no flow

}  // namespace detail

class Reader::Parser {
 public:
  Parser(std::unique_ptr<detail::Bytes> bytes, std::string name);

  bool next(Event& event);

  const TraceHeader& header() const { return header_; }

  [[noreturn]] void refuse(std::uint64_t column, const std::string& what) const;

 private:
  // ---- header.cc ----
  void read_header();
  void read_array_header();
  bool thread_or_kind();
  void header_members(detail::Scan& scan);
  void metadata(detail::Scan& scan);
  void kind(detail::Scan& scan);
  std::vector<FieldText> kind_fields(detail::Scan& scan);
  void index_kinds();

  // ---- rows.cc ----
  void read_rows_header();
  bool next_row(Event& event);
  void row(detail::Scan& scan, Event& event);
  std::string_view boot(detail::Scan& scan);
  void row_kind(detail::Scan& scan, Event& event);

  // ---- reader.cc ----
  bool line_follows();  // into line_; false at the end of the file
  void take_line();     // the same, but refuses the end of the file
  bool next_of_array(Event& event);
  void event_line(detail::Scan& scan, Event& event);
  bool kind_and_phase(detail::Scan& scan, Event& event);
  void start_time(detail::Scan& scan, Event& event);
  void place_among_events(detail::Scan& scan, Event& event);
  void flow_line(detail::Scan& scan, Event& event);
  void args(detail::Scan& scan, Event& event);
  void arg(detail::Scan& scan, const FieldText& field, const std::string& key,
           Event& event);
  void end_of_trace();

  // A kind with the text that stands before each of its arguments.
  struct Entry {
    const KindText* kind = nullptr;
    std::vector<std::string> keys;  // of fields, then of results
  };

  bool find_kinds(std::string_view name, std::string_view cat, Shape shape);
  bool try_args(detail::Scan& scan, const Entry& entry, Event& event);
  void all_args(detail::Scan& scan, const Entry& entry, Event& event);

  detail::Lines lines_;
  std::string name_;
  std::string_view line_;
  bool line_taken_ = false;  // line_ was read ahead and is still to be used
  bool rows_ = false;        // the file has the form of rows
  std::string boot_;         // the name of the boot that all rows carry
  TraceHeader header_;
  // Kinds of one name, category and shape: usually one. Keys point into header_.
  std::map<std::tuple<std::string_view, std::string_view, Shape>, std::vector<Entry>>
      kinds_;
  const std::vector<Entry>* last_kinds_ = nullptr;
  std::deque<std::string> strings_;  // unescaped strings of the current line
  std::uint64_t last_seq_ = 0;
  std::uint64_t last_ts_ = 0;
};

}  // namespace trace
