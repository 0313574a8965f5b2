// kvm-i8259: the place in the device tree of an interrupt controller that lives in the
// accelerator. The accelerator answers the ports before they get here, so the regions
// are only a map of what is taken; interrupt lines go from the board to the
// accelerator's set_irq, not through this device.
#include "hw/pic_common.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_KVM_I8259 = "kvm-i8259";

std::uint64_t unreachable_read(void*, std::uint64_t, unsigned) {
  return ~0ull;
}

void unreachable_write(void*, std::uint64_t, std::uint64_t, unsigned) {}

constexpr MemoryRegionOps in_kernel_ops{.read = unreachable_read,
                                        .write = unreachable_write};

void kvm_pic_realize(DeviceState* dev) {
  auto* s = object_cast<PICCommonState>(dev);
  MemoryRegion* ports = memory_region_new_io(s, &in_kernel_ops, s, "kvm-pic", 2);
  MemoryRegion* elcr = memory_region_new_io(s, &in_kernel_ops, s, "kvm-elcr", 1);
  pic_register_ports(s, ports, elcr);
}

void kvm_i8259_class_init(ObjectClass* klass, void*) {
  class_cast<DeviceClass>(klass)->realize = kvm_pic_realize;
}

constinit const TypeInfo kvm_i8259_info{
    .name = TYPE_KVM_I8259,
    .parent = TYPE_PIC_COMMON,
    .class_init = kvm_i8259_class_init,
};

void kvm_pic_register_types() {
  type_register_static(kvm_i8259_info);
}

type_init(kvm_pic_register_types);

}  // namespace

void kvm_i8259_init(ISABus* bus) {
  i8259_init_chip(TYPE_KVM_I8259, bus, true);
  i8259_init_chip(TYPE_KVM_I8259, bus, false);
}

}  // namespace hw
