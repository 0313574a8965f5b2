// Global and compat properties: values that reach an object by its type's name
// (qom-semantics section J). Applied by Device's instance_post_init.
#pragma once

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
// Accelerator compat, machine compat, then -global. Throws qom::Error
// "can't apply global D.nope=1: ..." for what the user asked for.
void object_apply_compat_props(Object* obj);
void qdev_prop_set_globals(Object* obj);
std::vector<std::string> qdev_prop_check_globals();  // warnings about unused ones
void object_reset_globals_for_test();

}  // namespace qom
