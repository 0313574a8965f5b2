// Traces made for a test: rows with a depth become the text of a trace, and a real trace
// becomes rows that a test can edit and write again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trace/read/reader.h"
#include "viz/diff/tree.h"

namespace diff_test {

class Collected : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

// A span of the made-up kind `event` with an identity `name` and a state `value`.
struct Row {
  int depth = 0;
  std::string event;
  std::string name;
  std::string value = {};
  int tid = 1;
  std::uint64_t dur_ns = 0;
};

inline trace::KindText kind_text(const std::string& event) {
  trace::KindText kind;
  kind.name = event;
  kind.cat = "qom";
  kind.shape = trace::Shape::span;
  kind.fields = {{"name", trace::Role::identity, trace::Type::text, ""},
                 {"value", trace::Role::state, trace::Type::text, ""},
                 {"noise", trace::Role::volatile_, trace::Type::natural, ""}};
  return kind;
}

inline trace::TraceHeader header_text(std::size_t rows) {
  trace::TraceHeader header;
  header.schema = 1;
  header.started = "2026-01-01T00:00:00.000Z";
  header.spans = rows;
  header.threads = {{1, "main"}, {10, "vcpu 0"}, {11, "vcpu 1"}};
  return header;
}

inline std::string trace_text(const std::vector<Row>& rows, std::uint64_t noise = 0) {
  trace::TraceHeader header = header_text(rows.size());
  std::map<std::string, std::size_t> kinds;
  for (const Row& row : rows) {
    if (kinds.try_emplace(row.event, header.kinds.size()).second) {
      header.kinds.push_back(kind_text(row.event));
    }
  }
  Collected collected;
  trace::detail::JsonText out(collected);
  trace::write_again(out, header);
  std::map<int, std::vector<std::uint64_t>> open;  // by thread: seq of the spans around
  std::uint64_t seq = 0;
  for (const Row& row : rows) {
    std::vector<std::uint64_t>& around = open[row.tid];
    around.resize(static_cast<std::size_t>(row.depth));
    const trace::KindText& kind = header.kinds[kinds[row.event]];
    trace::Event event;
    event.phase = trace::Phase::span;
    event.kind = &kind;
    event.tid = row.tid;
    event.seq = ++seq;
    event.ts_ns = seq * 1000;
    event.dur_ns = row.dur_ns;
    event.par = around.empty() ? 0 : around.back();
    event.loc = "made/up.cc:1";
    event.args = {{&kind.fields[0], 0, row.name, {}},
                  {&kind.fields[1], 0, row.value, {}},
                  {&kind.fields[2], noise + seq * 7, {}, {}}};
    around.push_back(seq);
    trace::write_again(out, event);
  }
  trace::write_end(out);
  out.flush();
  return collected.text;
}

inline viz::diff::Tree tree_of(const std::vector<Row>& rows, std::uint64_t noise = 0) {
  return viz::diff::Tree::from_text(trace_text(rows, noise), "made up");
}

}  // namespace diff_test
