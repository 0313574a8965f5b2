// What happened on both sides, but at another place.
#pragma once

#include "viz/diff/align.h"

namespace viz::diff {

// Pairs of steps without a partner that are each other's only candidate: their whole
// content occurs once among what is left over on each side, or their key occurs once in
// each trace. None lies inside another.
Matches find_moves(const Tree& a, const Tree& b, Alignment& alignment);

}  // namespace viz::diff
