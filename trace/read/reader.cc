#include "trace/read/reader.h"

#include <array>
#include <bit>

#include "trace/catalogue.h"
#include "trace/read/parser.h"
#include "trace/writer.h"

namespace trace {

using detail::Scan;
using detail::ScanError;

namespace {

// A name out of a fixed list, quoted.
template <class Enum>
Enum one_of(Scan& scan, std::size_t count, const char* what) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<Enum>(i);
    if (scan.accept("\"" + std::string(to_string(value)) + "\"")) {
      return value;
    }
  }
  scan.refuse(std::string("expected ") + what);
}

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

Shape shape_of(Phase phase) {
  return phase == Phase::instant   ? Shape::instant
         : phase == Phase::counter ? Shape::counter
                                   : Shape::span;
}

int thread_id(Scan& scan) {
  const std::uint64_t tid = scan.natural();
  if (tid > 0x7fffffff) {
    scan.refuse("the thread number is too large");
  }
  return static_cast<int>(tid);
}

}  // namespace

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

void Reader::Parser::take_line() {
  if (line_taken_) {
    line_taken_ = false;
    return;
  }
  bool more = false;
  try {
    more = lines_.next(line_);
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw ReadError(name_, lines_.number() + 1, 1, error.what());
  }
  if (!more) {
    throw ReadError(
        name_, lines_.number() + 1, 1,
        "the trace ends here, before its last line; the program that wrote it may "
        "have been stopped: see `vitrine trace recover`");
  }
  if (lines_.too_long()) {
    refuse(detail::Lines::max_line, "the line is too long for a trace");
  }
  if (!lines_.ended()) {
    refuse(line_.size() + 1, "the trace ends in the middle of a line");
  }
}

