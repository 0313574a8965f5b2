#include "viz/theme.h"

#include <stdexcept>

namespace viz {
namespace {

constexpr Theme light{
    .name = "light",
    .background = "#ffffff",
    .title = "#1b2733",
    .muted = "#66707f",
    .edge = "#9aa5b5",
    .band = "#f5f7fa",
    .focus = "#c2410c",
    .paper = {"#fdfcf7", "#a8a08c", "#6a6353", "filled,rounded,dashed", "1"},
    .klass = {"#eaf1fb", "#6d8fc4", "#1d2f4a", "filled,rounded", "1"},
    .instantiated = {"#d3f0dc", "#1f7a45", "#0f3d22", "filled,rounded,bold", "2"},
    .interface_type = {"#fff3d6", "#d08a2b", "#5c3d0c", "filled,rounded,dotted", "1.2"},
    .implements = "#d08a2b",
    .blue = {"#dbe8fb", "#4a74b8", "#16304f", "filled,rounded", "1"},
    .green = {"#d7f0dc", "#2c8250", "#0f3d22", "filled,rounded", "1"},
    .amber = {"#ffefcc", "#bd7a1c", "#573a08", "filled,rounded", "1"},
    .violet = {"#ebe2fa", "#7c5bb8", "#35215c", "filled,rounded", "1"},
    .red = {"#fbe0da", "#bb4a2f", "#5c1d0e", "filled,rounded", "1"},
    .grey = {"#eef0f3", "#8a94a3", "#3c4653", "filled,rounded", "1"},
};

constexpr Theme dark{
    .name = "dark",
    .background = "#12161d",
    .title = "#eef3f9",
    .muted = "#8f9bab",
    .edge = "#5b6778",
    .band = "#191f29",
    .focus = "#ff9d5c",
    .paper = {"#1d1c18", "#8b836e", "#c2baa6", "filled,rounded,dashed", "1"},
    .klass = {"#1b2a44", "#5f86c4", "#dce8f9", "filled,rounded", "1"},
    .instantiated = {"#12402a", "#4cc38a", "#dcf9e8", "filled,rounded,bold", "2"},
    .interface_type = {"#3a2b0e", "#e0a64a", "#ffe9bf", "filled,rounded,dotted", "1.2"},
    .implements = "#e0a64a",
    .blue = {"#1c3357", "#6c9be4", "#dce8f9", "filled,rounded", "1"},
    .green = {"#15412c", "#4cc38a", "#dcf9e8", "filled,rounded", "1"},
    .amber = {"#44330f", "#e0a64a", "#ffe9bf", "filled,rounded", "1"},
    .violet = {"#33265a", "#a98ce6", "#ece4ff", "filled,rounded", "1"},
    .red = {"#4d2117", "#f08a70", "#ffe0d8", "filled,rounded", "1"},
    .grey = {"#262c35", "#8f9bab", "#d5dce6", "filled,rounded", "1"},
};

}  // namespace

const Theme& light_theme() {
  return light;
}

const Theme& dark_theme() {
  return dark;
}

const Box& box_of(const Theme& theme, State state) {
  switch (state) {
    case State::paper:
      return theme.paper;
    case State::klass:
      return theme.klass;
    case State::instantiated:
      return theme.instantiated;
  }
  return theme.paper;
}

const Theme& theme_by_name(std::string_view name) {
  if (name == light.name) {
    return light;
  }
  if (name == dark.name) {
    return dark;
  }
  throw std::runtime_error("theme '" + std::string(name) + "' is neither light nor dark");
}

}  // namespace viz
