// A plugin whose types are each other's parents.
#include "qom/module.h"
#include "qom/object.h"

namespace {

constexpr qom::TypeInfo hen{.name = "plugin-hen", .parent = "plugin-egg"};
constexpr qom::TypeInfo egg{.name = "plugin-egg", .parent = "plugin-hen"};

void register_types() {
  qom::type_register_static(hen);
  qom::type_register_static(egg);
}

type_init(register_types);

}  // namespace
