// The type hierarchies of two boots in one picture.
#include <deque>
#include <map>

#include "viz/diff/draw.h"
#include "viz/diff/fate.h"

namespace viz::diff {

namespace {

// How far a type came in a boot.
struct TypeOf {
  std::string parent;
  bool klass = false;
  std::uint64_t objects = 0;
  bool registered = false;

  std::string state() const {
    return objects == 1   ? "1 object"
           : objects != 0 ? std::to_string(objects) + " objects"
           : klass        ? "class"
                          : "paper";
  }
};

using Types = std::map<std::string, TypeOf, std::less<>>;

Types types_of(const Tree& tree) {
  Types types;
  for (Index i = 1; i < tree.size(); ++i) {
    const std::string& event = tree.kind(i).name;
    if (event == "type_register") {
      TypeOf& type = types[std::string(tree.value(i, "name"))];
      type.parent = tree.value(i, "parent");
      type.registered = true;
    } else if (event == "type_initialize") {
      types[std::string(tree.value(i, "name"))].klass = true;
    } else if (event == "object_new") {
      ++types[std::string(tree.value(i, "type"))].objects;
    }
  }
  // A trace that began late names types it never saw registered: nothing to draw.
  std::erase_if(types, [](const auto& entry) { return !entry.second.registered; });
  return types;
}

Thing thing_of(const std::string& name, const TypeOf* a, const TypeOf* b) {
  Thing thing{.name = name};
  if (a == nullptr || b == nullptr) {
    thing.fate = a == nullptr ? Fate::added : Fate::removed;
    thing.remark = (a == nullptr ? b : a)->state();
    return thing;
  }
  const std::string before = a->state(), after = b->state();
  thing.remark = before == after ? before : before + " \u2192 " + after;
  if (a->parent != b->parent) {
    thing.fate = Fate::moved;
    thing.remark += ", was below " + a->parent;
  } else if (before != after) {
    thing.fate = Fate::changed;
  }
  return thing;
}

}  // namespace

Graph draw_types(const Report& report, const Theme& theme) {
  const Types in_a = types_of(*report.a), in_b = types_of(*report.b);
  std::deque<Thing> things;
  std::map<std::string, Thing*, std::less<>> by_name;
  Types all = in_b;
  all.insert(in_a.begin(), in_a.end());
  for (const auto& [name, unused] : all) {
    const auto a = in_a.find(name), b = in_b.find(name);
    things.push_back(thing_of(name, a == in_a.end() ? nullptr : &a->second,
                              b == in_b.end() ? nullptr : &b->second));
    by_name[name] = &things.back();
  }
  for (Thing& thing : things) {
    const auto parent = by_name.find(all.at(thing.name).parent);
    if (parent == by_name.end()) {
      continue;
    }
    thing.parent = parent->second;
    // A trace may lie: no type descends from itself.
    for (const Thing* at = thing.parent; at != nullptr; at = at->parent) {
      if (at == &thing) {
        thing.parent = nullptr;
        break;
      }
    }
  }
  return draw_things(things, "types", theme);
}

}  // namespace viz::diff
