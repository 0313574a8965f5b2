// isa-debug-exit: a port that ends the run. A test program in the guest writes its
// result v, and the whole program leaves with exit status (v << 1) | 1: always odd,
// so never mistaken for the 0 of a guest that simply shut down.
//
//   offset 0..iosize-1  write: v, 1 to 4 bytes   read: 0
#include "core/isa.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_ISA_DEBUG_EXIT_DEVICE = "isa-debug-exit";

struct ISADebugExitState : ISADeviceState {
  static constexpr const char* qom_type = "isa-debug-exit";
  std::uint32_t iobase = 0x501, iosize = 2;
};

std::uint64_t debug_exit_read(void*, std::uint64_t, unsigned) {
  return 0;
}

void debug_exit_write(void*, std::uint64_t, std::uint64_t data, unsigned) {
  const auto status = static_cast<std::uint32_t>(data) << 1 | 1;
  request_shutdown(ShutdownCause::debug_exit, static_cast<int>(status));
}

constexpr MemoryRegionOps debug_exit_ops{
    .read = debug_exit_read,
    .write = debug_exit_write,
    .min_access_size = 1,
    .max_access_size = 4,
};

void debug_exit_realizefn(DeviceState* dev) {
  auto* s = object_cast<ISADebugExitState>(dev);
  MemoryRegion* io =
      memory_region_new_io(s, &debug_exit_ops, s, TYPE_ISA_DEBUG_EXIT_DEVICE, s->iosize);
  isa_register_ioport(s, io, s->iobase);
}

constexpr Property debug_exit_properties[] = {
    qdev_prop_uint32("iobase", &ISADebugExitState::iobase, 0x501),
    qdev_prop_uint32("iosize", &ISADebugExitState::iosize, 2),
};

void debug_exit_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = debug_exit_realizefn;
  dc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(dc, debug_exit_properties);
}

constinit const TypeInfo debug_exit_info{
    .name = TYPE_ISA_DEBUG_EXIT_DEVICE,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<ISADebugExitState>(),
    .class_init = debug_exit_class_initfn,
};

void debug_exit_register_types() {
  type_register_static(debug_exit_info);
}

type_init(debug_exit_register_types);

}  // namespace

}  // namespace hw
