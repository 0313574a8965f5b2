// Host memory as a user-creatable object: the types "memory-backend" (abstract),
// "memory-backend-ram", "memory-backend-file" and "memory-backend-memfd".
//
//   -object memory-backend-file,id=m0,size=64M,mem-path=/dev/hugepages,share=on
//
// The bytes are there once user_creatable_complete() has run; until then properties may
// be set, afterwards `size`, `share` and what chooses the source may not. The object owns
// the bytes and unmaps them when it is finalized. Belongs to the main thread.
#pragma once

#include <string>

#include "core/host_memory.h"
#include "qom/object.h"
#include "qom/property.h"

namespace backend {

using namespace qom;

using core::HostMemoryBackend;
using core::max_host_nodes;
using core::TYPE_MEMORY_BACKEND;

// Where the bytes come from: a descriptor to map, owned by the caller of open().
struct HostMemoryBackendClass : ObjectClass {
  static constexpr const char* qom_type = "memory-backend";
  // Returns a descriptor of at least `size` bytes, or -1 for anonymous memory. Throws
  // qom::Error.
  int (*open)(HostMemoryBackend* backend) = nullptr;
};

// "m0" of /objects/m0, for messages.
std::string host_memory_id(const HostMemoryBackend* backend);

// Throws "cannot change property 'NAME' of TYPE" once the bytes are there.
void host_memory_check_open(const HostMemoryBackend* backend, const char* property);

// A property that is fixed once the bytes are there.
template <class T, bool T::*member>
void host_memory_add_bool(ObjectClass* klass, const char* name, const char* description) {
  object_class_property_add_bool(
      klass, name, [](Object* obj) { return static_cast<T*>(obj)->*member; },
      [name](Object* obj, bool on) {
        host_memory_check_open(static_cast<T*>(obj), name);
        static_cast<T*>(obj)->*member = on;
      });
  object_class_property_set_description(klass, name, description);
}

}  // namespace backend
