// Section E: the life of objects.
#include <array>

#include "fixture.h"

namespace qom_test {

namespace {

struct CountedState : Object {
  static constexpr const char* qom_type = "counted";
  std::string text = "constructed";
  std::vector<int> numbers{1, 2, 3};
};

void init_a(Object* obj) {
  log().push_back("init A ref " + std::to_string(obj->ref));
}

void init_c(Object*) {
  log().push_back("init C");
}

void post_a(Object*) {
  log().push_back("post A");
}

void post_b(Object*) {
  log().push_back("post B");
}

void post_c(Object*) {
  log().push_back("post C");
}

void fini_a(Object* obj) {
  log().push_back("fini A ref " + std::to_string(obj->ref));
}

void fini_b(Object*) {
  log().push_back("fini B");
}

void fini_c(Object*) {
  log().push_back("fini C");
}

void log_unparent(Object* obj) {
  log().push_back(std::string("unparent, parent ") + (obj->parent ? "set" : "gone") +
                  " ref " + std::to_string(obj->ref));
}

void fail_complete(Object*) {
  throw Error("cannot complete");
}

constexpr InterfaceInfo creatable[] = {{TYPE_USER_CREATABLE}, {}};

void add_number_property(Object* obj) {
  object_property_add_bool(
      obj, "flag", [](Object*) { return true; }, [](Object*, bool) {});
}

class QomLife : public Fresh {
 protected:
  // B has no instance_init: its level is passed over.
  QomLife() {
    add({.name = "A",
         .parent = TYPE_OBJECT,
         .instance_init = init_a,
         .instance_post_init = post_a,
         .instance_finalize = fini_a});
    add({.name = "B",
         .parent = "A",
         .instance_post_init = post_b,
         .instance_finalize = fini_b});
    add({.name = "C",
         .parent = "B",
         .instance_init = init_c,
         .instance_post_init = post_c,
         .instance_finalize = fini_c});
    add({.name = "part",
         .parent = TYPE_OBJECT,
         .instance_finalize = [](Object*) { log().push_back("fini part"); },
         .class_init = [](ObjectClass* k, void*) { k->unparent = log_unparent; }});
    add({.name = "props", .parent = TYPE_OBJECT, .instance_init = add_number_property});
    parent_ = Ref<>(object_new(TYPE_CONTAINER));
  }

  ~QomLife() override { parent_ = Ref<>(); }

  Object* add_part(std::string_view name) {
    const Ref<> part(object_new("part"));
    object_property_add_child(parent_.get(), name, part.get());
    return part.get();
  }

