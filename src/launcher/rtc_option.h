// -rtc: what the guest's real-time clock shows and what it follows.
#pragma once

namespace launcher {

// Throws qom::Error in 4.0's words. base=utc|localtime|DATE, clock=host|rt|vm,
// driftfix=none|slew (slew changes nothing: no tick is ever lost here).
void configure_rtc();

}  // namespace launcher
