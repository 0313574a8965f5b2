#include "viz/trace_model.h"

#include "trace/read/reader.h"
#include "trace/read/source.h"
#include "viz/model_events.h"
#include "viz/trace_lines.h"

namespace viz {

TypeEvent type_event(const trace::Event& event) {
  TypeEvent out;
  out.name = event.name();
  out.loc = event.loc;
  out.seq = event.seq;
  out.par = event.par;
  out.ts_ns = event.ts_ns;
  out.dur_ns = event.dur_ns;
  for (const trace::Arg& arg : event.args) {
    // Hexadecimal numbers are quoted, but are no text to the reader.
    const bool quoted = arg.json.size() >= 2 && arg.json.front() == '"';
    const bool number = quoted && arg.text.empty();
    out.args.emplace_back(arg.field->name, number
                                               ? arg.json.substr(1, arg.json.size() - 2)
                                           : quoted ? arg.text
                                                    : arg.json);
  }
  return out;
}

namespace {

TypeModel read(trace::Reader& reader) {
  ModelFromEvents builder;
  trace::Event event;
  while (reader.next(event)) {
    if (!event.is_flow() && ModelFromEvents::wants(event.name())) {
      builder.add(type_event(event));
    }
  }
  return builder.finish();
}

}  // namespace

bool trace_has_rows(const std::string& file) {
  char first = 0;
  return trace::detail::open_bytes(file)->read(&first, 1) == 1 && first == '{';
}

TypeModel model_from_trace(const std::string& file) {
  if (file != "-" && trace_has_rows(file)) {
    trace::detail::Lines lines(trace::detail::open_bytes(file));
    return model_from_rows([&lines](std::string_view& line) { return lines.next(line); });
  }
  trace::Reader reader(file);
  return read(reader);
}

TypeModel model_from_trace_text(std::string_view text, const std::string& name) {
  trace::Reader reader(text, name);
  return read(reader);
}

}  // namespace viz
