// A picture is one way to draw a model. One file a picture in viz/pictures/,
// registered at its bottom: `picture_init(types_picture);`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "viz/graph.h"
#include "viz/model.h"
#include "viz/select.h"
#include "viz/theme.h"

namespace viz {

struct PictureOptions {
  SelectOptions select = {};
  const Theme* theme = &light_theme();
  bool families = false;  // a tinted band behind each family of types
  bool legend = true;     // title and legend
};

struct Picture {
  const char* name = nullptr;
  const char* help = nullptr;  // one line
  // Throws std::runtime_error for options that select nothing.
  Graph (*draw)(const TypeModel& model, const PictureOptions& options) = nullptr;
};

void picture_register(const Picture* picture);
const Picture* picture_find(std::string_view name);  // nullptr if unknown
std::vector<const Picture*> picture_list();          // by name

}  // namespace viz

#define picture_init(picture)                                            \
  static void __attribute__((constructor)) do_picture_init_##picture() { \
    ::viz::picture_register(&picture);                                   \
  }
