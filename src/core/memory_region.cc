// Memory regions as objects, and the tree they form. See memory.h.
//
// A region lives as child NAME[*] of its owner. A container does not own what is in
// it: a region that dies leaves its container, and what was in a dead container
// belongs to nothing. An alias keeps its target alive.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/memory.h"
#include "core/memory_internal.h"
#include "core/memory_trace.h"
#include "qom/composition.h"
#include "qom/module.h"
#include "qom/property.h"

namespace core {

using namespace qom;

namespace {

std::uint64_t generation = 1;

MemoryRegion* as_region(Object* obj) {
  return static_cast<MemoryRegion*>(obj);
}

// ---- host memory ----------------------------------------------------------------

constexpr std::size_t huge_page = std::size_t{2} << 20;

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

// Bytes mapped for a region of `size`, whole pages.
std::size_t mapped_size(std::uint64_t size) {
  return round_up(static_cast<std::size_t>(size), page_size());
}

// Zero bytes that cost nothing until touched. Large ones start on a huge page, so
// that the host may back them with huge pages and the guest runs with fewer misses.
std::span<std::byte> map_guest_ram(const std::string& name, std::uint64_t size) {
  const std::size_t length = mapped_size(size);
  const std::size_t align = length >= huge_page ? huge_page : page_size();
  const std::size_t asked = length + align;
  void* base = asked < size ? MAP_FAILED
                            : mmap(nullptr, asked, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED)
    throw Error("cannot set up guest memory '" + name +
                "': " + std::strerror(asked < size ? ENOMEM : errno));
  auto* bytes = static_cast<std::byte*>(base);
  void* start = base;
  std::size_t space = asked;
  std::align(align, length, start, space);
  auto* aligned = static_cast<std::byte*>(start);
  if (aligned != bytes)
    munmap(bytes, static_cast<std::size_t>(aligned - bytes));
  if (std::byte* end = aligned + length; end != bytes + asked)
    munmap(end, static_cast<std::size_t>(bytes + asked - end));
#ifdef MADV_HUGEPAGE
  // Not the first one: small guests live in it, and clearing 2 MiB for their first
  // byte would be most of their start.
  if (length > huge_page)
    madvise(aligned + huge_page, length - huge_page, MADV_HUGEPAGE);
#endif
  return {aligned, static_cast<std::size_t>(size)};
}

// ---- the type -------------------------------------------------------------------

void region_finalize(Object* obj) {
  MemoryRegion* mr = as_region(obj);
  if (mr->container)
    memory_region_del_subregion(mr->container, mr);
  for (MemoryRegion* sub : mr->subregions)
    sub->container = nullptr;
  object_unref(std::exchange(mr->alias, nullptr));
  if (!mr->ram.empty())
    munmap(mr->ram.data(), mapped_size(mr->ram.size()));
  memory_changed();
}

void add_number(ObjectClass* klass, const char* name, const char* type,
                std::uint64_t (*get)(const MemoryRegion*)) {
  object_class_property_add(
      klass, name, type,
      [get](Object* obj, const ObjectProperty&) { return Value(get(as_region(obj))); },
      {});
}

void region_class_init(ObjectClass* klass, void*) {
  object_class_property_add(
      klass, "container", std::string("link<") + TYPE_MEMORY_REGION + ">",
      [](Object* obj, const ObjectProperty&) {
        const MemoryRegion* in = as_region(obj)->container;
        return Value(in ? object_get_canonical_path(in).value_or("") : std::string());
      },
      {})
      .resolve = [](Object* obj, const ObjectProperty&, std::string_view) -> Object* {
    return as_region(obj)->container;
  };
  add_number(klass, "addr", "uint64", [](const MemoryRegion* mr) { return mr->address; });
  add_number(klass, "priority", "uint32", [](const MemoryRegion* mr) {
    return static_cast<std::uint64_t>(mr->priority);
  });
  add_number(klass, "size", "uint64", [](const MemoryRegion* mr) { return mr->size; });
}

constinit const TypeInfo memory_region_info{
    .name = TYPE_MEMORY_REGION,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<MemoryRegion>(),
    .instance_finalize = region_finalize,
    .class_init = region_class_init,
};

void memory_register_types() {
  type_register_static(memory_region_info);
}

// Characters that mean something in paths and property names, as "\x2f".
std::string escaped(const std::string& name) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    if (c == '/' || c == '[' || c == '\\' || c == ']')
      out.append("\\x").append({digits[(c >> 4) & 15], digits[c & 15]});
    else
      out.push_back(c);
  }
  return out;
}

struct Target {
  MemoryRegion* region = nullptr;
  std::uint64_t offset = 0;
};

MemoryRegion* new_region(Object* owner, std::string name, std::uint64_t size,
                         std::string_view kind, Target alias = {}) {
  auto* mr = object_cast<MemoryRegion>(object_new(TYPE_MEMORY_REGION));
  mr->name = std::move(name);
  mr->size = size;
  mr->owner = owner;
  Object* parent =
      owner ? owner : container_get(object_get_root(), "/machine/unattached");
  object_property_add_child(parent, escaped(mr->name) + "[*]", mr);
  object_unref(mr);
  trace::instant(
      RegionMade{.region = object_id(mr),
                 .name = mr->name,
                 .kind = kind,
                 .size = {size},
                 .target = alias.region ? object_id(alias.region) : trace::ObjectId{},
                 .offset = {alias.offset}});
  return mr;
}