void Reader::Parser::read_header() {
  strings_.clear();
  take_line();
  if (line_ != "[") {
    refuse(1, "not a Vitrine trace: expected a line with only `[`");
  }
  try {
    take_line();
    Scan first(line_, strings_);
    header_line(first);
    take_line();
    Scan process(line_, strings_);
    process.expect(
        "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":"
        "\"vitrine\"}},");
    if (!process.at_end()) {
      process.refuse("expected the end of the line");
    }
    while (true) {
      take_line();
      strings_.clear();
      Scan scan(line_, strings_);
      if (scan.accept("{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":")) {
        const int tid = thread_id(scan);
        scan.expect(",\"args\":{\"name\":");
        header_.threads.emplace_back(tid, scan.string());
        scan.expect("}},");
      } else if (scan.accept("{\"name\":\"event_kind\",\"ph\":\"M\",\"pid\":1,\"tid\":0,"
                             "\"args\":")) {
        kind_line(scan);
      } else {
        line_taken_ = true;
        break;
      }
      if (!scan.at_end()) {
        scan.refuse("expected the end of the line");
      }
    }
  } catch (const ScanError& error) {
    refuse(error.column, error.what);
  }
  index_kinds();
}

void Reader::Parser::index_kinds() {
  for (const KindText& kind : header_.kinds) {
    Entry entry{&kind, {}};
    for (const auto* fields : {&kind.fields, &kind.results}) {
      for (const FieldText& field : *fields) {
        std::string key = entry.keys.empty() ? "\"" : ",\"";
        detail::append_escaped(key, field.name);
        entry.keys.push_back(key + "\":");
      }
    }
    kinds_[{kind.name, kind.cat, kind.shape}].push_back(std::move(entry));
  }
}

void Reader::Parser::header_line(Scan& scan) {
  scan.expect(
      "{\"name\":\"vitrine_trace\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{"
      "\"schema\":");
  header_.schema = scan.natural();
  if (header_.schema != detail::schema_version) {
    scan.refuse("a trace of schema version " + std::to_string(header_.schema) +
                "; this program reads version " + std::to_string(detail::schema_version));
  }
  scan.expect(",\"started\":");
  header_.started = scan.string();
  for (const auto& [name, number] :
       {std::pair(",\"process\":", &header_.process),
        std::pair(",\"spans\":", &header_.spans),
        std::pair(",\"instants\":", &header_.instants),
        std::pair(",\"counters\":", &header_.counters),
        std::pair(",\"open\":", &header_.open), std::pair(",\"lost\":", &header_.lost),
        std::pair(",\"unreadable\":", &header_.unreadable)}) {
    scan.expect(name);
    *number = scan.natural();
  }
  scan.expect(",\"metadata\":{");
  metadata(scan);
  scan.expect("}},");
  if (!scan.at_end()) {
    scan.refuse("expected the end of the line");
  }
}

void Reader::Parser::metadata(Scan& scan) {
  while (!scan.accept("}")) {
    if (!header_.metadata.empty()) {
      scan.expect(",");
    }
    std::string key(scan.string());
    for (const auto& known : header_.metadata) {
      if (known.first == key) {
        scan.refuse("the key stands here twice");
      }
    }
    scan.expect(":");
    header_.metadata.emplace_back(std::move(key), scan.string());
  }
}

void Reader::Parser::kind_line(Scan& scan) {
  KindText kind;
  scan.expect("{\"name\":");
  kind.name = scan.string();
  scan.expect(",\"cat\":");
  kind.cat = to_string(one_of<Category>(scan, 12, "a category"));
  scan.expect(",\"shape\":");
  kind.shape = one_of<Shape>(scan, 3, "span, instant or counter");
  scan.expect(",\"help\":");
  kind.help = scan.string();
  scan.expect(",\"fields\":[");
  kind.fields = kind_fields(scan);
  scan.expect(",\"results\":[");
  kind.results = kind_fields(scan);
  scan.expect("}},");
  header_.kinds.push_back(std::move(kind));
}

std::vector<FieldText> Reader::Parser::kind_fields(Scan& scan) {
  std::vector<FieldText> fields;
  while (!scan.accept("]")) {
    if (!fields.empty()) {
      scan.expect(",");
    }
    FieldText field;
    scan.expect("{\"name\":");
    field.name = scan.string();
    scan.expect(",\"role\":");
    field.role = one_of<Role>(scan, 3, "identity, state or volatile");
    scan.expect(",\"type\":");
    field.type = one_of<Type>(scan, 7, "a field type");
    scan.expect(",\"help\":");
    field.help = scan.string();
    scan.expect("}");
    fields.push_back(std::move(field));
  }
  return fields;
}

bool Reader::Parser::next(Event& event) {
  strings_.clear();
  take_line();
  try {
    Scan scan(line_, strings_);
    if (scan.accept("{\"name\":\"trace_end\",\"ph\":\"M\",")) {
      scan.expect("\"pid\":1,\"tid\":0,\"args\":{\"name\":\"end\"}}");
      if (!scan.at_end()) {
        scan.refuse("expected the end of the line");
      }
      end_of_trace();
      return false;
    }
    event_line(scan, event);
    event.text = scan.since(0);
    scan.expect(",");
    if (!scan.at_end()) {
      scan.refuse("expected the end of the line");
    }
  } catch (const ScanError& error) {
    refuse(error.column, error.what);
  }
  event.line = lines_.number();
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
           : !find_kinds(name, cat, shape_of(event.phase))) {
    throw ScanError{name_at + 1,
                    "no event kind of this name, category and shape is declared at "
                    "the top of the trace"};
  }
  scan.expect(",\"pid\":1,\"tid\":");
  event.tid = thread_id(scan);
  scan.expect(",\"ts\":");
  event.ts_ns = scan.microseconds();
  if (event.ts_ns < last_ts_) {
    scan.refuse("the time goes backwards");
  }
  last_ts_ = event.ts_ns;
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
  scan.expect(",\"loc\":");
  event.loc = scan.string();
  scan.expect(",\"args\":{");
  args(scan, event);
  scan.expect("}");
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
