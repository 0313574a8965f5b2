// The common part of host memory backends: properties, mapping, advice to the kernel.
#include "backend/hostmem.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "qom/composition.h"
#include "qom/module.h"
#include "qom/property.h"

namespace backend {

namespace {

HostMemoryBackend* as_backend(Object* obj) {
  return static_cast<HostMemoryBackend*>(obj);
}

const EnumTable& policies() {
  static const EnumTable names{"default", "preferred", "bind", "interleave"};
  return names;
}

constexpr std::array<int, 4> policy_modes{MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND,
                                          MPOL_INTERLEAVE};

// ---- from numbers to bytes ------------------------------------------------------------

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

void map_bytes(HostMemoryBackend* backend) {
  const Descriptor fd(class_of<HostMemoryBackendClass>(backend)->open(backend));
  const int flags = (backend->share ? MAP_SHARED : MAP_PRIVATE) |
                    (fd.get() < 0 ? MAP_ANONYMOUS : 0) | MAP_NORESERVE;
  void* at = ::mmap(nullptr, backend->size, PROT_READ | PROT_WRITE, flags, fd.get(), 0);
  if (at == MAP_FAILED) {
    throw Error("cannot set up guest memory '" + host_memory_id(backend) +
                "': " + std::strerror(errno));
  }
  backend->bytes = {static_cast<std::byte*>(at), backend->size};
}

// Advice: where the kernel cannot follow it the memory is as good.
void advise(const HostMemoryBackend* backend) {
  ::madvise(backend->bytes.data(), backend->size,
            backend->merge ? MADV_MERGEABLE : MADV_UNMERGEABLE);
  ::madvise(backend->bytes.data(), backend->size,
            backend->dump ? MADV_DODUMP : MADV_DONTDUMP);
}

void check_policy(const HostMemoryBackend* backend) {
  const bool by_default = backend->policy == 0;
  if (by_default && backend->host_nodes.any()) {
    throw Error(
        "host-nodes must be empty for policy default, or you should explicitly specify "
        "a policy other than default");
  }
  if (!by_default && backend->host_nodes.none()) {
    throw Error("host-nodes must be set for policy " +
                policies()[static_cast<std::size_t>(backend->policy)]);
  }
}

void bind_to_nodes(const HostMemoryBackend* backend) {
  if (backend->policy == 0) {
    return;
  }
  constexpr std::size_t word_bits = sizeof(unsigned long) * CHAR_BIT;
  std::array<unsigned long, max_host_nodes / word_bits> mask{};
  for (std::size_t node = 0; node < max_host_nodes; ++node) {
    if (backend->host_nodes[node]) {
      mask[node / word_bits] |= 1UL << (node % word_bits);
    }
  }
  const int mode = policy_modes[static_cast<std::size_t>(backend->policy)];
  // The kernel takes the number of bits plus one.
  if (::syscall(SYS_mbind, backend->bytes.data(), backend->size, mode, mask.data(),
                max_host_nodes + 1, MPOL_MF_STRICT | MPOL_MF_MOVE) != 0) {
    throw Error(std::string("cannot bind memory to host NUMA nodes: ") +
                std::strerror(errno));
  }
}

// A page the host cannot give would kill the program at its first touch (SIGBUS); the
// kernel is asked to fill them, which fails instead.
void preallocate(const HostMemoryBackend* backend) {
  if (!backend->prealloc) {
    return;
  }
#if defined(MADV_POPULATE_WRITE)
  if (::madvise(backend->bytes.data(), backend->size, MADV_POPULATE_WRITE) == 0) {
    return;
  }
  if (errno != EINVAL) {
    throw Error(std::string("os_mem_prealloc: Insufficient free host memory pages "
                            "available to allocate guest RAM: ") +
                std::strerror(errno));
  }
#endif
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  volatile std::byte* bytes = backend->bytes.data();
  for (std::size_t at = 0; at < backend->size; at += page) {
    bytes[at] = bytes[at];
  }
}

void unmap_bytes(HostMemoryBackend* backend) {
  if (!backend->bytes.empty() && !backend->is_mapped) {
    ::munmap(backend->bytes.data(), backend->bytes.size());
  }
  backend->bytes = {};
}

void complete(Object* obj) {
  HostMemoryBackend* backend = as_backend(obj);
  if (backend->size == 0) {
    throw Error("can't create backend with size 0");
  }
  check_policy(backend);
  map_bytes(backend);
  advise(backend);
  bind_to_nodes(backend);
  preallocate(backend);
}

void finalize(Object* obj) {
  unmap_bytes(as_backend(obj));
}

// ---- properties ---------------------------------------------------------------------

void add_size(ObjectClass* klass) {
  object_class_property_add(
      klass, "size", "int",
      [](Object* obj, const ObjectProperty&) { return Value(as_backend(obj)->size); },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        host_memory_check_open(as_backend(obj), "size");
        const std::uint64_t size = visit_type_size(value, property.name);
        if (size == 0) {
          throw Error(std::string("property 'size' of ") + object_get_typename(obj) +
                      " doesn't take value '0'");
        }
        as_backend(obj)->size = size;
      });
  object_class_property_set_description(klass, "size",
                                        "Size of the memory region (ex: 500M)");
}

// One piece of "0-1,3": adds its nodes.
void add_nodes(std::bitset<max_host_nodes>& nodes, const std::string& piece,
               std::string_view name) {
  const std::size_t dash = piece.find('-');
  const Value first(Text{piece.substr(0, dash)});
  const Value last(Text{dash == std::string::npos ? piece : piece.substr(dash + 1)});
  const std::size_t begin = visit_type_uint16(first, name);
  const std::size_t end = visit_type_uint16(last, name);
  if (begin >= max_host_nodes || end >= max_host_nodes || end < begin) {
    throw Error("Invalid host-nodes value: '" + piece + "'");
  }
  for (std::size_t node = begin; node <= end; ++node) {
    nodes.set(node);
  }
}

std::string nodes_text(const std::bitset<max_host_nodes>& nodes) {
  std::string text;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    if (nodes[node]) {
      text += (text.empty() ? "" : ",") + std::to_string(node);
    }
  }
  return text;
}

