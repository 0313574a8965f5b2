// type_initialize(): stage 3, a type on paper becomes a class.
//
// Once per type, on first need: the parent first, then a copy of the parent's
// class, then one class per interface, then class_base_init of each ancestor from
// the nearest to the root, then the type's own class_init. Errors a user can cause
// (a plugin's missing parent, a circle) are found before anything is allocated.
#include <algorithm>
#include <cstring>

#include "qom/allocate.h"
#include "qom/fatal.h"
#include "qom/object.h"
#include "qom/type.h"

namespace qom {

namespace {

struct TypeInitialize {
  static constexpr trace::Declaration declaration{
      "type_initialize", trace::Category::qom, trace::Shape::span,
      "A type gets its class: sizes, parent, interfaces, then class_init."};
  std::string_view name;
  std::string_view parent;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &TypeInitialize::name, "the type's name"),
        trace::state("parent", &TypeInitialize::parent, "its parent's name"));
  }

  struct Result {
    bool abstract;
    std::uint64_t instance_size;
    std::uint64_t class_size;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("abstract", &Result::abstract, "no objects of this very type"),
          trace::volatile_field("instance_size", &Result::instance_size, "bytes"),
          trace::volatile_field("class_size", &Result::class_size, "bytes"));
    }
  };
};

struct TypeInitializeInterface {
  static constexpr trace::Declaration declaration{
      "type_initialize_interface", trace::Category::qom, trace::Shape::span,
      "A type's own class of one interface is made."};
  std::string_view name;
  std::string_view interface_name;
  bool inherited;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &TypeInitializeInterface::name, "the implementing type"),
        trace::identity("interface", &TypeInitializeInterface::interface_name,
                        "the interface"),
        trace::state("inherited", &TypeInitializeInterface::inherited,
                     "the parent type implements it already"));
  }
};

struct ClassBaseInit {
  static constexpr trace::Declaration declaration{
      "class_base_init", trace::Category::qom, trace::Shape::span,
      "An ancestor's class_base_init runs for a descendant's class."};
  std::string_view name;
  std::string_view owner;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &ClassBaseInit::name, "the type being initialised"),
        trace::identity("owner", &ClassBaseInit::owner, "whose callback it is"));
  }
};

struct ClassInit {
  static constexpr trace::Declaration declaration{"class_init", trace::Category::qom,
                                                  trace::Shape::span,
                                                  "A type's own class_init runs."};
  std::string_view name;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &ClassInit::name, "the type whose callback it is"));
  }
};

[[noreturn]] void wrong(const TypeImpl& type, const std::string& what) {
  const std::string message = "type_initialize: type '" + type.name_text + "': " + what;
  if (type_table_get().loading_plugin) {
    throw Error(message);
  }
  fatal(message);
}

// Throws for a missing parent anywhere above and for a type that is its own
// ancestor.
void check_ancestors(TypeImpl* type) {
  std::size_t steps = 0;
  const std::size_t most = type_table_get().storage.size();
  for (TypeImpl* t = type; t != nullptr && t->klass == nullptr; t = type_get_parent(t)) {
    if (++steps > most) {
      throw Error("Type '" + type->name_text + "' is its own ancestor: parent '" +
                  type->parent_text + "' leads back to it");
    }
  }
}

void check_interfaces_exist(const TypeImpl& type) {
  for (const std::string& name : type.interface_names) {
    TypeImpl* interface = type_get_by_name(name.c_str());
    if (interface == nullptr) {
      throw Error("Type '" + type.name_text + "' is missing its interface '" + name +
                  "'");
    }
    check_ancestors(interface);
    if (!type_is_ancestor(interface, type_table_get().interface_root)) {
      throw Error("Type '" + type.name_text + "' lists '" + name +
                  "', which is not an interface");
    }
  }
}