  Ref<> parent_;
};

using QomLifeDeathTest = QomLife;

}  // namespace

TEST_F(QomLife, E81_a_new_object_has_its_class_and_one_reference) {
  const Ref<> obj(object_new("props"));

  EXPECT_STREQ(object_get_typename(obj.get()), "props");
  EXPECT_EQ(obj->ref, 1u);
}

TEST_F(QomLife, E81_bytes_beyond_the_struct_are_zero) {
  add({.name = "raw", .parent = TYPE_OBJECT, .instance_size = sizeof(Object) + 64});
  const Ref<> obj(object_new("raw"));

  const auto* bytes = reinterpret_cast<const unsigned char*>(obj.get());

  EXPECT_TRUE(std::all_of(bytes + sizeof(Object), bytes + sizeof(Object) + 64,
                          [](unsigned char byte) { return byte == 0; }));
}

TEST_F(QomLife, E81_the_most_derived_cxx_struct_is_constructed_and_destroyed) {
  add({.name = "counted",
       .parent = TYPE_OBJECT,
       .instance = instance_struct<CountedState>()});

  const Ref<> obj(object_new("counted"));

  EXPECT_EQ(object_cast<CountedState>(obj.get())->text, "constructed");
  EXPECT_THAT(object_cast<CountedState>(obj.get())->numbers, ElementsAre(1, 2, 3));
}

TEST_F(QomLife, E82_E83_inits_go_root_first_and_post_inits_leaf_first) {
  const Ref<> obj(object_new("C"));

  EXPECT_THAT(log(), ElementsAre("init A ref 1", "init C", "post C", "post B", "post A"));
}

TEST_F(QomLife, E84_a_leafs_post_init_comes_before_the_roots_applies_globals) {
  static std::string seen;
  add({.name = "root",
       .parent = TYPE_OBJECT,
       .instance_init =
           [](Object* obj) {
             static bool value;
             value = false;
             object_property_add_bool(
                 obj, "v", [](Object*) { return value; },
                 [](Object*, bool to) { value = to; });
           },
       .instance_post_init = [](Object* obj) { qdev_prop_set_globals(obj); }});
  add({.name = "leaf", .parent = "root", .instance_post_init = [](Object* obj) {
         seen = object_property_print(obj, "v", false);
       }});
  qdev_prop_register_global({.driver = "root", .property = "v", .value = "on"});

  const Ref<> obj(object_new("leaf"));

  EXPECT_EQ(seen, "false");
  EXPECT_TRUE(object_property_get_bool(obj.get(), "v"));
}

TEST_F(QomLife, E85_finalizers_go_leaf_first_without_references) {
  Object* obj = object_new("C");
  log().clear();

  object_unref(obj);

  EXPECT_THAT(log(), ElementsAre("fini C", "fini B", "fini A ref 0"));
}

TEST_F(QomLifeDeathTest, E86_what_cannot_have_objects_aborts) {
  EXPECT_DEATH(object_new(TYPE_OBJECT), "type 'object' is abstract");
  EXPECT_DEATH(object_new(TYPE_USER_CREATABLE), "type 'user-creatable' is abstract");
  EXPECT_DEATH(object_new("nosuch"), "there is no type 'nosuch'");
}

TEST_F(QomLife, E87_an_object_can_live_in_the_callers_memory) {
  add({.name = "counted",
       .parent = TYPE_OBJECT,
       .instance = instance_struct<CountedState>()});
  alignas(CountedState) std::array<unsigned char, sizeof(CountedState) + 8> bytes;
  bytes.fill(0xaa);

  object_initialize(bytes.data(), bytes.size(), "counted");
  auto* obj = std::launder(reinterpret_cast<CountedState*>(bytes.data()));
  EXPECT_EQ(obj->text, "constructed");
  object_unref(obj);

  EXPECT_EQ(bytes[sizeof(CountedState)], 0xaa);
}

TEST_F(QomLifeDeathTest, E87_too_little_memory_or_no_such_type_aborts) {
  alignas(Object) std::array<unsigned char, sizeof(Object)> bytes;

  EXPECT_DEATH(object_initialize(bytes.data(), 4, TYPE_CONTAINER), "4 bytes are too few");
  EXPECT_DEATH(object_initialize(bytes.data(), bytes.size(), "nosuch"),
               "no type 'nosuch'");
}

TEST_F(QomLifeDeathTest, E88_unref_without_a_reference_aborts) {
  alignas(Object) std::array<unsigned char, sizeof(Object)> bytes;
  object_initialize(bytes.data(), bytes.size(), TYPE_CONTAINER);
  auto* obj = std::launder(reinterpret_cast<Object*>(bytes.data()));
  obj->ref = 0;

  EXPECT_DEATH(object_unref(obj), "no reference left");
  obj->ref = 1;
  object_unref(obj);
}

TEST_F(QomLife, E88_references_of_null_are_nothing) {
  EXPECT_EQ(object_ref(nullptr), nullptr);
  object_unref(nullptr);
}

TEST_F(QomLife, E89_a_child_finalizes_before_its_parents_finalizer) {
  add({.name = "whole", .parent = TYPE_OBJECT, .instance_finalize = [](Object*) {
         log().push_back("fini whole");
       }});
  Object* whole = object_new("whole");
  Object* part = object_new("part");
  object_property_add_child(whole, "p", part);
  object_unref(part);

  object_unref(whole);

  EXPECT_THAT(log(),
              ElementsAre("unparent, parent set ref 1", "fini part", "fini whole"));
}

TEST_F(QomLife, E90_adding_a_child_takes_a_reference_and_sets_the_parent) {
  const Ref<> part(object_new("part"));

  object_property_add_child(parent_.get(), "p", part.get());

  EXPECT_EQ(part->ref, 2u);
  EXPECT_EQ(part->parent, parent_.get());
}

TEST_F(QomLife, E91_a_child_property_is_a_path_that_cannot_be_set) {
  Object* root = object_get_root();
  const Ref<> child(object_new(TYPE_CONTAINER));
  object_property_add_child(root, "c", child.get());

  EXPECT_EQ(object_property_get_type(root, "c"), "child<container>");
  EXPECT_EQ(object_property_get_str(root, "c"), "/c");
  EXPECT_EQ(error_of([&] { object_property_set_str(root, "/", "c"); }),
            "Insufficient permission to perform this operation");
}

TEST_F(QomLife, E92_unparent_calls_the_hook_and_drops_the_reference) {
  Object* part = add_part("p");

  object_unparent(part);

  EXPECT_THAT(log(), ElementsAre("unparent, parent set ref 1", "fini part"));
  EXPECT_EQ(object_property_find(parent_.get(), "p"), nullptr);
}

TEST_F(QomLife, E93_with_another_reference_the_object_lives_on_without_parent) {
  const Ref<> part(object_ref(add_part("p")));

  object_unparent(part.get());
  object_unparent(part.get());

  EXPECT_EQ(part->parent, nullptr);
  EXPECT_EQ(part->ref, 1u);
}

TEST_F(QomLife, E94_an_object_has_one_parent) {
  Object* part = add_part("p");

  EXPECT_EQ(error_of([&] { object_property_add_child(parent_.get(), "q", part); }),
            "child object is already parented");
}

TEST_F(QomLife, E95_a_taken_name_is_refused_and_the_child_stays_alone) {
  add_part("c");
  const Ref<> second(object_new("part"));

  EXPECT_EQ(
      error_of([&] { object_property_add_child(parent_.get(), "c", second.get()); }),
      "attempt to add duplicate property 'c' to object (type 'container')");
  EXPECT_EQ(second->ref, 1u);
  EXPECT_EQ(second->parent, nullptr);
}

TEST_F(QomLife, E96_a_star_takes_the_first_free_index) {
  add_part("d[*]");
  Object* one = add_part("d[*]");
  add_part("d[*]");
  EXPECT_EQ(object_get_canonical_path_component(one), "d[1]");

  object_unparent(one);

  EXPECT_EQ(object_get_canonical_path_component(add_part("d[*]")), "d[1]");
  EXPECT_EQ(object_get_canonical_path_component(add_part("d[*]")), "d[3]");
}

TEST_F(QomLife, E96_the_star_needs_no_stem_and_must_come_last) {
  EXPECT_EQ(object_get_canonical_path_component(add_part("[*]")), "[0]");
  EXPECT_EQ(object_get_canonical_path_component(add_part("a[*]b")), "a[*]b");
}

TEST_F(QomLife, E97_new_with_props_refuses_cleanly) {
  const auto make = [&](const char* type, const PropertyTexts& properties) {
    return error_of([&] { object_new_with_props(type, parent_.get(), "x", properties); });
  };

  EXPECT_EQ(make("nosuch", {}), "invalid object type: nosuch");
  EXPECT_EQ(make("object", {}), "object type 'object' is abstract");
  EXPECT_EQ(make("props", {{"nope", "1"}}), "Property '.nope' not found");
  EXPECT_EQ(object_property_find(parent_.get(), "x"), nullptr);
}

TEST_F(QomLife, E97_on_success_only_the_parent_holds_it_and_a_second_id_is_refused) {
  Object* obj = object_new_with_props("props", parent_.get(), "x", {{"flag", "on"}});

  EXPECT_EQ(obj->ref, 1u);
  EXPECT_EQ(error_of([&] { object_new_with_props("props", parent_.get(), "x", {}); }),
            "attempt to add duplicate property 'x' to object (type 'container')");
}

TEST_F(QomLife, E98_properties_are_set_before_the_object_has_a_parent) {
  add({.name = "shy", .parent = TYPE_OBJECT, .instance_init = [](Object* obj) {
         object_property_add_bool(obj, "flag", {}, [](Object* o, bool) {
           log().push_back(o->parent ? "with parent" : "without parent");
         });
       }});

  object_new_with_props("shy", parent_.get(), "x", {{"flag", "on"}});

  EXPECT_THAT(log(), ElementsAre("without parent"));
}

TEST_F(QomLife, E99_new_with_props_completes_and_a_failure_leaves_nothing) {
  add({.name = "fails",
       .parent = "part",
       .class_init =
           [](ObjectClass* klass, void*) {
             static_cast<UserCreatableClass*>(
                 object_class_dynamic_cast(klass, TYPE_USER_CREATABLE))
                 ->complete = fail_complete;
           },
       .interfaces = creatable});

  EXPECT_EQ(error_of([&] { object_new_with_props("fails", parent_.get(), "x", {}); }),
            "cannot complete");
  EXPECT_EQ(log().back(), "fini part");
  EXPECT_EQ(object_property_find(parent_.get(), "x"), nullptr);
}

TEST_F(QomLife, E100_properties_may_be_added_in_instance_init) {
  const Ref<> obj(object_new("props"));

  EXPECT_TRUE(object_property_get_bool(obj.get(), "flag"));
}

TEST_F(QomLife, E101_a_foreach_stops_at_the_first_non_zero_answer) {
  add_part("a");
  Object* second = add_part("b");
  add_part("c");
  int calls = 0;

  const int result = object_child_foreach(parent_.get(), [&](Object* child) {
    ++calls;
    return child == second ? 7 : 0;
  });

  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 2);
}

