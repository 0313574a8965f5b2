// TypeImpl: a registered type, and the table of all of them. For qom/ itself and
// for tools that show types; other code uses qom/object.h.
//
// A TypeImpl is born by type_register() as paper: `klass` is null. The first
// need calls type_initialize(), which fills everything below the line "stage 3".
// Types are never unregistered and classes never freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "qom/base.h"
#include "qom/property_table.h"
#include "qom/type_info.h"

namespace qom {

inline constexpr std::size_t max_interfaces = 32;

// The callbacks objects of a type get, collected when the first object is made.
struct TypeLevels {
  std::vector<TypeImpl*> init;       // types with instance_init, root first
  std::vector<TypeImpl*> post_init;  // with instance_post_init, leaf first
  std::vector<TypeImpl*> finalize;   // with instance_finalize, leaf first
};

// All class properties of a type's chain by name, rebuilt when any class grew one.
struct TypeProperties {
  struct Slot {
    std::size_t hash = 0;
    ObjectProperty* property = nullptr;
  };

  std::vector<Slot> slots;  // a power of two, at most half full
  std::uint64_t epoch = 0;
};

struct TypeImpl {
  // Stage 2: copied from the TypeInfo. `info` has its strings replaced by copies
  // owned here; `info.interfaces` is not used, interface_names is.
  std::string name_text;
  std::string parent_text;
  TypeInfo info;
  std::vector<std::string> interface_names;
  const char* name = nullptr;
  TypeImpl* parent_type = nullptr;  // looked up on first need: it may come later
  bool abstract = false;
  bool hidden = true;  // until type_table_add(); an interface class "A::I" remains so

  // Stage 3: filled by type_initialize().
  ObjectClass* klass = nullptr;
  std::size_t class_size = 0;
  std::size_t instance_size = 0;
  const InstanceStruct* instance = nullptr;  // own or inherited
  const ClassStruct* class_struct = nullptr;
  std::vector<InterfaceClass*> interfaces;  // classes "A::I", inherited ones first
  std::unique_ptr<PropertyTable> class_properties;  // made by the first one
  const LateProperties* late_properties = nullptr;  // not added yet

  // Stage 4. Most types are never looked at this closely.
  std::unique_ptr<TypeLevels> levels;
  std::unique_ptr<TypeProperties> all_properties;
  std::uint32_t instances_made = 0;
};

// Types by name: open addressing, as types are added and almost never removed.
class TypeIndex {
 public:
  TypeImpl* find(std::string_view name) const;
  void insert(TypeImpl* type);  // its name must not be in the index
  void rebuild(const std::vector<TypeImpl*>& types);

 private:
  struct Slot {
    std::size_t hash = 0;
    TypeImpl* type = nullptr;
  };

  void place(const Slot& slot);

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t count_ = 0;
};

// One set of types. A program has one; a test may put a fresh one in its place
// (qom/testing.h). Enumeration is in order of registration.
struct TypeTable {
  TypeTable() = default;
  ~TypeTable();  // frees the classes
  TypeTable(const TypeTable&) = delete;
  TypeTable& operator=(const TypeTable&) = delete;

  std::deque<TypeImpl> storage;     // also the hidden "A::I" types
  std::vector<TypeImpl*> in_order;  // registered ones
  TypeIndex by_name;
  TypeImpl* interface_root = nullptr;  // "interface", once registered
  bool enumerating_types = false;      // by object_class_foreach(): nothing may be added
  bool loading_plugin = false;  // registration mistakes are then the user's: qom::Error
  Object* root = nullptr;
  std::vector<void*> abandoned_classes;  // of a type_initialize() that failed
};

TypeTable& type_table_get();
TypeTable* type_table_replace(TypeTable* table);  // returns the one in use before

// Paper: a TypeImpl filled from `info`. Its name must not be in the table yet, and it
// is not entered: type_get_by_name() does not find it.
TypeImpl* type_new(const TypeInfo& info);
// Enters it, the last in order. Refused while enumerating_types.
void type_table_add(TypeImpl* type);
// Both in turn, without asking for a parent: for the two roots.
TypeImpl* type_register_internal(const TypeInfo& info);
// Removes what was registered since the table had `count` types.
void type_table_truncate(std::size_t count);

// nullptr for a root. Throws qom::Error "Type 'A' is missing its parent 'B'".
TypeImpl* type_get_parent(TypeImpl* type);
bool type_is_ancestor(TypeImpl* type, const TypeImpl* target);
// What can be known without running the type's code: every ancestor and interface
// exists, there is no circle, an interface keeps the rules. Throws qom::Error.
void type_check(TypeImpl* type);
const TypeLevels& type_levels(TypeImpl* type);  // of an initialised type
void register_base_types();  // object, interface, container, user-creatable

// Class properties as seen from `type`: the root's win over the leaf's.
ObjectProperty* type_find_class_property(TypeImpl* type, std::string_view name,
                                         std::size_t hash);
void class_properties_changed();  // some class has one more or one less

}  // namespace qom
