// The property tables of objects and classes: adding, finding, listing, removing.
#include "qom/property.h"

#include <memory>
#include <utility>

#include "qom/object.h"
#include "qom/property_table.h"
#include "qom/type.h"

namespace qom {

namespace {

std::uint64_t class_property_epoch = 1;

const std::vector<PropertyTable::Row>& class_rows(const TypeImpl* type) {
  static const PropertyTable none;
  return (type->class_properties ? *type->class_properties : none).rows();
}

void add_slot(std::vector<TypeProperties::Slot>& slots, std::size_t hash,
              ObjectProperty* property) {
  const std::size_t mask = slots.size() - 1;
  std::size_t slot = hash & mask;
  while (slots[slot].property != nullptr) {
    if (slots[slot].property->name == property->name) {
      return;  // the one nearer to the root wins
    }
    slot = (slot + 1) & mask;
  }
  slots[slot] = {hash, property};
}

const TypeProperties& all_properties(TypeImpl* type) {
  if (type->all_properties == nullptr) {
    type->all_properties = std::make_unique<TypeProperties>();
  }
  TypeProperties& all = *type->all_properties;
  if (all.epoch == class_property_epoch) {
    return all;
  }
  std::vector<TypeImpl*> root_first;
  std::size_t count = 0;
  for (TypeImpl* t = type; t != nullptr; t = t->parent_type) {
    root_first.insert(root_first.begin(), t);
    count += class_rows(t).size();
  }
  std::size_t size = 8;
  while (size < count * 2) {
    size *= 2;
  }
  all.slots.assign(size, {});
  for (const TypeImpl* t : root_first) {
    for (const PropertyTable::Row& row : class_rows(t)) {
      add_slot(all.slots, row.hash, row.property.get());
    }
  }
  all.epoch = class_property_epoch;
  return all;
}

// Adds the late properties of every class of the chain that `wanted` picks.
template <class Wanted>
bool add_late(TypeImpl* type, Wanted wanted) {
  bool added = false;
  for (TypeImpl* t = type; t != nullptr; t = t->parent_type) {
    if (t->late_properties != nullptr && wanted(*t->late_properties)) {
      std::exchange(t->late_properties, nullptr)->add(t->klass);
      added = true;
    }
  }
  return added;
}

ObjectProperty* find_added(TypeImpl* type, std::string_view name, std::size_t hash) {
  const TypeProperties& all = all_properties(type);
  const std::size_t mask = all.slots.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const TypeProperties::Slot& entry = all.slots[slot];
    if (entry.property == nullptr ||
        (entry.hash == hash && entry.property->name == name)) {
      return entry.property;
    }
  }
}

[[noreturn]] void duplicate(std::string_view name, const ObjectClass* klass) {
  throw Error("attempt to add duplicate property '" + std::string(name) +
              "' to object (type '" + object_class_get_name(klass) + "')");
}

// "name[*]" without its last two characters: "name["; empty if it is another name.
std::string_view array_stem(std::string_view name) {
  return name.ends_with("[*]") ? name.substr(0, name.size() - 2) : std::string_view{};
}

ObjectProperty* find_hashed(Object* obj, std::string_view name, std::size_t hash) {
  if (ObjectProperty* found = type_find_class_property(obj->klass->type, name, hash)) {
    return found;
  }
  return obj->properties ? obj->properties->find(name, hash) : nullptr;
}

ObjectProperty make_property(std::string name, std::string_view type, PropertyGet&& get,
                             PropertySet&& set, PropertyRelease&& release) {
  return {.name = std::move(name),
          .type = std::string(type),
          .description = {},
          .get = std::move(get),
          .set = std::move(set),
          .release = std::move(release),
          .resolve = {},
          .child = nullptr,
          .enum_table = nullptr};
}

PropertyTable& own_table(Object* obj) {
  if (obj->properties == nullptr) {
    obj->properties = new PropertyTable;
  }
  return *obj->properties;
}

std::string first_free(Object* obj, std::string_view stem) {
  std::uint32_t& next = own_table(obj).next_index(stem);
  for (;; ++next) {
    std::string name = std::string(stem) + std::to_string(next) + "]";
    if (object_property_find(obj, name) == nullptr) {
      return name;
    }
  }
}

}  // namespace

