// Two boots side by side on one aligned axis: one page, one file, nothing from elsewhere.
// Each row is a step of A beside the step of B it is paired with; what only one side has
// stands against a gap. Made from a report, by scripts of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "viz/diff/report.h"

namespace viz::diff {

struct PageOptions {
  // With more rows than this, subtrees that are the same on both sides become one row.
  std::size_t most_rows = 200'000;
};

std::string diff_page(const Report& report, const PageOptions& options = {});

extern const std::string_view diff_template;  // diff.html

}  // namespace viz::diff
