// A plugin whose second type has a name that is taken.
#include "qom/module.h"
#include "qom/object.h"

namespace {

constexpr qom::TypeInfo fine{.name = "plugin-before-duplicate", .parent = "object"};
constexpr qom::TypeInfo taken{.name = "container", .parent = "object"};

void register_types() {
  qom::type_register_static(fine);
  qom::type_register_static(taken);
}

type_init(register_types);

}  // namespace
