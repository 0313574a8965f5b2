// A plugin whose interface has an instance_init, which interfaces must not have.
#include "qom/module.h"
#include "qom/object.h"

namespace {

constexpr qom::TypeInfo odd{
    .name = "plugin-odd", .parent = "interface", .instance_init = [](qom::Object*) {}};

void register_types() {
  qom::type_register_static(odd);
}

type_init(register_types);

}  // namespace
