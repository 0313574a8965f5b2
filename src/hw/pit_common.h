// pit-common: what the two kinds of interval timer share, the one that is a device of
// ours (isa-pit) and the one that stands for the accelerator's (kvm-pit). The speaker
// (isa-pcspk) talks to either through these class functions.
#pragma once

#include "core/isa.h"
#include "core/qdev_properties.h"

namespace hw {

inline constexpr const char* TYPE_PIT_COMMON = "pit-common";

struct PITChannelInfo {
  bool gate = false;
  int mode = 0;
  std::uint32_t initial_count = 0;
  bool out = false;
};

struct PITCommonState : core::ISADeviceState {
  static constexpr const char* qom_type = "pit-common";
  std::uint32_t iobase = 0xffffffff;
};

struct PITCommonClass : core::ISADeviceClass {
  static constexpr const char* qom_type = "pit-common";
  void (*set_channel_gate)(PITCommonState* s, int channel, bool level) = nullptr;
  PITChannelInfo (*get_channel_info)(PITCommonState* s, int channel) = nullptr;
};

void pit_set_gate(core::ISADeviceState* dev, int channel, bool level);
PITChannelInfo pit_get_channel_info(core::ISADeviceState* dev, int channel);

// The timer at `base`, realized, its counter 0 on `line` (isa-pit) or with the
// accelerator raising line 0 itself (kvm-pit).
core::ISADeviceState* i8254_pit_init(core::ISABus* bus, std::uint32_t base,
                                     core::Irq line);
core::ISADeviceState* kvm_pit_init(core::ISABus* bus, std::uint32_t base);
// Port 0x61 and the speaker behind it.
core::ISADeviceState* pcspk_init(core::ISABus* bus, core::ISADeviceState* pit);

}  // namespace hw
