// Section B: registration of types.
#include <array>

#include "fixture.h"

namespace qom_test {

namespace {

using QomTypes = Fresh;
using QomTypesDeathTest = Fresh;

void register_late(ObjectClass*, void*) {
  type_register_static(TypeInfo{.name = "late", .parent = TYPE_OBJECT});
}

}  // namespace

TEST_F(QomTypes, B23_the_callers_strings_are_copied) {
  std::string name = "A";
  std::string parent = TYPE_OBJECT;
  add({.name = name.c_str(), .parent = parent.c_str()});

  name[0] = 'Z';
  parent[0] = 'Z';

  ASSERT_NE(type_get_by_name("A"), nullptr);
  EXPECT_STREQ(type_parent_name(type_get_by_name("A")), TYPE_OBJECT);
}

TEST_F(QomTypes, B24_registering_runs_no_user_code) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});

  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(QomTypes, B24_type_new_fills_a_type_which_only_type_table_add_enters) {
  TypeImpl* type = type_new({.name = "A", .parent = TYPE_OBJECT, .abstract = true});
  ASSERT_EQ(type_get_by_name("A"), nullptr);

  type_table_add(type);

  EXPECT_EQ(type_get_by_name("A"), type);
  EXPECT_EQ(type_table_get().in_order.back(), type);
  EXPECT_STREQ(type_parent_name(type), TYPE_OBJECT);
  EXPECT_TRUE(type_is_abstract(type));
  EXPECT_EQ(type->klass, nullptr);
}

TEST_F(QomTypesDeathTest, B25_a_duplicate_name_aborts_with_qemus_message) {
  add({.name = "A", .parent = TYPE_OBJECT});

  EXPECT_DEATH(add({.name = "A", .parent = TYPE_OBJECT}),
               "Registering `A' which already exists");
}

TEST_F(QomTypesDeathTest, B26_a_type_without_parent_aborts) {
  EXPECT_DEATH(add({.name = "A"}), "type 'A' needs a parent");
}

TEST_F(QomTypes, B26_object_and_interface_have_no_parent) {
  EXPECT_EQ(type_parent_name(type_get_by_name(TYPE_OBJECT)), nullptr);
  EXPECT_EQ(type_parent_name(type_get_by_name(TYPE_INTERFACE)), nullptr);
}

TEST_F(QomTypesDeathTest, B27_a_type_without_name_aborts) {
  EXPECT_DEATH(add({.parent = TYPE_OBJECT}), "a type needs a name");
}

TEST_F(QomTypes, B28_parent_may_be_registered_later) {
  add({.name = "child", .parent = "late-parent"});
  add({.name = "late-parent", .parent = TYPE_OBJECT});

  ObjectClass* klass = object_class_by_name("child");

  EXPECT_STREQ(object_class_get_name(object_class_get_parent(klass)), "late-parent");
}

TEST_F(QomTypes, B29_a_missing_parent_is_an_error_at_first_use) {
  add({.name = "A", .parent = "nosuch"});

  EXPECT_EQ(error_of([] { object_class_by_name("A"); }),
            "Type 'A' is missing its parent 'nosuch'");
}

TEST_F(QomTypes, B29_a_type_with_a_missing_parent_works_once_the_parent_came) {
  add({.name = "A", .parent = "nosuch"});
  error_of([] { object_class_by_name("A"); });

  add({.name = "nosuch", .parent = TYPE_OBJECT});

  EXPECT_NE(object_class_by_name("A"), nullptr);
}

TEST_F(QomTypes, B30_a_missing_parent_anywhere_ends_every_enumeration) {
  add({.name = "A", .parent = "nosuch"});

  EXPECT_EQ(error_of([] { object_class_get_list(TYPE_CONTAINER, false); }),
            "Type 'A' is missing its parent 'nosuch'");
}

TEST_F(QomTypes, B30_types_can_be_registered_after_an_enumeration_that_failed) {
  add({.name = "A", .parent = "nosuch"});
  error_of([] { object_class_get_list(nullptr, false); });

  add({.name = "B", .parent = TYPE_OBJECT});

  EXPECT_NE(type_get_by_name("B"), nullptr);
}

TEST_F(QomTypes, B31_a_type_that_is_its_own_parent_is_an_error) {
  add({.name = "A", .parent = "A"});

  EXPECT_THAT(error_of([] { object_class_by_name("A"); }),
              HasSubstr("'A' is its own ancestor"));
}

