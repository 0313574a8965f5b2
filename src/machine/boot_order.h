// The devices to boot from, for firmware: one path of Open Firmware a line, in the order
// of their property bootindex.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/machine.h"

namespace machine {

// `roms`: option ROMs that are no devices, with their place in the order. The text ends
// in a zero byte; it is empty if nothing has a place.
std::string boot_order_text(const core::MachineState* machine,
                            std::vector<std::pair<int, std::string>> roms = {});

}  // namespace machine
