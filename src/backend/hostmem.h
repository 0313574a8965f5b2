// Host memory as a user-creatable object: the types "memory-backend" (abstract),
// "memory-backend-ram", "memory-backend-file" and "memory-backend-memfd".
//
//   -object memory-backend-file,id=m0,size=64M,mem-path=/dev/hugepages,share=on
//
// The bytes are there once user_creatable_complete() has run; until then properties may
// be set, afterwards `size`, `share` and what chooses the source may not. The object owns
// the bytes and unmaps them when it is finalized. Belongs to the main thread.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "qom/object.h"
#include "qom/property.h"

namespace backend {

using namespace qom;

inline constexpr const char* TYPE_MEMORY_BACKEND = "memory-backend";
inline constexpr std::size_t max_host_nodes = 128;  // QEMU 4.0's limit

struct HostMemoryBackend : Object {
  static constexpr const char* qom_type = "memory-backend";
  std::uint64_t size = 0;  // bytes
  bool merge = true, dump = true, prealloc = false, share = false;
  bool canonical_path_for_ramblock_id = true;
  int policy = 0;  // by place in default, preferred, bind, interleave
  std::bitset<max_host_nodes> host_nodes;
  std::span<std::byte> bytes;  // empty until completed
};

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