void class_properties_changed() {
  ++class_property_epoch;
}

ObjectProperty* type_find_class_property(TypeImpl* type, std::string_view name,
                                         std::size_t hash) {
  ObjectProperty* found = find_added(type, name, hash);
  if (found == nullptr &&
      add_late(type, [&](const LateProperties& late) { return late.has(name); })) {
    found = find_added(type, name, hash);
  }
  return found;
}

ObjectProperty& object_property_add(Object* obj, std::string_view name,
                                    std::string_view type, PropertyGet get,
                                    PropertySet set, PropertyRelease release) {
  const std::string_view stem = array_stem(name);
  std::string full_name = stem.empty() ? std::string(name) : first_free(obj, stem);
  const std::size_t hash = property_hash(full_name);
  if (find_hashed(obj, full_name, hash) != nullptr) {
    duplicate(name, obj->klass);
  }
  return own_table(obj).add(make_property(std::move(full_name), type, std::move(get),
                                          std::move(set), std::move(release)),
                            hash);
}

ObjectProperty& object_class_property_add(ObjectClass* klass, std::string_view name,
                                          std::string_view type, PropertyGet get,
                                          PropertySet set, PropertyRelease release) {
  TypeImpl& own = *klass->type;
  const std::size_t hash = property_hash(name);
  for (const TypeImpl* t = &own; t != nullptr; t = t->parent_type) {
    if ((t->class_properties && t->class_properties->find(name, hash) != nullptr) ||
        (t->late_properties && t->late_properties->has(name))) {
      duplicate(name, klass);
    }
  }
  class_properties_changed();
  std::unique_ptr<PropertyTable>& table = own.class_properties;
  if (table == nullptr) {
    table = std::make_unique<PropertyTable>();
  }
  return table->add(make_property(std::string(name), type, std::move(get), std::move(set),
                                  std::move(release)),
                    hash);
}

void object_class_property_add_late(ObjectClass* klass, const LateProperties* late) {
  klass->type->late_properties = late;
}

ObjectProperty* object_property_find(Object* obj, std::string_view name) {
  return find_hashed(obj, name, property_hash(name));
}

ObjectProperty* object_class_property_find(ObjectClass* klass, std::string_view name) {
  return type_find_class_property(klass->type, name, property_hash(name));
}

void object_property_del(Object* obj, std::string_view name) {
  ObjectProperty* property = obj->properties ? obj->properties->find(name) : nullptr;
  if (property == nullptr) {
    throw Error("Property '." + std::string(name) + "' not found");
  }
  const PropertyRelease release = std::exchange(property->release, {});
  if (release) {
    release(obj, *property);
  }
  obj->properties->remove(property);
}

void object_property_set_description(Object* obj, std::string_view name,
                                     std::string_view text) {
  ObjectProperty* property = object_property_find(obj, name);
  if (property == nullptr) {
    throw Error("Property '." + std::string(name) + "' not found");
  }
  property->description = text;
}

void object_class_property_set_description(ObjectClass* klass, std::string_view name,
                                           std::string_view text) {
  add_late(klass->type, [&](const LateProperties& late) { return late.has(name); });
  ObjectProperty* property =
      klass->type->class_properties ? klass->type->class_properties->find(name) : nullptr;
  if (property == nullptr) {
    throw Error("Property '." + std::string(name) + "' not found");
  }
  property->description = text;
}

std::vector<ObjectProperty*> object_property_list(Object* obj) {
  std::vector<ObjectProperty*> list;
  if (obj->properties != nullptr) {
    for (const PropertyTable::Row& row : obj->properties->rows()) {
      list.push_back(row.property.get());
    }
  }
  for (ObjectProperty* property : object_class_property_list(obj->klass)) {
    list.push_back(property);
  }
  return list;
}

std::vector<ObjectProperty*> object_class_property_list(ObjectClass* klass) {
  add_late(klass->type, [](const LateProperties&) { return true; });
  std::vector<ObjectProperty*> list;
  for (const TypeImpl* t = klass->type; t != nullptr; t = t->parent_type) {
    for (const PropertyTable::Row& row : class_rows(t)) {
      list.push_back(row.property.get());
    }
  }
  return list;
}

}  // namespace qom
