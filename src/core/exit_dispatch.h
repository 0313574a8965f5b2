// What the machine does about each way a vCPU can stop.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/exit.h"
#include "core/run_state.h"

namespace core {

// Handles `exit` of `cpu`; the big lock is held.
void exit_dispatch(CpuState& cpu, Exit& exit);

std::string_view exit_reason_name(const Exit& exit);  // "io", "mmio", "hlt"...

}  // namespace core