// RAM and ROM: host bytes.
MemoryRegion* new_host_bytes(Object* owner, std::string name, std::uint64_t size,
                             std::string_view kind) {
  assert(size > 0 && "RAM has bytes");
  const std::span<std::byte> bytes = map_guest_ram(name, size);
  MemoryRegion* mr = new_region(owner, std::move(name), size, kind);
  mr->ram = bytes;
  return mr;
}

// After a change of anything but its place.
void region_changed(const MemoryRegion* mr) {
  memory_changed();
  trace::instant(RegionChanged{.region = object_id(mr),
                               .enabled = mr->enabled,
                               .read_only = mr->read_only,
                               .size = {mr->size},
                               .offset = {mr->alias_offset}});
}

}  // namespace

std::uint64_t memory_generation() {
  return generation;
}

void memory_changed() {
  ++generation;
}

MemoryRegion* memory_region_new_container(Object* owner, std::string name,
                                          std::uint64_t size) {
  return new_region(owner, std::move(name), size, "container");
}

MemoryRegion* memory_region_new_io(Object* owner, const MemoryRegionOps* ops,
                                   void* opaque, std::string name, std::uint64_t size) {
  MemoryRegion* mr = new_region(owner, std::move(name), size, "io");
  mr->ops = ops;
  mr->opaque = opaque;
  return mr;
}

MemoryRegion* memory_region_new_ram(Object* owner, std::string name, std::uint64_t size) {
  return new_host_bytes(owner, std::move(name), size, "ram");
}

MemoryRegion* memory_region_new_rom(Object* owner, std::string name, std::uint64_t size) {
  MemoryRegion* mr = new_host_bytes(owner, std::move(name), size, "rom");
  mr->read_only = true;
  return mr;
}

MemoryRegion* memory_region_new_alias(Object* owner, std::string name,
                                      MemoryRegion* target, std::uint64_t offset,
                                      std::uint64_t size) {
  MemoryRegion* mr = new_region(owner, std::move(name), size, "alias", {target, offset});
  object_ref(target);
  mr->alias = target;
  mr->alias_offset = offset;
  return mr;
}

// ---- editing the tree -------------------------------------------------------------

void memory_region_add_subregion(MemoryRegion* container, std::uint64_t offset,
                                 MemoryRegion* sub) {
  memory_region_add_subregion_overlap(container, offset, sub, 0);
}

void memory_region_add_subregion_overlap(MemoryRegion* container, std::uint64_t offset,
                                         MemoryRegion* sub, int priority) {
  assert(!sub->container && "a region is in one container");
  sub->container = container;
  sub->address = offset;
  sub->priority = priority;
  const auto place = std::find_if(
      container->subregions.begin(), container->subregions.end(),
      [&](const MemoryRegion* other) { return priority >= other->priority; });
  container->subregions.insert(place, sub);
  memory_changed();
  trace::instant(SubregionAdded{.region = object_id(sub),
                                .container = object_id(container),
                                .address = {offset},
                                .priority = priority});
}

void memory_region_del_subregion(MemoryRegion* container, MemoryRegion* sub) {
  assert(sub->container == container && "the region is in that container");
  std::erase(container->subregions, sub);
  sub->container = nullptr;
  memory_changed();
  trace::instant(
      SubregionTaken{.region = object_id(sub), .container = object_id(container)});
}

void memory_region_set_enabled(MemoryRegion* mr, bool enabled) {
  if (std::exchange(mr->enabled, enabled) != enabled)
    region_changed(mr);
}

void memory_region_set_address(MemoryRegion* mr, std::uint64_t address) {
  if (mr->address == address)
    return;
  if (MemoryRegion* container = mr->container) {
    const int priority = mr->priority;
    memory_region_del_subregion(container, mr);
    memory_region_add_subregion_overlap(container, address, mr, priority);
  }
  mr->address = address;
}

void memory_region_set_alias_offset(MemoryRegion* mr, std::uint64_t offset) {
  if (std::exchange(mr->alias_offset, offset) != offset)
    region_changed(mr);
}

void memory_region_set_readonly(MemoryRegion* mr, bool read_only) {
  if (std::exchange(mr->read_only, read_only) != read_only)
    region_changed(mr);
}

void memory_region_set_size(MemoryRegion* mr, std::uint64_t size) {
  assert((mr->ram.empty() || size <= mr->ram.size()) && "RAM does not grow");
  if (std::exchange(mr->size, size) != size)
    region_changed(mr);
}

void memory_region_delete(MemoryRegion* mr) {
  if (mr->container)
    memory_region_del_subregion(mr->container, mr);
  object_unparent(mr);
}

type_init(memory_register_types)

}  // namespace core
