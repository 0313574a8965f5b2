// kvm-pit: the place in the device tree of an interval timer that lives in the
// accelerator, which answers ports 0x40-0x43 and 0x61 and raises line 0 itself. What
// the speaker would ask about counter 2 therefore never arrives here.
#include "hw/pit_common.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_KVM_I8254 = "kvm-pit";

constexpr const char* const lost_tick_policies[] = {"discard", "delay", "slew", nullptr};

struct KVMPITState : PITCommonState {
  static constexpr const char* qom_type = "kvm-pit";
  std::int32_t lost_tick_policy = 1;  // delay
};

std::uint64_t unreachable_read(void*, std::uint64_t, unsigned) {
  return ~0ull;
}

void unreachable_write(void*, std::uint64_t, std::uint64_t, unsigned) {}

constexpr MemoryRegionOps in_kernel_ops{.read = unreachable_read,
                                        .write = unreachable_write};

void kvm_pit_set_gate(PITCommonState*, int, bool) {}

PITChannelInfo kvm_pit_channel_info(PITCommonState*, int) {
  return {};
}

void kvm_pit_realizefn(DeviceState* dev) {
  auto* s = object_cast<KVMPITState>(dev);
  MemoryRegion* ports = memory_region_new_io(s, &in_kernel_ops, s, "kvm-pit", 4);
  qdev_init_gpio_in(
      s, [](int, int) {}, 1);
  isa_register_ioport(s, ports, s->iobase);
}

constexpr Property kvm_pit_properties[] = {
    qdev_prop_enum("lost_tick_policy", &KVMPITState::lost_tick_policy, "LostTickPolicy",
                   lost_tick_policies, 1),
};

void kvm_pit_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = kvm_pit_realizefn;
  device_class_set_props(dc, kvm_pit_properties);
  auto* pc = class_cast<PITCommonClass>(klass);
  pc->set_channel_gate = kvm_pit_set_gate;
  pc->get_channel_info = kvm_pit_channel_info;
}

constinit const TypeInfo kvm_pit_info{
    .name = TYPE_KVM_I8254,
    .parent = TYPE_PIT_COMMON,
    .instance = instance_struct<KVMPITState>(),
    .class_init = kvm_pit_class_init,
};

void kvm_pit_register() {
  type_register_static(kvm_pit_info);
}

type_init(kvm_pit_register);

}  // namespace

ISADeviceState* kvm_pit_init(ISABus* bus, std::uint32_t base) {
  ISADeviceState* pit = isa_create(bus, TYPE_KVM_I8254);
  qdev_prop_set_uint32(pit, "iobase", base);
  qdev_init_nofail(pit);
  return pit;
}

}  // namespace hw
