// What the type tcg-accel (tcg_type.cc) needs of the software CPU. Apart, because the
// type belongs to every edition of the program and the software CPU does not.
#pragma once

#include "core/accel.h"

namespace accel {

// Throws qom::Error if the software CPU is not in this edition.
void tcg_init(core::AccelState* accel, core::MachineState* machine);

}  // namespace accel