// Its own, or else the parent's; a root's class holds at least an ObjectClass.
std::size_t type_class_get_size(TypeImpl* type) {
  const std::size_t own = std::max(type->info.klass.size, type->info.class_size);
  const TypeImpl* parent = type_get_parent(type);
  if (parent == nullptr) {
    return std::max(own, sizeof(ObjectClass));
  }
  return own != 0 ? own : parent->class_size;
}

// Its own, or else the parent's. A plain instance_size below the parent's is taken as
// "the parent's" too: every ancestor's instance_init must find its struct.
std::size_t type_object_get_size(TypeImpl* type) {
  const std::size_t own = std::max(type->info.instance.size, type->info.instance_size);
  const TypeImpl* parent = type_get_parent(type);
  return parent == nullptr ? own : std::max(own, parent->instance_size);
}

void inherit_structs(TypeImpl* type, const TypeImpl* parent) {
  const InstanceStruct& own = type->info.instance;
  const ClassStruct& own_class = type->info.klass;
  type->instance = own.construct || !parent ? &own : parent->instance;
  type->class_struct = own_class.construct || !parent ? &own_class : parent->class_struct;
}

void check_sizes(const TypeImpl& type, const TypeImpl* parent) {
  const InstanceStruct& own = type.info.instance;
  const ClassStruct& own_class = type.info.klass;
  if (own.size > type.info.instance_size && type.info.instance_size != 0) {
    wrong(type, "instance_size is smaller than its instance struct");
  }
  if (own_class.size > type.info.class_size && type.info.class_size != 0) {
    wrong(type, "class_size is smaller than its class struct");
  }
  if (parent == nullptr) {
    return;
  }
  if (own.size != 0 && own.size < parent->instance->size) {
    wrong(type, "its instance struct does not hold its parent's");
  }
  if (type.class_size < parent->class_size) {
    wrong(type, "class_size is smaller than its parent's");
  }
}

void check_interface_type(TypeImpl* type) {
  const TypeInfo& info = type->info;
  if (type->instance_size != 0) {
    wrong(*type, "an interface has no instance_size");
  }
  if (info.instance_init || info.instance_post_init || info.instance_finalize) {
    wrong(*type, "an interface has no instance_init, post_init or finalize");
  }
  if (!type->interface_names.empty()) {
    wrong(*type, "an interface implements no interfaces");
  }
}

ObjectClass* allocate_class(const TypeImpl& type, const TypeImpl* parent) {
  void* memory = allocate_zeroed(type.class_size, type.class_struct->align);
  ObjectClass* klass = type.class_struct->construct ? type.class_struct->construct(memory)
                                                    : new (memory) ObjectClass{};
  if (parent != nullptr) {
    if (parent->class_struct->copy) {
      parent->class_struct->copy(*klass, *parent->klass);
    } else {
      *klass = *parent->klass;
    }
    // Bytes beyond the parent's struct, given as a plain class_size.
    const std::size_t known = std::max(parent->class_struct->size, sizeof(ObjectClass));
    if (parent->class_size > known) {
      const auto* from = reinterpret_cast<const char*>(parent->klass);
      std::memcpy(static_cast<char*>(memory) + known, from + known,
                  parent->class_size - known);
    }
  }
  return klass;
}

void initialize_interface(TypeImpl* type, TypeImpl* interface, TypeImpl* parent,
                          bool inherited) {
  const trace::Span span{TypeInitializeInterface{.name = type->name_text,
                                                 .interface_name = interface->name_text,
                                                 .inherited = inherited}};
  const std::string name = type->name_text + "::" + interface->name_text;
  TypeImpl* own =
      type_new({.name = name.c_str(), .parent = parent->name, .abstract = true});
  own->parent_type = parent;
  type_initialize(own);
  auto* klass = static_cast<InterfaceClass*>(own->klass);
  klass->concrete_class = type->klass;
  klass->interface_type = interface;
  type->interfaces.push_back(klass);
}

