// A sheet to draw on with places of one's own choice: boxes, texts and lines, for
// pictures that are no tree (time lines, address maps, ladders). It becomes a Graph, so
// that every format comes from one source.
//
// Points (1/72 inch), x to the right, y downwards, from any origin. Texts are cut to the
// width they are given; texts from outside need no escaping.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "viz/graph.h"
#include "viz/theme.h"

namespace viz {

enum class Align { left, middle, right };

struct Ink {
  const char* colour = nullptr;  // of text; nullptr: the theme's title
  double size = 10;
  Align align = Align::left;
  bool bold = false;
};

struct Fill {
  const char* fill = nullptr;    // nullptr: empty
  const char* border = nullptr;  // nullptr: none
  const char* style = "";        // "rounded", "dashed": after Graphviz
  double width = 1;              // of the border
};

struct Place {
  double x = 0, y = 0, w = 0, h = 0;
};

struct Stroke {
  const char* colour = nullptr;
  double width = 1;
  const char* style = "";  // "dashed", "dotted"
  const char* arrow = "";  // at the end: "normal", "open"...
};

class Canvas {
 public:
  Canvas(std::string_view name, const Theme& theme);

  // A filled place with a text in it. `tooltip` may be empty: then the whole text.
  void box(const Place& place, const Fill& fill, std::string_view text = {},
           const Ink& ink = {}, std::string_view tooltip = {});
  void text(const Place& place, std::string_view text, const Ink& ink = {},
            std::string_view tooltip = {});
  void line(double x1, double y1, double x2, double y2, const Stroke& stroke);
  // Leaves and arrives horizontally.
  void curve(double x1, double y1, double x2, double y2, const Stroke& stroke);

  // Title and a line below it; returns the y where drawing may begin.
  double title(double x, double y, double w, const std::string& what,
               const std::string& more);

  const Theme& theme() const { return theme_; }

  Graph take() { return std::move(graph_); }

 private:
  void spline(const std::string& points, double x1, double y1, double x2, double y2,
              const Stroke& stroke);

  const Theme& theme_;
  Graph graph_;
  std::size_t count_ = 0;
};

// About how wide a text is, in points: an estimate from the letters' kinds.
double text_width(std::string_view text, double size);
// The text, cut with an ellipsis where it would be wider.
std::string fitted(std::string_view text, double width, double size);

}  // namespace viz