TEST_F(QomTypes, B31_a_circle_of_parents_is_an_error) {
  add({.name = "A", .parent = "C"});
  add({.name = "B", .parent = "A"});
  add({.name = "C", .parent = "B"});

  EXPECT_THAT(error_of([] { object_class_by_name("B"); }),
              HasSubstr("'B' is its own ancestor"));
}

TEST_F(QomTypes, B31_a_cast_to_a_type_in_a_circle_is_refused) {
  add({.name = "A", .parent = "A"});

  EXPECT_EQ(object_class_dynamic_cast(object_class_by_name(TYPE_CONTAINER), "A"),
            nullptr);
}

TEST_F(QomTypes, B32_every_spelling_is_a_name) {
  for (const char* name : {"a b", "x/y", "", "a::b", "gr\xc3\xbc\xc3\x9f"}) {
    add({.name = name, .parent = TYPE_OBJECT});
    EXPECT_STREQ(object_class_get_name(object_class_by_name(name)), name);
  }
}

TEST_F(QomTypes, B32_names_are_case_sensitive) {
  add({.name = "A", .parent = TYPE_OBJECT});

  EXPECT_EQ(type_get_by_name("a"), nullptr);
}

TEST_F(QomTypesDeathTest, B34_a_real_type_named_as_an_interface_class_is_a_duplicate) {
  add({.name = "I", .parent = TYPE_INTERFACE});
  add({.name = "A::I", .parent = TYPE_OBJECT});
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_i});

  EXPECT_DEATH(object_class_by_name("A"), "Registering `A::I' which already exists");
}

TEST_F(QomTypesDeathTest, B35_registering_while_enumerating_aborts) {
  const auto register_inside = [](ObjectClass*) { register_late(nullptr, nullptr); };

  EXPECT_DEATH(object_class_foreach(register_inside, nullptr, true),
               "Registering `late' while the type table is being enumerated");
}

TEST_F(QomTypesDeathTest, B35_so_does_a_class_init_that_the_enumeration_runs) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = register_late});

  EXPECT_DEATH(object_class_get_list(nullptr, true), "Registering `late' while");
}

TEST_F(QomTypes, B36_the_guard_is_a_flag_which_an_inner_enumeration_ends) {
  bool done = false;
  const auto fn = [&done](ObjectClass*) {
    if (!done) {
      done = true;
      object_class_get_list(nullptr, true);
      register_late(nullptr, nullptr);
    }
  };

  object_class_foreach(fn, nullptr, true);

  EXPECT_NE(type_get_by_name("late"), nullptr);
}

TEST_F(QomTypes, B37_a_class_init_may_register_outside_an_enumeration) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = register_late});

  object_class_by_name("A");

  EXPECT_NE(object_class_by_name("late"), nullptr);
}

TEST_F(QomTypes, B38_unknown_names_are_looked_up_as_null) {
  EXPECT_EQ(object_class_by_name("nosuch"), nullptr);
  EXPECT_EQ(object_class_by_name(nullptr), nullptr);
  EXPECT_EQ(type_get_by_name(nullptr), nullptr);
}

TEST_F(QomTypes, B39_class_init_has_run_when_lookup_returns) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});

  object_class_by_name("A");

  EXPECT_THAT(log(), ElementsAre("class_init A -"));
}

TEST_F(QomTypes, B41_thirty_two_interfaces_are_accepted) {
  std::array<std::string, 32> names;
  std::array<InterfaceInfo, 33> list{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = "I" + std::to_string(i);
    list[i].type = names[i].c_str();
    add({.name = names[i].c_str(), .parent = TYPE_INTERFACE});
  }
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = list.data()});

  EXPECT_NE(object_class_dynamic_cast(object_class_by_name("A"), "I31"), nullptr);
}

TEST_F(QomTypesDeathTest, B41_thirty_three_interfaces_are_refused) {
  std::array<InterfaceInfo, 34> list{};
  std::fill(list.begin(), list.end() - 1, InterfaceInfo{"I"});

  EXPECT_DEATH(add({.name = "A", .parent = TYPE_OBJECT, .interfaces = list.data()}),
               "Type 'A' lists more than 32 interfaces");
}

}  // namespace qom_test
