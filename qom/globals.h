// Global and compat properties: values that reach an object by its type's name
// (qom-semantics section J). Applied by Device's instance_post_init.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "qom/object.h"

namespace qom {

struct GlobalProperty {
  std::string driver;  // class or interface name the object must cast to
  std::string property;
  std::string value;
  bool used = false;
  bool optional = false;  // silently skipped when the property is missing
};

using GlobalProperties = std::vector<GlobalProperty>;

void object_set_machine_compat_props(GlobalProperties props);      // once
void object_set_accelerator_compat_props(GlobalProperties props);  // once
void qdev_prop_register_global(GlobalProperty prop);               // -global, in order
GlobalProperties& qdev_global_props();
// Device's instance_post_init calls these two, in this order, so that the user's
// value beats the machine's and the machine's the accelerator's.
//
// Accelerator compat, then machine compat. One that fails is our mistake: aborts.
void object_apply_compat_props(Object* obj);
// The -global ones. Throws qom::Error "can't apply global D.nope=1: ..."; for a
// hot-plugged device it goes on instead and the messages are returned.
enum class GlobalErrors : std::uint8_t { throw_first, collect };
std::vector<std::string> qdev_prop_set_globals(
    Object* obj, GlobalErrors errors = GlobalErrors::throw_first);
// What both are made of: the entries whose driver `obj` can be cast to, in order.
std::vector<std::string> object_apply_global_props(Object* obj, GlobalProperties& props,
                                                   GlobalErrors errors);
// Warnings about unused ones: "global X.foo has invalid class name" (no class of
// devices), "global X.foo=1 not used" (a device class that cannot be hot-plugged).
std::vector<std::string> qdev_prop_check_globals(
    const std::function<bool(ObjectClass*)>& hotpluggable = {});
void object_reset_globals_for_test();

}  // namespace qom
