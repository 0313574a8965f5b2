// What the tests of qom/ share: a type table of their own, a log that callbacks
// write to, and ways to say "this throws that message".
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "qom/composition.h"
#include "qom/globals.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"
#include "qom/testing.h"

namespace qom_test {

using namespace qom;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Log = std::vector<std::string>;

// What callbacks wrote since the test began.
inline Log& log() {
  static Log lines;
  return lines;
}

// Each test registers into a fresh table with only the base types in it.
class Fresh : public ::testing::Test {
 protected:
  Fresh() {
    log().clear();
    object_reset_globals_for_test();
  }

  ~Fresh() override { object_reset_globals_for_test(); }

  static TypeImpl* add(const TypeInfo& info) { return type_register_static(info); }

 private:
  IsolatedTypes types_;
};

// The message of the qom::Error that `action` throws; "" if it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline Log names_of(const std::vector<ObjectClass*>& classes) {
  Log names;
  for (const ObjectClass* klass : classes) {
    names.emplace_back(object_class_get_name(klass));
  }
  return names;
}

// ---- callbacks that write what they are called for ---------------------------
inline void log_class_init(ObjectClass* klass, void* data) {
  log().push_back(std::string("class_init ") + object_class_get_name(klass) + " " +
                  (data ? static_cast<const char*>(data) : "-"));
}

inline void log_base_init(ObjectClass* klass, void* data) {
  log().push_back(std::string("base_init for ") + object_class_get_name(klass) + " " +
                  (data ? static_cast<const char*>(data) : "-"));
}

// A writable string for class_data, which is not const.
template <std::size_t N>
void* text_data(const char (&text)[N]) {
  return const_cast<char*>(text);
}

// ---- a chain A < B < C with a class struct -----------------------------------
struct NumbersClass : ObjectClass {
  static constexpr const char* qom_type = "A";
  int x = 0;
  int y = 0;
};

inline void register_chain() {
  type_register_static(TypeInfo{.name = "A", .parent = TYPE_OBJECT});
  type_register_static(TypeInfo{.name = "B", .parent = "A"});
  type_register_static(TypeInfo{.name = "C", .parent = "B"});
}

// ---- an interface I with a method value, and who implements it ---------------
struct ValueInterface : InterfaceClass {
  static constexpr const char* qom_type = "I";
  int value = 0;
};

inline constexpr InterfaceInfo implements_i[] = {{"I"}, {}};

inline int value_of(const char* type) {
  auto* klass = static_cast<ValueInterface*>(
      object_class_dynamic_cast(object_class_by_name(type), "I"));
  return klass ? klass->value : -1;
}

}  // namespace qom_test
