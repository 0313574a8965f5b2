#include "core/host_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "qom/composition.h"

namespace core {

using qom::Error;

namespace {

std::span<std::byte> gathered;

std::string id_of(const HostMemoryBackend* backend) {
  return qom::object_get_canonical_path_component(backend).value_or(
      qom::object_get_typename(backend));
}

void check_unused(HostMemoryBackend* backend) {
  if (backend->is_mapped) {
    throw Error("memory backend " + id_of(backend) +
                " is used multiple times. Each -numa option must use a different memdev "
                "value.");
  }
  backend->is_mapped = true;
}

std::byte* reserve(std::size_t size) {
  void* at = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);
  if (at == MAP_FAILED) {
    throw Error(std::string("cannot set up guest memory: ") + std::strerror(errno));
  }
  return static_cast<std::byte*>(at);
}

// Pages keep what they hold: a file's stay the file's.
void move_to(HostMemoryBackend* backend, std::byte* to) {
  const std::size_t size = backend->bytes.size();
  void* at =
      ::mremap(backend->bytes.data(), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  if (at == MAP_FAILED) {
    throw Error("cannot move memory backend " + id_of(backend) +
                " into guest memory: " + std::strerror(errno));
  }
  backend->bytes = {to, size};
}

}  // namespace

void guest_ram_from_backends(std::span<HostMemoryBackend* const> backends) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t total = 0;
  for (HostMemoryBackend* backend : backends) {
    check_unused(backend);
    if (backends.size() > 1 && backend->bytes.size() % page != 0) {
      throw Error("memory backend " + id_of(backend) +
                  " does not end at a page of the host");
    }
    total += backend->bytes.size();
  }
  if (backends.size() == 1) {
    gathered = backends.front()->bytes;
    return;
  }
  std::byte* at = reserve(total);
  gathered = {at, total};
  for (HostMemoryBackend* backend : backends) {
    move_to(backend, at);
    at += backend->bytes.size();
  }
}

MemoryRegion* memory_region_allocate_system_memory(qom::Object* owner, std::string name,
                                                   std::uint64_t size) {
  if (gathered.size() != size) {
    return memory_region_new_ram(owner, std::move(name), size);
  }
  MemoryRegion* mr = memory_region_new_container(owner, std::move(name), size);
  mr->ram = std::exchange(gathered, {});
  return mr;
}

}  // namespace core
