// The composition tree: children, parents, paths.
//
//     /                   one container
//     /objects            what -object made
//     /machine            the machine and, below it, everything it is made of
//
// A child is a property of its parent. A path is a sequence of property names;
// child<>, link<> and alias properties are the steps it can take.
#include "qom/composition.h"

#include "qom/fatal.h"
#include "qom/object.h"
#include "qom/property_table.h"
#include "qom/type.h"

namespace qom {

namespace {

struct ObjectPropertyAddChild {
  static constexpr trace::Declaration declaration{
      "object_property_add_child", trace::Category::qom, trace::Shape::instant,
      "An object becomes a part of another: it has a place in the tree."};
  trace::ObjectId child;
  trace::ObjectId parent;
  std::string_view name;
  std::string_view path;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("child", &ObjectPropertyAddChild::child, "the part"),
        trace::identity("parent", &ObjectPropertyAddChild::parent, "the whole"),
        trace::identity("name", &ObjectPropertyAddChild::name, "the property's name"),
        trace::state("path", &ObjectPropertyAddChild::path,
                     "from the root; empty: the parent is in no tree"));
  }
};

struct ObjectUnparentEvent {
  static constexpr trace::Declaration declaration{"object_unparent", trace::Category::qom,
                                                  trace::Shape::span,
                                                  "An object leaves its parent."};
  trace::ObjectId child;
  trace::ObjectId parent;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("child", &ObjectUnparentEvent::child, "the part"),
        trace::identity("parent", &ObjectUnparentEvent::parent, "the whole"));
  }
};

// Release of a child<> property: the class's hook still sees the parent.
void release_child(Object* child) {
  const trace::Span span{
      ObjectUnparentEvent{.child = object_id(child), .parent = object_id(child->parent)}};
  if (child->klass->unparent) {
    child->klass->unparent(child);
  }
  child->as_child->child = nullptr;
  child->as_child = nullptr;
  child->parent = nullptr;
  object_unref(child);
}

// The steps of a path; empty ones are left out. Returns false for a partial path.
bool split(std::string_view path, std::vector<std::string_view>& parts) {
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) {
      parts.push_back(path.substr(0, slash));
    }
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return absolute;
}

Object* walk(Object* from, const std::vector<std::string_view>& parts, const char* type) {
  for (const std::string_view part : parts) {
    from = object_resolve_path_component(from, part);
    if (from == nullptr) {
      return nullptr;
    }
  }
  return object_dynamic_cast(from, type);
}

// Tries the steps from `from` and from every object below it.
Object* walk_from_anywhere(Object* from, const std::vector<std::string_view>& parts,
                           const char* type, bool& ambiguous) {
  Object* found = walk(from, parts, type);
  if (from->properties == nullptr) {
    return found;
  }
  for (const PropertyTable::Row& row : from->properties->rows()) {
    if (row.property->child == nullptr) {
      continue;
    }
    Object* below = walk_from_anywhere(row.property->child, parts, type, ambiguous);
    if (ambiguous || (below != nullptr && found != nullptr)) {
      ambiguous = true;
      return nullptr;
    }
    found = found ? found : below;
  }
  return found;
}

// Children with a reference each, so that a callback may unparent them.
std::vector<Ref<>> children_of(Object* obj) {
  std::vector<Ref<>> children;
  if (obj->properties != nullptr) {
    for (const PropertyTable::Row& row : obj->properties->rows()) {
      if (row.property->child != nullptr) {
        children.emplace_back(object_ref(row.property->child));
      }
    }
  }
  return children;
}

}  // namespace

Object* object_get_root() {
  Object*& root = type_table_get().root;
  if (root == nullptr) {
    root = object_new(TYPE_CONTAINER);
  }
  return root;
}

Object* object_get_objects_root() {
  return container_get(object_get_root(), "/objects");
}

Object* container_get(Object* root, std::string_view path) {
  std::vector<std::string_view> parts;
  if (!split(path, parts)) {
    fatal("container_get: the path '" + std::string(path) + "' does not begin with '/'");
  }
  Object* obj = root;
  for (const std::string_view part : parts) {
    Object* next = object_resolve_path_component(obj, part);
    if (next == nullptr) {
      const Ref<> made(object_new(TYPE_CONTAINER));
      object_property_add_child(obj, part, made.get());
      next = made.get();
    }
    obj = next;
  }
  return obj;
}

std::string object_property_add_child(Object* parent, std::string_view name,
                                      Object* child) {
  if (child->parent != nullptr) {
    throw Error("child object is already parented");
  }
  ObjectProperty& property = object_property_add(
      parent, name, std::string("child<") + object_get_typename(child) + ">",
      [child](Object*, const ObjectProperty&) {
        return Value(object_get_canonical_path(child).value_or(""));
      },
      nullptr, [child](Object*, const ObjectProperty&) { release_child(child); });
  property.resolve = [child](Object*, const ObjectProperty&, std::string_view) {
    return child;
  };
  property.child = object_ref(child);
  child->as_child = &property;
  child->parent = parent;
  if (trace::enabled<ObjectPropertyAddChild>()) {
    trace::instant(
        ObjectPropertyAddChild{.child = object_id(child),
                               .parent = object_id(parent),
                               .name = property.name,
                               .path = object_get_canonical_path(child).value_or("")});
  }
  return property.name;
}

void object_unparent(Object* obj) {
  if (obj->parent != nullptr) {
    object_property_del(obj->parent, std::string(obj->as_child->name));
  }
}

std::optional<std::string> object_get_canonical_path_component(const Object* obj) {
  return obj->parent ? std::optional(obj->as_child->name) : std::nullopt;
}

std::optional<std::string> object_get_canonical_path(const Object* obj) {
  const Object* root = object_get_root();
  if (obj == root) {
    return "/";
  }
  std::string path;
  for (; obj != root; obj = obj->parent) {
    const std::optional<std::string> component = object_get_canonical_path_component(obj);
    if (!component) {
      return std::nullopt;
    }
    path.insert(0, "/" + *component);
  }
  return path;
}

Object* object_resolve_path_component(Object* parent, std::string_view part) {
  const ObjectProperty* property = object_property_find(parent, part);
  if (property == nullptr || !property->resolve) {
    return nullptr;
  }
  return property->resolve(parent, *property, part);
}

Object* object_resolve_path_type(std::string_view path, const char* type,
                                 bool* ambiguous) {
  std::vector<std::string_view> parts;
  if (split(path, parts)) {
    return walk(object_get_root(), parts, type);
  }
  bool several = false;
  Object* found = walk_from_anywhere(object_get_root(), parts, type, several);
  if (ambiguous != nullptr) {
    *ambiguous = several;
  }
  return found;
}

Object* object_resolve_path(std::string_view path, bool* ambiguous) {
  return object_resolve_path_type(path, TYPE_OBJECT, ambiguous);
}

int object_child_foreach(Object* obj, const std::function<int(Object*)>& fn) {
  for (const Ref<>& child : children_of(obj)) {
    if (child->parent != obj) {
      continue;
    }
    if (const int result = fn(child.get()); result != 0) {
      return result;
    }
  }
  return 0;
}

int object_child_foreach_recursive(Object* obj, const std::function<int(Object*)>& fn) {
  return object_child_foreach(obj, [&fn](Object* child) {
    const int result = fn(child);
    return result != 0 ? result : object_child_foreach_recursive(child, fn);
  });
}

}  // namespace qom
