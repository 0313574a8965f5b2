// isa-debugcon: one port that prints. The Bochs debug console: an OUT to it sends the
// byte to a character device at once; an IN returns a fixed value, by which a guest
// finds out that somebody listens. Firmware uses 0x402, boot sectors use 0xe9.
//
//   offset 0  write: the byte to print   read: `readback`
#include <span>

#include "core/chardev.h"
#include "core/guest_events.h"
#include "core/isa.h"
#include "core/qdev_properties.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_ISA_DEBUGCON_DEVICE = "isa-debugcon";

struct ISADebugconState : ISADeviceState {
  static constexpr const char* qom_type = "isa-debugcon";
  std::uint32_t iobase = 0xe9, readback = 0xe9;
  Chardev* chardev = nullptr;
};

std::uint64_t debugcon_ioport_read(void* opaque, std::uint64_t, unsigned) {
  return static_cast<ISADebugconState*>(opaque)->readback;
}

void debugcon_ioport_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<ISADebugconState*>(opaque);
  const auto byte = static_cast<std::uint8_t>(data);
  guest_console_byte(s, byte);
  chardev_write(s->chardev, std::span(&byte, 1));
}

constexpr MemoryRegionOps debugcon_ops{
    .read = debugcon_ioport_read,
    .write = debugcon_ioport_write,
    .min_access_size = 1,
    .max_access_size = 1,
};

void debugcon_isa_realizefn(DeviceState* dev) {
  auto* s = object_cast<ISADebugconState>(dev);
  if (s->chardev == nullptr) {
    throw Error("Can't create debugcon device, empty char device");
  }
  MemoryRegion* io =
      memory_region_new_io(s, &debugcon_ops, s, TYPE_ISA_DEBUGCON_DEVICE, 1);
  isa_register_ioport(s, io, s->iobase);
}

constexpr Property debugcon_isa_properties[] = {
    qdev_prop_uint32("iobase", &ISADebugconState::iobase, 0xe9),
    qdev_prop_chr("chardev", &ISADebugconState::chardev),
    qdev_prop_uint32("readback", &ISADebugconState::readback, 0xe9),
};

void debugcon_isa_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = debugcon_isa_realizefn;
  dc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(dc, debugcon_isa_properties);
}

constinit const TypeInfo debugcon_isa_info{
    .name = TYPE_ISA_DEBUGCON_DEVICE,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<ISADebugconState>(),
    .class_init = debugcon_isa_class_initfn,
};

void debugcon_register_types() {
  type_register_static(debugcon_isa_info);
}

type_init(debugcon_register_types);

}  // namespace

}  // namespace hw
