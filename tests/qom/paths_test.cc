// Section I: paths and the composition tree.
#include "fixture.h"

namespace qom_test {

namespace {

class QomPaths : public Fresh {
 protected:
  QomPaths() {
    add({.name = "D", .parent = TYPE_OBJECT});
    add({.name = "DS", .parent = "D"});
    cont1_ = container_get(object_get_root(), "/cont1");
    obj1_ = place(cont1_, "obj1", "D");
    container_get(object_get_root(), "/cont1/mid/mid");
  }

  static Object* place(Object* parent, const char* name, const char* type) {
    const Ref<> obj(object_new(type));
    object_property_add_child(parent, name, obj.get());
    return obj.get();
  }

  void add_two_called_obj2() {
    plain_ = place(container_get(object_get_root(), "/cont1"), "obj2", "D");
    special_ = place(container_get(object_get_root(), "/cont2"), "obj2", "DS");
  }

  Object* cont1_;
  Object* obj1_;
  Object* plain_ = nullptr;
  Object* special_ = nullptr;
};

using QomPathsDeathTest = QomPaths;

}  // namespace

TEST_F(QomPaths, I153_the_root_is_a_container_and_objects_come_on_demand) {
  EXPECT_STREQ(object_get_typename(object_get_root()), TYPE_CONTAINER);
  EXPECT_EQ(object_get_canonical_path(object_get_root()), "/");
  EXPECT_EQ(object_property_find(object_get_root(), "objects"), nullptr);
  EXPECT_EQ(object_get_canonical_path(object_get_objects_root()), "/objects");
}

TEST_F(QomPaths, I153_container_get_makes_missing_steps_once) {
  Object* leaf = container_get(object_get_root(), "/a/b/c");

  EXPECT_EQ(container_get(object_get_root(), "/a/b/c"), leaf);
  EXPECT_EQ(leaf->ref, 1u);
  EXPECT_EQ(object_get_canonical_path(leaf), "/a/b/c");
}

TEST_F(QomPathsDeathTest, I154_container_gets_path_begins_with_a_slash) {
  EXPECT_DEATH(container_get(object_get_root(), "a"), "does not begin with '/'");
}

TEST_F(QomPaths, I154_a_slash_alone_is_the_root_itself) {
  EXPECT_EQ(container_get(object_get_root(), "/"), object_get_root());
}

TEST_F(QomPaths, I155_a_canonical_path_needs_every_ancestor) {
  const Ref<> top(object_new(TYPE_CONTAINER));
  Object* leaf = place(top.get(), "leaf", "D");

  EXPECT_EQ(object_get_canonical_path(obj1_), "/cont1/obj1");
  EXPECT_EQ(object_get_canonical_path(leaf), std::nullopt);
  EXPECT_EQ(object_get_canonical_path_component(leaf), "leaf");
  EXPECT_EQ(object_get_canonical_path_component(top.get()), std::nullopt);
  EXPECT_EQ(object_get_canonical_path_component(object_get_root()), std::nullopt);
}

TEST_F(QomPaths, I156_empty_components_are_skipped_and_dots_are_names) {
  for (const char* path :
       {"/cont1/obj1", "//cont1/obj1", "/cont1//obj1", "/cont1/obj1/"}) {
    EXPECT_EQ(object_resolve_path(path), obj1_) << path;
  }
  EXPECT_EQ(object_resolve_path("/cont1/./obj1"), nullptr);
  EXPECT_EQ(object_resolve_path("/cont1/../cont1"), nullptr);
  EXPECT_EQ(object_resolve_path("/"), object_get_root());
}

TEST_F(QomPaths, I157_a_partial_path_matches_at_any_depth) {
  EXPECT_EQ(object_resolve_path("obj1"), obj1_);
  EXPECT_EQ(object_resolve_path("cont1/obj1"), obj1_);
}

TEST_F(QomPaths, I157_a_partial_path_with_two_matches_is_ambiguous) {
  add_two_called_obj2();
  bool ambiguous = false;

  EXPECT_EQ(object_resolve_path("obj2", &ambiguous), nullptr);
  EXPECT_TRUE(ambiguous);
  EXPECT_EQ(object_resolve_path("cont2/obj2", &ambiguous), special_);
  EXPECT_FALSE(ambiguous);
}

TEST_F(QomPaths, I157_a_name_inside_its_like_is_ambiguous_alone) {
  bool ambiguous = false;

  EXPECT_EQ(object_resolve_path("mid", &ambiguous), nullptr);
  EXPECT_TRUE(ambiguous);
  EXPECT_NE(object_resolve_path("mid/mid"), nullptr);
}

TEST_F(QomPaths, I158_the_type_filter_decides_ambiguity) {
  add_two_called_obj2();
  bool ambiguous = false;

  EXPECT_EQ(object_resolve_path_type("obj2", "DS", &ambiguous), special_);
  EXPECT_FALSE(ambiguous);
  EXPECT_EQ(object_resolve_path_type("obj2", "D", &ambiguous), nullptr);
  EXPECT_TRUE(ambiguous);
  EXPECT_EQ(object_resolve_path_type("obj2", "nosuch", &ambiguous), nullptr);
  EXPECT_FALSE(ambiguous);
}

TEST_F(QomPaths, I159_the_empty_path_finds_the_only_object_of_a_type) {
  bool ambiguous = false;

  EXPECT_EQ(object_resolve_path_type("", "D", nullptr), obj1_);
  EXPECT_EQ(object_resolve_path("", &ambiguous), nullptr);
  EXPECT_TRUE(ambiguous);
}

TEST_F(QomPaths, I160_an_absolute_path_leaves_the_flag_alone) {
  bool ambiguous = true;

  object_resolve_path("/cont1/obj1", &ambiguous);

  EXPECT_TRUE(ambiguous);
}

TEST_F(QomPaths, I161_paths_go_through_links_to_the_targets_path) {
  Object* obj2 = place(object_get_root(), "obj2", "D");
  object_property_add_const_link(obj2, "l", cont1_);

  EXPECT_EQ(object_resolve_path("/obj2/l/obj1"), obj1_);
  EXPECT_EQ(object_resolve_path("l/obj1"), obj1_);
  EXPECT_EQ(object_get_canonical_path(object_resolve_path("l/obj1")), "/cont1/obj1");
}

TEST_F(QomPaths, I161_the_search_descends_through_children_only) {
  Object* obj2 = place(object_get_root(), "obj2", "D");
  object_property_add_const_link(obj2, "up", object_get_root());

  EXPECT_EQ(object_resolve_path("obj1"), obj1_);
}

TEST_F(QomPaths, I161_a_property_that_is_no_object_ends_the_path) {
  static Object* unset = nullptr;
  object_property_add_link(obj1_, "l", "D", &unset, {}, LinkStrength::weak);

  EXPECT_EQ(object_resolve_path("/cont1/obj1/type"), nullptr);
  EXPECT_EQ(object_resolve_path("/cont1/obj1/l"), nullptr);
}

TEST_F(QomPaths, I162_a_component_is_one_name_so_a_slash_hides_a_child) {
  Object* hidden = place(object_get_root(), "a/b", "D");

  EXPECT_EQ(object_get_canonical_path(hidden), "/a/b");
  EXPECT_EQ(object_resolve_path("/a/b"), nullptr);
  EXPECT_EQ(object_resolve_path_component(object_get_root(), "a/b"), hidden);
}

}  // namespace qom_test
