#include "launcher/guest_ram.h"

#include <algorithm>

#include "core/host_memory.h"
#include "core/report.h"
#include "options/groups.h"

namespace launcher {

using options::qemu_mem_opts;

static HostMemoryBackend* find_backend(const std::string& id) {
  Object* object = object_resolve_path_type(id, TYPE_MEMORY_BACKEND, nullptr);
  if (object == nullptr) {
    throw Error("Memory backend '" + id + "' not found");
  }
  return object_cast<HostMemoryBackend>(object);
}

static void ram_from_nodes() {
  std::vector<HostMemoryBackend*> backends;
  for (const NumaNode& node : current_machine->numa_nodes) {
    backends.push_back(find_backend(node.memdev));
  }
  guest_ram_from_backends(backends);
}

static void ram_from_path(const std::string& path, bool prealloc) {
  // It lives as long as the memory: till the end.
  static Object* file = nullptr;
  file = object_new("memory-backend-file");
  object_property_set_uint(file, current_machine->ram_size, "size");
  object_property_set_str(file, path, "mem-path");
  object_property_set_bool(file, prealloc, "prealloc");
  try {
    if (path.empty()) {
      throw Error("can't open backing store  for guest RAM: No such file or directory");
    }
    user_creatable_complete(file);
    HostMemoryBackend* backend = object_cast<HostMemoryBackend>(file);
    guest_ram_from_backends({&backend, 1});
  } catch (const Error& error) {
    if (prealloc) {
      throw;
    }
    // As in 4.0 the start goes on with ordinary memory.
    error_report(error.what());
  }
}

static bool size_given() {
  return !qemu_mem_opts.head.empty() &&
         options::qemu_opt_get(options::only_opts(qemu_mem_opts), "size") != nullptr;
}

// Without -m the machine has as much memory as the back end.
static void ram_from_backend(Startup& startup) {
  HostMemoryBackend* backend = find_backend(startup.memory.backend);
  if (!size_given()) {
    current_machine->ram_size = startup.memory.ram = backend->size;
    current_machine->maxram_size = std::max(startup.memory.maximum, backend->size);
  }
  if (backend->size != current_machine->ram_size) {
    throw Error("Machine memory size does not match the size of the memory backend");
  }
  guest_ram_from_backends({&backend, 1});
}

bool has_named_ram(const MachineClass* mc) {
  ObjectClass* klass = object_class_by_name(object_class_get_name(mc));
  return object_class_dynamic_cast(klass, "generic-pc-machine") != nullptr;
}

static bool nodes_have_backends() {
  const auto& nodes = current_machine->numa_nodes;
  return !nodes.empty() && !nodes.front().memdev.empty();
}

void provide_guest_ram(Startup& startup) {
  const options::GivenOption* path = startup.line.last("mem-path");
  const bool backend = !startup.memory.backend.empty();
  if (backend && path != nullptr) {
    throw Error("'-mem-path' can't be used together with '-machine memory-backend'");
  }
  if (backend && nodes_have_backends()) {
    throw Error("'-machine memory-backend' can't be used together with '-numa memdev'");
  }
  if (!has_named_ram(startup.machine_class)) {
    if (backend) {
      throw Error("the memory of this machine type has no backend");
    }
    return;
  }
  if (nodes_have_backends()) {
    ram_from_nodes();
  } else if (backend) {
    ram_from_backend(startup);
  } else if (path != nullptr) {
    ram_from_path(path->value, startup.line.has("mem-prealloc"));
  }
}

}  // namespace launcher
