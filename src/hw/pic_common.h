// pic-common: what the two kinds of 8259 share, the one that is a device of ours
// (isa-i8259) and the one that stands for the accelerator's (kvm-i8259).
#pragma once

#include <array>

#include "core/isa.h"
#include "core/qdev_properties.h"

namespace hw {

inline constexpr const char* TYPE_PIC_COMMON = "pic-common";
inline constexpr const char* TYPE_INTERRUPT_STATS_PROVIDER = "intctrl";

// Interface "intctrl": can be asked how often each line was raised.
struct InterruptStatsProviderClass : core::InterfaceClass {
  static constexpr const char* qom_type = "intctrl";
  std::uint64_t (*interrupt_count)(core::Object* obj, int line) = nullptr;
};

struct PICCommonState : core::ISADeviceState {
  static constexpr const char* qom_type = "pic-common";
  std::uint32_t iobase = 0xffffffff, elcr_addr = 0xffffffff;
  std::uint8_t elcr_mask = 0xff;
  bool master = false;
  std::array<std::uint64_t, 8> interrupt_counts{};  // rising lines
};

// Puts a two-port region and the edge/level register on the bus.
void pic_register_ports(PICCommonState* s, core::MemoryRegion* ports,
                        core::MemoryRegion* elcr);
// One chip of the pair at its usual addresses, realized.
core::ISADeviceState* i8259_init_chip(const char* type, core::ISABus* bus, bool master);

// The pair, master first. Its INT goes to `parent_irq`; it becomes the machine's
// core::InterruptController. Returns the sixteen inputs (2, the cascade, is the
// slave's and is nullptr).
std::array<core::Irq, core::isa_irq_count> i8259_init(core::ISABus* bus,
                                                      core::Irq parent_irq);
// The pair that stands for the accelerator's own; lines go to the accelerator directly.
void kvm_i8259_init(core::ISABus* bus);

}  // namespace hw
