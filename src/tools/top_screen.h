// One screen of `vitrine top`, as lines: nothing here knows of a terminal, so that a test
// can look at it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/run_status.h"

namespace tools {

// At most `rows` lines of at most `columns` cells each, from the top: what runs and for
// how long, the phases with their progress, exits by reason, what the guest printed. What
// has no room is left out from the least important on; a terminal of one line still says
// the first. Only ASCII; what a trace says is made harmless.
std::vector<std::string> top_screen(const RunStatus& status, const std::string& title,
                                    std::size_t rows, std::size_t columns);

// "12.3 ms", "1.234 s".
std::string duration_text(std::uint64_t ns);

// "1,234", "12.3 k", "4.5 M": a number in a few cells.
std::string count_text(double count);

}  // namespace tools
