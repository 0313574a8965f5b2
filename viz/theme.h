// Colours of a picture, light and dark. State is told by fill, border pattern and
// border width together, so that it survives a grey printout.
#pragma once

#include <string>
#include <string_view>

#include "viz/model.h"

namespace viz {

struct Box {
  const char* fill;
  const char* border;
  const char* text;
  const char* style;  // Graphviz node style
  const char* width;  // penwidth
};

struct Theme {
  const char* name;
  const char* background;
  const char* title;
  const char* muted;  // counts, notes
  const char* edge;
  const char* band;   // behind a family of types
  const char* focus;  // border of the type the picture is about
  Box paper;
  Box klass;
  Box instantiated;
  Box interface_type;
  const char* implements;  // interface edges and badges
  // Kinds that are no states: told apart by text beside them, never by colour alone.
  Box blue, green, amber, violet, red, grey;
};

const Theme& light_theme();
const Theme& dark_theme();

const Box& box_of(const Theme& theme, State state);

// "light" or "dark". Throws std::runtime_error naming both for anything else.
const Theme& theme_by_name(std::string_view name);

// Its metrics are fixed, so that a picture has the same size everywhere; the others
// are for readers of the SVG who do not have it.
inline constexpr const char* picture_font = "DejaVu Sans,Verdana,sans-serif";

}  // namespace viz
