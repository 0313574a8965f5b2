// The lines in front of the events: the header, the threads, the kinds of events.
#include "trace/catalogue.h"
#include "trace/read/parser.h"
#include "trace/writer.h"

namespace trace {

using detail::Scan;
using detail::ScanError;

// A name out of a fixed list, quoted.
template <class Enum>
static Enum one_of(Scan& scan, std::size_t count, const char* what) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<Enum>(i);
    if (scan.accept("\"" + std::string(to_string(value)) + "\"")) {
      return value;
    }
  }
  scan.refuse(std::string("expected ") + what);
}

void Reader::Parser::read_header() {
  strings_.clear();
  take_line();
  rows_ = line_.starts_with("{\"trace\":");
  if (!rows_ && line_ != "[") {
    refuse(1,
           "not a Vitrine trace: expected a line with only `[`, or one that begins with "
           "`{\"trace\":`");
  }
  try {
    rows_ ? read_rows_header() : read_array_header();
  } catch (const ScanError& error) {
    refuse(error.column, error.what);
  }
  index_kinds();
}

void Reader::Parser::read_array_header() {
  take_line();
  Scan first(line_, strings_);
  first.expect("{\"name\":\"vitrine_trace\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{");
  header_members(first);
  first.expect("}},");
  first.expect_end();
  take_line();
  Scan process(line_, strings_);
  process.expect(
      "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":"
      "\"vitrine\"}},");
  process.expect_end();
  while (thread_or_kind()) {
  }
}

// Returns false at the first event.
bool Reader::Parser::thread_or_kind() {
  take_line();
  strings_.clear();
  Scan scan(line_, strings_);
  if (scan.accept("{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":")) {
    const int tid = detail::thread_id(scan);
    scan.expect(",\"args\":{\"name\":");
    header_.threads.emplace_back(tid, scan.string());
    scan.expect("}},");
  } else if (scan.accept("{\"name\":\"event_kind\",\"ph\":\"M\",\"pid\":1,\"tid\":0,"
                         "\"args\":")) {
    kind(scan);
    scan.expect("},");
  } else {
    line_taken_ = true;
    return false;
  }
  scan.expect_end();
  return true;
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

// From `"schema":` to the end of the metadata.
void Reader::Parser::header_members(Scan& scan) {
  scan.expect("\"schema\":");
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

void Reader::Parser::kind(Scan& scan) {
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
  scan.expect("}");
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

}  // namespace trace
