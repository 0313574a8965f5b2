#include "viz/diff/draw.h"

#include <deque>
#include <map>

#include "viz/text.h"

namespace viz::diff {

namespace {

// How an object fared. Told by fill, border and a sign, so that a grey printout tells
// too.
enum class Fate { same, removed, added, moved, replaced };

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
    case Fate::same:
      break;
  }
  return {"", theme.paper.fill, theme.paper.border, "filled,rounded"};
}

struct Thing {
  std::string name;   // in its parent
  std::string types;  // "kvm-pit", "kvm-pit → isa-pit"
  Fate fate = Fate::same;
  Thing* parent = nullptr;
  bool shown = false;
  std::size_t same_inside = 0;  // children that are the same and hold nothing shown
};

std::string type_of(std::string_view object) {
  return std::string(object.substr(0, std::min(object.rfind('#'), object.size())));
}

class ObjectTree {
 public:
  explicit ObjectTree(const Report& report)
      : a_(*report.a), b_(*report.b), alignment_(report.alignment) {
    add_side(b_, false);
    add_side(a_, true);
    for (Thing& thing : things_) {
      for (Thing* at = thing.fate == Fate::same ? nullptr : &thing; at != nullptr;
           at = at->parent) {
        at->shown = true;
      }
    }
    for (Thing& thing : things_) {
      if (!thing.shown && thing.parent != nullptr) {
        ++thing.parent->same_inside;
      }
    }
  }

  Graph draw(const Theme& theme) const;

 private:
  using Objects = std::map<std::string, Thing*, std::less<>>;

  // Objects of A that have a partner are those of B.
  void add_side(const Tree& tree, bool of_a);
  Thing* parent_of(const Tree& tree, Index node, Objects& objects);
  Thing make(const Tree& tree, Index node, bool of_a) const;

  const Tree& a_;
  const Tree& b_;
  const Alignment& alignment_;
  std::deque<Thing> things_;  // stay where they are
  Objects of_a_, of_b_;       // by object id
};

Thing ObjectTree::make(const Tree& tree, Index node, bool of_a) const {
  Thing thing;
  thing.name = tree.value(node, "name");
  thing.types = type_of(tree.value(node, "child"));
  if (of_a) {
    thing.fate = Fate::removed;
    return thing;
  }
  const Index in_a = alignment_.to_a[node];
  if (in_a == none) {
    thing.fate = Fate::added;
  } else if (a_[in_a].key != b_[node].key) {
    const std::string was = type_of(a_.value(in_a, "child"));
    if (was != thing.types) {
      thing.fate = Fate::replaced;
      thing.types = was + " \u2192 " + thing.types;
    }
  } else if (alignment_.moved.contains(node)) {
    thing.fate = Fate::moved;
  }
  return thing;
}

// Roots are never anybody's child: they come to be when they are named.
Thing* ObjectTree::parent_of(const Tree& tree, Index node, Objects& objects) {
  const std::string object(tree.value(node, "parent"));
  const auto found = objects.find(object);
  if (found != objects.end()) {
    return found->second;
  }
  // Both sides have the same roots.
  const auto root = of_b_.find(object);
  Thing* thing = root != of_b_.end() && root->second->parent == nullptr
                     ? root->second
                     : &things_.emplace_back();
  if (thing->name.empty()) {
    thing->name = type_of(object) == "container" ? "/" : object;
  }
  return objects[object] = thing;
}

void ObjectTree::add_side(const Tree& tree, bool of_a) {
  Objects& objects = of_a ? of_a_ : of_b_;
  std::vector<std::pair<Thing*, Index>> made;
  for (Index i = 1; i < tree.size(); ++i) {
    if (tree.kind(i).name != "object_property_add_child") {
      continue;
    }
    const std::string child(tree.value(i, "child"));
    const Index in_b = of_a ? alignment_.to_b[i] : none;
    if (in_b != none) {
      objects[child] = of_b_[std::string(b_.value(in_b, "child"))];
    } else if (!objects.contains(child)) {
      things_.push_back(make(tree, i, of_a));
      objects[child] = &things_.back();
      made.emplace_back(&things_.back(), i);
    }
  }
  for (const auto& [thing, node] : made) {
    Thing* parent = parent_of(tree, node, objects);
    // A trace may lie: no object is inside itself.
    for (const Thing* at = parent; at != nullptr; at = at->parent) {
      parent = at == thing ? nullptr : parent;
    }
    thing->parent = parent;
  }
}

Graph ObjectTree::draw(const Theme& theme) const {
  Graph graph("objects");
  graph.graph_attributes({{"rankdir", "LR"},
                          {"bgcolor", theme.background},
                          {"nodesep", "0.08"},
                          {"ranksep", "0.5"},
                          {"ordering", "out"},
                          {"labelloc", "t"},
                          {"fontname", picture_font},
                          {"fontcolor", theme.title},
                          {"label", dot_escape("\u2212 only in A     + only in B     "
                                               "\u21c4 replaced     \u2192 moved")}});
  graph.node_defaults({{"shape", "box"},
                       {"fontname", picture_font},
                       {"fontsize", "10"},
                       {"height", "0.2"},
                       {"margin", "0.08,0.03"}});
  graph.edge_defaults({{"color", theme.edge}, {"arrowhead", "none"}});
  std::map<const Thing*, std::string> ids;
  for (const Thing& thing : things_) {
    if (!thing.shown) {
      continue;
    }
    const std::string id = "o" + std::to_string(ids.size());
    ids[&thing] = id;
    const Look look = look_of(thing.fate, theme);
    std::string label = look.sign + visible(thing.name, 40);
    if (!thing.types.empty() && thing.types != thing.name) {
      label += "\n" + visible(thing.types, 60);
    }
    if (thing.same_inside != 0) {
      label += "\n(" + std::to_string(thing.same_inside) + " inside the same)";
    }
    graph.node(id,
               {{"label", dot_escape(label)},
                {"fillcolor", look.fill},
                {"color", look.border},
                {"fontcolor", thing.fate == Fate::same ? theme.paper.text : "#202020"},
                {"style", look.style}});
  }
  for (const Thing& thing : things_) {
    if (thing.shown && thing.parent != nullptr) {
      graph.edge(ids.at(thing.parent), ids.at(&thing), {});
    }
  }
  return graph;
}

}  // namespace

Graph draw_objects(const Report& report, const Theme& theme) {
  return ObjectTree(report).draw(theme);
}

}  // namespace viz::diff
