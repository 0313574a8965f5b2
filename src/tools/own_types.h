// The type model of this program itself: its own table, nothing made on the way.
#pragma once

#include "viz/model.h"

namespace tools {

// What the table holds now; a type that is paper stays paper. Registers the types
// first if no module was called yet.
viz::TypeModel types_of_this_program();

}  // namespace tools
