// The composition tree of both boots in one picture: what was removed, added, moved or
// replaced, with the way down to it. What is the same is counted.
#pragma once

#include "viz/diff/report.h"
#include "viz/graph.h"
#include "viz/theme.h"

namespace viz::diff {

// Throws GraphvizMissing where the program was built without.
Graph draw_objects(const Report& report, const Theme& theme);
// The type hierarchy likewise; a type is changed if it came to be paper only, a class, or
// another number of objects.
Graph draw_types(const Report& report, const Theme& theme);

}  // namespace viz::diff
