// Where the bytes of guest memory come from, if not from the board itself: -mem-path,
// -machine memory-backend=ID, -numa node,memdev=ID.
#pragma once

#include "launcher/startup.h"

namespace launcher {

// Boards whose memory can be given to them from outside: the PCs.
bool has_named_ram(const MachineClass* mc);
// Once the memory back ends exist and before the board is built. Throws qom::Error.
void provide_guest_ram(Startup& startup);

}  // namespace launcher
