// The type hierarchy as an indented tree for a terminal, from the same selection as
// the picture.
#pragma once

#include <string>

#include "viz/model.h"
#include "viz/select.h"

namespace viz {

struct TextOptions {
  SelectOptions select = {};
  bool colour = false;      // terminal colours
  std::size_t width = 100;  // columns; tables of leaves are wrapped at it
};

// Throws as select_types() does.
std::string types_as_text(const TypeModel& model, const TextOptions& options);

}  // namespace viz
