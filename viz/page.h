// How much room things take on a page, in rows of text: what decides which branches
// are opened. Estimates; Graphviz has the last word.
#pragma once

#include <cstddef>
#include <vector>

#include "viz/select.h"

namespace viz {

// Rows of a table: about 10, never more than 6 columns nor wider than a page half.
std::size_t table_rows(const std::vector<Cell>& cells);

// True if opening the branch would show anything.
bool has_inside(const Branch& branch);

// Rows of the branch's children, each closed.
double rows_inside(const Branch& branch);

// Rows of everything below the branch, all opened.
double rows_opened(const Branch& branch);

}  // namespace viz
