// Classes: casts between them, and walking over all of them.
#include <algorithm>
#include <cstring>

#include "qom/cast_failure.h"
#include "qom/object.h"
#include "qom/type.h"

namespace qom {

namespace {

struct ObjectClassByName {
  static constexpr trace::Declaration declaration{
      "object_class_by_name", trace::Category::qom, trace::Shape::span,
      "A class is asked for by its type's name, and made if it was still paper."};
  std::string_view name;
  bool found;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &ObjectClassByName::name, "the type's name"),
        trace::state("found", &ObjectClassByName::found, "such a type is registered"));
  }
};

struct ObjectClassForeach {
  static constexpr trace::Declaration declaration{
      "object_class_foreach", trace::Category::qom, trace::Shape::span,
      "Every registered type is initialised, those that match are handed out."};
  std::string_view implements_type;
  bool include_abstract;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("implements", &ObjectClassForeach::implements_type,
                        "class or interface to cast to; empty: any"),
        trace::state("include_abstract", &ObjectClassForeach::include_abstract,
                     "also types without objects"));
  }

  struct Result {
    std::uint64_t types;
    std::uint64_t matched;

    static constexpr auto fields() {
      return trace::fields(trace::state("types", &Result::types, "types in the table"),
                           trace::state("matched", &Result::matched, "handed out"));
    }
  };
};

bool same_name(const char* a, const char* b) {
  return a == b || std::strcmp(a, b) == 0;
}

void remember_cast(const char* (&cache)[4], const char* name) {
  std::memmove(&cache[0], &cache[1], 3 * sizeof(cache[0]));
  cache[3] = name;
}

int compare_ignoring_case(const char* a, const char* b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  while (*a != '\0' && lower(*a) == lower(*b)) {
    ++a;
    ++b;
  }
  return static_cast<unsigned char>(lower(*a)) - static_cast<unsigned char>(lower(*b));
}

// Sets enumerating_types for a walk. A flag, not a count: what an inner walk ends is over
// for the outer one too, as in QEMU.
class Enumeration {
 public:
  Enumeration() { type_table_get().enumerating_types = true; }

  ~Enumeration() { type_table_get().enumerating_types = false; }

  Enumeration(const Enumeration&) = delete;
  Enumeration& operator=(const Enumeration&) = delete;
};

// What object_class_foreach() was asked, handed to the tramp for every type.
struct OCFData {
  const std::function<void(ObjectClass*)>& fn;
  const char* implements_type;
  bool include_abstract;
  std::uint64_t matched = 0;
};

void object_class_foreach_tramp(TypeImpl* type, OCFData& data) {
  type_initialize(type);
  ObjectClass* klass = type->klass;
  if (!data.include_abstract && type->abstract) {
    return;
  }
  if (data.implements_type && !object_class_dynamic_cast(klass, data.implements_type)) {
    return;
  }
  ++data.matched;
  data.fn(klass);
}

}  // namespace

ObjectClass* object_class_by_name(const char* name) {
  TypeImpl* type = type_get_by_name(name);
  const trace::Span span{
      ObjectClassByName{.name = name ? name : "", .found = type != nullptr}};
  if (type == nullptr) {
    return nullptr;
  }
  type_initialize(type);
  return type->klass;
}

ObjectClass* object_class_get_parent(ObjectClass* klass) {
  TypeImpl* parent = type_get_parent(klass->type);
  if (parent == nullptr) {
    return nullptr;
  }
  type_initialize(parent);
  return parent->klass;
}

const char* object_class_get_name(const ObjectClass* klass) {
  return klass->type->name;
}

bool object_class_is_abstract(const ObjectClass* klass) {
  return klass->type->abstract;
}

// One walk up answers for classes. Only when that fails are the interfaces asked:
// exactly one of the type's interface classes must descend from the target.
ObjectClass* object_class_dynamic_cast(ObjectClass* klass, const char* name) {
  if (klass == nullptr || name == nullptr) {
    return nullptr;
  }
  if (klass->type->name == name) {
    return klass;
  }
  for (const TypeImpl* t = klass->type; t != nullptr; t = t->parent_type) {
    if (!t->hidden && same_name(t->name, name)) {
      return klass;
    }
  }
  ObjectClass* found = nullptr;
  for (InterfaceClass* interface : klass->type->interfaces) {
    for (const TypeImpl* t = interface->type; t != nullptr; t = t->parent_type) {
      if (!t->hidden && same_name(t->name, name)) {
        if (found != nullptr) {
          return nullptr;  // ambiguous
        }
        found = interface;
      }
    }
  }
  return found;
}

ObjectClass* object_class_dynamic_cast_assert(ObjectClass* klass, const char* name,
                                              const char* file, int line,
                                              const char* func) {
  if (klass == nullptr) {
    return nullptr;
  }
  if (cast_remembered(klass->class_cast_cache, name)) {
    return klass;
  }
  ObjectClass* result = object_class_dynamic_cast(klass, name);
  if (result == nullptr) {
    class_cast_failed(klass, name, {file, line, func});
  }
  if (result == klass) {
    remember_cast(klass->class_cast_cache, name);
  }
  return result;
}

Object* object_dynamic_cast(Object* obj, const char* name) {
  return obj != nullptr && object_class_dynamic_cast(obj->klass, name) ? obj : nullptr;
}

Object* object_dynamic_cast_assert(Object* obj, const char* name, const char* file,
                                   int line, const char* func) {
  if (obj == nullptr) {
    return nullptr;
  }
  if (cast_remembered(obj->klass->object_cast_cache, name)) {
    return obj;
  }
  if (object_dynamic_cast(obj, name) == nullptr) {
    object_cast_failed(obj, name, {file, line, func});
  }
  remember_cast(obj->klass->object_cast_cache, name);
  return obj;
}

void object_class_foreach(const std::function<void(ObjectClass*)>& fn,
                          const char* implements_type, bool include_abstract) {
  trace::Span span{
      ObjectClassForeach{.implements_type = implements_type ? implements_type : "",
                         .include_abstract = include_abstract}};
  OCFData data{
      .fn = fn, .implements_type = implements_type, .include_abstract = include_abstract};
  const Enumeration enumeration;
  const std::vector<TypeImpl*>& types = type_table_get().in_order;
  // By index: fn may end the walk's guard and register.
  for (std::size_t i = 0; i < types.size(); ++i) {
    object_class_foreach_tramp(types[i], data);
  }
  span.result(ObjectClassForeach::Result{.types = types.size(), .matched = data.matched});
}

std::vector<ObjectClass*> object_class_get_list(const char* implements_type,
                                                bool include_abstract) {
  std::vector<ObjectClass*> list;
  object_class_foreach([&list](ObjectClass* klass) { list.push_back(klass); },
                       implements_type, include_abstract);
  return list;
}

std::vector<ObjectClass*> object_class_get_list_sorted(const char* implements_type,
                                                       bool include_abstract) {
  std::vector<ObjectClass*> list =
      object_class_get_list(implements_type, include_abstract);
  std::stable_sort(list.begin(), list.end(), [](ObjectClass* a, ObjectClass* b) {
    return compare_ignoring_case(object_class_get_name(a), object_class_get_name(b)) < 0;
  });
  return list;
}

}  // namespace qom
