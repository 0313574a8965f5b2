// The form of rows (.ndjson): a header line, then one flat row for each span, instant
// and counter value in the order of seq. Objects' flows are not in it.
#include "trace/read/parser.h"

namespace trace {

using detail::Scan;

void Reader::Parser::read_rows_header() {
  Scan scan(line_, strings_);
  scan.expect("{\"trace\":\"vitrine\",");
  header_members(scan);
  scan.expect(",\"threads\":[");
  while (!scan.accept("]")) {
    scan.expect(header_.threads.empty() ? "{\"tid\":" : ",{\"tid\":");
    const int tid = detail::thread_id(scan);
    scan.expect(",\"name\":");
    header_.threads.emplace_back(tid, scan.string());
    scan.expect("}");
  }
  scan.expect(",\"kinds\":[");
  while (!scan.accept("]")) {
    if (!header_.kinds.empty()) {
      scan.expect(",");
    }
    kind(scan);
  }
  scan.expect("}");
  scan.expect_end();
}

// The header says how many rows there are: a file that was cut off is seen by that.
bool Reader::Parser::next_row(Event& event) {
  const std::uint64_t rows = header_.spans + header_.instants + header_.counters;
  if (last_seq_ == rows) {
    if (line_follows()) {
      refuse(1, "the header counts only " + std::to_string(rows) + " rows");
    }
    return false;
  }
  take_line();
  Scan scan(line_, strings_);
  row(scan, event);
  scan.expect_end();
  event.text = line_;
  return true;
}

void Reader::Parser::row(Scan& scan, Event& event) {
  scan.expect("{\"boot\":");
  if (last_seq_ == 0) {
    boot_ = boot(scan);
  } else if (boot(scan) != boot_) {
    scan.refuse("a row of another boot");
  }
  place_among_events(scan, event);
  scan.expect(",\"depth\":");
  scan.natural();
  scan.expect(",\"tid\":");
  event.tid = detail::thread_id(scan);
  scan.expect(",\"step\":");
  scan.hex();
  event.flow = 0;
  row_kind(scan, event);
  start_time(scan, event);
  scan.expect(",\"dur\":");
  event.dur_ns = scan.microseconds();
  if (event.phase == Phase::open_span) {
    event.dur_ns = 0;  // how long it lasted so far: an array does not say
  }
  scan.expect(",\"loc\":");
  event.loc = scan.string();
  scan.expect(",\"args\":{");
  args(scan, event);
  scan.expect("}");
}

// Sixteen hexadecimal digits: the start of the boot in nanoseconds.
std::string_view Reader::Parser::boot(Scan& scan) {
  const std::string_view text = scan.string();
  if (text.empty() || text.size() > 16 ||
      text.find_first_not_of("0123456789abcdef") != text.npos) {
    scan.refuse("a boot is named by up to sixteen hexadecimal digits");
  }
  return text;
}

void Reader::Parser::row_kind(Scan& scan, Event& event) {
  scan.expect(",\"shape\":\"");
  const bool open = scan.accept("open\"");
  event.phase = open                       ? Phase::open_span
                : scan.accept("span\"")    ? Phase::span
                : scan.accept("instant\"") ? Phase::instant
                : scan.accept("counter\"") ? Phase::counter
                                           : Phase::flow_end;
  if (event.phase == Phase::flow_end) {
    scan.refuse("expected a shape: span, open, instant or counter");
  }
  scan.expect(",\"name\":");
  const std::size_t name_at = scan.position();
  const std::string_view name = scan.string();
  scan.expect(",\"cat\":");
  const std::string_view cat = scan.string();
  if (!find_kinds(name, cat, detail::shape_of(event.phase))) {
    throw detail::ScanError{name_at + 1,
                            "no event kind of this name, category and shape is declared "
                            "in the header"};
  }
}

}  // namespace trace
