#include "viz/diff/draw.h"

#include <deque>
#include <map>

#include "viz/diff/fate.h"

namespace viz::diff {

namespace {

std::string type_of(std::string_view object) {
  return std::string(object.substr(0, std::min(object.rfind('#'), object.size())));
}

class ObjectTree {
 public:
  explicit ObjectTree(const Report& report)
      : a_(*report.a), b_(*report.b), alignment_(report.alignment) {
    add_side(b_, false);
    add_side(a_, true);
  }

  Graph draw(const Theme& theme) { return draw_things(things_, "objects", theme); }

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
  thing.remark = type_of(tree.value(node, "child"));
  if (of_a) {
    thing.fate = Fate::removed;
    return thing;
  }
  const Index in_a = alignment_.to_a[node];
  if (in_a == none) {
    thing.fate = Fate::added;
  } else if (a_[in_a].key != b_[node].key) {
    const std::string was = type_of(a_.value(in_a, "child"));
    if (was != thing.remark) {
      thing.fate = Fate::replaced;
      thing.remark = was + " \u2192 " + thing.remark;
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

}  // namespace

Graph draw_objects(const Report& report, const Theme& theme) {
  return ObjectTree(report).draw(theme);
}

}  // namespace viz::diff
