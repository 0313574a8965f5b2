// Section H, second half: links and aliases.
#include "fixture.h"

namespace qom_test {

namespace {

struct Holder : Object {
  static constexpr const char* qom_type = "holder";
  Object* target = nullptr;
  Object* weak = nullptr;
  Object* fixed = nullptr;
};

void refuse_all(Object*, std::string_view, Object* value) {
  throw Error(value ? "no link today" : "no clearing today");
}

void holder_init(Object* obj) {
  auto* holder = object_cast<Holder>(obj);
  object_property_add_link(obj, "l", "D", &holder->target, object_property_allow_set_link,
                           LinkStrength::strong);
  object_property_add_link(obj, "weak", "D", &holder->weak,
                           object_property_allow_set_link, LinkStrength::weak);
  object_property_add_link(obj, "fixed", "D", &holder->fixed, {}, LinkStrength::weak);
  object_property_add_link(obj, "refusing", "D", &holder->fixed, refuse_all,
                           LinkStrength::weak);
}

class QomLinks : public Fresh {
 protected:
  QomLinks() {
    add({.name = "D", .parent = TYPE_OBJECT, .instance_init = [](Object* obj) {
           object_property_add_bool(
               obj, "flag", [](Object*) { return true; },
               [](Object*, bool) { log().push_back("flag set"); });
         }});
    add({.name = "holder",
         .parent = TYPE_OBJECT,
         .instance = instance_struct<Holder>(),
         .instance_init = holder_init});
    holder_ = static_cast<Holder*>(place("/holder", "holder"));
    one_ = place("/one", "D");
  }

  // Makes an object at a path; the tree holds the only reference.
  static Object* place(std::string_view path, const char* type) {
    const std::size_t slash = path.rfind('/');
    Object* parent = slash == 0 ? object_get_root()
                                : container_get(object_get_root(), path.substr(0, slash));
    const Ref<> obj(object_new(type));
    object_property_add_child(parent, path.substr(slash + 1), obj.get());
    return obj.get();
  }

  std::string set(const char* name, const char* path) {
    return error_of([&] { object_property_set_str(holder_, path, name); });
  }

  std::string get(const char* name) { return object_property_get_str(holder_, name); }

  Holder* holder_;
  Object* one_;
};

}  // namespace

TEST_F(QomLinks, H143_a_link_is_empty_then_the_canonical_path) {
  EXPECT_EQ(get("l"), "");

  EXPECT_EQ(set("l", "one"), "");

  EXPECT_EQ(get("l"), "/one");
  EXPECT_EQ(holder_->target, one_);
  EXPECT_EQ(object_property_get_type(holder_, "l"), "link<D>");
}

TEST_F(QomLinks, H144_what_cannot_be_linked_leaves_the_old_target) {
  place("/x/twice", "D");
  place("/y/twice", "D");
  set("l", "/one");

  EXPECT_EQ(set("l", "/x"), "Invalid parameter type for 'l', expected: D");
  EXPECT_EQ(set("l", "/nosuch"), "Device '/nosuch' not found");
  EXPECT_EQ(set("l", "twice"), "Path 'twice' does not uniquely identify an object");
  EXPECT_EQ(get("l"), "/one");
}

TEST_F(QomLinks, H145_the_type_filters_while_searching) {
  container_get(object_get_root(), "/x/z");
  Object* z = place("/y/z", "D");

  EXPECT_EQ(set("l", "z"), "");

  EXPECT_EQ(holder_->target, z);
}

TEST_F(QomLinks, H146_an_empty_text_clears_the_link) {
  set("l", "/one");

  EXPECT_EQ(set("l", ""), "");

  EXPECT_EQ(holder_->target, nullptr);
}

TEST_F(QomLinks, H147_a_strong_link_holds_one_reference) {
  set("l", "/one");
  EXPECT_EQ(one_->ref, 2u);
  set("l", "/one");
  EXPECT_EQ(one_->ref, 2u);
  set("l", "");
  EXPECT_EQ(one_->ref, 1u);
}

TEST_F(QomLinks, H147_deleting_the_property_drops_it_and_keeps_the_variable) {
  set("l", "/one");

  object_property_del(holder_, "l");

  EXPECT_EQ(one_->ref, 1u);
  EXPECT_EQ(holder_->target, one_);
}

TEST_F(QomLinks, H147_a_weak_link_holds_none) {
  set("weak", "/one");

  EXPECT_EQ(one_->ref, 1u);
}

TEST_F(QomLinks, H148_without_a_check_a_link_is_read_only) {
  EXPECT_EQ(set("fixed", "/one"), "Insufficient permission to perform this operation");
}

TEST_F(QomLinks, H148_a_check_may_refuse_also_clearing) {
  EXPECT_EQ(set("refusing", "/one"), "no link today");
  EXPECT_EQ(set("refusing", ""), "no clearing today");
}

TEST_F(QomLinks, H149_a_target_outside_the_tree_is_an_error) {
  const Ref<> alone(object_new("D"));

  EXPECT_EQ(error_of([&] { object_property_set_link(holder_, alone.get(), "l"); }),
            "Property 'l' can't link to an object of type 'D' that is not in the "
            "composition tree");
}

TEST_F(QomLinks, H149_a_link_is_set_and_read_as_an_object) {
  object_property_set_link(holder_, one_, "l");
  EXPECT_EQ(object_property_get_link(holder_, "l"), one_);

  object_property_set_link(holder_, nullptr, "l");
  EXPECT_EQ(object_property_get_link(holder_, "l"), nullptr);
}

TEST_F(QomLinks, H150_a_constant_link_is_read_only_and_holds_no_reference) {
  object_property_add_const_link(holder_, "const", one_);

  EXPECT_EQ(object_property_get_type(holder_, "const"), "link<D>");
  EXPECT_EQ(get("const"), "/one");
  EXPECT_EQ(one_->ref, 1u);
  EXPECT_EQ(set("const", ""), "Insufficient permission to perform this operation");
}

TEST_F(QomLinks, H151_an_alias_forwards_and_has_the_targets_type_and_description) {
  object_property_set_description(one_, "flag", "a flag");
  object_property_add_alias(holder_, "alias", one_, "flag");

  object_property_parse(holder_, "on", "alias");

  EXPECT_THAT(log(), ElementsAre("flag set"));
  EXPECT_TRUE(object_property_get_bool(holder_, "alias"));
  EXPECT_EQ(object_property_get_type(holder_, "alias"), "bool");
  EXPECT_EQ(object_property_find(holder_, "alias")->description, "a flag");
}

TEST_F(QomLinks, H151_an_error_through_an_alias_names_the_targets_property) {
  object_property_add_alias(holder_, "alias", one_, "flag");

  EXPECT_EQ(error_of([&] { object_property_parse(holder_, "zz", "alias"); }),
            "Invalid parameter type for 'flag', expected: boolean");
}

TEST_F(QomLinks, H151_an_alias_of_a_child_is_a_link_that_paths_can_take) {
  object_property_add_alias(holder_, "alias", object_get_root(), "one");

  EXPECT_EQ(object_property_get_type(holder_, "alias"), "link<D>");
  EXPECT_EQ(object_resolve_path("/holder/alias"), one_);
}

TEST_F(QomLinks, H152_an_alias_of_nothing_is_an_error) {
  EXPECT_EQ(error_of([&] { object_property_add_alias(holder_, "alias", one_, "nope"); }),
            "Property '.nope' not found");
}

}  // namespace qom_test
