// TypeInfo: a type on paper (stage 1 of the lecture's section 1).
//
// Constant data: no code has run. type_register_static() copies it into a
// TypeImpl (stage 2), type_initialize() makes the class (3), object_new() the
// object (4). The order of the members is part of the interface: designated
// initialisers must follow it.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

#include "qom/base.h"

namespace qom {

// How instances of one C++ struct are made and unmade. All four parts come from
// instance_struct<T>(), so they cannot disagree. size 0 = inherit the parent's.
struct InstanceStruct {
  std::size_t size = 0;
  std::size_t align = 0;
  Object* (*construct)(void* bytes) = nullptr;
  void (*destroy)(Object* obj) = nullptr;  // ends the lifetime, frees nothing
};

// The same for class structs; `copy` copies this struct's part (and its bases')
// from the parent's class into a child's.
struct ClassStruct {
  std::size_t size = 0;
  std::size_t align = 0;
  ObjectClass* (*construct)(void* bytes) = nullptr;
  void (*copy)(ObjectClass& to, const ObjectClass& from) = nullptr;
};

template <class T>
constexpr InstanceStruct instance_struct() {
  static_assert(std::is_base_of_v<Object, T>, "instance structs derive from Object");
  static_assert(!std::is_polymorphic_v<T>, "QOM structs have no virtual functions");
  return {sizeof(T), alignof(T), [](void* bytes) -> Object* { return new (bytes) T{}; },
          [](Object* obj) { static_cast<T*>(obj)->~T(); }};
}

template <class K>
constexpr ClassStruct class_struct() {
  static_assert(std::is_base_of_v<ObjectClass, K>,
                "class structs derive from ObjectClass");
  static_assert(std::is_trivially_copyable_v<K>, "classes are inherited by copying");
  return {sizeof(K), alignof(K),
          [](void* bytes) -> ObjectClass* { return new (bytes) K{}; },
          [](ObjectClass& to, const ObjectClass& from) {
            static_cast<K&>(to) = static_cast<const K&>(from);
          }};
}

// One entry of a type's interface list; the list ends with an empty entry, as in
// QEMU: `static const InterfaceInfo i[] = {{TYPE_USER_CREATABLE}, {}};`
struct InterfaceInfo {
  const char* type = nullptr;
};

struct TypeInfo {
  const char* name = nullptr;
  const char* parent = nullptr;

  InstanceStruct instance = {};
  void (*instance_init)(Object* obj) = nullptr;
  void (*instance_post_init)(Object* obj) = nullptr;
  void (*instance_finalize)(Object* obj) = nullptr;

  bool abstract = false;

  ClassStruct klass = {};
  void (*class_base_init)(ObjectClass* klass, void* data) = nullptr;
  void (*class_init)(ObjectClass* klass, void* data) = nullptr;
  void* class_data = nullptr;

  const InterfaceInfo* interfaces = nullptr;

  // QEMU's way of giving sizes, for sources that spell it so (the lecture does):
  // checked against the struct where one is given, else bytes beyond the parent's
  // struct, zeroed.
  std::size_t instance_size = 0;
  std::size_t class_size = 0;
};

}  // namespace qom
