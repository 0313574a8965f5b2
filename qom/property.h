// Properties: named, typed values of an object or of a whole class
// (qom-semantics section H). Values cross the boundary as a Value; text from a
// command line is parsed according to the property's type by
// object_property_parse, with QEMU's rules and error texts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "qom/object.h"

namespace qom {

// A visitor as in QEMU reduced to what its callers need: a getter fills a Value,
// a setter is given one. `Text` is unparsed input: the setter asks for the type it
// wants with visit_*(), so that error texts name the property.
struct Text {
  std::string text;
};

using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                           std::string, Text>;

// What a setter calls on the Value it is given. Each throws qom::Error in QEMU
// 4.0's words ("Invalid parameter type for 'bv', expected: boolean", "Parameter
// 'u8' expects uint8_t", ...). `name` is the property's.
bool visit_type_bool(const Value& value, std::string_view name);
std::int64_t visit_type_int(const Value& value, std::string_view name);
std::uint8_t visit_type_uint8(const Value& value, std::string_view name);
std::uint16_t visit_type_uint16(const Value& value, std::string_view name);
std::uint32_t visit_type_uint32(const Value& value, std::string_view name);
std::uint64_t visit_type_uint64(const Value& value, std::string_view name);
std::int32_t visit_type_int32(const Value& value, std::string_view name);
std::uint64_t visit_type_size(const Value& value, std::string_view name);
std::int8_t visit_type_int8(const Value& value, std::string_view name);
std::int16_t visit_type_int16(const Value& value, std::string_view name);
// Any number, as text also with a fraction.
double visit_type_number(const Value& value, std::string_view name);
// The index of the spelling in the table. "Invalid parameter 'yeti'".
int visit_type_enum(const Value& value, std::string_view name,
                    const std::vector<std::string>& table);
std::string visit_type_str(const Value& value, std::string_view name);

struct ObjectProperty;
using PropertyGet = std::function<Value(Object* obj, const ObjectProperty& property)>;
using PropertySet =
    std::function<void(Object* obj, const ObjectProperty& property, const Value& value)>;
using PropertyRelease = std::function<void(Object* obj, const ObjectProperty& property)>;
using PropertyResolve = std::function<Object*(Object* obj, const ObjectProperty& property,
                                              std::string_view part)>;

struct ObjectProperty {
  std::string name;
  std::string type;         // "bool", "uint32", "child<isa-serial>", "link<...>"
  std::string description;  // may be empty
  PropertyGet get;          // empty: not readable
  PropertySet set;          // empty: not writable
  PropertyRelease release;  // once, on deletion or finalize
  PropertyResolve resolve;  // empty: cannot be a step of a path
  Object* child = nullptr;  // of a child<> property, while it is one
  const std::vector<std::string>* enum_table = nullptr;  // of an enumeration's
};

// Adding. A name ending in "[*]" takes the first free index. Throws qom::Error
// "attempt to add duplicate property 'x' to object (type 'T')".
ObjectProperty& object_property_add(Object* obj, std::string_view name,
                                    std::string_view type, PropertyGet get,
                                    PropertySet set, PropertyRelease release = {});
ObjectProperty& object_class_property_add(ObjectClass* klass, std::string_view name,
                                          std::string_view type, PropertyGet get,
                                          PropertySet set, PropertyRelease release = {});

// Class properties that are many and seldom asked for (the three hundred switches of
// an x86 CPU). They are added when one of them is looked for, or all are listed; until
// then `has` answers for their names. One set a class; not a name of its ancestors.
struct LateProperties {
  bool (*has)(std::string_view name);
  void (*add)(ObjectClass* klass);
};

void object_class_property_add_late(ObjectClass* klass, const LateProperties* late);
void object_property_del(Object* obj, std::string_view name);
ObjectProperty* object_property_find(Object* obj, std::string_view name);  // or nullptr
ObjectProperty* object_class_property_find(ObjectClass* klass, std::string_view name);
void object_property_set_description(Object* obj, std::string_view name,
                                     std::string_view text);
void object_class_property_set_description(ObjectClass* klass, std::string_view name,
                                           std::string_view text);

// Own properties, then class by class from leaf to root.
std::vector<ObjectProperty*> object_property_list(Object* obj);
std::vector<ObjectProperty*> object_class_property_list(ObjectClass* klass);

// Typed adders (the object_property_add_X family of QEMU). An empty setter makes
// the property read-only. Class forms take the same callbacks.
using GetBool = std::function<bool(Object*)>;
using SetBool = std::function<void(Object*, bool)>;
using GetStr = std::function<std::string(Object*)>;
using SetStr = std::function<void(Object*, const std::string&)>;
using EnumTable = std::vector<std::string>;  // value i is spelled table[i]
using GetEnum = std::function<int(Object*)>;
using SetEnum = std::function<void(Object*, int)>;
ObjectProperty& object_property_add_bool(Object*, std::string_view name, GetBool,
                                         SetBool);
ObjectProperty& object_property_add_str(Object*, std::string_view name, GetStr, SetStr);
ObjectProperty& object_property_add_enum(Object*, std::string_view name,
                                         std::string_view enum_type, const EnumTable*,
                                         GetEnum, SetEnum);
ObjectProperty& object_class_property_add_bool(ObjectClass*, std::string_view name,
                                               GetBool, SetBool);
ObjectProperty& object_class_property_add_str(ObjectClass*, std::string_view name, GetStr,
                                              SetStr);
ObjectProperty& object_class_property_add_enum(ObjectClass*, std::string_view name,
                                               std::string_view enum_type,
                                               const EnumTable*, GetEnum, SetEnum);
void object_property_add_uint8_ptr(Object*, std::string_view name, const std::uint8_t*);
void object_property_add_uint16_ptr(Object*, std::string_view name, const std::uint16_t*);
void object_property_add_uint32_ptr(Object*, std::string_view name, const std::uint32_t*);
void object_property_add_uint64_ptr(Object*, std::string_view name, const std::uint64_t*);

// link<T>: `target` is the pointer variable the property shows and sets.
using LinkCheck = std::function<void(Object* obj, std::string_view name, Object* value)>;
enum class LinkStrength : std::uint8_t { weak, strong };
void object_property_add_link(Object* obj, std::string_view name, const char* type,
                              Object** target, LinkCheck check, LinkStrength strength);
void object_property_add_const_link(Object* obj, std::string_view name, Object* target);
void object_property_add_alias(Object* obj, std::string_view name, Object* target,
                               std::string_view target_name);
// Accepts every value; the LinkCheck of qdev links before realize.
void object_property_allow_set_link(Object*, std::string_view, Object*);

// Reading and writing by name. `set` and `parse` are traced as property_set.
Value object_property_get(Object* obj, std::string_view name);
void object_property_set(Object* obj, std::string_view name, const Value& value);
// A setter or parser that throws leaves the value as it was.
void object_property_parse(Object* obj, std::string_view text, std::string_view name);
// Without `human` as scripts want it; with it strings are quoted, numbers are also
// in hexadecimal and sizes scaled.
std::string object_property_print(Object* obj, std::string_view name, bool human);
bool object_property_get_bool(Object* obj, std::string_view name);
std::int64_t object_property_get_int(Object* obj, std::string_view name);
std::uint64_t object_property_get_uint(Object* obj, std::string_view name);
std::string object_property_get_str(Object* obj, std::string_view name);
int object_property_get_enum(Object* obj, std::string_view name,
                             std::string_view enum_type);
Object* object_property_get_link(Object* obj, std::string_view name);
void object_property_set_bool(Object* obj, bool value, std::string_view name);
void object_property_set_int(Object* obj, std::int64_t value, std::string_view name);
void object_property_set_uint(Object* obj, std::uint64_t value, std::string_view name);
void object_property_set_str(Object* obj, std::string_view value, std::string_view name);
void object_property_set_link(Object* obj, Object* value, std::string_view name);
std::string object_property_get_type(Object* obj, std::string_view name);

}  // namespace qom
