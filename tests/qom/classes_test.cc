// Section C: type_initialize() makes classes.
#include "fixture.h"

namespace qom_test {

namespace {

using QomClasses = Fresh;
using QomClassesDeathTest = Fresh;

struct A : Object {
  int a = 1;
};

struct B : A {
  int b = 2;
};

struct WiderClass : NumbersClass {
  int z = 0;
};

void set_x7_y8(ObjectClass* klass, void*) {
  static_cast<NumbersClass*>(klass)->x = 7;
  static_cast<NumbersClass*>(klass)->y = 8;
}

void look_then_set_y80(ObjectClass* klass, void*) {
  auto* numbers = static_cast<WiderClass*>(klass);
  log().push_back("x=" + std::to_string(numbers->x) + " y=" + std::to_string(numbers->y) +
                  " z=" + std::to_string(numbers->z));
  numbers->y = 80;
}

void log_casts_to_parents(ObjectClass* klass, void*) {
  log().push_back(
      std::string(object_class_get_name(klass)) +
      (object_class_dynamic_cast(klass, "A") == klass ? " is an A" : " is no A"));
}

void some_unparent(Object*) {}

void set_unparent(ObjectClass* klass, void*) {
  klass->unparent = some_unparent;
}

void add_numbers_types() {
  type_register_static(TypeInfo{.name = "A",
                                .parent = TYPE_OBJECT,
                                .klass = class_struct<NumbersClass>(),
                                .class_init = set_x7_y8});
  type_register_static(TypeInfo{.name = "B",
                                .parent = "A",
                                .klass = class_struct<WiderClass>(),
                                .class_init = look_then_set_y80});
}

void add_logging_chain() {
  type_register_static(TypeInfo{.name = "A",
                                .parent = TYPE_OBJECT,
                                .class_base_init = log_base_init,
                                .class_init = log_class_init,
                                .class_data = text_data("dA")});
  type_register_static(TypeInfo{.name = "B",
                                .parent = "A",
                                .class_base_init = log_base_init,
                                .class_init = log_class_init,
                                .class_data = text_data("dB")});
  type_register_static(
      TypeInfo{.name = "C", .parent = "B", .class_init = log_class_init});
}

void throw_error(ObjectClass*, void*) {
  throw Error("not today");
}

}  // namespace

TEST_F(QomClasses, C44_class_init_runs_once_per_type) {
  TypeImpl* type =
      add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});

  type_initialize(type);
  type_initialize(type);

  EXPECT_THAT(log(), ElementsAre("class_init A -"));
}

TEST_F(QomClasses, C45_parents_are_initialised_first) {
  add({.name = "C", .parent = "B", .class_init = log_class_init});
  add({.name = "B", .parent = "A", .class_init = log_class_init});
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});

  object_class_by_name("C");
  object_class_by_name("A");

  EXPECT_THAT(log(), ElementsAre("class_init A -", "class_init B -", "class_init C -"));
}

TEST_F(QomClasses, C45_asking_for_the_root_initialises_it_alone) {
  add_logging_chain();

  object_class_by_name("A");

  EXPECT_THAT(log(), ElementsAre("class_init A dA"));
}

TEST_F(QomClasses, C46_no_class_size_inherits_the_parents) {
  add_numbers_types();
  TypeImpl* child = add({.name = "child", .parent = "A"});
  type_initialize(child);
  TypeImpl* plain = add({.name = "plain", .parent = TYPE_OBJECT});
  type_initialize(plain);

  EXPECT_EQ(child->class_size, sizeof(NumbersClass));
  EXPECT_EQ(plain->class_size, sizeof(ObjectClass));
}

TEST_F(QomClassesDeathTest, C47_a_class_smaller_than_the_parents_aborts) {
  add_numbers_types();
  add({.name = "small", .parent = "A", .class_size = sizeof(ObjectClass)});

  EXPECT_DEATH(object_class_by_name("small"),
               "type 'small': class_size is smaller than its parent's");
}

TEST_F(QomClasses, C47_a_class_as_large_as_the_parents_is_fine) {
  add_numbers_types();
  add({.name = "equal", .parent = "A", .class_size = sizeof(NumbersClass)});

  EXPECT_NE(object_class_by_name("equal"), nullptr);
}

