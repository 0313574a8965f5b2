// The type table: stage 2, types on paper.
//
// type_register() copies a TypeInfo into a TypeImpl and enters it by name. No code
// of the type runs and nothing is asked of its parent, which may come later: in a
// real start a third of the types are registered before their parents.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <utility>

#include "qom/fatal.h"
#include "qom/object.h"
#include "qom/testing.h"
#include "qom/type.h"

namespace qom {

namespace {

struct TypeRegister {
  static constexpr trace::Declaration declaration{
      "type_register", trace::Category::qom, trace::Shape::instant,
      "A TypeInfo becomes a TypeImpl in the type table: still paper, no class."};
  std::string_view name;
  std::string_view parent;
  bool abstract;
  std::string_view interfaces;
  std::uint64_t instance_size;
  std::uint64_t class_size;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &TypeRegister::name, "the type's name"),
        trace::state("parent", &TypeRegister::parent, "its parent's name"),
        trace::state("abstract", &TypeRegister::abstract, "no objects of this very type"),
        trace::state("interfaces", &TypeRegister::interfaces, "own ones, with commas"),
        trace::volatile_field("instance_size", &TypeRegister::instance_size,
                              "bytes of an object; 0: the parent's"),
        trace::volatile_field("class_size", &TypeRegister::class_size,
                              "bytes of the class; 0: the parent's"));
  }
};

struct TypeRegisterRefused {
  static constexpr trace::Declaration declaration{
      "type_register_refused", trace::Category::qom, trace::Shape::instant,
      "A TypeInfo could not be registered."};
  std::string_view name;
  std::string_view reason;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &TypeRegisterRefused::name, "the type's name"),
        trace::state("reason", &TypeRegisterRefused::reason, "the message"));
  }
};

TypeTable* type_table = nullptr;

// A mistake in a registration. Ours: the program ends, as QEMU does. A plugin's:
// the user gave a bad file and gets an error.
[[noreturn]] void refuse(const char* name, const std::string& message) {
  trace::instant(TypeRegisterRefused{.name = name ? name : "", .reason = message});
  if (type_table_get().loading_plugin) {
    throw Error(message);
  }
  fatal(message);
}

std::vector<std::string> interface_names(const TypeInfo& info) {
  std::vector<std::string> names;
  for (const InterfaceInfo* i = info.interfaces; i != nullptr && i->type != nullptr;
       ++i) {
    if (names.size() == max_interfaces) {
      refuse(info.name, std::string("Type '") + info.name + "' lists more than " +
                            std::to_string(max_interfaces) + " interfaces");
    }
    names.emplace_back(i->type);
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? name : "," + name;
  }
  return text;
}

void record_registration(const TypeImpl& type) {
  if (!trace::enabled<TypeRegister>()) {
    return;
  }
  const TypeInfo& info = type.info;
  trace::instant(TypeRegister{
      .name = type.name_text,
      .parent = type.parent_text,
      .abstract = info.abstract,
      .interfaces = joined(type.interface_names),
      .instance_size = info.instance.size ? info.instance.size : info.instance_size,
      .class_size = info.klass.size ? info.klass.size : info.class_size,
  });
}

TypeImpl* type_table_lookup(std::string_view name) {
  return type_table_get().by_name.find(name);
}

}  // namespace

TypeImpl* TypeIndex::find(std::string_view name) const {
  if (slots_.empty()) {
    return nullptr;
  }
  const std::size_t hash = std::hash<std::string_view>{}(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i].type != nullptr; i = (i + 1) & mask) {
    if (slots_[i].hash == hash && slots_[i].type->name_text == name) {
      return slots_[i].type;
    }
  }
  return nullptr;
}

void TypeIndex::place(const Slot& slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = slot.hash & mask;
  while (slots_[i].type != nullptr) {
    i = (i + 1) & mask;
  }
  slots_[i] = slot;
}

void TypeIndex::insert(TypeImpl* type) {
  if (++count_ * 2 > slots_.size()) {
    const std::vector<Slot> old = std::exchange(
        slots_, std::vector<Slot>(std::max<std::size_t>(1024, slots_.size() * 2)));
    for (const Slot& slot : old) {
      if (slot.type != nullptr) {
        place(slot);
      }
    }
  }
  place({std::hash<std::string_view>{}(type->name_text), type});
}

