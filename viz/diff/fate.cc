#include "viz/diff/fate.h"

#include <map>

#include "viz/text.h"

namespace viz::diff {

namespace {

struct Look {
  const char* sign;
  const char* fill;
  const char* border;
  const char* style;
};

Look look_of(Fate fate, const Theme& theme) {
  switch (fate) {
    case Fate::removed:
      return {"\u2212 ", "#f8d7da", "#a02030", "filled,rounded,dashed"};
    case Fate::added:
      return {"+ ", "#d4edda", "#1e7034", "filled,rounded,bold"};
    case Fate::moved:
      return {"\u2192 ", "#d1ecf1", "#0c5460", "filled,rounded"};
    case Fate::replaced:
      return {"\u21c4 ", "#e8daef", "#6c3483", "filled,rounded,bold"};
    case Fate::changed:
      return {"~ ", "#fff3cd", "#7d4e00", "filled,rounded"};
    case Fate::same:
      break;
  }
  return {"", theme.paper.fill, theme.paper.border, "filled,rounded"};
}

// The signs of the picture that occur in it.
std::string legend(const std::deque<Thing>& things) {
  constexpr std::pair<Fate, const char*> words[] = {{Fate::removed, "\u2212 only in A"},
                                                    {Fate::added, "+ only in B"},
                                                    {Fate::replaced, "\u21c4 replaced"},
                                                    {Fate::moved, "\u2192 moved"},
                                                    {Fate::changed, "~ changed"}};
  std::string text;
  for (const auto& [fate, word] : words) {
    for (const Thing& thing : things) {
      if (thing.fate == fate) {
        text += (text.empty() ? "" : "     ") + std::string(word);
        break;
      }
    }
  }
  return text.empty() ? "the same in both" : text;
}

void decide(std::deque<Thing>& things) {
  for (Thing& thing : things) {
    for (Thing* at = thing.fate == Fate::same ? nullptr : &thing;
         at != nullptr && !at->shown; at = at->parent) {
      at->shown = true;
    }
  }
  for (Thing& thing : things) {
    if (!thing.shown && thing.parent != nullptr) {
      ++thing.parent->same_inside;
    }
  }
}

void set_defaults(Graph& graph, const Theme& theme, const std::string& label) {
  graph.graph_attributes({{"rankdir", "LR"},
                          {"bgcolor", theme.background},
                          {"nodesep", "0.08"},
                          {"ranksep", "0.5"},
                          {"ordering", "out"},
                          {"labelloc", "t"},
                          {"fontname", picture_font},
                          {"fontcolor", theme.title},
                          {"label", dot_escape(label)}});
  graph.node_defaults({{"shape", "box"},
                       {"fontname", picture_font},
                       {"fontsize", "10"},
                       {"height", "0.2"},
                       {"margin", "0.08,0.03"}});
  graph.edge_defaults({{"color", theme.edge}, {"arrowhead", "none"}});
}

std::string label_of(const Thing& thing, const Look& look) {
  std::string label = look.sign + visible(thing.name, 40);
  if (!thing.remark.empty() && thing.remark != thing.name) {
    label += "\n" + visible(thing.remark, 60);
  }
  if (thing.same_inside != 0) {
    label += "\n(" + std::to_string(thing.same_inside) + " inside the same)";
  }
  return label;
}

}  // namespace

Graph draw_things(std::deque<Thing>& things, const char* name, const Theme& theme) {
  decide(things);
  Graph graph(name);
  set_defaults(graph, theme, legend(things));
  std::map<const Thing*, std::string> ids;
  for (const Thing& thing : things) {
    if (!thing.shown) {
      continue;
    }
    const std::string id = "o" + std::to_string(ids.size());
    ids[&thing] = id;
    const Look look = look_of(thing.fate, theme);
    graph.node(id,
               {{"label", dot_escape(label_of(thing, look))},
                {"fillcolor", look.fill},
                {"color", look.border},
                {"fontcolor", thing.fate == Fate::same ? theme.paper.text : "#202020"},
                {"style", look.style}});
  }
  for (const Thing& thing : things) {
    if (thing.shown && thing.parent != nullptr) {
      graph.edge(ids.at(thing.parent), ids.at(&thing), {});
    }
  }
  return graph;
}

}  // namespace viz::diff
