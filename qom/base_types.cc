// The types everything descends from: interface, object, container, user-creatable.
#include "qom/composition.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/type.h"

namespace qom {

namespace {

void object_class_init(ObjectClass* klass, void*) {
  object_class_property_add_str(
      klass, "type", [](Object* obj) { return std::string(object_get_typename(obj)); },
      {});
}

constexpr TypeInfo interface_info{
    .name = TYPE_INTERFACE,
    .abstract = true,
    .klass = class_struct<InterfaceClass>(),
};

constexpr TypeInfo object_info{
    .name = TYPE_OBJECT,
    .instance = instance_struct<Object>(),
    .abstract = true,
    .klass = class_struct<ObjectClass>(),
    .class_init = object_class_init,
};

constexpr TypeInfo container_info{
    .name = TYPE_CONTAINER,
    .parent = TYPE_OBJECT,
};

constexpr TypeInfo user_creatable_info{
    .name = TYPE_USER_CREATABLE,
    .parent = TYPE_INTERFACE,
    .klass = class_struct<UserCreatableClass>(),
};

void object_register_types() {
  type_register_internal(interface_info);
  type_register_internal(object_info);
}

void container_register_types() {
  type_register_static(container_info);
}

void user_creatable_register_types() {
  type_register_static(user_creatable_info);
}

type_init(object_register_types);
type_init(container_register_types);
type_init(user_creatable_register_types);

}  // namespace

void register_base_types() {
  object_register_types();
  container_register_types();
  user_creatable_register_types();
}

}  // namespace qom
