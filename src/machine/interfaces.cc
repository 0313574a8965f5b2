#include "machine/interfaces.h"

namespace machine {

using namespace core;

namespace {

constinit const TypeInfo nmi_info{
    .name = TYPE_NMI,
    .parent = TYPE_INTERFACE,
    .klass = class_struct<NMIClass>(),
};

void nmi_register_types() {
  type_register_static(nmi_info);
}

type_init(nmi_register_types);

}  // namespace

}  // namespace machine
