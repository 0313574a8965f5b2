// A report for programs: trace/schema/vitrine-diff.schema.json says what is in it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "viz/diff/report.h"

namespace viz::diff {

// Calls `write` with one piece of the document after the other, an edit at a time.
void report_json(const Report& report,
                 const std::function<void(std::string_view)>& write);

std::string report_json(const Report& report);

}  // namespace viz::diff
