// The composition tree as a picture and in words, for trees that come from no trace.
#pragma once

#include "viz/object_tree.h"
#include "viz/picture.h"

namespace viz {

Graph draw_object_tree(const ObjectTree& tree, const PictureOptions& options);
Outline outline_object_tree(const ObjectTree& tree, const PictureOptions& options);

}  // namespace viz
