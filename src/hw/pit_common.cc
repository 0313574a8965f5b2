// pit-common: the property and the class functions that isa-pit and kvm-pit share.
#include "hw/pit_common.h"

namespace hw {

using namespace core;

void pit_set_gate(ISADeviceState* dev, int channel, bool level) {
  class_of<PITCommonClass>(dev)->set_channel_gate(object_cast<PITCommonState>(dev),
                                                  channel, level);
}

PITChannelInfo pit_get_channel_info(ISADeviceState* dev, int channel) {
  return class_of<PITCommonClass>(dev)->get_channel_info(object_cast<PITCommonState>(dev),
                                                         channel);
}

namespace {

constexpr Property pit_common_properties[] = {
    qdev_prop_uint32("iobase", &PITCommonState::iobase, 0xffffffff),
};

void pit_common_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->user_creatable = false;  // the board wires it
  device_class_set_props(dc, pit_common_properties);
}

constinit const TypeInfo pit_common_type{
    .name = TYPE_PIT_COMMON,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<PITCommonState>(),
    .abstract = true,
    .klass = class_struct<PITCommonClass>(),
    .class_init = pit_common_class_init,
};

void pit_common_register_types() {
  type_register_static(pit_common_type);
}

type_init(pit_common_register_types);

}  // namespace

}  // namespace hw
