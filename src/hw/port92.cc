// port92: "system control port A" of the PS/2, a quicker way to switch address line 20
// and to reset the CPU than the keyboard controller's.
//
//   0x92  rw  bit 1  A20 on             bit 0  a change from 0 to 1 resets the CPU
//             the other bits are kept
#include "core/run_state.h"
#include "hw/i8042.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_PORT92 = "port92";
constexpr const char* PORT92_A20_LINE = "a20";

enum : std::uint8_t { port92_fast_reset = 0x01, port92_a20 = 0x02 };

struct Port92State : ISADeviceState {
  static constexpr const char* qom_type = "port92";
  MemoryRegion* io = nullptr;
  Irq a20_out = nullptr;
  std::uint8_t outport = port92_a20;
};

std::uint64_t port92_read(void* opaque, std::uint64_t, unsigned) {
  return static_cast<Port92State*>(opaque)->outport;
}

void port92_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<Port92State*>(opaque);
  const auto value = static_cast<std::uint8_t>(data);
  const bool reset = (value & ~s->outport & port92_fast_reset) != 0;
  s->outport = value;
  qemu_set_irq(s->a20_out, (value & port92_a20) ? 1 : 0);
  if (reset) {
    request_reset(ShutdownCause::guest_reset);
  }
}

constexpr MemoryRegionOps port92_ops{
    .read = port92_read,
    .write = port92_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void port92_initfn(Object* obj) {
  auto* s = object_cast<Port92State>(obj);
  s->io = memory_region_new_io(s, &port92_ops, s, "port92", 1);
  qdev_init_gpio_out_named(s, &s->a20_out, PORT92_A20_LINE, 1);
}

void port92_realizefn(DeviceState* dev) {
  auto* s = object_cast<Port92State>(dev);
  isa_register_ioport(s, s->io, 0x92);
}

// A20 is on after a reset (the keyboard controller says so): the port agrees.
void port92_reset(DeviceState* dev) {
  object_cast<Port92State>(dev)->outport = port92_a20;
}

void port92_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = port92_realizefn;
  dc->reset = port92_reset;
  dc->user_creatable = false;  // the board wires its A20 line
}

constinit const TypeInfo port92_info{
    .name = TYPE_PORT92,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<Port92State>(),
    .instance_init = port92_initfn,
    .class_init = port92_class_initfn,
};

void port92_register_types() {
  type_register_static(port92_info);
}

type_init(port92_register_types);

}  // namespace

ISADeviceState* port92_init(ISABus* bus, Irq a20) {
  ISADeviceState* dev = isa_create(bus, TYPE_PORT92);
  qdev_connect_gpio_out_named(dev, PORT92_A20_LINE, 0, a20);
  qdev_init_nofail(dev);
  return dev;
}

}  // namespace hw
