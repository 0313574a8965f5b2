// The way back: from what a reader gave to the bytes it read.
#include "trace/catalogue.h"
#include "trace/read/reader.h"

namespace trace {

namespace {

using detail::JsonText;

void number_member(JsonText& out, std::string_view name, std::uint64_t value) {
  out.raw(name);
  out.number(value);
}

void fields(JsonText& out, const std::vector<FieldText>& fields) {
  out.raw("[");
  for (const FieldText& field : fields) {
    out.raw(&field == fields.data() ? "{\"name\":" : ",{\"name\":");
    out.string(field.name);
    out.raw(",\"role\":");
    out.string(to_string(field.role));
    out.raw(",\"type\":");
    out.string(to_string(field.type));
    out.raw(",\"help\":");
    out.string(field.help);
    out.raw("}");
  }
  out.raw("]");
}

void kind_line(JsonText& out, const KindText& kind) {
  out.raw(
      "{\"name\":\"event_kind\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":");
  out.string(kind.name);
  out.raw(",\"cat\":");
  out.string(kind.cat);
  out.raw(",\"shape\":");
  out.string(to_string(kind.shape));
  out.raw(",\"help\":");
  out.string(kind.help);
  out.raw(",\"fields\":");
  fields(out, kind.fields);
  out.raw(",\"results\":");
  fields(out, kind.results);
  out.raw("}},\n");
}

void value(JsonText& out, const Arg& arg) {
  switch (arg.field->type) {
    case Type::boolean:
      out.raw(arg.bits != 0 ? "true" : "false");
      return;
    case Type::integer:
      out.number(static_cast<std::int64_t>(arg.bits));
      return;
    case Type::natural:
      out.number(arg.bits);
      return;
    case Type::hex:
      out.hex(arg.bits);
      return;
    case Type::real: {
      double real = 0;
      static_assert(sizeof real == sizeof arg.bits);
      std::memcpy(&real, &arg.bits, sizeof real);
      out.real(real);
      return;
    }
    case Type::text:
    case Type::object:
      out.string(arg.text);
      return;
  }
}

}  // namespace

void write_again(JsonText& out, const TraceHeader& header) {
  out.raw("[\n{\"name\":\"vitrine_trace\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{");
  number_member(out, "\"schema\":", header.schema);
  out.raw(",\"started\":");
  out.string(header.started);
  number_member(out, ",\"process\":", header.process);
  number_member(out, ",\"spans\":", header.spans);
  number_member(out, ",\"instants\":", header.instants);
  number_member(out, ",\"counters\":", header.counters);
  number_member(out, ",\"open\":", header.open);
  number_member(out, ",\"lost\":", header.lost);
  number_member(out, ",\"unreadable\":", header.unreadable);
  out.raw(",\"metadata\":{");
  for (const auto& entry : header.metadata) {
    out.raw(&entry == header.metadata.data() ? "" : ",");
    out.string(entry.first);
    out.raw(":");
    out.string(entry.second);
  }
  out.raw(
      "}}},\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{"
      "\"name\":"
      "\"vitrine\"}},\n");
  for (const auto& [tid, name] : header.threads) {
    number_member(out, "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":",
                  static_cast<std::uint64_t>(tid));
    out.raw(",\"args\":{\"name\":");
    out.string(name);
    out.raw("}},\n");
  }
  for (const KindText& kind : header.kinds) {
    kind_line(out, kind);
  }
}

void write_again(JsonText& out, const Event& event) {
  out.raw("{\"name\":");
  out.string(event.name());
  out.raw(",\"cat\":");
  out.string(event.cat());
  const char phase[] = {static_cast<char>(event.phase), '\0'};
  out.raw(",\"ph\":\"");
  out.raw(phase);
  number_member(out, "\",\"pid\":1,\"tid\":", static_cast<std::uint64_t>(event.tid));
  out.raw(",\"ts\":");
  out.microseconds(event.ts_ns);
  if (event.is_flow()) {
    out.raw(",\"id\":");
    out.hex(event.flow);
    out.raw(",\"bp\":\"e\"},\n");
    return;
  }
  if (event.phase == Phase::span) {
    out.raw(",\"dur\":");
    out.microseconds(event.dur_ns);
  } else if (event.phase == Phase::instant) {
    out.raw(",\"s\":\"t\"");
  }
  number_member(out, ",\"seq\":", event.seq);
  number_member(out, ",\"par\":", event.par);
  out.raw(",\"loc\":");
  out.string(event.loc);
  out.raw(",\"args\":{");
  for (const Arg& arg : event.args) {
    out.raw(&arg == event.args.data() ? "\"" : ",\"");
    std::string key;
    detail::append_escaped(key, arg.field->name);
    out.raw(key);
    out.raw("\":");
    value(out, arg);
  }
  out.raw("}},\n");
}

void write_end(JsonText& out) {
  out.raw(
      "{\"name\":\"trace_end\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":"
      "\"end\"}}\n]\n");
}

}  // namespace trace