TEST_F(QomClasses, C48_no_instance_size_inherits_the_parents) {
  add({.name = "A", .parent = TYPE_OBJECT, .instance = instance_struct<A>()});
  add({.name = "B", .parent = "A"});

  EXPECT_EQ(object_type_get_instance_size("B"), sizeof(A));
  EXPECT_EQ(object_type_get_instance_size(TYPE_CONTAINER), sizeof(Object));
}

TEST_F(QomClassesDeathTest, C48_the_size_of_an_unknown_type_aborts) {
  EXPECT_DEATH(object_type_get_instance_size("nosuch"), "there is no type 'nosuch'");
}

TEST_F(QomClasses, C49_a_plain_instance_size_below_the_parents_becomes_the_parents) {
  add({.name = "A", .parent = TYPE_OBJECT, .instance = instance_struct<A>()});
  add({.name = "small", .parent = "A", .instance_size = 4});

  EXPECT_EQ(object_type_get_instance_size("small"), sizeof(A));
}

TEST_F(QomClassesDeathTest, C49_an_instance_struct_that_cannot_hold_the_parents_aborts) {
  add({.name = "A", .parent = TYPE_OBJECT, .instance = instance_struct<B>()});
  add({.name = "small", .parent = "A", .instance = instance_struct<Object>()});

  EXPECT_DEATH(object_class_by_name("small"),
               "instance struct does not hold its parent's");
}

TEST_F(QomClasses, C50_only_the_interface_branch_has_no_instance_size) {
  add({.name = "I", .parent = TYPE_INTERFACE});
  add({.name = "A", .parent = TYPE_OBJECT});

  EXPECT_TRUE(object_class_is_abstract(object_class_by_name("I")));
  EXPECT_FALSE(object_class_is_abstract(object_class_by_name("A")));
}

TEST_F(QomClasses, C51_abstract_is_not_inherited) {
  add({.name = "A", .parent = TYPE_OBJECT, .abstract = true});
  add({.name = "B", .parent = "A"});

  EXPECT_TRUE(object_class_is_abstract(object_class_by_name("A")));
  EXPECT_FALSE(object_class_is_abstract(object_class_by_name("B")));
}

TEST_F(QomClasses, C51_object_and_interface_are_abstract_and_container_is_not) {
  EXPECT_TRUE(object_class_is_abstract(object_class_by_name(TYPE_OBJECT)));
  EXPECT_TRUE(object_class_is_abstract(object_class_by_name(TYPE_INTERFACE)));
  EXPECT_FALSE(object_class_is_abstract(object_class_by_name(TYPE_CONTAINER)));
}

TEST_F(QomClasses, C52_a_child_class_starts_with_the_parents_values) {
  add_numbers_types();

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("x=7 y=8 z=0"));
}

TEST_F(QomClasses, C52_changes_after_the_copy_reach_neither_side) {
  add_numbers_types();
  auto* b = static_cast<NumbersClass*>(object_class_by_name("B"));
  auto* a = static_cast<NumbersClass*>(object_class_by_name("A"));

  a->x = 1000;

  EXPECT_EQ(b->x, 7);
  EXPECT_EQ(a->y, 8);
  EXPECT_EQ(b->y, 80);
}

TEST_F(QomClasses, C52_bytes_given_as_a_plain_class_size_are_inherited_too) {
  constexpr std::size_t size = sizeof(ObjectClass) + 16;
  const auto last = [](ObjectClass* k) -> unsigned char& {
    return reinterpret_cast<unsigned char*>(k)[size - 1];
  };
  add({.name = "A", .parent = TYPE_OBJECT, .class_size = size});
  add({.name = "B", .parent = "A"});
  last(object_class_by_name("A")) = 42;

  EXPECT_EQ(last(object_class_by_name("B")), 42);
}

TEST_F(QomClasses, C53_function_pointers_are_inherited) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = set_unparent});
  add({.name = "B", .parent = "A"});

  EXPECT_EQ(object_class_by_name("B")->unparent, &some_unparent);
}

