// "null": swallows all output, never has input.
#include "core/chardev.h"
#include "qom/module.h"

namespace backend {

using namespace core;

namespace {

constinit const qom::TypeInfo info{
    .name = "chardev-null",
    .parent = TYPE_CHARDEV,
};

void chardev_null_register_types() {
  qom::type_register_static(info);
}

}  // namespace

type_init(chardev_null_register_types)

}  // namespace backend
