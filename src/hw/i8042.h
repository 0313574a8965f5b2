// The two places of a PC that switch address line 20 and reset the CPU.
#pragma once

#include "core/isa.h"

namespace hw {

// Each makes and realizes the device; its gpio-out "a20" goes to `a20` (1: A20 on).
core::ISADeviceState* i8042_init(core::ISABus* bus, core::Irq a20);
core::ISADeviceState* port92_init(core::ISABus* bus, core::Irq a20);

}  // namespace hw
