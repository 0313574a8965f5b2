// Objects: stage 4. Bytes, C++ construction, then instance_init from the root type
// to the leaf, then instance_post_init from the leaf to the root. The way out is
// the reverse: properties released, instance_finalize leaf to root, destruction.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "qom/allocate.h"
#include "qom/fatal.h"
#include "qom/object.h"
#include "qom/property_table.h"
#include "qom/type.h"

namespace qom {

namespace {

struct ObjectNew {
  static constexpr trace::Declaration declaration{
      "object_new", trace::Category::qom, trace::Shape::span,
      "An object is made: every level's instance_init, then instance_post_init."};
  trace::ObjectId object;
  std::string_view type;
  std::uint64_t size;

  static constexpr auto fields() {
    return trace::fields(trace::identity("object", &ObjectNew::object, "the new object"),
                         trace::identity("type", &ObjectNew::type, "its type"),
                         trace::volatile_field("size", &ObjectNew::size, "bytes"));
  }
};

struct InstanceInit {
  static constexpr trace::Declaration declaration{
      "instance_init", trace::Category::qom, trace::Shape::span,
      "One type's instance_init runs on a new object."};
  trace::ObjectId object;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &InstanceInit::object, "the new object"),
        trace::identity("type", &InstanceInit::type, "whose callback it is"));
  }
};

struct InstancePostInit {
  static constexpr trace::Declaration declaration{
      "instance_post_init", trace::Category::qom, trace::Shape::span,
      "One type's instance_post_init runs, after every instance_init."};
  trace::ObjectId object;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &InstancePostInit::object, "the new object"),
        trace::identity("type", &InstancePostInit::type, "whose callback it is"));
  }
};

struct ObjectFinalize {
  static constexpr trace::Declaration declaration{
      "object_finalize", trace::Category::qom, trace::Shape::span,
      "The last reference is gone: properties are released, every level finalizes."};
  trace::ObjectId object;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &ObjectFinalize::object, "the dying object"));
  }
};

struct InstanceFinalize {
  static constexpr trace::Declaration declaration{
      "instance_finalize", trace::Category::qom, trace::Shape::span,
      "One type's instance_finalize runs, the leaf's first."};
  trace::ObjectId object;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &InstanceFinalize::object, "the dying object"),
        trace::identity("type", &InstanceFinalize::type, "whose callback it is"));
  }
};

// Each property is released once; a release may remove further properties, so the
// search starts again after each.
void release_properties(Object* obj) {
  if (obj->properties == nullptr) {
    return;
  }
  auto& rows = obj->properties->rows();
  for (std::size_t i = 0; i < rows.size();) {
    if (rows[i].released || !rows[i].property->release) {
      ++i;
      continue;
    }
    rows[i].released = true;
    const PropertyRelease release = std::move(rows[i].property->release);
    rows[i].property->release = {};
    release(obj, *rows[i].property);
    i = 0;
  }
  delete std::exchange(obj->properties, nullptr);
}

void finalize_levels_from(Object* obj, TypeImpl& type) {
  for (const TypeImpl* level : type_levels(&type).finalize) {
    const trace::Span span{
        InstanceFinalize{.object = object_id(obj), .type = level->name_text}};
    level->info.instance_finalize(obj);
  }
}

void destroy(Object* obj, const TypeImpl& type) {
  const bool heap = obj->heap;
  delete std::exchange(obj->properties, nullptr);
  type.instance->destroy(obj);
  if (heap) {
    std::free(obj);
  }
}

void object_finalize(Object* obj) {
  TypeImpl& type = *obj->klass->type;
  const trace::Span span{ObjectFinalize{.object = object_id(obj)}};
  release_properties(obj);
  finalize_levels_from(obj, type);
  if (obj->ref != 0) {
    fatal("object_finalize: instance_finalize of " + type.name_text +
          " left a reference to the object");
  }
  destroy(obj, type);
}

