// Text into a property of every type: the first byte chooses the property, the rest
// is the text. Whatever it is, it is either taken and can be printed, or refused by a
// qom::Error that names something.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "qom/composition.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"

namespace {

using namespace qom;

struct Target : Object {
  static constexpr const char* qom_type = "fuzz-target";
  std::string text;
  bool flag = false;
  int animal = 0;
  double real = 0;
  std::uint64_t number = 0;
  Object* link = nullptr;
};

Target* target(Object* obj) {
  return static_cast<Target*>(obj);
}

template <class Visit>
void add(Object* obj, const char* type, Visit visit) {
  object_property_add(
      obj, type, type,
      [](Object* o, const ObjectProperty&) { return Value(target(o)->number); },
      [visit](Object* o, const ObjectProperty& property, const Value& value) {
        target(o)->number = static_cast<std::uint64_t>(visit(value, property.name));
      });
}

void target_init(Object* obj) {
  static const EnumTable animals{"bat", "cat", "dog"};
  object_property_add_str(
      obj, "str", [](Object* o) { return target(o)->text; },
      [](Object* o, const std::string& to) { target(o)->text = to; });
  object_property_add_bool(
      obj, "bool", [](Object* o) { return target(o)->flag; },
      [](Object* o, bool to) { target(o)->flag = to; });
  object_property_add_enum(
      obj, "enum", "Animal", &animals, [](Object* o) { return target(o)->animal; },
      [](Object* o, int to) { target(o)->animal = to; });
  object_property_add_link(obj, "link", TYPE_OBJECT, &target(obj)->link,
                           object_property_allow_set_link, LinkStrength::strong);
  object_property_add(
      obj, "number", "number",
      [](Object* o, const ObjectProperty&) { return Value(target(o)->real); },
      [](Object* o, const ObjectProperty& property, const Value& value) {
        target(o)->real = visit_type_number(value, property.name);
      });
  add(obj, "int8", visit_type_int8);
  add(obj, "int16", visit_type_int16);
  add(obj, "int32", visit_type_int32);
  add(obj, "int64", visit_type_int);
  add(obj, "uint8", visit_type_uint8);
  add(obj, "uint16", visit_type_uint16);
  add(obj, "uint32", visit_type_uint32);
  add(obj, "uint64", visit_type_uint64);
  add(obj, "size", visit_type_size);
}

Object* make_target() {
  if (type_get_by_name(TYPE_OBJECT) == nullptr) {
    module_call_init(MODULE_INIT_QOM);
  }
  type_register_static(TypeInfo{.name = "fuzz-target",
                                .parent = TYPE_OBJECT,
                                .instance = instance_struct<Target>(),
                                .instance_init = target_init});
  Object* obj = object_new("fuzz-target");
  object_property_add_child(object_get_root(), "target", obj);
  object_unref(obj);
  return obj;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Object* obj = make_target();
  if (size == 0) {
    return 0;
  }
  const std::vector<ObjectProperty*> properties = object_property_list(obj);
  const std::string name = properties[data[0] % properties.size()]->name;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    object_property_parse(obj, text, name);
    object_property_print(obj, name, false);
    object_property_print(obj, name, true);
  } catch (const Error& error) {
    if (std::string_view(error.what()).empty()) {
      std::abort();
    }
  }
  return 0;
}
