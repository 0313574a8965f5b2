// Graphviz draws what has a position already ("nop2" layout): a place is a node, a
// stroke is an edge with a spline of its own.
#include "viz/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "viz/text.h"

namespace viz {

namespace {

using Kind = Attribute::Kind;

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.2f", std::fabs(value) < 0.005 ? 0.0 : value);
  return text;
}

std::string point(double x, double y) {
  return number(x) + "," + number(-y);
}

// Widths of DejaVu Sans, in thousandths of the size.
double letter(unsigned char lead) {
  if (lead >= 0xe3) {
    return 1000;  // Chinese and its like
  }
  constexpr std::string_view thin = "iljI.,:;'|!()[] /\\f\"t-r";
  constexpr std::string_view wide = "mwMW@%";
  if (thin.find(static_cast<char>(lead)) != std::string_view::npos) {
    return 370;
  }
  return wide.find(static_cast<char>(lead)) != std::string_view::npos ? 920 : 625;
}

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    width += continues(c) ? 0 : letter(static_cast<unsigned char>(c));
  }
  return width * size / 1000;
}

std::string fitted(std::string_view text, double width, double size) {
  if (text_width(text, size) <= width) {
    return std::string(text);
  }
  double used = size * 0.9;
  std::size_t end = 0;
  while (end < text.size()) {
    used += letter(static_cast<unsigned char>(text[end])) * size / 1000;
    if (used > width) {
      break;
    }
    for (++end; end < text.size() && continues(text[end]);) {
      ++end;
    }
  }
  return end == 0 ? std::string() : std::string(text.substr(0, end)) + "\u2026";
}

Canvas::Canvas(std::string_view name, const Theme& theme) : theme_(theme), graph_(name) {
  graph_.graph_attributes({{"layout", "nop2"},
                           {"pad", "0.25"},
                           {"bgcolor", theme.background},
                           {"outputorder", "nodesfirst"},
                           {"fontname", picture_font}});
  graph_.node_defaults({{"shape", "box"},
                        {"fixedsize", "true"},
                        {"fontname", picture_font},
                        {"margin", "0.03,0"},
                        {"label", ""}});
  graph_.edge_defaults({{"dir", "none"}});
}

void Canvas::box(const Place& place, const Fill& fill, std::string_view text,
                 const Ink& ink, std::string_view tooltip) {
  const std::string whole = visible(text, 2000);
  const std::string shown = fitted(whole, place.w - 4, ink.size);
  const char* end = ink.align == Align::left    ? "\\l"
                    : ink.align == Align::right ? "\\r"
                                                : "";
  std::string style = fill.fill ? "filled" : "";
  if (*fill.style) {
    style += (style.empty() ? "" : ",") + std::string(fill.style);
  }
  Attributes look{{"pos", point(place.x + place.w / 2, place.y + place.h / 2)},
                  {"width", number(place.w / 72)},
                  {"height", number(place.h / 72)},
                  {"fontsize", number(ink.size)},
                  {"fontcolor", ink.colour ? ink.colour : theme_.title},
                  {"tooltip", dot_escape(tooltip.empty() ? whole : tooltip)}};
  if (ink.bold && !shown.empty() && ink.align == Align::middle) {
    look.push_back({"label", "<B>" + html_escape(shown) + "</B>", Kind::html});
  } else if (ink.bold && !shown.empty()) {
    const std::string size = "WIDTH=\"" + std::to_string(static_cast<int>(place.w - 6)) +
                             "\" HEIGHT=\"" +
                             std::to_string(static_cast<int>(place.h - 2)) + "\"";
    look.push_back({"label",
                    "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
                    "CELLPADDING=\"0\"><TR><TD VALIGN=\"MIDDLE\" ALIGN=\"" +
                        std::string(ink.align == Align::left ? "LEFT" : "RIGHT") + "\" " +
                        size + "><B>" + html_escape(shown) + "</B></TD></TR></TABLE>",
                    Kind::html});
  } else {
    look.push_back({"label", shown.empty() ? "" : dot_escape(shown) + end});
  }
  if (fill.fill) {
    look.push_back({"fillcolor", fill.fill});
  }
  look.push_back({"color", fill.border ? fill.border : "#00000000"});
  look.push_back({"penwidth", number(fill.border ? fill.width : 0)});
  look.push_back({"style", style});
  graph_.node("n" + std::to_string(++count_), look);
}

void Canvas::text(const Place& place, std::string_view text, const Ink& ink,
                  std::string_view tooltip) {
  box(place, {}, text, ink, tooltip);
}

void Canvas::spline(const std::string& points, double x1, double y1, double x2, double y2,
                    const Stroke& stroke) {
  const std::string from = "n" + std::to_string(++count_);
  const std::string to = "n" + std::to_string(++count_);
  const auto dot = [this](const std::string& id, double x, double y) {
    graph_.node(id, {{"pos", point(x, y)},
                     {"width", "0.01"},
                     {"height", "0.01"},
                     {"label", ""},
                     {"style", "invis"}});
  };
  dot(from, x1, y1);
  dot(to, x2, y2);
  const bool arrow = *stroke.arrow != 0;
  graph_.edge(from, to,
              {{"pos", points},
               {"color", stroke.colour ? stroke.colour : theme_.edge},
               {"penwidth", number(stroke.width)},
               {"style", *stroke.style ? stroke.style : "solid"},
               {"dir", arrow ? "forward" : "none"},
               {"arrowhead", arrow ? stroke.arrow : "none"},
               {"arrowsize", "0.6"}});
}

void Canvas::line(double x1, double y1, double x2, double y2, const Stroke& stroke) {
  double ex = x2, ey = y2;
  std::string head;
  if (*stroke.arrow) {
    const double length = std::max(1.0, std::hypot(x2 - x1, y2 - y1));
    ex -= (x2 - x1) / length * 6;
    ey -= (y2 - y1) / length * 6;
    head = "e," + point(x2, y2) + " ";
  }
  const std::string a = point(x1, y1), b = point(ex, ey);
  spline(head + a + " " + a + " " + b + " " + b, x1, y1, x2, y2, stroke);
}

void Canvas::curve(double x1, double y1, double x2, double y2, const Stroke& stroke) {
  const double ex = *stroke.arrow ? x2 - (x2 > x1 ? 6 : -6) : x2;
  const double bend = (x2 - x1) / 2;
  const std::string head = *stroke.arrow ? "e," + point(x2, y2) + " " : "";
  spline(head + point(x1, y1) + " " + point(x1 + bend, y1) + " " + point(ex - bend, y2) +
             " " + point(ex, y2),
         x1, y1, x2, y2, stroke);
}

double Canvas::title(double x, double y, double w, const std::string& what,
                     const std::string& more) {
  text({x, y, w, 26}, what, {.size = 18, .bold = true});
  text({x, y + 26, w, 18}, more, {.colour = theme_.muted, .size = 11});
  return y + 54;
}

}  // namespace viz
