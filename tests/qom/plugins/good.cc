// A plugin as it should be: two types, one init function each.
#include "qom/module.h"
#include "qom/object.h"

namespace {

constexpr qom::TypeInfo first{.name = "plugin-first", .parent = "container"};
constexpr qom::TypeInfo second{
    .name = "plugin-second",
    .parent = "plugin-first",
    .instance_init = [](qom::Object*) { throw qom::Error("thrown inside the plugin"); },
};

void register_first() {
  qom::type_register_static(first);
}

void register_second() {
  qom::type_register_static(second);
}

type_init(register_first);
type_init(register_second);

}  // namespace
