// isa-pcspk: port 0x61, the PC's speaker and the gate of the timer's counter 2. There
// is no sound; programs use the port to measure time.
//
//   bit 0  rw  gate of counter 2        bit 4  r  refresh clock, toggles every 15 us
//   bit 1  rw  speaker on               bit 5  r  output of counter 2
//   bit 2, 3  rw  memory and bus error checks off (kept, without effect)
#include "core/clock.h"
#include "hw/pit_common.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_PC_SPEAKER = "isa-pcspk";
constexpr int speaker_channel = 2;
constexpr std::int64_t refresh_toggle_ns = 15'085;  // 18 ticks of the timer

enum : std::uint8_t {
  port61_gate = 0x01,
  port61_writable = 0x0f,
  port61_refresh = 0x10,
  port61_output = 0x20,
};

struct PCSpkState : ISADeviceState {
  static constexpr const char* qom_type = "isa-pcspk";
  std::uint32_t iobase = 0x61;
  bool migrate = true;
  Object* pit = nullptr;
  MemoryRegion* ioport = nullptr;
  std::uint8_t control = 0;
};

ISADeviceState* speaker_pit(PCSpkState* s) {
  return s->pit == nullptr ? nullptr : object_cast<ISADeviceState>(s->pit);
}

std::uint64_t pcspk_io_read(void* opaque, std::uint64_t, unsigned) {
  auto* s = static_cast<PCSpkState*>(opaque);
  std::uint8_t value = s->control;
  if ((clock_virtual_ns() / refresh_toggle_ns) & 1) {
    value |= port61_refresh;
  }
  if (s->pit != nullptr && pit_get_channel_info(speaker_pit(s), speaker_channel).out) {
    value |= port61_output;
  }
  return value;
}

void pcspk_io_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<PCSpkState*>(opaque);
  s->control = data & port61_writable;
  if (s->pit != nullptr) {
    pit_set_gate(speaker_pit(s), speaker_channel, (s->control & port61_gate) != 0);
  }
}

constexpr MemoryRegionOps pcspk_io_ops{
    .read = pcspk_io_read,
    .write = pcspk_io_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void pcspk_initfn(Object* obj) {
  auto* s = object_cast<PCSpkState>(obj);
  s->ioport = memory_region_new_io(s, &pcspk_io_ops, s, "pcspk", 1);
  object_property_add_link(s, "pit", TYPE_PIT_COMMON, &s->pit,
                           object_property_allow_set_link, LinkStrength::strong);
}

void pcspk_realizefn(DeviceState* dev) {
  auto* s = object_cast<PCSpkState>(dev);
  isa_register_ioport(s, s->ioport, s->iobase);
}

void pcspk_reset(DeviceState* dev) {
  object_cast<PCSpkState>(dev)->control = 0;
}

constexpr Property pcspk_properties[] = {
    qdev_prop_uint32("iobase", &PCSpkState::iobase, 0x61),
    qdev_prop_bool("migrate", &PCSpkState::migrate, true),
};

void pcspk_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = pcspk_realizefn;
  dc->reset = pcspk_reset;
  dc->categories = DEVICE_CATEGORY_SOUND;
  dc->user_creatable = false;  // the board gives it a timer
  device_class_set_props(dc, pcspk_properties);
}

constinit const TypeInfo pcspk_info{
    .name = TYPE_PC_SPEAKER,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<PCSpkState>(),
    .instance_init = pcspk_initfn,
    .class_init = pcspk_class_initfn,
};

void pcspk_register() {
  type_register_static(pcspk_info);
}

type_init(pcspk_register);

}  // namespace

ISADeviceState* pcspk_init(ISABus* bus, ISADeviceState* pit) {
  ISADeviceState* speaker = isa_create(bus, TYPE_PC_SPEAKER);
  object_property_set_link(speaker, pit, "pit");
  qdev_init_nofail(speaker);
  return speaker;
}

}  // namespace hw
