// memory-backend-memfd: memory with a descriptor but without a name (memfd_create), so
// that it can be shared with another process. Sealed against growing and shrinking.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/hostmem.h"
#include "qom/module.h"
#include "qom/property.h"

#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif

namespace backend {

namespace {

struct HostMemoryBackendMemfd : HostMemoryBackend {
  static constexpr const char* qom_type = "memory-backend-memfd";
  bool hugetlb = false, seal = true;
  std::uint64_t hugetlbsize = 0;  // bytes, a power of two; 0: the system's default
};

HostMemoryBackendMemfd* as_memfd(Object* obj) {
  return static_cast<HostMemoryBackendMemfd*>(obj);
}

unsigned flags_of(const HostMemoryBackendMemfd* memfd) {
  unsigned flags = MFD_CLOEXEC | (memfd->seal ? MFD_ALLOW_SEALING : 0U);
  if (memfd->hugetlb) {
    flags |= MFD_HUGETLB;
    if (memfd->hugetlbsize != 0) {
      flags |= static_cast<unsigned>(__builtin_ctzll(memfd->hugetlbsize))
               << MFD_HUGE_SHIFT;
    }
  }
  return flags;
}

int open_memfd(HostMemoryBackend* backend) {
  const auto* memfd = static_cast<const HostMemoryBackendMemfd*>(backend);
  const int fd = ::memfd_create(("memory-backend-memfd:" + host_memory_id(memfd)).c_str(),
                                flags_of(memfd));
  const bool sized = fd >= 0 && ::ftruncate(fd, static_cast<off_t>(memfd->size)) == 0;
  constexpr int seals = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (sized && (!memfd->seal || ::fcntl(fd, F_ADD_SEALS, seals) == 0)) {
    return fd;
  }
  const int error = errno;
  if (fd >= 0) {
    ::close(fd);
  }
  throw Error(std::string("failed to create memfd: ") + std::strerror(error));
}

// A memfd exists to be shared.
void memfd_instance_init(Object* obj) {
  as_memfd(obj)->share = true;
}

void set_hugetlbsize(Object* obj, const ObjectProperty& property, const Value& value) {
  host_memory_check_open(as_memfd(obj), "hugetlbsize");
  const std::uint64_t size = visit_type_size(value, property.name);
  if (size == 0) {
    throw Error(std::string("Property '") + object_get_typename(obj) +
                ".hugetlbsize' doesn't take value '0'");
  }
  if ((size & (size - 1)) != 0) {
    throw Error("hugetlbsize must be a power of two");
  }
  as_memfd(obj)->hugetlbsize = size;
}

void memfd_class_init(ObjectClass* klass, void*) {
  class_cast<HostMemoryBackendClass>(klass)->open = open_memfd;
  host_memory_add_bool<HostMemoryBackendMemfd, &HostMemoryBackendMemfd::hugetlb>(
      klass, "hugetlb", "Use huge pages");
  object_class_property_add(
      klass, "hugetlbsize", "int",
      [](Object* obj, const ObjectProperty&) {
        return Value(as_memfd(obj)->hugetlbsize);
      },
      set_hugetlbsize);
  object_class_property_set_description(klass, "hugetlbsize",
                                        "Huge pages size (ex: 2M, 1G)");
  host_memory_add_bool<HostMemoryBackendMemfd, &HostMemoryBackendMemfd::seal>(
      klass, "seal", "Seal growing & shrinking");
}

constinit const TypeInfo memfd_info{
    .name = "memory-backend-memfd",
    .parent = TYPE_MEMORY_BACKEND,
    .instance = instance_struct<HostMemoryBackendMemfd>(),
    .instance_init = memfd_instance_init,
    .class_init = memfd_class_init,
};

void register_types() {
  type_register_static(memfd_info);
}

type_init(register_types);

}  // namespace
}  // namespace backend
