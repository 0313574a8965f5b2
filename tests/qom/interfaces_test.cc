// Section D: interfaces and the classes "A::I" that implement them.
#include "fixture.h"

namespace qom_test {

namespace {

constexpr InterfaceInfo implements_j[] = {{"J"}, {}};
constexpr InterfaceInfo implements_i_then_j[] = {{"I"}, {"J"}, {}};
constexpr InterfaceInfo implements_j_then_i[] = {{"J"}, {"I"}, {}};
constexpr InterfaceInfo implements_i_twice[] = {{"I"}, {"I"}, {}};
constexpr InterfaceInfo implements_nosuch[] = {{"nosuch"}, {}};
constexpr InterfaceInfo implements_i_and_nosuch[] = {{"I"}, {"nosuch"}, {}};

void set_value(ObjectClass* klass, int value) {
  static_cast<ValueInterface*>(object_class_dynamic_cast(klass, "I"))->value = value;
}

class QomInterfaces : public Fresh {
 protected:
  QomInterfaces() {
    add({.name = "I",
         .parent = TYPE_INTERFACE,
         .klass = class_struct<ValueInterface>(),
         .class_init = [](ObjectClass* klass, void*) {
           static_cast<ValueInterface*>(klass)->value = 5;
           log().push_back(std::string("class_init ") + object_class_get_name(klass));
         }});
    add({.name = "J", .parent = "I"});
  }

  static void add_a_with_ten() {
    add({.name = "A",
         .parent = TYPE_OBJECT,
         .class_init = [](ObjectClass* klass, void*) { set_value(klass, 10); },
         .interfaces = implements_i});
  }

  static bool casts(const char* type, const char* to) {
    return object_class_dynamic_cast(object_class_by_name(type), to) != nullptr;
  }

  static Log interfaces_of(const char* type) {
    Log names;
    for (const InterfaceClass* klass : object_class_by_name(type)->type->interfaces) {
      names.emplace_back(object_class_get_name(klass));
    }
    return names;
  }
};

using QomInterfacesDeathTest = QomInterfaces;

}  // namespace

TEST_F(QomInterfacesDeathTest, D66_an_interface_with_an_instance_size_aborts) {
  add({.name = "bad", .parent = TYPE_INTERFACE, .instance_size = 8});

  EXPECT_DEATH(object_class_by_name("bad"), "an interface has no instance_size");
}

TEST_F(QomInterfacesDeathTest, D66_an_interface_with_instance_init_aborts) {
  add({.name = "bad", .parent = TYPE_INTERFACE, .instance_init = [](Object*) {}});

  EXPECT_DEATH(object_class_by_name("bad"), "an interface has no instance_init");
}

TEST_F(QomInterfacesDeathTest, D66_an_interface_with_interfaces_aborts) {
  add({.name = "bad", .parent = TYPE_INTERFACE, .interfaces = implements_i});

  EXPECT_DEATH(object_class_by_name("bad"), "an interface implements no interfaces");
}

TEST_F(QomInterfaces, D67_the_implementing_class_is_a_hidden_abstract_child) {
  add_a_with_ten();

  ObjectClass* klass = object_class_dynamic_cast(object_class_by_name("A"), "I");

  EXPECT_STREQ(object_class_get_name(klass), "A::I");
  EXPECT_TRUE(object_class_is_abstract(klass));
  EXPECT_EQ(object_class_get_parent(klass), object_class_by_name("I"));
  EXPECT_EQ(object_class_by_name("A::I"), nullptr);
}

TEST_F(QomInterfaces, D67_it_is_never_listed) {
  add_a_with_ten();

  EXPECT_THAT(names_of(object_class_get_list_sorted("I", true)),
              ElementsAre("A", "I", "J"));
}

TEST_F(QomInterfaces, D68_it_knows_its_concrete_class_and_its_interface) {
  add_a_with_ten();
  ObjectClass* a = object_class_by_name("A");

  auto* klass = static_cast<InterfaceClass*>(object_class_dynamic_cast(a, "I"));

  EXPECT_EQ(klass->concrete_class, a);
  EXPECT_EQ(klass->interface_type, type_get_by_name("I"));
}

TEST_F(QomInterfaces, D69_filling_the_methods_leaves_the_interface_as_it_was) {
  add_a_with_ten();

  EXPECT_EQ(value_of("A"), 10);
  EXPECT_EQ(value_of("I"), 5);
}

TEST_F(QomInterfaces, D70_a_subclass_has_its_own_copy_of_the_parents) {
  add_a_with_ten();
  add({.name = "B", .parent = "A"});
  add({.name = "C", .parent = "B", .class_init = [](ObjectClass* klass, void*) {
         set_value(klass, 20);
       }});

  EXPECT_EQ(value_of("C"), 20);
  EXPECT_EQ(value_of("B"), 10);
  EXPECT_EQ(value_of("A"), 10);
}

TEST_F(QomInterfaces, D70_the_subclasss_interface_class_descends_from_the_parents) {
  add_a_with_ten();
  add({.name = "B", .parent = "A"});

  ObjectClass* klass = object_class_dynamic_cast(object_class_by_name("B"), "I");

  EXPECT_STREQ(object_class_get_name(klass), "B::I");
  EXPECT_STREQ(object_class_get_name(object_class_get_parent(klass)), "A::I");
}

TEST_F(QomInterfaces, D71_the_concrete_class_of_an_inherited_interface_is_the_child) {
  add_a_with_ten();
  add({.name = "B", .parent = "A"});
  ObjectClass* b = object_class_by_name("B");

  auto* klass = static_cast<InterfaceClass*>(object_class_dynamic_cast(b, "I"));

  EXPECT_EQ(klass->concrete_class, b);
}

TEST_F(QomInterfaces, D72_class_base_init_runs_for_each_implementation_class_init_once) {
  add({.name = "K",
       .parent = TYPE_INTERFACE,
       .class_base_init = log_base_init,
       .class_init = log_class_init});
  static constexpr InterfaceInfo implements_k[] = {{"K"}, {}};
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_k});
  add({.name = "B", .parent = "A"});

  object_class_by_name("B");

  EXPECT_THAT(log(), ElementsAre("class_init K -", "base_init for A::K -",
                                 "base_init for B::K -"));
}