void TypeIndex::rebuild(const std::vector<TypeImpl*>& types) {
  slots_.clear();
  count_ = 0;
  for (TypeImpl* type : types) {
    insert(type);
  }
}

TypeTable::~TypeTable() {
  for (const TypeImpl& type : storage) {
    std::free(type.klass);
  }
  for (void* bytes : abandoned_classes) {
    std::free(bytes);
  }
}

// [type_table_get]
// Made on first use, by whoever registers the first type; never destroyed, because
// what runs at exit may still ask for names.
TypeTable& type_table_get() {
  if (type_table == nullptr) {
    type_table = new TypeTable;
  }
  return *type_table;
}

// [type_table_get]

TypeTable* type_table_replace(TypeTable* table) {
  TypeTable* previous = &type_table_get();
  type_table = table;
  class_properties_changed();
  return previous;
}

IsolatedTypes::~IsolatedTypes() {
  if (table_.root != nullptr) {
    object_unref(table_.root);
  }
  type_table_replace(previous_);
}

// [type_new]
TypeImpl* type_new(const TypeInfo& info) {
  if (info.name == nullptr) {
    refuse(nullptr, "type_register: a type needs a name");
  }
  if (type_table_lookup(info.name) != nullptr) {
    refuse(info.name,
           std::string("Registering `") + info.name + "' which already exists");
  }
  std::vector<std::string> interfaces = interface_names(info);
  TypeImpl& type = type_table_get().storage.emplace_back();
  type.name_text = info.name;
  type.parent_text = info.parent ? info.parent : "";
  type.interface_names = std::move(interfaces);
  type.abstract = info.abstract;
  type.info = info;  // sizes, class_init, instance_init and the other callbacks
  type.name = type.name_text.c_str();
  type.info.name = type.name;
  type.info.parent = info.parent ? type.parent_text.c_str() : nullptr;
  type.info.interfaces = nullptr;
  return &type;
}

// [type_new]

// [type_table_add]
void type_table_add(TypeImpl* type) {
  TypeTable& table = type_table_get();
  if (table.enumerating_types) {
    refuse(type->name, "Registering `" + type->name_text +
                           "' while the type table is being enumerated");
  }
  table.by_name.insert(type);
  table.in_order.push_back(type);
  type->hidden = false;
  if (type->name_text == TYPE_INTERFACE) {
    table.interface_root = type;
  }
}

// [type_table_add]

// [type_register_internal]
TypeImpl* type_register_internal(const TypeInfo& info) {
  TypeImpl* type = type_new(info);
  type_table_add(type);
  record_registration(*type);
  return type;
}

// [type_register_internal]

// [type_register]
TypeImpl* type_register(const TypeInfo* info) {
  if (info->parent == nullptr) {
    refuse(info->name, std::string("type_register: type '") +
                           (info->name ? info->name : "") + "' needs a parent");
  }
  return type_register_internal(*info);
}

TypeImpl* type_register_static(const TypeInfo* info) {
  return type_register(info);
}

// [type_register]

void type_register_static_array(const TypeInfo* infos, int count) {
  for (int i = 0; i < count; ++i) {
    type_register_static(&infos[i]);
  }
}

void type_table_truncate(std::size_t count) {
  TypeTable& table = type_table_get();
  table.in_order.resize(std::min(count, table.in_order.size()));
  table.by_name.rebuild(table.in_order);
}

TypeImpl* type_get_by_name(const char* name) {
  return name == nullptr ? nullptr : type_table_lookup(name);
}

// [type_get_parent]
TypeImpl* type_get_parent(TypeImpl* type) {
  if (type->parent_type == nullptr && type->info.parent != nullptr) {
    type->parent_type = type_get_by_name(type->info.parent);
    if (type->parent_type == nullptr) {
      throw Error("Type '" + type->name_text + "' is missing its parent '" +
                  type->parent_text + "'");
    }
  }
  return type->parent_type;
}

// [type_get_parent]

bool type_is_ancestor(TypeImpl* type, const TypeImpl* target) {
  for (; type != nullptr; type = type_get_parent(type)) {
    if (type == target) {
      return true;
    }
  }
  return false;
}

const char* type_name(const TypeImpl* type) {
  return type->name;
}

const char* type_parent_name(const TypeImpl* type) {
  return type->info.parent;
}

bool type_is_abstract(const TypeImpl* type) {
  return type->abstract;
}

}  // namespace qom
