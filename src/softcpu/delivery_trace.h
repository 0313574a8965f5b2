// What the trace says about an interrupt or exception that entered its handler.
#pragma once

#include <optional>

#include "softcpu/cpu.h"

namespace softcpu {

// Called once a delivery is complete: never for one that failed on its way (the fault
// it became is told instead). `error` is the code that was pushed.
void trace_delivery(const Cpu& cpu, u8 vector, Cpu::Event event, std::optional<u32> error,
                    u64 interrupted_rip);

}  // namespace softcpu