TEST_F(QomClasses, C54_interfaces_properties_and_type_are_the_childs_own) {
  add({.name = "I", .parent = TYPE_INTERFACE});
  TypeImpl* a = add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_i});
  TypeImpl* b = add({.name = "B", .parent = "A"});
  object_class_property_add_bool(object_class_by_name("A"), "flag", {}, {});

  ObjectClass* klass = object_class_by_name("B");

  EXPECT_EQ(klass->type, b);
  EXPECT_EQ(b->class_properties, nullptr);
  ASSERT_EQ(b->interfaces.size(), 1u);
  EXPECT_NE(b->interfaces[0], a->interfaces[0]);
}

TEST_F(QomClasses, C55_cast_caches_are_inherited_by_the_copy) {
  register_chain();
  ObjectClass* a = object_class_by_name("A");
  object_class_dynamic_cast_assert(a, TYPE_OBJECT);

  EXPECT_EQ(object_class_by_name("B")->class_cast_cache[3], TYPE_OBJECT);
}

TEST_F(QomClasses, C56_interfaces_come_before_base_inits_and_those_before_class_init) {
  add({.name = "I", .parent = TYPE_INTERFACE, .class_init = log_class_init});
  add({.name = "A",
       .parent = TYPE_OBJECT,
       .class_base_init = log_base_init,
       .class_init = log_class_init});
  add({.name = "B",
       .parent = "A",
       .class_init = log_class_init,
       .interfaces = implements_i});

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("class_init A -", "class_init I -", "base_init for B -",
                                 "class_init B -"));
}

TEST_F(QomClasses, C57_class_base_init_never_runs_for_its_own_type) {
  add_logging_chain();

  object_class_by_name("A");

  EXPECT_THAT(log(), ElementsAre("class_init A dA"));
}

TEST_F(QomClasses, C58_C59_base_inits_go_from_the_nearest_parent_up_before_class_init) {
  static Log owners;
  owners.clear();
  add({.name = "A", .parent = TYPE_OBJECT, .class_base_init = [](ObjectClass* k, void*) {
         owners.push_back(std::string("A's for ") + object_class_get_name(k));
       }});
  add({.name = "B", .parent = "A", .class_base_init = [](ObjectClass* k, void*) {
         owners.push_back(std::string("B's for ") + object_class_get_name(k));
       }});
  add({.name = "C", .parent = "B", .class_init = [](ObjectClass*, void*) {
         owners.push_back("C's class_init");
       }});

  object_class_by_name("C");

  EXPECT_THAT(owners,
              ElementsAre("A's for B", "B's for C", "A's for C", "C's class_init"));
}

TEST_F(QomClasses, C60_callbacks_get_the_data_of_the_type_being_initialised) {
  add_logging_chain();

  object_class_by_name("C");

  EXPECT_THAT(log(),
              ElementsAre("class_init A dA", "base_init for B dB", "class_init B dB",
                          "base_init for C -", "base_init for C -", "class_init C -"));
}

TEST_F(QomClasses, C61_in_class_base_init_the_class_has_its_name_and_parents) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_base_init = log_casts_to_parents});
  add({.name = "B", .parent = "A"});

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("B is an A"));
}

TEST_F(QomClasses, C62_class_data_is_not_inherited) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_data = text_data("dA")});
  add({.name = "B", .parent = "A", .class_init = log_class_init});

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("class_init B -"));
}

TEST_F(QomClasses, C63_class_init_is_not_called_again_for_a_child) {
  add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});
  add({.name = "B", .parent = "A"});

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("class_init A -"));
}

TEST_F(QomClasses, C64_the_roots_have_no_parent) {
  EXPECT_EQ(object_class_get_parent(object_class_by_name(TYPE_OBJECT)), nullptr);
  EXPECT_EQ(object_class_get_parent(object_class_by_name(TYPE_INTERFACE)), nullptr);
}

TEST_F(QomClasses, a_class_init_that_throws_leaves_the_type_on_paper) {
  TypeImpl* type = add({.name = "A", .parent = TYPE_OBJECT, .class_init = throw_error});

  EXPECT_EQ(error_of([] { object_class_by_name("A"); }), "not today");

  EXPECT_EQ(type->klass, nullptr);
}

}  // namespace qom_test