void add_host_nodes(ObjectClass* klass) {
  object_class_property_add(
      klass, "host-nodes", "int",
      [](Object* obj, const ObjectProperty&) {
        return Value(nodes_text(as_backend(obj)->host_nodes));
      },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        host_memory_check_open(as_backend(obj), "host-nodes");
        const std::string text = visit_type_str(value, property.name);
        std::bitset<max_host_nodes> nodes;
        for (std::size_t at = 0; at <= text.size();) {
          const std::size_t comma = std::min(text.find(',', at), text.size());
          add_nodes(nodes, text.substr(at, comma - at), property.name);
          at = comma + 1;
        }
        as_backend(obj)->host_nodes = nodes;
      });
  object_class_property_set_description(klass, "host-nodes",
                                        "Binds memory to the list of NUMA host nodes");
}

template <bool HostMemoryBackend::*member>
void add_bool(ObjectClass* klass, const char* name, const char* description) {
  object_class_property_add_bool(
      klass, name, [](Object* obj) { return as_backend(obj)->*member; },
      [](Object* obj, bool on) { as_backend(obj)->*member = on; });
  object_class_property_set_description(klass, name, description);
}

// `merge` and `dump` may change while the memory is in use: the advice is given again.
template <bool HostMemoryBackend::*member>
void add_advice(ObjectClass* klass, const char* name, const char* description) {
  object_class_property_add_bool(
      klass, name, [](Object* obj) { return as_backend(obj)->*member; },
      [](Object* obj, bool on) {
        as_backend(obj)->*member = on;
        if (!as_backend(obj)->bytes.empty()) {
          advise(as_backend(obj));
        }
      });
  object_class_property_set_description(klass, name, description);
}

void add_policy(ObjectClass* klass) {
  object_class_property_add_enum(
      klass, "policy", "HostMemPolicy", &policies(),
      [](Object* obj) { return as_backend(obj)->policy; },
      [](Object* obj, int policy) { as_backend(obj)->policy = policy; });
  object_class_property_set_description(klass, "policy", "Set the NUMA policy");
}

void class_init(ObjectClass* klass, void*) {
  static_cast<UserCreatableClass*>(object_class_dynamic_cast(klass, TYPE_USER_CREATABLE))
      ->complete = complete;
  add_advice<&HostMemoryBackend::merge>(klass, "merge", "Mark memory as mergeable");
  add_advice<&HostMemoryBackend::dump>(klass, "dump",
                                       "Set to 'off' to exclude from core dump");
  add_bool<&HostMemoryBackend::prealloc>(klass, "prealloc", "Preallocate memory");
  add_size(klass);
  add_host_nodes(klass);
  add_policy(klass);
  host_memory_add_bool<HostMemoryBackend, &HostMemoryBackend::share>(
      klass, "share", "Mark the memory as private to QEMU or shared");
  add_bool<&HostMemoryBackend::canonical_path_for_ramblock_id>(
      klass, "x-use-canonical-path-for-ramblock-id", "");
}

const InterfaceInfo interfaces[] = {{TYPE_USER_CREATABLE}, {}};

constinit const TypeInfo memory_backend_info{
    .name = TYPE_MEMORY_BACKEND,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<HostMemoryBackend>(),
    .instance_finalize = finalize,
    .abstract = true,
    .klass = class_struct<HostMemoryBackendClass>(),
    .class_init = class_init,
    .interfaces = interfaces,
};

void register_types() {
  type_register_static(memory_backend_info);
}

type_init(register_types);

}  // namespace

std::string host_memory_id(const HostMemoryBackend* backend) {
  return object_get_canonical_path_component(backend).value_or(
      object_get_typename(backend));
}

void host_memory_check_open(const HostMemoryBackend* backend, const char* property) {
  if (!backend->bytes.empty()) {
    throw Error(std::string("cannot change property '") + property + "' of " +
                object_get_typename(backend));
  }
}

}  // namespace backend
