// Section J: global and compat properties.
#include "fixture.h"

namespace qom_test {

namespace {

struct D : Object {
  static constexpr const char* qom_type = "device";
  std::string value = "default";
};

void device_init(Object* obj) {
  object_property_add_str(
      obj, "v", [](Object* o) { return object_cast<D>(o)->value; },
      [](Object* o, const std::string& to) { object_cast<D>(o)->value = to; });
}

void device_post_init(Object* obj) {
  object_apply_compat_props(obj);
  qdev_prop_set_globals(obj);
}

class QomGlobals : public Fresh {
 protected:
  // "device" as far as globals know it: post_init applies them.
  QomGlobals() {
    add({.name = "I", .parent = TYPE_INTERFACE});
    add({.name = "device",
         .parent = TYPE_OBJECT,
         .instance = instance_struct<D>(),
         .instance_init = device_init,
         .instance_post_init = device_post_init});
    add({.name = "edu", .parent = "device", .interfaces = implements_i});
  }

  static void global(const char* driver, const char* property, const char* value,
                     bool optional = false) {
    qdev_prop_register_global({.driver = driver,
                               .property = property,
                               .value = value,
                               .used = false,
                               .optional = optional});
  }

  static std::string value_of_new_edu() {
    const Ref<> obj(object_new("edu"));
    return object_property_get_str(obj.get(), "v");
  }
};

using QomGlobalsDeathTest = QomGlobals;

}  // namespace

TEST_F(QomGlobals, J165_a_global_for_a_parent_or_an_interface_applies) {
  global("device", "v", "by parent");
  EXPECT_EQ(value_of_new_edu(), "by parent");

  global("I", "v", "by interface");
  EXPECT_EQ(value_of_new_edu(), "by interface");
}

TEST_F(QomGlobals, J165_the_order_given_decides_not_the_depth_of_the_class) {
  global("edu", "v", "leaf");
  global("device", "v", "root");

  EXPECT_EQ(value_of_new_edu(), "root");
}

TEST_F(QomGlobals, J166_an_unknown_driver_never_matches) {
  global("nosuch", "v", "x");
  global("edu", "v", "y");

  value_of_new_edu();

  EXPECT_FALSE(qdev_global_props()[0].used);
  EXPECT_TRUE(qdev_global_props()[1].used);
}

TEST_F(QomGlobals, J166_an_optional_one_is_skipped_without_its_property) {
  global("edu", "nope", "1", true);

  EXPECT_EQ(value_of_new_edu(), "default");
}

TEST_F(QomGlobals, J167_an_error_stops_and_names_the_global) {
  global("edu", "nope", "1");

  EXPECT_EQ(error_of([] { object_new("edu"); }),
            "can't apply global edu.nope=1: Property '.nope' not found");
}

TEST_F(QomGlobals, J167_earlier_ones_stay_applied_and_collecting_goes_on) {
  const Ref<> obj(object_new("edu"));
  GlobalProperties list{
      {"edu", "v", "first"}, {"edu", "nope", "1"}, {"edu", "v", "last"}};

  error_of(
      [&] { object_apply_global_props(obj.get(), list, GlobalErrors::throw_first); });
  EXPECT_EQ(object_property_get_str(obj.get(), "v"), "first");

  EXPECT_THAT(object_apply_global_props(obj.get(), list, GlobalErrors::collect),
              ElementsAre("can't apply global edu.nope=1: Property '.nope' not found"));
  EXPECT_EQ(object_property_get_str(obj.get(), "v"), "last");
}

TEST_F(QomGlobals, J168_user_beats_machine_beats_accelerator) {
  object_set_accelerator_compat_props({{"edu", "v", "accelerator"}});
  EXPECT_EQ(value_of_new_edu(), "accelerator");
  object_set_machine_compat_props({{"edu", "v", "machine"}});
  EXPECT_EQ(value_of_new_edu(), "machine");
  global("edu", "v", "user");
  EXPECT_EQ(value_of_new_edu(), "user");
}

TEST_F(QomGlobals, J168_whichever_was_given_first) {
  global("edu", "v", "user");
  object_set_machine_compat_props({{"edu", "v", "machine"}});
  EXPECT_EQ(value_of_new_edu(), "user");
  object_set_accelerator_compat_props({{"edu", "v", "accelerator"}});
  EXPECT_EQ(value_of_new_edu(), "user");
}

TEST_F(QomGlobals, J168_the_machine_beats_an_accelerator_that_comes_later) {
  object_set_machine_compat_props({{"edu", "v", "machine"}});
  object_set_accelerator_compat_props({{"edu", "v", "accelerator"}});

  EXPECT_EQ(value_of_new_edu(), "machine");
}

TEST_F(QomGlobalsDeathTest, J169_each_compat_list_is_set_once) {
  object_set_machine_compat_props({});
  object_set_accelerator_compat_props({});

  EXPECT_DEATH(object_set_machine_compat_props({}),
               "machine's compat properties.*second");
  EXPECT_DEATH(object_set_accelerator_compat_props({}),
               "accelerator's compat properties");
}

TEST_F(QomGlobalsDeathTest, J169_a_compat_property_that_fails_is_our_mistake) {
  object_set_machine_compat_props({{"edu", "nope", "1"}});

  EXPECT_DEATH(object_new("edu"),
               "can't apply global edu.nope=1: Property '.nope' not found");
}

TEST_F(QomGlobals, J170_properties_set_on_the_object_come_after_globals) {
  global("edu", "v", "user");

  Object* obj = object_new_with_props("edu", object_get_root(), "e", {{"v", "explicit"}});

  EXPECT_EQ(object_property_get_str(obj, "v"), "explicit");
}

TEST_F(QomGlobals, J172_unused_globals_of_no_device_class_are_warned_about) {
  global("nosuch", "foo", "1");
  global("container", "foo", "1");

  EXPECT_THAT(qdev_prop_check_globals(),
              ElementsAre("global nosuch.foo has invalid class name",
                          "global container.foo has invalid class name"));
}

TEST_F(QomGlobals, J172_unused_ones_of_a_device_only_if_it_cannot_be_hot_plugged) {
  global("edu", "v", "1");

  EXPECT_THAT(qdev_prop_check_globals([](ObjectClass*) { return true; }), IsEmpty());
  EXPECT_THAT(qdev_prop_check_globals([](ObjectClass*) { return false; }),
              ElementsAre("global edu.v=1 not used"));
}

}  // namespace qom_test
