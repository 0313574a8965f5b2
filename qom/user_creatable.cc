// Objects a user asks for by type name, id and properties (-object).
//
// Whatever fails, nothing stays behind: neither an object nor its id.
#include <algorithm>

#include "qom/composition.h"
#include "qom/object.h"
#include "qom/property.h"
#include "qom/type.h"

namespace qom {

namespace {

struct UserCreatableComplete {
  static constexpr trace::Declaration declaration{
      "user_creatable_complete", trace::Category::qom, trace::Shape::span,
      "An object asked for by the user has all its properties and gets to work."};
  trace::ObjectId object;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &UserCreatableComplete::object, "the object"));
  }
};

std::function<void(std::string_view)>& forget_id() {
  static std::function<void(std::string_view)> forget;
  return forget;
}

UserCreatableClass* user_creatable_class(Object* obj) {
  return static_cast<UserCreatableClass*>(
      object_class_dynamic_cast(obj->klass, TYPE_USER_CREATABLE));
}

ObjectClass* need_class(const char* type) {
  ObjectClass* klass = object_class_by_name(type);
  if (klass == nullptr) {
    throw Error("invalid object type: " + std::string(type ? type : ""));
  }
  return klass;
}

void need_concrete(const ObjectClass* klass) {
  if (object_class_is_abstract(klass)) {
    throw Error("object type '" + std::string(object_class_get_name(klass)) +
                "' is abstract");
  }
}

// Drops what was begun unless commit() is reached.
class Placed {
 public:
  explicit Placed(Object* obj) : obj_(obj) {}

  ~Placed() {
    if (obj_ != nullptr) {
      object_unparent(obj_);
    }
  }

  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;

  void commit() { obj_ = nullptr; }

 private:
  Object* obj_;
};

Ref<> make(ObjectClass* klass, Object* parent, std::string_view id,
           const PropertyTexts& properties) {
  Ref<> obj(object_new_with_class(klass));
  for (const auto& [name, text] : properties) {
    object_property_parse(obj.get(), text, name);
  }
  object_property_add_child(parent, id, obj.get());
  Placed placed(obj.get());
  user_creatable_complete(obj.get());
  placed.commit();
  return obj;
}

std::string help_line(const ObjectProperty& property) {
  constexpr std::size_t text_column = 24;
  std::string line = "  " + property.name + "=<" + property.type + ">";
  if (!property.description.empty()) {
    line.resize(std::max(line.size(), text_column), ' ');
    line += " - " + property.description;
  }
  return line + "\n";
}

std::string list_of_types() {
  std::string text = "List of user creatable objects:\n";
  for (const ObjectClass* klass :
       object_class_get_list_sorted(TYPE_USER_CREATABLE, false)) {
    text += std::string("  ") + object_class_get_name(klass) + "\n";
  }
  return text;
}

}  // namespace

void user_creatable_complete(Object* obj) {
  const UserCreatableClass* klass = user_creatable_class(obj);
  if (klass != nullptr && klass->complete) {
    const trace::Span span{UserCreatableComplete{.object = object_id(obj)}};
    klass->complete(obj);
  }
}

void user_creatable_on_delete(std::function<void(std::string_view id)> forget) {
  forget_id() = std::move(forget);
}

Object* object_new_with_props(const char* type, Object* parent, std::string_view id,
                              const PropertyTexts& properties) {
  ObjectClass* klass = need_class(type);
  need_concrete(klass);
  return make(klass, parent, id, properties).get();  // the parent's reference stays
}

Object* user_creatable_add_type(const char* type, std::string_view id,
                                const PropertyTexts& properties) {
  if (type == nullptr) {
    throw Error("Parameter 'qom-type' is missing");
  }
  if (id.empty()) {
    throw Error("Parameter 'id' is missing");
  }
  ObjectClass* klass = need_class(type);
  if (object_class_dynamic_cast(klass, TYPE_USER_CREATABLE) == nullptr) {
    throw Error("object type '" + std::string(type) + "' isn't supported by object-add");
  }
  need_concrete(klass);
  return make(klass, object_get_objects_root(), id, properties).release();
}

void user_creatable_del(std::string_view id) {
  Object* obj = object_resolve_path_component(object_get_objects_root(), id);
  if (obj == nullptr) {
    throw Error("object '" + std::string(id) + "' not found");
  }
  const UserCreatableClass* klass = user_creatable_class(obj);
  if (klass != nullptr && klass->can_be_deleted && !klass->can_be_deleted(obj)) {
    throw Error("object '" + std::string(id) + "' is in use, can not be deleted");
  }
  const std::string kept_id(id);  // it may be the object's own
  if (forget_id()) {
    forget_id()(kept_id);
  }
  object_unparent(obj);
}

std::string user_creatable_help(const char* type) {
  if (type == nullptr) {
    return list_of_types();
  }
  std::vector<std::string> lines;
  for (const ObjectProperty* property : object_class_property_list(need_class(type))) {
    if (property->set) {
      lines.push_back(help_line(*property));
    }
  }
  if (lines.empty()) {
    return std::string("There are no options for ") + type + ".\n";
  }
  std::sort(lines.begin(), lines.end());
  std::string text = std::string(type) + " options:\n";
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

}  // namespace qom
