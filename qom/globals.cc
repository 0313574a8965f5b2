// Global and compat properties: three lists, applied to an object one after the
// other. Within a list the order given decides, not the depth of the class.
#include "qom/globals.h"

#include "qom/fatal.h"
#include "qom/object.h"
#include "qom/property.h"

namespace qom {

namespace {

struct GlobalApplied {
  static constexpr trace::Declaration declaration{
      "object_apply_global_prop", trace::Category::qom, trace::Shape::span,
      "A global or compat value reaches a new object."};
  trace::ObjectId object;
  std::string_view driver;
  std::string_view property;
  std::string_view value;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &GlobalApplied::object, "the new object"),
        trace::identity("driver", &GlobalApplied::driver, "the class it was given for"),
        trace::identity("property", &GlobalApplied::property, "its name"),
        trace::state("value", &GlobalApplied::value, "the value, as text"));
  }
};

struct Slots {
  GlobalProperties accelerator;
  GlobalProperties machine;
  GlobalProperties user;
  bool accelerator_set = false;
  bool machine_set = false;
};

Slots& slots() {
  static Slots slots;
  return slots;
}

void set_once(GlobalProperties& slot, bool& set, GlobalProperties props,
              const char* whose) {
  if (set) {
    fatal(std::string("the ") + whose + "'s compat properties are set a second time");
  }
  slot = std::move(props);
  set = true;
}

void apply_one(Object* obj, GlobalProperty& prop) {
  prop.used = true;
  const trace::Span span{GlobalApplied{.object = object_id(obj),
                                       .driver = prop.driver,
                                       .property = prop.property,
                                       .value = prop.value}};
  try {
    object_property_parse(obj, prop.value, prop.property);
  } catch (const Error& error) {
    Error better("can't apply global " + prop.driver + "." + prop.property + "=" +
                 prop.value + ": " + error.what());
    better.hint = error.hint;
    throw better;
  }
}

void apply_compat(Object* obj, GlobalProperties& props) {
  try {
    object_apply_global_props(obj, props, GlobalErrors::throw_first);
  } catch (const Error& error) {
    fatal(error.what());
  }
}

}  // namespace

void object_set_machine_compat_props(GlobalProperties props) {
  set_once(slots().machine, slots().machine_set, std::move(props), "machine");
}

void object_set_accelerator_compat_props(GlobalProperties props) {
  set_once(slots().accelerator, slots().accelerator_set, std::move(props), "accelerator");
}

void qdev_prop_register_global(GlobalProperty prop) {
  slots().user.push_back(std::move(prop));
}

GlobalProperties& qdev_global_props() {
  return slots().user;
}

std::vector<std::string> object_apply_global_props(Object* obj, GlobalProperties& props,
                                                   GlobalErrors errors) {
  std::vector<std::string> warnings;
  for (GlobalProperty& prop : props) {
    if (object_dynamic_cast(obj, prop.driver.c_str()) == nullptr) {
      continue;
    }
    if (prop.optional && object_property_find(obj, prop.property) == nullptr) {
      continue;
    }
    try {
      apply_one(obj, prop);
    } catch (const Error& error) {
      if (errors == GlobalErrors::throw_first) {
        throw;
      }
      warnings.emplace_back(error.what());
    }
  }
  return warnings;
}

void object_apply_compat_props(Object* obj) {
  apply_compat(obj, slots().accelerator);
  apply_compat(obj, slots().machine);
}

std::vector<std::string> qdev_prop_set_globals(Object* obj, GlobalErrors errors) {
  return object_apply_global_props(obj, slots().user, errors);
}

std::vector<std::string> qdev_prop_check_globals(
    const std::function<bool(ObjectClass*)>& hotpluggable) {
  std::vector<std::string> warnings;
  for (const GlobalProperty& prop : slots().user) {
    if (prop.used) {
      continue;
    }
    ObjectClass* klass =
        object_class_dynamic_cast(object_class_by_name(prop.driver.c_str()), "device");
    const std::string name = "global " + prop.driver + "." + prop.property;
    if (klass == nullptr) {
      warnings.push_back(name + " has invalid class name");
    } else if (hotpluggable && !hotpluggable(klass)) {
      warnings.push_back(name + "=" + prop.value + " not used");
    }
  }
  return warnings;
}

void object_reset_globals_for_test() {
  slots() = {};
}

}  // namespace qom
