// Adders of properties with a C++ type: each turns plain get and set functions
// into ones that take a Value.
#include <utility>

#include "qom/property.h"

namespace qom {

namespace {

struct Accessors {
  PropertyGet get;
  PropertySet set;
};

Accessors bool_accessors(GetBool get, SetBool set) {
  Accessors accessors;
  if (get) {
    accessors.get = [get = std::move(get)](Object* obj, const ObjectProperty&) {
      return Value(get(obj));
    };
  }
  if (set) {
    accessors.set = [set = std::move(set)](Object* obj, const ObjectProperty& property,
                                           const Value& value) {
      set(obj, visit_type_bool(value, property.name));
    };
  }
  return accessors;
}

Accessors str_accessors(GetStr get, SetStr set) {
  Accessors accessors;
  if (get) {
    accessors.get = [get = std::move(get)](Object* obj, const ObjectProperty&) {
      return Value(get(obj));
    };
  }
  if (set) {
    accessors.set = [set = std::move(set)](Object* obj, const ObjectProperty& property,
                                           const Value& value) {
      set(obj, visit_type_str(value, property.name));
    };
  }
  return accessors;
}

Accessors enum_accessors(const EnumTable* table, GetEnum get, SetEnum set) {
  Accessors accessors;
  if (get) {
    accessors.get = [table, get = std::move(get)](Object* obj, const ObjectProperty&) {
      return Value(table->at(static_cast<std::size_t>(get(obj))));
    };
  }
  if (set) {
    accessors.set = [table, set = std::move(set)](
                        Object* obj, const ObjectProperty& property, const Value& value) {
      set(obj, visit_type_enum(value, property.name, *table));
    };
  }
  return accessors;
}

template <class N>
void add_number(Object* obj, std::string_view name, const char* type, const N* number) {
  object_property_add(
      obj, name, type,
      [number](Object*, const ObjectProperty&) { return Value(std::uint64_t{*number}); },
      nullptr);
}

}  // namespace

ObjectProperty& object_property_add_bool(Object* obj, std::string_view name, GetBool get,
                                         SetBool set) {
  Accessors a = bool_accessors(std::move(get), std::move(set));
  return object_property_add(obj, name, "bool", std::move(a.get), std::move(a.set));
}

ObjectProperty& object_property_add_str(Object* obj, std::string_view name, GetStr get,
                                        SetStr set) {
  Accessors a = str_accessors(std::move(get), std::move(set));
  return object_property_add(obj, name, "string", std::move(a.get), std::move(a.set));
}

ObjectProperty& object_property_add_enum(Object* obj, std::string_view name,
                                         std::string_view enum_type,
                                         const EnumTable* table, GetEnum get,
                                         SetEnum set) {
  Accessors a = enum_accessors(table, std::move(get), std::move(set));
  ObjectProperty& property =
      object_property_add(obj, name, enum_type, std::move(a.get), std::move(a.set));
  property.enum_table = table;
  return property;
}

ObjectProperty& object_class_property_add_bool(ObjectClass* klass, std::string_view name,
                                               GetBool get, SetBool set) {
  Accessors a = bool_accessors(std::move(get), std::move(set));
  return object_class_property_add(klass, name, "bool", std::move(a.get),
                                   std::move(a.set));
}

ObjectProperty& object_class_property_add_str(ObjectClass* klass, std::string_view name,
                                              GetStr get, SetStr set) {
  Accessors a = str_accessors(std::move(get), std::move(set));
  return object_class_property_add(klass, name, "string", std::move(a.get),
                                   std::move(a.set));
}

ObjectProperty& object_class_property_add_enum(ObjectClass* klass, std::string_view name,
                                               std::string_view enum_type,
                                               const EnumTable* table, GetEnum get,
                                               SetEnum set) {
  Accessors a = enum_accessors(table, std::move(get), std::move(set));
  ObjectProperty& property = object_class_property_add(
      klass, name, enum_type, std::move(a.get), std::move(a.set));
  property.enum_table = table;
  return property;
}

void object_property_add_uint8_ptr(Object* obj, std::string_view name,
                                   const std::uint8_t* number) {
  add_number(obj, name, "uint8", number);
}

void object_property_add_uint16_ptr(Object* obj, std::string_view name,
                                    const std::uint16_t* number) {
  add_number(obj, name, "uint16", number);
}

void object_property_add_uint32_ptr(Object* obj, std::string_view name,
                                    const std::uint32_t* number) {
  add_number(obj, name, "uint32", number);
}

void object_property_add_uint64_ptr(Object* obj, std::string_view name,
                                    const std::uint64_t* number) {
  add_number(obj, name, "uint64", number);
}

}  // namespace qom
