// Any two trees: the alignment is sound, every step is accounted for, and the reports
// can be written. Two bytes make a step: its depth against the one before, its thread,
// its event, name and state; two bytes of 0xff end the first trace.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "../viz/diff_traces.h"
#include "viz/diff/report_json.h"
#include "viz/diff/report_text.h"

namespace {

using namespace viz::diff;

constexpr std::size_t most_steps = 600;  // more cost time and show nothing new

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

std::vector<diff_test::Row> rows(const std::uint8_t*& data, std::size_t& size) {
  std::vector<diff_test::Row> rows;
  std::array<int, 2> depth{-1, -1};
  while (size >= 2 && rows.size() < most_steps) {
    const unsigned first = data[0], second = data[1];
    data += 2;
    size -= 2;
    if (first == 0xff && second == 0xff) {
      break;
    }
    const unsigned thread = first & 1;
    int& at = depth[thread];
    at = std::max(0, std::min(at + 1, at + 2 - static_cast<int>(first >> 1 & 7)));
    rows.push_back({at, "event" + std::to_string(first >> 4 & 3),
                    "name" + std::to_string(second & 15), std::to_string(second >> 4 & 3),
                    thread == 0 ? 1 : 10});
  }
  return rows;
}

void check(const Tree& a, const Tree& b, const Report& report) {
  const Alignment& alignment = report.alignment;
  for (Index i = 1; i < b.size(); ++i) {
    const Index in_a = alignment.to_a[i];
    if (in_a != none) {
      require(alignment.to_b[in_a] == i);
      require(alignment.moved.contains(i) ||
              alignment.to_b[a[in_a].parent] == b[i].parent);
    }
  }
  const Totals& totals = report.edits.totals;
  const std::uint64_t paired = totals.agree + totals.changed + totals.replaced;
  // Threads are no steps, but may be without a partner.
  require(paired + totals.removed >= a.steps() && paired + totals.added >= b.steps());
  require(totals.same() || a[0].hash != b[0].hash);
  require(!report_text(report, {.explain = true, .all = true}).empty());
  require(nlohmann::json::parse(report_json(report)).at("totals").at("agree") ==
          totals.agree);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rows_a = rows(data, size), rows_b = rows(data, size);
  const Tree a = diff_test::tree_of(rows_a), b = diff_test::tree_of(rows_b);
  const Report ordered = compare(a, b);
  check(a, b, ordered);
  require(ordered.edits.totals.same() == (a[0].hash == b[0].hash));
  ReportOptions options;
  options.align.unordered = {"event0"};
  options.align.replacements = false;
  check(a, b, compare(a, b, options));
  return 0;
}
