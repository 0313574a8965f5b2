// A tree from the rows of an .ndjson trace: the form that SQL engines read.
#pragma once

#include <string>

#include "viz/diff/tree.h"

namespace viz::diff {

// True if the file begins as rows do: with an object, not with an array.
bool has_rows(const std::string& file);

// Throws std::runtime_error naming the line that is no row.
Tree tree_from_rows(const std::string& file, const LoadOptions& options);

}  // namespace viz::diff
