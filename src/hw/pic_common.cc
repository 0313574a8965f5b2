// pic-common and its interface: properties that isa-i8259 and kvm-i8259 share.
#include "hw/pic_common.h"

namespace hw {

using namespace core;

void pic_register_ports(PICCommonState* s, MemoryRegion* ports, MemoryRegion* elcr) {
  if (s->iobase != 0xffffffff) {
    isa_register_ioport(s, ports, s->iobase);
  }
  if (s->elcr_addr != 0xffffffff) {
    isa_register_ioport(s, elcr, s->elcr_addr);
  }
}

ISADeviceState* i8259_init_chip(const char* type, ISABus* bus, bool master) {
  ISADeviceState* chip = isa_create(bus, type);
  qdev_prop_set_uint32(chip, "iobase", master ? 0x20 : 0xa0);
  qdev_prop_set_uint32(chip, "elcr_addr", master ? 0x4d0 : 0x4d1);
  // Lines 0, 1, 2, 8 and 13 are edge triggered by their nature.
  qdev_prop_set_uint8(chip, "elcr_mask", master ? 0xf8 : 0xde);
  qdev_prop_set_bit(chip, "master", master);
  qdev_init_nofail(chip);
  return chip;
}

namespace {

// In QEMU a bit of a flag word, and described as those are.
constexpr Property on_off(const char* name, bool PICCommonState::*member) {
  Property row = qdev_prop_bool(name, member, false);
  row.description = "on/off";
  return row;
}

constexpr Property pic_common_properties[] = {
    qdev_prop_uint32("iobase", &PICCommonState::iobase, 0xffffffff),
    qdev_prop_uint32("elcr_addr", &PICCommonState::elcr_addr, 0xffffffff),
    qdev_prop_uint8("elcr_mask", &PICCommonState::elcr_mask, 0xff),
    on_off("master", &PICCommonState::master),
};

std::uint64_t pic_interrupt_count(Object* obj, int line) {
  const auto& counts = object_cast<PICCommonState>(obj)->interrupt_counts;
  return line >= 0 && line < 8 ? counts[static_cast<std::size_t>(line)] : 0;
}

void pic_common_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->user_creatable = false;  // the board wires the pair
  device_class_set_props(dc, pic_common_properties);
  class_cast<InterruptStatsProviderClass>(
      object_class_dynamic_cast(klass, TYPE_INTERRUPT_STATS_PROVIDER))
      ->interrupt_count = pic_interrupt_count;
}

constexpr InterfaceInfo pic_common_interfaces[] = {{TYPE_INTERRUPT_STATS_PROVIDER}, {}};

constinit const TypeInfo intctrl_info{
    .name = TYPE_INTERRUPT_STATS_PROVIDER,
    .parent = TYPE_INTERFACE,
    .klass = class_struct<InterruptStatsProviderClass>(),
};

constinit const TypeInfo pic_common_type{
    .name = TYPE_PIC_COMMON,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<PICCommonState>(),
    .abstract = true,
    .class_init = pic_common_class_init,
    .interfaces = pic_common_interfaces,
};

void pic_common_register_types() {
  type_register_static(intctrl_info);
  type_register_static(pic_common_type);
}

type_init(pic_common_register_types);

}  // namespace

}  // namespace hw
