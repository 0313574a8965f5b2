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

// What of the guest's output may still be written; with the big lock held.
struct OutputLimit {
  std::uint64_t left = ~std::uint64_t{0};
  std::function<void()> reached;
};

static OutputLimit output_limit;

static std::span<const std::uint8_t> within_limit(std::span<const std::uint8_t> bytes) {
  if (bytes.size() <= output_limit.left)
    return bytes;
  if (output_limit.reached)
    output_limit.reached();
  return bytes.first(static_cast<std::size_t>(output_limit.left));
}

static void count_output(std::size_t bytes) {
  if (output_limit.reached)
    output_limit.left -= bytes;
}

void chardev_limit_output(std::uint64_t bytes, std::function<void()> reached) {
  output_limit = {bytes == 0 ? ~std::uint64_t{0} : bytes, std::move(reached)};
}

void chardev_write(Chardev* chr, std::span<const std::uint8_t> all) {
  const std::span<const std::uint8_t> bytes = within_limit(all);
  if (!chr || bytes.empty())
    return;
  count_output(bytes.size());
  if (const auto write = class_of<ChardevClass>(chr)->write)
    write(chr, bytes);
}

std::size_t chardev_write_some(Chardev* chr, std::span<const std::uint8_t> all) {
  const auto write_some = chr ? class_of<ChardevClass>(chr)->write_some : nullptr;
  if (!write_some) {
    chardev_write(chr, all);
    return all.size();
  }
  const std::span<const std::uint8_t> bytes = within_limit(all);
  const std::size_t taken = bytes.empty() ? 0 : write_some(chr, bytes);
  count_output(taken);
  return bytes.size() < all.size() ? all.size() : taken;  // the rest is gone
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
