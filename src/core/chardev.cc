// Character devices: the abstract type, the container /chardevs, creation by backend
// name. The backends themselves are in backend/, one file each. See chardev.h.
#include "core/chardev.h"

#include <atomic>

#include "qom/composition.h"
#include "qom/module.h"

namespace core {
namespace {

using namespace qom;

struct ChardevNew {
  static constexpr trace::Declaration declaration{
      "chardev_new", trace::Category::host, trace::Shape::span,
      "A character device is made and its host side opened."};
  std::string_view id;
  std::string_view backend;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("id", &ChardevNew::id, "its label"),
        trace::state("backend", &ChardevNew::backend, "kind of host side"));
  }
};

Object* chardevs_root() {
  return container_get(object_get_root(), "/chardevs");
}

void chardev_finalize(Object* obj) {
  auto* chr = static_cast<Chardev*>(obj);
  if (const auto close = class_of<ChardevClass>(chr)->close)
    close(chr);
}

constinit const TypeInfo chardev_info{
    .name = TYPE_CHARDEV,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<Chardev>(),
    .instance_finalize = chardev_finalize,
    .abstract = true,
    .klass = class_struct<ChardevClass>(),
};

void chardev_register_types() {
  type_register_static(chardev_info);
}

// The names of -chardev that are second names of another (QEMU's alias table).
std::string backend_type_name(const std::string& backend) {
  if (backend == "tty")
    return "chardev-serial";
  if (backend == "parport")
    return "chardev-parallel";
  return "chardev-" + backend;
}

}  // namespace

void chardev_write(Chardev* chr, std::span<const std::uint8_t> bytes) {
  if (!chr || bytes.empty())
    return;
  if (const auto write = class_of<ChardevClass>(chr)->write)
    write(chr, bytes);
}

Chardev* chardev_new(const std::string& backend, const std::string& id,
                     const std::vector<std::pair<std::string, std::string>>& options) {
  trace::Span span{ChardevNew{.id = id, .backend = backend}};
  const std::string type = backend_type_name(backend);
  ObjectClass* klass = object_class_by_name(type.c_str());
  if (!klass || object_class_is_abstract(klass) ||
      !object_class_dynamic_cast(klass, TYPE_CHARDEV))
    throw Error("'" + backend + "' is not a valid char driver");
  if (chardev_find(id))
    throw Error("Duplicate ID '" + id + "' for chardev");

  Ref<Chardev> chr(object_cast<Chardev>(object_new_with_class(klass)));
  chr->label = id;
  if (const auto open = class_of<ChardevClass>(chr.get())->open)
    open(chr.get(), options);
  object_property_add_child(chardevs_root(), id, chr.get());
  return chr.get();
}

Chardev* chardev_find(const std::string& id) {
  Object* found = object_resolve_path_component(chardevs_root(), id);
  return found ? object_cast<Chardev>(object_dynamic_cast(found, TYPE_CHARDEV)) : nullptr;
}

void chardev_close_all() {
  std::vector<Object*> all;
  object_child_foreach(chardevs_root(), [&](Object* child) {
    all.push_back(child);
    return 0;
  });
  for (Object* chr : all)
    object_unparent(chr);
}

static std::atomic<bool> stdio_in_use = false;
static std::function<void(const std::string&)> monitor;

void set_monitor(std::function<void(const std::string&)> command) {
  monitor = std::move(command);
}

void monitor_command(const std::string& line) {
  if (monitor)
    monitor(line);
}

void stdio_claim() {
  if (stdio_in_use.exchange(true))
    throw Error("cannot use stdio by multiple character devices");
}

void stdio_release() {
  stdio_in_use = false;
}

type_init(chardev_register_types)

}  // namespace core