void initialize_interfaces(TypeImpl* type, const TypeImpl* parent) {
  for (const InterfaceClass* inherited : parent->interfaces) {
    initialize_interface(type, inherited->interface_type, inherited->type, true);
  }
  for (const std::string& name : type->interface_names) {
    TypeImpl* interface = type_get_by_name(name.c_str());
    bool covered = false;  // by an interface already there, or by its child
    for (const InterfaceClass* present : type->interfaces) {
      covered = covered || type_is_ancestor(present->type, interface);
    }
    if (!covered) {
      initialize_interface(type, interface, interface, false);
    }
  }
}

void run_class_callbacks(TypeImpl* type) {
  for (TypeImpl* p = type_get_parent(type); p != nullptr; p = type_get_parent(p)) {
    if (p->info.class_base_init) {
      const trace::Span span{
          ClassBaseInit{.name = type->name_text, .owner = p->name_text}};
      p->info.class_base_init(type->klass, type->info.class_data);
    }
  }
  if (type->info.class_init) {
    const trace::Span span{ClassInit{.name = type->name_text}};
    type->info.class_init(type->klass, type->info.class_data);
  }
}

// The bytes stay: an interface class may already point at them.
void forget_class(TypeImpl* type) {
  type_table_get().abandoned_classes.push_back(type->klass);
  type->klass = nullptr;
  type->interfaces.clear();
  type->class_properties.reset();
  type->late_properties = nullptr;
  class_properties_changed();
}

void build_class(TypeImpl* type, TypeImpl* parent) {
  type->klass = allocate_class(*type, parent);
  type->klass->type = type;
  if (parent != nullptr) {
    initialize_interfaces(type, parent);
  }
  run_class_callbacks(type);
}

}  // namespace

const TypeLevels& type_levels(TypeImpl* type) {
  if (type->levels != nullptr) {
    return *type->levels;
  }
  auto levels = std::make_unique<TypeLevels>();
  for (TypeImpl* level = type; level != nullptr; level = level->parent_type) {
    if (level->info.instance_init) {
      levels->init.insert(levels->init.begin(), level);
    }
    if (level->info.instance_post_init) {
      levels->post_init.push_back(level);
    }
    if (level->info.instance_finalize) {
      levels->finalize.push_back(level);
    }
  }
  type->levels = std::move(levels);
  return *type->levels;
}

void type_check(TypeImpl* type) {
  check_ancestors(type);
  check_interfaces_exist(*type);
  if (!type_is_ancestor(type, type_table_get().interface_root)) {
    return;
  }
  for (TypeImpl* t = type; t != nullptr; t = type_get_parent(t)) {
    if (t->info.instance.size != 0 || t->info.instance_size != 0) {
      wrong(*type, "an interface has no instance_size");
    }
  }
  check_interface_type(type);
}

void type_initialize(TypeImpl* type) {
  if (type->klass != nullptr) {
    return;
  }
  trace::Span span{TypeInitialize{.name = type->name_text, .parent = type->parent_text}};
  check_ancestors(type);
  check_interfaces_exist(*type);
  TypeImpl* parent = type_get_parent(type);
  if (parent != nullptr) {
    type_initialize(parent);
  }
  if (type->klass != nullptr) {
    return;  // the parent's class_init asked for this type
  }
  inherit_structs(type, parent);
  type->class_size = type_class_get_size(type);
  type->instance_size = type_object_get_size(type);
  check_sizes(*type, parent);
  type->abstract = type->abstract || type->instance_size == 0;
  if (type_is_ancestor(type, type_table_get().interface_root)) {
    check_interface_type(type);
  }
  try {
    build_class(type, parent);
  } catch (...) {
    forget_class(type);
    throw;
  }
  span.result(TypeInitialize::Result{.abstract = type->abstract,
                                     .instance_size = type->instance_size,
                                     .class_size = type->class_size});
}

}  // namespace qom
