// The composition tree: child<> properties, paths, the well-known containers
// (qom-semantics section I), and user-creatable objects (K).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qom/object.h"

namespace qom {

inline constexpr const char* TYPE_CONTAINER = "container";
inline constexpr const char* TYPE_USER_CREATABLE = "user-creatable";

Object* object_get_root();
Object* object_get_objects_root();
Object* container_get(Object* root, std::string_view path);

// Takes a reference of its own. "name[*]" takes the first free index. Returns the
// name taken. Throws qom::Error if the child has a parent or the name is in use.
std::string object_property_add_child(Object* parent, std::string_view name,
                                      Object* child);
void object_unparent(Object* obj);

std::optional<std::string> object_get_canonical_path(const Object* obj);
std::optional<std::string> object_get_canonical_path_component(const Object* obj);

// Absolute or partial paths; nullptr if nothing or more than one object matches
// (then *ambiguous is set, for partial paths only).
Object* object_resolve_path(std::string_view path, bool* ambiguous = nullptr);
Object* object_resolve_path_type(std::string_view path, const char* type,
                                 bool* ambiguous = nullptr);
Object* object_resolve_path_component(Object* parent, std::string_view part);

// Stops at the first non-zero return and returns it. Children in order of adding.
int object_child_foreach(Object* obj, const std::function<int(Object*)>& fn);
int object_child_foreach_recursive(Object* obj, const std::function<int(Object*)>& fn);

// ---- user-creatable objects ---------------------------------------------------
struct UserCreatableClass : InterfaceClass {
  static constexpr const char* qom_type = "user-creatable";
  void (*complete)(Object* obj) = nullptr;  // may throw qom::Error
  bool (*can_be_deleted)(Object* obj) = nullptr;
};

using PropertyTexts = std::vector<std::pair<std::string, std::string>>;  // in order given

Object* object_new_with_props(const char* type, Object* parent, std::string_view id,
                              const PropertyTexts& properties);
// The caller gets a reference of its own.
Object* user_creatable_add_type(const char* type, std::string_view id,
                                const PropertyTexts& properties);
void user_creatable_del(std::string_view id);
// What else forgets a deleted object's id: the -object option's entry.
void user_creatable_on_delete(std::function<void(std::string_view id)> forget);
void user_creatable_complete(Object* obj);
// The answer to -object TYPE,help; for a null type the answer to -object help.
std::string user_creatable_help(const char* type);

}  // namespace qom
