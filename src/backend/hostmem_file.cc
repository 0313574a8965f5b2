// memory-backend-file: the bytes of a file. A directory, usually one of hugetlbfs, gets a
// file without a name; a name that does not exist yet gets a file that stays.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "backend/hostmem.h"
#include "qom/module.h"
#include "qom/property.h"

namespace backend {

namespace {

struct HostMemoryBackendFile : HostMemoryBackend {
  static constexpr const char* qom_type = "memory-backend-file";
  std::string mem_path;
  std::uint64_t align = 0;  // 0: the file's page size
  bool discard_data = false, pmem = false;
};

HostMemoryBackendFile* as_file(Object* obj) {
  return static_cast<HostMemoryBackendFile*>(obj);
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

[[noreturn]] void cannot_open(const std::string& path) {
  throw Error("can't open backing store " + path +
              " for guest RAM: " + std::strerror(errno));
}

int open_in_directory(const HostMemoryBackendFile* file) {
  std::string name =
      file->mem_path + "/qemu_back_mem." + host_memory_id(file) + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) {
    cannot_open(file->mem_path);
  }
  ::unlink(name.c_str());
  return fd;
}

int open_path(const HostMemoryBackendFile* file) {
  struct stat info {};

  if (::stat(file->mem_path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return open_in_directory(file);
  }
  const int fd = ::open(file->mem_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    cannot_open(file->mem_path);
  }
  return fd;
}

// What the file system maps at a time: 2 MiB or 1 GiB under hugetlbfs.
std::uint64_t page_size_of(int fd) {
  struct statfs info {};

  constexpr long hugetlbfs_magic = 0x958458f6;
  if (::fstatfs(fd, &info) == 0 && info.f_type == hugetlbfs_magic) {
    return static_cast<std::uint64_t>(info.f_bsize);
  }
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void check_sizes(const HostMemoryBackendFile* file, int fd) {
  const std::uint64_t page = page_size_of(fd);
  if (file->align % page != 0) {
    throw Error("alignment " + hex(file->align) + " must be multiples of page size " +
                hex(page));
  }
  if ((file->align & (file->align - 1)) != 0) {
    throw Error("alignment " + hex(file->align) + " must be a power of two");
  }
  if (file->size < page) {
    throw Error("memory size " + hex(file->size) +
                " must be equal to or larger than page size " + hex(page));
  }

  struct stat info {};

  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
      static_cast<std::uint64_t>(info.st_size) < file->size) {
    throw Error("backing store " + file->mem_path + " size " +
                hex(static_cast<std::uint64_t>(info.st_size)) +
                " does not match 'size' option " + hex(file->size));
  }
}

// Makes the file as long as the memory, in whole pages.
void extend(const HostMemoryBackendFile* file, int fd) {
  struct stat info {};

  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 0) {
    return;
  }
  const std::uint64_t page = page_size_of(fd);
  const std::uint64_t bytes = (file->size + page - 1) / page * page;
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
    throw Error("cannot make " + file->mem_path + " " + std::to_string(bytes) +
                " bytes long: " + std::strerror(errno));
  }
}

int open_file(HostMemoryBackend* backend) {
  const auto* file = static_cast<const HostMemoryBackendFile*>(backend);
  if (file->mem_path.empty()) {
    throw Error("mem-path property not set");
  }
  const int fd = open_path(file);
  try {
    check_sizes(file, fd);
    extend(file, fd);
  } catch (...) {
    ::close(fd);
    throw;
  }
  return fd;
}

// discard-data: the file's blocks go with the object, they are not written back.
void file_finalize(Object* obj) {
  const HostMemoryBackendFile* file = as_file(obj);
  if (file->discard_data && !file->bytes.empty()) {
    ::madvise(file->bytes.data(), file->bytes.size(), MADV_REMOVE);
  }
}

void file_class_init(ObjectClass* klass, void*) {
  class_cast<HostMemoryBackendClass>(klass)->open = open_file;
  object_class_property_add_bool(
      klass, "discard-data", [](Object* obj) { return as_file(obj)->discard_data; },
      [](Object* obj, bool on) { as_file(obj)->discard_data = on; });
  object_class_property_add_str(
      klass, "mem-path", [](Object* obj) { return as_file(obj)->mem_path; },
      [](Object* obj, const std::string& path) {
        host_memory_check_open(as_file(obj), "mem-path");
        as_file(obj)->mem_path = path;
      });
  object_class_property_add(
      klass, "align", "int",
      [](Object* obj, const ObjectProperty&) { return Value(as_file(obj)->align); },
      [](Object* obj, const ObjectProperty& property, const Value& value) {
        host_memory_check_open(as_file(obj), "align");
        as_file(obj)->align = visit_type_size(value, property.name);
      });
  host_memory_add_bool<HostMemoryBackendFile, &HostMemoryBackendFile::pmem>(klass, "pmem",
                                                                            "");
}

constinit const TypeInfo file_info{
    .name = "memory-backend-file",
    .parent = TYPE_MEMORY_BACKEND,
    .instance = instance_struct<HostMemoryBackendFile>(),
    .instance_finalize = file_finalize,
    .class_init = file_class_init,
};

void register_types() {
  type_register_static(file_info);
}

type_init(register_types);

}  // namespace
}  // namespace backend
