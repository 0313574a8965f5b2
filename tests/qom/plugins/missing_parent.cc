// A plugin whose type descends from a type that does not exist.
#include "qom/module.h"
#include "qom/object.h"

namespace {

constexpr qom::TypeInfo orphan{.name = "plugin-orphan", .parent = "nosuch"};

void register_types() {
  qom::type_register_static(orphan);
}

type_init(register_types);

}  // namespace
