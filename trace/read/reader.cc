// What stands in front of the events is read in header.cc, rows in rows.cc.
#include "trace/read/reader.h"

#include <array>
#include <bit>

#include "trace/read/parser.h"

namespace trace {

using detail::Scan;
using detail::ScanError;

namespace {

Phase phase(Scan& scan) {
  constexpr std::array<std::pair<std::string_view, Phase>, 7> phases{{
      {"X\"", Phase::span},
      {"i\"", Phase::instant},
      {"B\"", Phase::open_span},
      {"C\"", Phase::counter},
      {"s\"", Phase::flow_start},
      {"t\"", Phase::flow_step},
      {"f\"", Phase::flow_end},
  }};
  for (const auto& [text, value] : phases) {
    if (scan.accept(text)) {
      return value;
    }
  }
  scan.refuse("expected a phase: X, B, i, C, s, t or f");
}

}  // namespace

Shape detail::shape_of(Phase phase) {
  return phase == Phase::instant   ? Shape::instant
         : phase == Phase::counter ? Shape::counter
                                   : Shape::span;
}

int detail::thread_id(Scan& scan) {
  const std::uint64_t tid = scan.natural();
  if (tid > 0x7fffffff) {
    scan.refuse("the thread number is too large");
  }
  return static_cast<int>(tid);
}

ReadError::ReadError(const std::string& file, std::uint64_t line, std::uint64_t column,
                     const std::string& what)
    : std::runtime_error(file + ":" + std::to_string(line) + ":" +
                         std::to_string(column) + ": " + what),
      line_(line),
      column_(column) {}

Reader::Parser::Parser(std::unique_ptr<detail::Bytes> bytes, std::string name)
    : lines_(std::move(bytes)), name_(std::move(name)) {
  read_header();
}

void Reader::Parser::refuse(std::uint64_t column, const std::string& what) const {
  throw ReadError(name_, std::max<std::uint64_t>(lines_.number(), 1), column, what);
}

bool Reader::Parser::line_follows() {
  if (line_taken_) {
    line_taken_ = false;
    return true;
  }
  try {
    if (!lines_.next(line_)) {
      return false;
    }
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw ReadError(name_, lines_.number() + 1, 1, error.what());
  }
  if (lines_.too_long()) {
    refuse(detail::Lines::max_line, "the line is too long for a trace");
  }
  if (!lines_.ended()) {
    refuse(line_.size() + 1, "the trace ends in the middle of a line");
  }
  return true;
}

void Reader::Parser::take_line() {
  if (!line_follows()) {
    throw ReadError(
        name_, lines_.number() + 1, 1,
        "the trace ends here, before its last line; the program that wrote it may "
        "have been stopped: see `vitrine trace recover`");
  }
}

bool Reader::Parser::next(Event& event) {
  strings_.clear();
  try {
    const bool more = rows_ ? next_row(event) : next_of_array(event);
    event.line = lines_.number();
    return more;
  } catch (const ScanError& error) {
    refuse(error.column, error.what);
  }
}

bool Reader::Parser::next_of_array(Event& event) {
  take_line();
  Scan scan(line_, strings_);
  if (scan.accept("{\"name\":\"trace_end\",\"ph\":\"M\",")) {
    scan.expect("\"pid\":1,\"tid\":0,\"args\":{\"name\":\"end\"}}");
    scan.expect_end();
    end_of_trace();
    return false;
  }
  event_line(scan, event);
  event.text = scan.since(0);
  scan.expect(",");
  scan.expect_end();
  return true;
}

void Reader::Parser::end_of_trace() {
  take_line();
  if (line_ != "]") {
    refuse(1, "expected a line with only `]`");
  }
  if (lines_.next(line_)) {
    refuse(1, "nothing may follow the end of the trace");
  }
}

bool Reader::Parser::find_kinds(std::string_view name, std::string_view cat,
                                Shape shape) {
  if (last_kinds_ != nullptr) {
    const KindText& last = *last_kinds_->front().kind;
    if (last.name == name && last.cat == cat && last.shape == shape) {
      return true;
    }
  }
  const auto found = kinds_.find(std::tuple(name, cat, shape));
  last_kinds_ = found == kinds_.end() ? nullptr : &found->second;
  return last_kinds_ != nullptr;
}

void Reader::Parser::event_line(Scan& scan, Event& event) {
  event.args.clear();
  const bool flow = kind_and_phase(scan, event);
  scan.expect(",\"pid\":1,\"tid\":");
  event.tid = detail::thread_id(scan);
  start_time(scan, event);
  event.dur_ns = 0;
  event.seq = event.par = event.flow = 0;
  event.loc = {};
  if (flow) {
    flow_line(scan, event);
    return;
  }
  if (event.phase == Phase::span) {
    scan.expect(",\"dur\":");
    event.dur_ns = scan.microseconds();
  } else if (event.phase == Phase::instant) {
    scan.expect(",\"s\":\"t\"");
  }
  place_among_events(scan, event);
  scan.expect(",\"loc\":");
  event.loc = scan.string();
  scan.expect(",\"args\":{");
  args(scan, event);
  scan.expect("}");
}

// Returns whether it is a step of an object's flow, which has no kind.
bool Reader::Parser::kind_and_phase(Scan& scan, Event& event) {
  scan.expect("{\"name\":");
  const std::size_t name_at = scan.position();
  const std::string_view name = scan.string();
  scan.expect(",\"cat\":");
  const std::string_view cat = scan.string();
  scan.expect(",\"ph\":\"");
  event.phase = phase(scan);
  const bool flow = event.phase == Phase::flow_start || event.phase == Phase::flow_step ||
                    event.phase == Phase::flow_end;
  event.kind = nullptr;
  if (flow ? name != "object" || cat != "qom"
           : !find_kinds(name, cat, detail::shape_of(event.phase))) {
    throw ScanError{name_at + 1,
                    "no event kind of this name, category and shape is declared at "
                    "the top of the trace"};
  }
  return flow;
}

// From `,"ts":`.
void Reader::Parser::start_time(Scan& scan, Event& event) {
  scan.expect(",\"ts\":");
  event.ts_ns = scan.microseconds();
  if (event.ts_ns < last_ts_) {
    scan.refuse("the time goes backwards");
  }
  last_ts_ = event.ts_ns;
}

// From `,"seq":`.
void Reader::Parser::place_among_events(Scan& scan, Event& event) {
  scan.expect(",\"seq\":");
  event.seq = scan.natural();
  if (event.seq != last_seq_ + 1) {
    scan.refuse("seq " + std::to_string(event.seq) + " where " +
                std::to_string(last_seq_ + 1) + " should stand");
  }
  last_seq_ = event.seq;
  scan.expect(",\"par\":");
  event.par = scan.natural();
  if (event.par >= event.seq) {
    scan.refuse("an event cannot lie inside a later one");
  }
}

void Reader::Parser::flow_line(Scan& scan, Event& event) {
  scan.expect(",\"id\":");
  event.flow = scan.hex();
  scan.expect(",\"bp\":\"e\"}");
}

// Kinds that share name, category and shape are told apart by their arguments.
void Reader::Parser::args(Scan& scan, Event& event) {
  const Scan start = scan;
  for (std::size_t i = 0; i + 1 < last_kinds_->size(); ++i) {
    if (try_args(scan, (*last_kinds_)[i], event)) {
      return;
    }
    scan = start;
  }
  all_args(scan, last_kinds_->back(), event);
}

bool Reader::Parser::try_args(Scan& scan, const Entry& entry, Event& event) {
  try {
    all_args(scan, entry, event);
    return true;
  } catch (const ScanError&) {
    return false;
  }
}

void Reader::Parser::all_args(Scan& scan, const Entry& entry, Event& event) {
  event.kind = entry.kind;
  event.args.clear();
  auto key = entry.keys.begin();
  for (const FieldText& field : entry.kind->fields) {
    arg(scan, field, *key++, event);
  }
  // A span that gave no result, or did not end, has only its fields.
  if (entry.kind->results.empty() || !scan.accept("}")) {
    for (const FieldText& field : entry.kind->results) {
      arg(scan, field, *key++, event);
    }
    scan.expect("}");
  }
}

void Reader::Parser::arg(Scan& scan, const FieldText& field, const std::string& key,
                         Event& event) {
  scan.expect(key);
  Arg arg;
  arg.field = &field;
  const std::size_t start = scan.position();
  switch (field.type) {
    case Type::boolean:
      arg.bits = scan.boolean() ? 1 : 0;
      break;
    case Type::integer:
      arg.bits = static_cast<std::uint64_t>(scan.integer());
      break;
    case Type::natural:
      arg.bits = scan.natural();
      break;
    case Type::real:
      arg.bits = std::bit_cast<std::uint64_t>(scan.real());
      break;
    case Type::hex:
      arg.bits = scan.hex();
      break;
    case Type::text:
    case Type::object:
      arg.text = scan.string();
      break;
  }
  arg.json = scan.since(start);
  event.args.push_back(arg);
}

Reader::Reader(const std::string& file)
    : parser_(std::make_unique<Parser>(detail::open_bytes(file), file)) {}

Reader::Reader(std::string_view text, std::string name)
    : parser_(std::make_unique<Parser>(detail::memory_bytes(text), std::move(name))) {}

Reader::~Reader() = default;

const TraceHeader& Reader::header() const {
  return parser_->header();
}

bool Reader::next(Event& event) {
  return parser_->next(event);
}

void Reader::refuse(std::uint64_t column, const std::string& what) const {
  parser_->refuse(column, what);
}

}  // namespace trace
