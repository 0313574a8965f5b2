// Reading and writing properties by name. Every write is a span: what the setter
// does in turn (realize, for one) is inside it.
#include "qom/composition.h"
#include "qom/object.h"
#include "qom/property.h"
#include "qom/property_text.h"

namespace qom {

namespace {

struct PropertySetEvent {
  static constexpr trace::Declaration declaration{"property_set", trace::Category::qom,
                                                  trace::Shape::span,
                                                  "A property of an object is written."};
  trace::ObjectId object;
  std::string_view property;
  std::string_view value;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &PropertySetEvent::object, "whose property it is"),
        trace::identity("property", &PropertySetEvent::property, "its name"),
        trace::state("value", &PropertySetEvent::value, "the new value, as text"));
  }
};

struct PropertyRefused {
  static constexpr trace::Declaration declaration{
      "property_refused", trace::Category::qom, trace::Shape::instant,
      "A property did not take a value."};
  trace::ObjectId object;
  std::string_view property;
  std::string_view reason;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &PropertyRefused::object, "whose property it is"),
        trace::identity("property", &PropertyRefused::property, "its name"),
        trace::state("reason", &PropertyRefused::reason, "the message"));
  }
};

ObjectProperty& need_property(Object* obj, std::string_view name) {
  ObjectProperty* property = object_property_find(obj, name);
  if (property == nullptr) {
    throw Error("Property '." + std::string(name) + "' not found");
  }
  return *property;
}

[[noreturn]] void wrong_type(std::string_view name, const char* expected) {
  throw Error("Invalid parameter type for '" + std::string(name) +
              "', expected: " + expected);
}

// Text and strings are shown as they are; the rest is printed into `buffer`.
std::string_view shown(const Value& value, std::string& buffer) {
  if (const auto* text = std::get_if<Text>(&value)) {
    return text->text;
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return *text;
  }
  if (trace::enabled<PropertySetEvent>()) {
    buffer = print_value(value, {}, false);
  }
  return buffer;
}

}  // namespace

Value object_property_get(Object* obj, std::string_view name) {
  const ObjectProperty& property = need_property(obj, name);
  if (!property.get) {
    throw Error("Insufficient permission to perform this operation");
  }
  return property.get(obj, property);
}

void object_property_set(Object* obj, std::string_view name, const Value& value) {
  std::string buffer;
  const trace::Span span{PropertySetEvent{
      .object = object_id(obj), .property = name, .value = shown(value, buffer)}};
  try {
    const ObjectProperty& property = need_property(obj, name);
    if (!property.set) {
      throw Error("Insufficient permission to perform this operation");
    }
    property.set(obj, property, value);
  } catch (const Error& error) {
    trace::instant(PropertyRefused{
        .object = object_id(obj), .property = name, .reason = error.what()});
    throw;
  }
}

void object_property_parse(Object* obj, std::string_view text, std::string_view name) {
  object_property_set(obj, name, Text{std::string(text)});
}

std::string object_property_print(Object* obj, std::string_view name, bool human) {
  const Value value = object_property_get(obj, name);
  return print_value(value, need_property(obj, name).type, human);
}

bool object_property_get_bool(Object* obj, std::string_view name) {
  const Value value = object_property_get(obj, name);
  if (const bool* flag = std::get_if<bool>(&value)) {
    return *flag;
  }
  wrong_type(name, "boolean");
}

std::int64_t object_property_get_int(Object* obj, std::string_view name) {
  const Value value = object_property_get(obj, name);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value);
      number && *number >> 63 == 0) {
    return static_cast<std::int64_t>(*number);
  }
  wrong_type(name, "int");
}

std::uint64_t object_property_get_uint(Object* obj, std::string_view name) {
  const Value value = object_property_get(obj, name);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value); number && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  wrong_type(name, "uint");
}

std::string object_property_get_str(Object* obj, std::string_view name) {
  Value value = object_property_get(obj, name);
  if (auto* text = std::get_if<std::string>(&value)) {
    return std::move(*text);
  }
  wrong_type(name, "string");
}

int object_property_get_enum(Object* obj, std::string_view name,
                             std::string_view enum_type) {
  const ObjectProperty& property = need_property(obj, name);
  if (property.type != enum_type || property.enum_table == nullptr) {
    throw Error("Property " + std::string(name) + " on " + object_get_typename(obj) +
                " is not '" + std::string(enum_type) + "' enum type");
  }
  return visit_type_enum(object_property_get(obj, name), name, *property.enum_table);
}

Object* object_property_get_link(Object* obj, std::string_view name) {
  const std::string path = object_property_get_str(obj, name);
  if (path.empty()) {
    return nullptr;
  }
  Object* target = object_resolve_path(path);
  if (target == nullptr) {
    throw Error("Device '" + path + "' not found");
  }
  return target;
}

void object_property_set_bool(Object* obj, bool value, std::string_view name) {
  object_property_set(obj, name, value);
}

void object_property_set_int(Object* obj, std::int64_t value, std::string_view name) {
  object_property_set(obj, name, value);
}

void object_property_set_uint(Object* obj, std::uint64_t value, std::string_view name) {
  object_property_set(obj, name, value);
}

void object_property_set_str(Object* obj, std::string_view value, std::string_view name) {
  object_property_set(obj, name, std::string(value));
}

void object_property_set_link(Object* obj, Object* value, std::string_view name) {
  if (value == nullptr) {
    object_property_set_str(obj, "", name);
    return;
  }
  const std::optional<std::string> path = object_get_canonical_path(value);
  if (!path) {
    throw Error("Property '" + std::string(name) + "' can't link to an object of type '" +
                object_get_typename(value) + "' that is not in the composition tree");
  }
  object_property_set_str(obj, *path, name);
}

std::string object_property_get_type(Object* obj, std::string_view name) {
  return need_property(obj, name).type;
}

}  // namespace qom
