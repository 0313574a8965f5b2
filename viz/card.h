// A card: a titled box of "key value" rows, as the label of a graph node.
#pragma once

#include <string>
#include <vector>

#include "viz/graph.h"
#include "viz/theme.h"

namespace viz {

struct CardRow {
  std::string key;
  std::string value;
  std::string port = {};  // edges may begin or end here; letters and digits
  bool strong = false;
};

struct Card {
  std::string title;
  std::string subtitle;
  std::vector<CardRow> rows;
};

// The node's attributes; texts are made safe here.
Attributes card_attributes(const Card& card, const Box& look, const Theme& theme);

// What every picture of cards begins with: its title on top; `rankdir` as Graphviz says
// it: "LR" left to right, "TB" downwards.
void card_page(Graph& graph, const Theme& theme, const std::string& title,
               const std::string& below, const char* rankdir, const char* ranksep);

}  // namespace viz
