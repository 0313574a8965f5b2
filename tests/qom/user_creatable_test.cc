// Section K: objects a user asks for (-object).
#include "fixture.h"

namespace qom_test {

namespace {

constexpr InterfaceInfo creatable[] = {{TYPE_USER_CREATABLE}, {}};

bool& deletable() {
  static bool value;
  return value;
}

void uc_init(Object* obj) {
  object_property_add_str(
      obj, "s", [](Object*) { return std::string(); },
      [](Object* o, const std::string& to) {
        log().push_back("s=" + to + (o->parent ? " in tree" : " alone"));
        if (to == "bad") {
          throw Error("bad value");
        }
      });
}

void uc_complete(Object* obj) {
  log().push_back(std::string("complete ") +
                  object_get_canonical_path(obj).value_or("?"));
}

void uc_class_init(ObjectClass* klass, void*) {
  auto* uc = static_cast<UserCreatableClass*>(
      object_class_dynamic_cast(klass, TYPE_USER_CREATABLE));
  uc->complete = uc_complete;
  uc->can_be_deleted = [](Object*) { return deletable(); };
}

class QomUserCreatable : public Fresh {
 protected:
  QomUserCreatable() {
    deletable() = true;
    add({.name = "UC",
         .parent = TYPE_OBJECT,
         .instance_init = uc_init,
         .instance_finalize = [](Object*) { log().push_back("gone"); },
         .class_init = uc_class_init,
         .interfaces = creatable});
    add({.name = "UCA", .parent = "UC", .abstract = true});
    add({.name = "UCF", .parent = "UC", .class_init = [](ObjectClass* klass, void*) {
           static_cast<UserCreatableClass*>(
               object_class_dynamic_cast(klass, TYPE_USER_CREATABLE))
               ->complete = [](Object*) { throw Error("cannot complete"); };
         }});
    add({.name = "D", .parent = TYPE_OBJECT});
  }

  static std::string try_add(const char* type, std::string_view id,
                             const PropertyTexts& properties = {}) {
    return error_of([&] { object_unref(user_creatable_add_type(type, id, properties)); });
  }

  static Object* find(std::string_view id) {
    return object_resolve_path_component(object_get_objects_root(), id);
  }
};

}  // namespace

TEST_F(QomUserCreatable, K174_properties_then_the_tree_then_complete) {
  try_add("UC", "a", {{"s", "x"}});

  EXPECT_THAT(log(), ElementsAre("s=x alone", "complete /objects/a"));
}

TEST_F(QomUserCreatable, K174_the_interface_is_asked_before_abstractness) {
  add({.name = "plain-abstract", .parent = TYPE_OBJECT, .abstract = true});

  EXPECT_EQ(try_add("plain-abstract", "a"),
            "object type 'plain-abstract' isn't supported by object-add");
}

TEST_F(QomUserCreatable, K175_each_refusal_has_its_text_and_leaves_nothing) {
  EXPECT_EQ(try_add("nosuch", "a"), "invalid object type: nosuch");
  EXPECT_EQ(try_add("D", "a"), "object type 'D' isn't supported by object-add");
  EXPECT_EQ(try_add("UCA", "a"), "object type 'UCA' is abstract");
  EXPECT_EQ(try_add(nullptr, "a"), "Parameter 'qom-type' is missing");
  EXPECT_EQ(try_add("UC", ""), "Parameter 'id' is missing");
  EXPECT_EQ(try_add("UC", "a", {{"foo", "1"}}), "Property '.foo' not found");
  EXPECT_EQ(find("a"), nullptr);
}

TEST_F(QomUserCreatable, K175_a_refused_property_frees_the_object) {
  EXPECT_EQ(try_add("UC", "a", {{"s", "bad"}}), "bad value");

  EXPECT_THAT(log(), ElementsAre("s=bad alone", "gone"));
}

TEST_F(QomUserCreatable, K176_a_failing_complete_removes_and_frees) {
  EXPECT_EQ(try_add("UCF", "a"), "cannot complete");

  EXPECT_EQ(find("a"), nullptr);
  EXPECT_THAT(log(), ElementsAre("gone"));
}

TEST_F(QomUserCreatable, K177_a_key_given_twice_is_set_twice_in_order) {
  try_add("UC", "a", {{"s", "1"}, {"s", "2"}});

  EXPECT_THAT(log(), ElementsAre("s=1 alone", "s=2 alone", "complete /objects/a"));
}

TEST_F(QomUserCreatable, K178_a_taken_id_is_refused) {
  try_add("UC", "a");

  EXPECT_EQ(try_add("UC", "a"),
            "attempt to add duplicate property 'a' to object (type 'container')");
}

TEST_F(QomUserCreatable, K179_the_tree_holds_one_reference_and_the_caller_one) {
  const Ref<> obj(user_creatable_add_type("UC", "a", {}));

  EXPECT_EQ(obj->ref, 2u);
}

TEST_F(QomUserCreatable, K180_deleting_asks_the_class) {
  try_add("UC", "b");
  deletable() = false;

  EXPECT_EQ(error_of([] { user_creatable_del("nosuch"); }), "object 'nosuch' not found");
  EXPECT_EQ(error_of([] { user_creatable_del("b"); }),
            "object 'b' is in use, can not be deleted");
  EXPECT_NE(find("b"), nullptr);
}

TEST_F(QomUserCreatable, K180_a_deleted_id_can_be_used_again) {
  std::string forgotten;
  user_creatable_on_delete([&](std::string_view id) { forgotten = id; });
  try_add("UC", "b");

  user_creatable_del("b");
  user_creatable_on_delete({});

  EXPECT_EQ(forgotten, "b");
  EXPECT_EQ(try_add("UC", "b"), "");
}

TEST_F(QomUserCreatable, the_list_of_types_is_sorted_and_without_abstract_ones) {
  EXPECT_EQ(user_creatable_help(nullptr),
            "List of user creatable objects:\n  UC\n  UCF\n");
}

}  // namespace qom_test