TEST_F(QomInterfaces, D72_so_does_that_of_the_interfaces_parents) {
  add({.name = "K", .parent = TYPE_INTERFACE, .class_base_init = log_base_init});
  add({.name = "L", .parent = "K"});
  static constexpr InterfaceInfo implements_l[] = {{"L"}, {}};
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_l});

  object_class_by_name("A");

  EXPECT_THAT(log(), ElementsAre("base_init for L -", "base_init for A::L -"));
}

TEST_F(QomInterfaces, D73_an_interface_the_parent_has_is_listed_in_vain) {
  add_a_with_ten();
  add({.name = "B", .parent = "A", .interfaces = implements_i});

  EXPECT_THAT(interfaces_of("B"), ElementsAre("B::I"));
}

TEST_F(QomInterfaces, D73_listed_twice_it_counts_once) {
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_i_twice});

  EXPECT_THAT(interfaces_of("A"), ElementsAre("A::I"));
}

TEST_F(QomInterfaces, D74_a_child_interface_listed_first_covers_its_parent) {
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_j_then_i});

  EXPECT_THAT(interfaces_of("A"), ElementsAre("A::J"));
  EXPECT_TRUE(casts("A", "I"));
  EXPECT_TRUE(casts("A", "J"));
  EXPECT_TRUE(casts("A", TYPE_INTERFACE));
}

TEST_F(QomInterfaces, D75_a_parent_interface_listed_first_makes_casts_ambiguous) {
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_i_then_j});

  EXPECT_THAT(interfaces_of("A"), ElementsAre("A::I", "A::J"));
  EXPECT_TRUE(casts("A", "J"));
  EXPECT_FALSE(casts("A", "I"));
  EXPECT_FALSE(casts("A", TYPE_INTERFACE));
}

TEST_F(QomInterfaces, D76_so_does_a_child_class_that_adds_the_child_interface) {
  add_a_with_ten();
  add({.name = "B", .parent = "A", .interfaces = implements_j});

  EXPECT_TRUE(casts("B", "J"));
  EXPECT_FALSE(casts("B", "I"));
}

TEST_F(QomInterfaces, D77_implementing_the_child_interface_alone_gives_both) {
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_j});

  EXPECT_TRUE(casts("A", "I"));
}

TEST_F(QomInterfaces, D78_two_interfaces_make_the_cast_to_the_root_interface_fail) {
  add({.name = "K", .parent = TYPE_INTERFACE});
  static constexpr InterfaceInfo implements_i_and_k[] = {{"I"}, {"K"}, {}};
  add({.name = "one", .parent = TYPE_OBJECT, .interfaces = implements_i});
  add({.name = "two", .parent = TYPE_OBJECT, .interfaces = implements_i_and_k});

  EXPECT_TRUE(casts("one", TYPE_INTERFACE));
  EXPECT_FALSE(casts("two", TYPE_INTERFACE));
}

TEST_F(QomInterfaces, D79_inherited_interfaces_come_first) {
  add({.name = "K", .parent = TYPE_INTERFACE});
  add({.name = "L", .parent = TYPE_INTERFACE});
  static constexpr InterfaceInfo implements_k[] = {{"K"}, {}};
  static constexpr InterfaceInfo implements_i_and_l[] = {{"I"}, {"L"}, {}};
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_k});
  add({.name = "B", .parent = "A", .interfaces = implements_i_and_l});

  EXPECT_THAT(interfaces_of("B"), ElementsAre("B::K", "B::I", "B::L"));
}

TEST_F(QomInterfaces, D80_an_unknown_interface_is_an_error_at_first_use) {
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_nosuch});
  add({.name = "B", .parent = TYPE_OBJECT, .interfaces = implements_i_and_nosuch});

  EXPECT_EQ(error_of([] { object_class_by_name("A"); }),
            "Type 'A' is missing its interface 'nosuch'");
  EXPECT_EQ(error_of([] { object_class_by_name("B"); }),
            "Type 'B' is missing its interface 'nosuch'");
}

TEST_F(QomInterfaces, D80_a_class_listed_as_interface_is_an_error) {
  static constexpr InterfaceInfo implements_container[] = {{TYPE_CONTAINER}, {}};
  add({.name = "A", .parent = TYPE_OBJECT, .interfaces = implements_container});

  EXPECT_THAT(error_of([] { object_class_by_name("A"); }),
              HasSubstr("'container', which is not an interface"));
}

}  // namespace qom_test
