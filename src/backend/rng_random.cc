// rng-backend (abstract) and rng-random: random numbers from a file of the host.
//
//   -object rng-random,id=r0,filename=/dev/urandom
//
// The file is opened when the object is complete, or when `opened` is set. virtio-rng
// reads it.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/rng.h"
#include "qom/module.h"
#include "qom/property.h"

namespace backend {

using namespace qom;
using core::RngBackend;
using core::RngBackendClass;

namespace {

struct RngRandom : RngBackend {
  static constexpr const char* qom_type = "rng-random";
  std::string filename = "/dev/random";
  int fd = -1;
};

RngBackend* as_backend(Object* obj) {
  return static_cast<RngBackend*>(obj);
}

RngRandom* as_random(Object* obj) {
  return static_cast<RngRandom*>(obj);
}

void set_opened(Object* obj, bool opened) {
  RngBackend* backend = as_backend(obj);
  if (opened == backend->opened) {
    return;
  }
  if (!opened) {
    throw Error("Insufficient permission to perform this operation");
  }
  class_of<RngBackendClass>(backend)->open(backend);
  backend->opened = true;
}

void rng_class_init(ObjectClass* klass, void*) {
  static_cast<UserCreatableClass*>(object_class_dynamic_cast(klass, TYPE_USER_CREATABLE))
      ->complete = [](Object* obj) { set_opened(obj, true); };
  object_class_property_add_bool(
      klass, "opened", [](Object* obj) { return as_backend(obj)->opened; }, set_opened);
}

// ---- rng-random -----------------------------------------------------------------------

void open_file(RngBackend* backend) {
  RngRandom* random = as_random(backend);
  random->fd = ::open(random->filename.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (random->fd < 0) {
    throw Error("Could not open '" + random->filename + "': " + std::strerror(errno));
  }
}

std::size_t read_file(RngBackend* backend, std::span<std::byte> bytes) {
  const ssize_t count = ::read(as_random(backend)->fd, bytes.data(), bytes.size());
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void random_finalize(Object* obj) {
  if (as_random(obj)->fd >= 0) {
    ::close(as_random(obj)->fd);
  }
}

void random_class_init(ObjectClass* klass, void*) {
  class_cast<RngBackendClass>(klass)->open = open_file;
  class_cast<RngBackendClass>(klass)->read = read_file;
  object_class_property_add_str(
      klass, "filename", [](Object* obj) { return as_random(obj)->filename; },
      [](Object* obj, const std::string& filename) {
        if (as_backend(obj)->opened) {
          throw Error("Insufficient permission to perform this operation");
        }
        as_random(obj)->filename = filename;
      });
}

const InterfaceInfo interfaces[] = {{TYPE_USER_CREATABLE}, {}};

constinit const TypeInfo rng_backend_info{
    .name = "rng-backend",
    .parent = TYPE_OBJECT,
    .instance = instance_struct<RngBackend>(),
    .abstract = true,
    .klass = class_struct<RngBackendClass>(),
    .class_init = rng_class_init,
    .interfaces = interfaces,
};

constinit const TypeInfo rng_random_info{
    .name = "rng-random",
    .parent = "rng-backend",
    .instance = instance_struct<RngRandom>(),
    .instance_finalize = random_finalize,
    .class_init = random_class_init,
};

void register_types() {
  type_register_static(rng_backend_info);
  type_register_static(rng_random_info);
}

type_init(register_types);

}  // namespace
}  // namespace backend
