// See chardev_ringbuf.h. Option: size in bytes, a power of two (default 64 KiB).
#include "backend/chardev_ringbuf.h"

#include <deque>

#include "backend/chardev_options.h"
#include "qom/module.h"
#include "qom/property.h"

namespace backend {

using namespace core;
using namespace qom;

namespace {

constexpr const char* TYPE_CHARDEV_RINGBUF = "chardev-ringbuf";
constexpr const char* TYPE_CHARDEV_MEMORY = "chardev-memory";
constexpr std::uint64_t default_size = 65536;

struct RingbufChardev : Chardev {
  static constexpr const char* qom_type = "chardev-ringbuf";
  std::deque<std::uint8_t> bytes;
  std::size_t size = default_size;
};

void ringbuf_open(Chardev* chr, const ChardevOptions& options) {
  const std::string* text = option_text(options, "size");
  const std::uint64_t size =
      text ? visit_type_size(Value(Text{*text}), "size") : default_size;
  if (size == 0 || (size & (size - 1)) != 0)
    throw Error("size of ringbuf chardev must be power of two");
  static_cast<RingbufChardev*>(chr)->size = size;
}

void ringbuf_write(Chardev* chr, std::span<const std::uint8_t> bytes) {
  auto* self = static_cast<RingbufChardev*>(chr);
  for (const std::uint8_t byte : bytes) {
    if (self->bytes.size() == self->size)
      self->bytes.pop_front();
    self->bytes.push_back(byte);
  }
}

void class_init(ObjectClass* klass, void*) {
  auto* cc = class_cast<ChardevClass>(klass);
  cc->open = ringbuf_open;
  cc->write = ringbuf_write;
}

constinit const TypeInfo ringbuf_info{
    .name = TYPE_CHARDEV_RINGBUF,
    .parent = TYPE_CHARDEV,
    .instance = instance_struct<RingbufChardev>(),
    .class_init = class_init,
};

constinit const TypeInfo memory_info{
    .name = TYPE_CHARDEV_MEMORY,
    .parent = TYPE_CHARDEV_RINGBUF,
};

void chardev_ringbuf_register_types() {
  type_register_static(ringbuf_info);
  type_register_static(memory_info);
}

}  // namespace

std::string ringbuf_take(Chardev* chr) {
  auto& bytes = object_cast<RingbufChardev>(chr)->bytes;
  std::string text(bytes.begin(), bytes.end());
  bytes.clear();
  return text;
}

type_init(chardev_ringbuf_register_types)

}  // namespace backend
