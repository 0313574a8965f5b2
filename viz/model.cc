// Settling a type model: from a heap of names to a forest that is safe to walk.
#include "viz/model.h"

#include <algorithm>

namespace viz {

std::string_view state_name(State state) {
  switch (state) {
    case State::paper:
      return "paper";
    case State::klass:
      return "class";
    case State::instantiated:
      return "instantiated";
  }
  return "paper";
}

Type& TypeModel::type(std::string_view name) {
  const auto found = types_.find(name);
  if (found != types_.end()) {
    return found->second;
  }
  Type fresh;
  fresh.name = name;
  return types_.emplace(std::string(name), std::move(fresh)).first->second;
}

const Type* TypeModel::find(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

std::size_t TypeModel::count(State state) const {
  return static_cast<std::size_t>(
      std::count_if(types_.begin(), types_.end(),
                    [state](const auto& entry) { return entry.second.state == state; }));
}

bool TypeModel::is_a(const TypeModel& model, const Type& type,
                     std::string_view ancestor) {
  const Type* at = &type;
  while (at && at->name != ancestor) {
    at = at->parent.empty() ? nullptr : model.find(at->parent);
  }
  return at != nullptr;
}

void TypeModel::make_missing_parents() {
  std::vector<std::string> wanted;
  for (const auto& [name, entry] : types_) {
    if (!entry.parent.empty() && !find(entry.parent)) {
      wanted.push_back(entry.parent);
    }
  }
  for (const std::string& name : wanted) {
    Type& made = type(name);
    made.missing = true;
    made.note = "named as a parent, never registered";
  }
}

// Walks up from every type once. A walk that meets a type of its own path has
// found a cycle; the member first by name loses its parent.
void TypeModel::cut_cycles() {
  std::map<std::string_view, std::size_t> done;  // type -> number of the walk
  std::size_t walk = 0;
  for (auto& [start, entry] : types_) {
    ++walk;
    Type* at = &entry;
    while (at && done.emplace(at->name, walk).second) {
      at = at->parent.empty() ? nullptr : &types_.find(at->parent)->second;
    }
    if (!at || done[at->name] != walk) {
      continue;
    }
    Type* first = at;
    for (Type* member = &types_.find(at->parent)->second; member != at;
         member = &types_.find(member->parent)->second) {
      first = member->name < first->name ? member : first;
    }
    first->note = "its parent " + first->parent + " is one of its own descendants";
    first->parent.clear();
  }
}

void TypeModel::link() {
  roots_.clear();
  for (auto& [name, entry] : types_) {
    entry.children.clear();
    entry.depth = entry.descendants = entry.used_below = 0;
  }
  for (auto& [name, entry] : types_) {
    if (entry.parent.empty()) {
      roots_.push_back(&entry);
    } else {
      types_.find(entry.parent)->second.children.push_back(&entry);
    }
  }
  // Breadth first, so that no chain of parents is too long for the stack.
  std::vector<Type*> order;
  for (const Type* root : roots_) {
    order.push_back(&types_.find(root->name)->second);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const Type* child : order[i]->children) {
      Type& below = types_.find(child->name)->second;
      below.depth = order[i]->depth + 1;
      if (below.subsystem.empty()) {
        below.subsystem = below.depth == 1 ? below.name : order[i]->subsystem;
      }
      order.push_back(&below);
    }
  }
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    if (!(*it)->parent.empty()) {
      Type& above = types_.find((*it)->parent)->second;
      above.descendants += (*it)->descendants + 1;
      above.used_below +=
          (*it)->used_below + ((*it)->state == State::instantiated ? 1 : 0);
    }
  }
  std::stable_sort(roots_.begin(), roots_.end(), [](const Type* a, const Type* b) {
    return a->descendants > b->descendants;
  });
}

void TypeModel::settle() {
  make_missing_parents();
  cut_cycles();
  link();
}

}  // namespace viz
