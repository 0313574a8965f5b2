// Object and ObjectClass: the roots of every instance and class struct.
//
// QEMU puts the parent as first member and casts pointers; here the parent is
// the C++ base class, so the layout is the compiler's business and a cast is a
// name check followed by static_cast. Neither struct has a virtual function:
// what can be overridden is a function pointer in the class struct, as in QEMU.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace qom {

struct TypeImpl;
struct Object;
class PropertyTable;    // qom/property_table.h
struct ObjectProperty;  // qom/property.h
struct LateProperties;  // qom/property.h

inline constexpr const char* TYPE_OBJECT = "object";
inline constexpr const char* TYPE_INTERFACE = "interface";

// Called just before an object leaves its parent.
using ObjectUnparent = void(Object* obj);

// Root of all class structs. Trivially copyable: a class starts as a copy of its
// parent's class struct. What must not be inherited by copy (interfaces, class
// properties, the type itself) lives in TypeImpl and is reached through `type`.
struct ObjectClass {
  static constexpr const char* qom_type = "object";
  TypeImpl* type = nullptr;
  ObjectUnparent* unparent = nullptr;
  const char* object_cast_cache[4] = {};
  const char* class_cast_cache[4] = {};
};

// The class of an interface implementation "A::I" (qom-semantics 67-71).
struct InterfaceClass : ObjectClass {
  static constexpr const char* qom_type = "interface";
  ObjectClass* concrete_class = nullptr;
  TypeImpl* interface_type = nullptr;
};

// Root of all instance structs.
struct Object {
  static constexpr const char* qom_type = "object";
  ObjectClass* klass = nullptr;
  std::uint32_t ref = 0;
  std::uint32_t number = 0;  // 1, 2, 3... among objects of this type: "edu#1"
  Object* parent = nullptr;
  ObjectProperty* as_child = nullptr;   // the parent's property that holds this object
  PropertyTable* properties = nullptr;  // owned; made by the first property
  bool heap = false;                    // finalize also frees the bytes
};

}  // namespace qom
