// memory-backend-ram: anonymous memory of this process.
#include "backend/hostmem.h"
#include "qom/module.h"

namespace backend {

namespace {

int open_nothing(HostMemoryBackend*) {
  return -1;
}

void ram_class_init(ObjectClass* klass, void*) {
  class_cast<HostMemoryBackendClass>(klass)->open = open_nothing;
}

constinit const TypeInfo ram_info{
    .name = "memory-backend-ram",
    .parent = TYPE_MEMORY_BACKEND,
    .class_init = ram_class_init,
};

void register_types() {
  type_register_static(ram_info);
}

type_init(register_types);

}  // namespace
}  // namespace backend
