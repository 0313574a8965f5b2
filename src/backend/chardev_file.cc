// "file": output goes to a file. Options: path (required), append=on|off.
#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "backend/chardev_fd.h"
#include "backend/chardev_options.h"
#include "qom/module.h"

namespace backend {

using namespace core;
using qom::Error;

namespace {

struct FileChardev : FdChardev {
  static constexpr const char* qom_type = "chardev-file";
};

void file_open(Chardev* chr, const ChardevOptions& options) {
  const std::string* path = option_text(options, "path");
  if (!path)
    throw Error("chardev: file: no filename given");
  const int keep = option_bool(options, "append", false) ? O_APPEND : O_TRUNC;
  const int fd = ::open(path->c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | keep, 0666);
  if (fd < 0)
    throw Error("Could not open '" + *path + "': " + std::strerror(errno));
  static_cast<FileChardev*>(chr)->fd_out = fd;
}

void class_init(qom::ObjectClass* klass, void*) {
  qom::class_cast<ChardevClass>(klass)->open = file_open;
}

constinit const qom::TypeInfo info{
    .name = "chardev-file",
    .parent = TYPE_CHARDEV_FD,
    .instance = qom::instance_struct<FileChardev>(),
    .class_init = class_init,
};

void chardev_file_register_types() {
  qom::type_register_static(info);
}

}  // namespace

type_init(chardev_file_register_types)

}  // namespace backend