// Runs the callbacks. If one throws (a -global or compat value is refused), what
// was initialised is finalized and the object is gone.
void initialize_levels(Object* obj, TypeImpl& type) {
  const TypeLevels& levels = type_levels(&type);
  TypeImpl* reached = nullptr;
  try {
    for (TypeImpl* level : levels.init) {
      const trace::Span span{
          InstanceInit{.object = object_id(obj), .type = level->name_text}};
      level->info.instance_init(obj);
      reached = level;
    }
    reached = &type;
    for (const TypeImpl* level : levels.post_init) {
      const trace::Span span{
          InstancePostInit{.object = object_id(obj), .type = level->name_text}};
      level->info.instance_post_init(obj);
    }
  } catch (...) {
    obj->ref = 0;
    release_properties(obj);
    if (reached != nullptr) {
      finalize_levels_from(obj, *reached);
    }
    destroy(obj, type);
    throw;
  }
}

// `size` bytes become an object, of an initialised type. They remain the caller's, also
// if this throws.
Object* object_initialize_with_type(void* bytes, std::size_t size, TypeImpl* type) {
  if (size < type->instance_size) {
    fatal("object_initialize: " + std::to_string(size) + " bytes are too few for type '" +
          type->name_text + "', which needs " + std::to_string(type->instance_size));
  }
  std::memset(bytes, 0, type->instance_size);
  Object* obj = type->instance->construct(bytes);
  obj->klass = type->klass;
  obj->ref = 1;
  obj->number = ++type->instances_made;
  const trace::Span span{ObjectNew{
      .object = object_id(obj), .type = type->name_text, .size = type->instance_size}};
  initialize_levels(obj, *type);
  return obj;
}

TypeImpl* concrete_type(const char* function, const char* name) {
  TypeImpl* type = type_get_by_name(name);
  if (type == nullptr) {
    fatal(std::string(function) + ": there is no type '" + (name ? name : "(null)") +
          "'");
  }
  return type;
}

void need_concrete(const char* function, const TypeImpl& type) {
  if (type.abstract) {
    fatal(std::string(function) + ": type '" + type.name_text + "' is abstract");
  }
}

}  // namespace

Object* object_new_with_type(TypeImpl* type) {
  type_initialize(type);
  need_concrete("object_new", *type);
  std::unique_ptr<void, void (*)(void*)> bytes(
      allocate(type->instance_size, type->instance->align), &std::free);
  Object* obj = object_initialize_with_type(bytes.get(), type->instance_size, type);
  static_cast<void>(bytes.release());
  obj->heap = true;
  return obj;
}

Object* object_new(const char* type_name) {
  return object_new_with_type(concrete_type("object_new", type_name));
}

Object* object_new_with_class(ObjectClass* klass) {
  return object_new_with_type(klass->type);
}

void object_initialize(void* bytes, std::size_t size, const char* type_name) {
  TypeImpl* type = concrete_type("object_initialize", type_name);
  type_initialize(type);
  need_concrete("object_initialize", *type);
  object_initialize_with_type(bytes, size, type);
}

std::size_t object_type_get_instance_size(const char* type_name) {
  TypeImpl* type = concrete_type("object_type_get_instance_size", type_name);
  type_initialize(type);
  return type->instance_size;
}

Object* object_ref(Object* obj) {
  if (obj != nullptr) {
    ++obj->ref;
  }
  return obj;
}

void object_unref(Object* obj) {
  if (obj == nullptr) {
    return;
  }
  if (obj->ref == 0) {
    fatal("object_unref: the object has no reference left");
  }
  if (--obj->ref == 0) {
    object_finalize(obj);
  }
}

ObjectClass* object_get_class(const Object* obj) {
  return obj->klass;
}

const char* object_get_typename(const Object* obj) {
  return obj->klass->type->name;
}

trace::ObjectId object_id(const Object* obj) {
  if (obj == nullptr) {
    return {};
  }
  return {.type = obj->klass->type->name_text, .number = obj->number};
}

}  // namespace qom
