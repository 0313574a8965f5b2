// What the events say about the tree. A trace may be cut and may lie: an object may be
// named by nobody, and a child may be given to its own descendant; the second is left
// out, so that the tree is one.
#include "viz/object_tree.h"

#include <algorithm>

namespace viz {

namespace {

class Builder {
 public:
  explicit Builder(const Run& run) : run_(run) {}

  ObjectTree build(std::size_t last);

 private:
  std::size_t object(std::string_view id);
  bool below(std::size_t index, std::size_t ancestor) const;
  void leave(std::size_t index);
  void add_child(const Step& step);
  void set_link(const Step& step);
  void apply(const Step& step);
  void finish(std::size_t last);

  const Run& run_;
  ObjectTree tree_;
  std::set<std::size_t> gone_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> links_;
};

std::size_t Builder::object(std::string_view id) {
  const auto found = tree_.by_id.find(id);
  if (found != tree_.by_id.end()) {
    return found->second;
  }
  TreeObject made;
  made.id = id;
  made.type = id.substr(0, id.rfind('#'));
  tree_.objects.push_back(std::move(made));
  return tree_.by_id.emplace(std::string(id), tree_.objects.size() - 1).first->second;
}

bool Builder::below(std::size_t index, std::size_t ancestor) const {
  while (index != no_step && index != ancestor) {
    index = tree_.objects[index].parent;
  }
  return index == ancestor;
}

void Builder::leave(std::size_t index) {
  TreeObject& child = tree_.objects[index];
  if (child.parent != no_step) {
    std::erase(tree_.objects[child.parent].children, index);
  }
  child.parent = no_step;
}

void Builder::add_child(const Step& step) {
  const std::size_t child = object(run_.arg(step, "child"));
  const std::size_t parent = object(run_.arg(step, "parent"));
  if (below(parent, child)) {
    return;
  }
  leave(child);
  TreeObject& part = tree_.objects[child];
  part.parent = parent;
  part.name = run_.arg(step, "name");
  tree_.objects[parent].children.push_back(child);
}

void Builder::set_link(const Step& step) {
  const std::size_t from = object(run_.arg(step, "object"));
  const std::string property(run_.arg(step, "property"));
  const std::string_view target = run_.arg(step, "target");
  links_.erase({from, property});
  if (!target.empty()) {
    links_[{from, property}] = object(target);
  }
}

void Builder::apply(const Step& step) {
  const std::string_view name = step.name;
  if (name == "object_new") {
    const std::size_t made = object(run_.arg(step, "object"));
    tree_.objects[made].step = step.seq;
  } else if (name == "object_property_add_child") {
    add_child(step);
  } else if (name == "object_property_set_link") {
    set_link(step);
  } else if (name == "object_unparent") {
    leave(object(run_.arg(step, "child")));
  } else if (name == "object_finalize") {
    const std::size_t dead = object(run_.arg(step, "object"));
    leave(dead);
    gone_.insert(dead);
  } else if (name == "device_set_realized") {
    tree_.objects[object(run_.arg(step, "device"))].realized =
        run_.arg(step, "realized") == "true";
  }
}

// Paths are made here, of the names: an object may be named before its parent is in
// the tree.
void Builder::finish(std::size_t last) {
  const TypeModel types = types_at(run_, last);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tree_.objects.size(); ++i) {
    TreeObject& object = tree_.objects[i];
    const Type* type = types.find(object.type);
    object.bus = type && TypeModel::is_a(types, *type, "bus");
    if (object.parent != no_step || gone_.count(i)) {
      continue;
    }
    if (object.children.empty()) {
      ++tree_.outside;
    } else {
      tree_.roots.push_back(i);
    }
  }
  order = tree_.roots;
  for (std::size_t i = 0; i < order.size(); ++i) {
    TreeObject& object = tree_.objects[order[i]];
    const bool top = object.parent == no_step;
    const std::string& above = top ? std::string() : tree_.objects[object.parent].path;
    object.path = top ? "/" : (above == "/" ? "" : above) + "/" + object.name;
    order.insert(order.end(), object.children.begin(), object.children.end());
  }
  for (const auto& [key, target] : links_) {
    const auto& [from, property] = key;
    if (gone_.count(from) || gone_.count(target)) {
      continue;
    }
    if (tree_.objects[from].bus && property.starts_with("child[")) {
      tree_.bus_of[target] = from;
    } else {
      tree_.links.push_back({from, target, property});
    }
  }
}

ObjectTree Builder::build(std::size_t last) {
  const std::vector<Step>& steps = run_.steps();
  for (std::size_t i = 0; i < steps.size() && (last == no_step || i <= last); ++i) {
    if (steps[i].cat == "qom" || steps[i].cat == "device") {
      apply(steps[i]);
    }
  }
  finish(last);
  tree_.source = run_.source;
  return std::move(tree_);
}

}  // namespace

std::size_t ObjectTree::find(std::string_view id) const {
  const auto found = by_id.find(id);
  return found == by_id.end() ? no_step : found->second;
}

ObjectTree objects_at(const Run& run, std::size_t last) {
  return Builder(run).build(last);
}

}  // namespace viz