// QEMU 4.0 goes on after an answer from a nested level; that lost value is not kept.
TEST_F(QomLife, E101_so_does_the_recursive_one_also_from_a_nested_level) {
  Object* nested = container_get(parent_.get(), "/a/b");
  container_get(parent_.get(), "/z");
  int calls = 0;

  const int result = object_child_foreach_recursive(parent_.get(), [&](Object* child) {
    ++calls;
    return child == nested ? 7 : 0;
  });

  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 2);
}

TEST_F(QomLife, E101_a_callback_may_unparent_children) {
  add_part("a");
  add_part("b");

  object_child_foreach(parent_.get(), [&](Object*) {
    if (Object* b = object_resolve_path_component(parent_.get(), "b")) {
      object_unparent(b);
    }
    return 0;
  });

  EXPECT_NE(object_resolve_path_component(parent_.get(), "a"), nullptr);
  EXPECT_EQ(object_resolve_path_component(parent_.get(), "b"), nullptr);
}

TEST_F(QomLife, E102_a_release_may_remove_other_properties_of_the_dying_object) {
  Object* obj = object_new(TYPE_CONTAINER);
  object_property_add(obj, "first", "x", {}, {}, [](Object* o, const ObjectProperty&) {
    object_property_del(o, "second");
  });
  object_property_add(obj, "second", "x", {}, {}, [](Object*, const ObjectProperty&) {
    log().push_back("second released");
  });

  object_unref(obj);

  EXPECT_THAT(log(), ElementsAre("second released"));
}

TEST_F(QomLife, an_error_in_post_init_undoes_the_object) {
  add({.name = "late-error",
       .parent = "A",
       .instance_post_init = [](Object*) { throw Error("refused"); },
       .instance_finalize = [](Object*) { log().push_back("fini late-error"); }});

  EXPECT_EQ(error_of([] { object_new("late-error"); }), "refused");

  EXPECT_THAT(log(), ElementsAre("init A ref 1", "fini late-error", "fini A ref 0"));
}

TEST_F(QomLife, objects_are_numbered_per_type) {
  const Ref<> first(object_new("A"));
  const Ref<> second(object_new("A"));
  const Ref<> other(object_new("B"));

  EXPECT_EQ(object_id(second.get()).number, 2u);
  EXPECT_EQ(object_id(other.get()).number, 1u);
}

}  // namespace qom_test
