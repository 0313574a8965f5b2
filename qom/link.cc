// link<T> and alias properties: values that name other objects or their properties.
#include "qom/composition.h"
#include "qom/object.h"
#include "qom/property.h"

namespace qom {

namespace {

struct LinkSet {
  static constexpr trace::Declaration declaration{
      "object_property_set_link", trace::Category::qom, trace::Shape::instant,
      "One object points at another that is no part of it."};
  trace::ObjectId object;
  std::string_view property;
  trace::ObjectId target;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &LinkSet::object, "who points"),
        trace::identity("property", &LinkSet::property, "by which property"),
        trace::state("target", &LinkSet::target, "at whom; empty: at nobody any more"));
  }
};

void trace_link(const Object* obj, std::string_view property, const Object* target) {
  trace::instant(LinkSet{.object = object_id(obj),
                         .property = property,
                         .target = target ? object_id(target) : trace::ObjectId{}});
}

// "link<serial>" names the type "serial".
std::string target_type(const ObjectProperty& property) {
  constexpr std::string_view opening = "link<";
  return property.type.substr(opening.size(), property.type.size() - opening.size() - 1);
}

Value path_value(const Object* target) {
  return Value(target ? object_get_canonical_path(target).value_or("") : std::string());
}

// The type filters the search first; only if nothing of that type is found the
// message tells a wrong type from a missing object.
Object* resolve_link(const ObjectProperty& property, const std::string& path) {
  const std::string type = target_type(property);
  bool ambiguous = false;
  Object* target = object_resolve_path_type(path, type.c_str(), &ambiguous);
  if (ambiguous) {
    throw Error("Path '" + path + "' does not uniquely identify an object");
  }
  if (target != nullptr) {
    return target;
  }
  if (object_resolve_path(path, &ambiguous) != nullptr || ambiguous) {
    throw Error("Invalid parameter type for '" + property.name + "', expected: " + type);
  }
  throw Error("Device '" + path + "' not found");
}

PropertySet link_setter(Object** target, LinkCheck check, LinkStrength strength) {
  return [target, check = std::move(check), strength](
             Object* obj, const ObjectProperty& property, const Value& value) {
    const std::string path = visit_type_str(value, property.name);
    Object* wanted = path.empty() ? nullptr : resolve_link(property, path);
    check(obj, property.name, wanted);
    Object* old = std::exchange(*target, wanted);
    trace_link(obj, property.name, wanted);
    if (strength == LinkStrength::strong) {
      object_ref(wanted);
      object_unref(old);
    }
  };
}

ObjectProperty& need_target(Object* target, std::string_view name) {
  ObjectProperty* property = object_property_find(target, name);
  if (property == nullptr) {
    throw Error("Property '." + std::string(name) + "' not found");
  }
  return *property;
}

std::string alias_type(const std::string& type) {
  constexpr std::string_view child = "child<";
  return type.starts_with(child) ? "link<" + type.substr(child.size()) : type;
}

}  // namespace

void object_property_allow_set_link(Object*, std::string_view, Object*) {}

void object_property_add_link(Object* obj, std::string_view name, const char* type,
                              Object** target, LinkCheck check, LinkStrength strength) {
  PropertySet set =
      check ? link_setter(target, std::move(check), strength) : PropertySet{};
  PropertyRelease release;
  if (strength == LinkStrength::strong) {
    release = [target](Object*, const ObjectProperty&) { object_unref(*target); };
  }
  ObjectProperty& property = object_property_add(
      obj, name, std::string("link<") + type + ">",
      [target](Object*, const ObjectProperty&) { return path_value(*target); },
      std::move(set), std::move(release));
  property.resolve = [target](Object*, const ObjectProperty&, std::string_view) {
    return *target;
  };
}

void object_property_add_const_link(Object* obj, std::string_view name, Object* target) {
  ObjectProperty& property = object_property_add(
      obj, name, std::string("link<") + object_get_typename(target) + ">",
      [target](Object*, const ObjectProperty&) { return path_value(target); }, nullptr);
  property.resolve = [target](Object*, const ObjectProperty&, std::string_view) {
    return target;
  };
  trace_link(obj, name, target);
}

void object_property_add_alias(Object* obj, std::string_view name, Object* target,
                               std::string_view target_name) {
  const ObjectProperty& original = need_target(target, target_name);
  const std::string type = alias_type(original.type);
  const std::string description = original.description;
  const auto* enum_table = original.enum_table;
  const std::string aliased(target_name);
  ObjectProperty& property = object_property_add(
      obj, name, type,
      [target, aliased](Object*, const ObjectProperty&) {
        return object_property_get(target, aliased);
      },
      [target, aliased](Object*, const ObjectProperty&, const Value& value) {
        object_property_set(target, aliased, value);
      });
  property.resolve = [target, aliased](Object*, const ObjectProperty&, std::string_view) {
    return object_resolve_path_component(target, aliased);
  };
  property.description = description;
  property.enum_table = enum_table;
}

}  // namespace qom
