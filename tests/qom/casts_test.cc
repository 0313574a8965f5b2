// Sections F and G: casts and the listing of classes.
#include "fixture.h"

namespace qom_test {

namespace {

struct A : Object {
  static constexpr const char* qom_type = "A";
};

class QomCasts : public Fresh {
 protected:
  QomCasts() {
    register_chain();
    add({.name = "sibling", .parent = "A"});
    add({.name = "I", .parent = TYPE_INTERFACE});
    add({.name = "with-i", .parent = "A", .interfaces = implements_i});
    c_ = Ref<>(object_new("C"));
  }

  ~QomCasts() override { c_ = Ref<>(); }

  Ref<> c_;
};

using QomCastsDeathTest = QomCasts;

class QomListing : public Fresh {
 protected:
  QomListing() {
    add({.name = "b", .parent = TYPE_OBJECT, .class_init = log_class_init});
    add({.name = "A", .parent = TYPE_OBJECT, .class_init = log_class_init});
    add({.name = "C", .parent = "A", .abstract = true});
    add({.name = "a2", .parent = "A"});
  }
};

}  // namespace

TEST_F(QomCasts, F104_an_object_is_what_its_ancestors_are_and_nothing_else) {
  for (const char* yes : {"C", "B", "A", "object"}) {
    EXPECT_EQ(object_dynamic_cast(c_.get(), yes), c_.get()) << yes;
  }
  for (const char* no : {"sibling", "container", "nosuch", "", "c"}) {
    EXPECT_EQ(object_dynamic_cast(c_.get(), no), nullptr) << no;
  }
  EXPECT_EQ(object_dynamic_cast(nullptr, "A"), nullptr);
}

TEST_F(QomCasts, F105_a_cast_downwards_gives_null) {
  const Ref<> a(object_new("A"));

  EXPECT_EQ(object_dynamic_cast(a.get(), "C"), nullptr);
}

TEST_F(QomCasts, F106_a_class_cast_upwards_gives_the_same_class) {
  ObjectClass* klass = object_class_by_name("C");

  EXPECT_EQ(object_class_dynamic_cast(klass, "A"), klass);
}

TEST_F(QomCasts, F107_an_interface_cast_keeps_the_object_and_changes_the_class) {
  const Ref<> obj(object_new("with-i"));

  EXPECT_EQ(object_dynamic_cast(obj.get(), "I"), obj.get());
  EXPECT_STREQ(
      object_class_get_name(object_class_dynamic_cast(object_get_class(obj.get()), "I")),
      "with-i::I");
}

TEST_F(QomCasts, F108_an_interface_class_is_neither_the_type_nor_an_object) {
  ObjectClass* klass = object_class_dynamic_cast(object_class_by_name("with-i"), "I");

  EXPECT_EQ(object_class_dynamic_cast(klass, "I"), klass);
  EXPECT_EQ(object_class_dynamic_cast(klass, "with-i"), nullptr);
  EXPECT_EQ(object_class_dynamic_cast(klass, "object"), nullptr);
}

TEST_F(QomCastsDeathTest, F109_a_failing_checked_cast_aborts_and_names_its_place) {
  EXPECT_DEATH(
      object_dynamic_cast_assert(c_.get(), "sibling", "hw/x.cc", 12, "realize"),
      "hw/x.cc:12:realize: Object 0x[0-9a-f]+ is not an instance of type sibling");
  EXPECT_DEATH(object_dynamic_cast_assert(c_.get(), "nosuch"),
               "casts_test.cc:.*is not an instance of type nosuch");
}

TEST_F(QomCastsDeathTest, F109_a_failing_class_cast_says_the_same) {
  EXPECT_DEATH(object_class_dynamic_cast_assert(object_class_by_name("C"), "sibling",
                                                "f.cc", 3, "g"),
               "f.cc:3:g: Object 0x[0-9a-f]+ is not an instance of type sibling");
}

TEST_F(QomCasts, F110_a_checked_cast_of_null_is_null) {
  EXPECT_EQ(object_dynamic_cast_assert(nullptr, "A"), nullptr);
  EXPECT_EQ(object_class_dynamic_cast_assert(nullptr, "A"), nullptr);
  EXPECT_EQ(object_cast<A>(nullptr), nullptr);
}

TEST_F(QomCastsDeathTest, F111_casts_are_checked_in_every_build) {
  const Ref<> other(object_new(TYPE_CONTAINER));

  EXPECT_DEATH(object_cast<A>(other.get()), "is not an instance of type A");
}

TEST_F(QomCasts, F112_four_casts_are_remembered_newest_last_hits_change_nothing) {
  static const char* const names[] = {"A", "B", "C", "object"};
  for (const char* name : names) {
    object_dynamic_cast_assert(c_.get(), name);
  }
  object_dynamic_cast_assert(c_.get(), names[0]);

  EXPECT_THAT(object_get_class(c_.get())->object_cast_cache,
              ElementsAre(names[0], names[1], names[2], names[3]));
}

TEST_F(QomCasts, F112_the_cache_compares_pointers_not_text) {
  static const char first[] = "A";
  static const char second[] = "A";
  object_dynamic_cast_assert(c_.get(), first);
  object_dynamic_cast_assert(c_.get(), second);

  EXPECT_EQ(object_get_class(c_.get())->object_cast_cache[2], first);
  EXPECT_EQ(object_get_class(c_.get())->object_cast_cache[3], second);
}

TEST_F(QomCasts, F112_a_class_cast_to_an_interface_is_not_remembered) {
  ObjectClass* klass = object_class_by_name("with-i");

  object_class_dynamic_cast_assert(klass, "I");

  EXPECT_EQ(klass->class_cast_cache[3], nullptr);
}

TEST_F(QomListing, G113_listing_initialises_types_that_do_not_match) {
  object_class_get_list(TYPE_CONTAINER, false);

  EXPECT_THAT(log(), ElementsAre("class_init b -", "class_init A -"));
}

TEST_F(QomListing, G114_a_filter_keeps_what_casts_to_it) {
  EXPECT_THAT(names_of(object_class_get_list_sorted("A", false)), ElementsAre("A", "a2"));
  EXPECT_THAT(names_of(object_class_get_list_sorted("A", true)),
              ElementsAre("A", "a2", "C"));
}

TEST_F(QomListing, G114_an_unknown_filter_matches_nothing) {
  EXPECT_THAT(object_class_get_list("nosuch", true), IsEmpty());
}

TEST_F(QomListing, G114_no_filter_lists_everything_with_both_roots) {
  EXPECT_THAT(names_of(object_class_get_list_sorted(nullptr, true)),
              ElementsAre("A", "a2", "b", "C", "container", "interface", "object",
                          "user-creatable"));
}

TEST_F(QomListing, G115_the_asked_type_is_in_the_answer_if_not_abstract) {
  EXPECT_THAT(names_of(object_class_get_list("b", false)), ElementsAre("b"));
  EXPECT_THAT(object_class_get_list("C", false), IsEmpty());
}

TEST_F(QomListing, G115_an_interface_lists_implementers_and_with_abstract_itself) {
  add({.name = "I", .parent = TYPE_INTERFACE});
  add({.name = "J", .parent = "I"});
  add({.name = "impl", .parent = TYPE_OBJECT, .interfaces = implements_i});

  EXPECT_THAT(names_of(object_class_get_list_sorted("I", false)), ElementsAre("impl"));
  EXPECT_THAT(names_of(object_class_get_list_sorted("I", true)),
              ElementsAre("I", "impl", "J"));
}

TEST_F(QomListing, G116_the_sorted_form_ignores_case) {
  EXPECT_THAT(names_of(object_class_get_list_sorted(TYPE_OBJECT, true)),
              ElementsAre("A", "a2", "b", "C", "container", "object"));
}

TEST_F(QomListing, G116_the_unsorted_form_is_in_order_of_registration_here) {
  EXPECT_THAT(names_of(object_class_get_list(TYPE_OBJECT, false)),
              ElementsAre("container", "b", "A", "a2"));
}

}  // namespace qom_test
