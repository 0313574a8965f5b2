// pvpanic: the port by which a guest's kernel says that it has panicked, so that the host
// need not guess from silence.
//
//   read: bit 0, panics can be told    write: bit 0, the guest has panicked
#include "core/isa.h"
#include "core/log.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "trace/event.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_PVPANIC = "pvpanic";
constexpr std::uint64_t panicked = 1 << 0;

struct Panicked {
  static constexpr trace::Declaration declaration{
      "qemu_system_guest_panicked", trace::Category::guest, trace::Shape::instant,
      "The guest's kernel says that it has panicked."};

  static constexpr auto fields() { return trace::fields(); }
};

struct PVPanicState : ISADeviceState {
  static constexpr const char* qom_type = "pvpanic";
  std::uint16_t ioport = 0;
  MemoryRegion* io = nullptr;
};

std::uint64_t pvpanic_read(void*, std::uint64_t, unsigned) {
  return panicked;
}

void pvpanic_write(void*, std::uint64_t, std::uint64_t data, unsigned) {
  if (data & ~panicked) {
    qemu_log_mask(LOG_GUEST_ERROR, "pvpanic: unknown event 0x%llx.\n",
                  static_cast<unsigned long long>(data));
  }
  if (data & panicked) {
    trace::instant(Panicked{});
    request_shutdown(ShutdownCause::guest_panic);
  }
}

constexpr MemoryRegionOps pvpanic_ops{.read = pvpanic_read,
                                      .write = pvpanic_write,
                                      .impl_min_access_size = 1,
                                      .impl_max_access_size = 1};

void pvpanic_initfn(Object* obj) {
  auto* s = object_cast<PVPanicState>(obj);
  s->io = memory_region_new_io(s, &pvpanic_ops, s, TYPE_PVPANIC, 1);
}

void pvpanic_realizefn(DeviceState* dev) {
  auto* s = object_cast<PVPanicState>(dev);
  isa_register_ioport(s, s->io, s->ioport);
}

constexpr Property pvpanic_properties[] = {
    qdev_prop_uint16("ioport", &PVPanicState::ioport, 0x505),
};

void pvpanic_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = pvpanic_realizefn;
  dc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(dc, pvpanic_properties);
}

constinit const TypeInfo pvpanic_info{
    .name = TYPE_PVPANIC,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<PVPanicState>(),
    .instance_init = pvpanic_initfn,
    .class_init = pvpanic_class_init,
};

void pvpanic_register_types() {
  type_register_static(pvpanic_info);
}

type_init(pvpanic_register_types);

}  // namespace

}  // namespace hw
