// What a board needs of the real-time clock: making it, and its battery-backed bytes.
#pragma once

#include "core/isa.h"

namespace hw {

inline constexpr const char* TYPE_MC146818_RTC = "mc146818rtc";

// Makes and realizes the clock. Its interrupt goes to `line`.
core::ISADeviceState* mc146818_rtc_init(core::ISABus* bus, int base_year, core::Irq line);
// Byte `index` (0x0e to 0x7f) as firmware will read it.
void rtc_set_memory(core::ISADeviceState* rtc, unsigned index, std::uint8_t value);
std::uint8_t rtc_get_memory(core::ISADeviceState* rtc, unsigned index);

}  // namespace hw
