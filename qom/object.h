// Types, classes and objects: stages 2 to 4 of the lecture's section 1.
//
// Names and behaviour are QEMU 4.0's. Where 4.0 crashes or aborts on what a user
// typed, qom::Error is thrown instead; where it asserts on a programming error,
// so do we. Thread rule: the type table and the composition tree belong to the
// main thread until the machine runs, then to whoever holds the big lock.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qom/base.h"
#include "qom/type_info.h"
#include "trace/event.h"

namespace qom {

// What a user did wrong, in QEMU's words; what() is the whole message.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
  std::string hint;  // at most one more line; may be empty
};

// ---- types (stage 2: on paper) ------------------------------------------------
TypeImpl* type_register(const TypeInfo* info);
TypeImpl* type_register_static(const TypeInfo* info);

inline TypeImpl* type_register_static(const TypeInfo& info) {
  return type_register_static(&info);
}

void type_register_static_array(const TypeInfo* infos, int count);
TypeImpl* type_get_by_name(const char* name);  // initialises nothing; nullptr if unknown
const char* type_name(const TypeImpl* type);
const char* type_parent_name(const TypeImpl* type);  // nullptr for the two roots
bool type_is_abstract(const TypeImpl* type);

// ---- classes (stage 3) --------------------------------------------------------
void type_initialize(TypeImpl* type);
ObjectClass* object_class_by_name(const char* name);  // initialised; nullptr if unknown
ObjectClass* object_class_get_parent(ObjectClass* klass);
const char* object_class_get_name(const ObjectClass* klass);
bool object_class_is_abstract(const ObjectClass* klass);
ObjectClass* object_class_dynamic_cast(ObjectClass* klass, const char* name);
ObjectClass* object_class_dynamic_cast_assert(ObjectClass* klass, const char* name,
                                              const char* file = __builtin_FILE(),
                                              int line = __builtin_LINE(),
                                              const char* func = __builtin_FUNCTION());
// Both initialise EVERY registered type before they filter (qom-semantics 113).
void object_class_foreach(const std::function<void(ObjectClass*)>& fn,
                          const char* implements_type, bool include_abstract);
std::vector<ObjectClass*> object_class_get_list(const char* implements_type,
                                                bool include_abstract);
std::vector<ObjectClass*> object_class_get_list_sorted(const char* implements_type,
                                                       bool include_abstract);

// ---- objects (stage 4) --------------------------------------------------------
Object* object_new(const char* type_name);
Object* object_new_with_type(TypeImpl* type);
Object* object_new_with_class(ObjectClass* klass);
void object_initialize(void* bytes, std::size_t size, const char* type_name);
std::size_t object_type_get_instance_size(const char* type_name);  // aborts if unknown
Object* object_ref(Object* obj);
void object_unref(Object* obj);
ObjectClass* object_get_class(const Object* obj);
const char* object_get_typename(const Object* obj);
Object* object_dynamic_cast(Object* obj, const char* name);
Object* object_dynamic_cast_assert(Object* obj, const char* name,
                                   const char* file = __builtin_FILE(),
                                   int line = __builtin_LINE(),
                                   const char* func = __builtin_FUNCTION());
trace::ObjectId object_id(const Object* obj);  // how traces name it

// A cast that was answered yes is remembered by the POINTER of the name, as in
// QEMU: give the checked casts (_assert) constant names, never a buffer's.

// ---- casts in C++: name check, then static_cast -------------------------------
inline bool cast_remembered(const char* const (&cache)[4], const char* name) {
  return cache[3] == name || cache[2] == name || cache[1] == name || cache[0] == name;
}

// T::qom_type names the type; a struct without its own inherits its base's.
template <class T>
T* object_cast(Object* obj, const char* file = __builtin_FILE(),
               int line = __builtin_LINE(), const char* func = __builtin_FUNCTION()) {
  if (obj != nullptr && cast_remembered(obj->klass->object_cast_cache, T::qom_type)) {
    return static_cast<T*>(obj);
  }
  return static_cast<T*>(object_dynamic_cast_assert(obj, T::qom_type, file, line, func));
}

template <class K>
K* class_cast(ObjectClass* klass, const char* file = __builtin_FILE(),
              int line = __builtin_LINE(), const char* func = __builtin_FUNCTION()) {
  if (klass != nullptr && cast_remembered(klass->class_cast_cache, K::qom_type)) {
    return static_cast<K*>(klass);
  }
  return static_cast<K*>(
      object_class_dynamic_cast_assert(klass, K::qom_type, file, line, func));
}

template <class K>
K* class_of(const Object* obj) {  // X_GET_CLASS(obj)
  return class_cast<K>(object_get_class(obj));
}

// An owning reference: takes over the caller's reference, drops it at its end.
template <class T = Object>
class Ref {
 public:
  Ref() = default;

  explicit Ref(T* owned) : object_(owned) {}

  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}

  Ref& operator=(Ref&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  ~Ref() { object_unref(object_); }

  T* get() const { return object_; }

  T* release() { return std::exchange(object_, nullptr); }

  T* operator->() const { return object_; }

  T& operator*() const { return *object_; }

  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace qom
