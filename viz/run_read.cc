// Runs from traces: the .json form through the strict reader, .ndjson line by line.
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "trace/read/reader.h"
#include "trace/read/source.h"
#include "viz/run.h"
#include "viz/trace_lines.h"
#include "viz/trace_model.h"

namespace viz {

namespace {

void refuse_size(const Run& run, const std::string& name) {
  if (run.steps().size() > most_steps) {
    throw std::runtime_error("'" + name + "' has more than " +
                             std::to_string(most_steps) +
                             " steps: take a part of it with `vitrine trace grep`");
  }
}

Step::Shape shape_of(trace::Phase phase) {
  switch (phase) {
    case trace::Phase::span:
      return Step::Shape::span;
    case trace::Phase::open_span:
      return Step::Shape::open;
    default:
      return Step::Shape::instant;
  }
}

void read_header(const trace::TraceHeader& header, Run& run) {
  for (const auto& [key, value] : header.metadata) {
    if (key == "argv") {
      run.command_line = value;
    } else if (key == "machine") {
      run.machine = value;
    } else if (key == "accel") {
      run.accel = value;
    } else if (key == "version") {
      run.version = value;
    }
  }
  run.threads = header.threads;
}

Run read(trace::Reader& reader, const std::string& name) {
  Run run;
  read_header(reader.header(), run);
  trace::Event event;
  while (reader.next(event)) {
    if (!event.is_flow() && event.phase != trace::Phase::counter) {
      run.add(type_event(event), event.cat(), event.tid, shape_of(event.phase));
      refuse_size(run, name);
    }
  }
  return run;
}

Run finished(Run run, const std::string& name) {
  if (run.steps().empty()) {
    throw std::runtime_error("'" + name + "' holds no step: is it a trace of a start?");
  }
  run.source = name == "-" ? "standard input" : name.substr(name.rfind('/') + 1);
  run.settle();
  return run;
}

Run read_rows(const NextLine& next, const std::string& name) {
  Run run;
  each_row(next, [&](const TypeEvent& event, const Row& row) {
    run.add(event, row.cat, row.tid,
            row.instant ? Step::Shape::instant : Step::Shape::span);
    refuse_size(run, name);
  });
  return run;
}

}  // namespace

Run run_from_trace(const std::string& file) {
  if (file != "-" && trace_has_rows(file)) {
    trace::detail::Lines lines(trace::detail::open_bytes(file));
    return finished(
        read_rows([&lines](std::string_view& line) { return lines.next(line); }, file),
        file);
  }
  trace::Reader reader(file);
  return finished(read(reader, file), file);
}

Run run_from_trace_text(std::string_view text, const std::string& name) {
  if (text.starts_with('{')) {
    return finished(read_rows(lines_of(text), name), name);
  }
  trace::Reader reader(text, name);
  return finished(read(reader, name), name);
}

}  // namespace viz
