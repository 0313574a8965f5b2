// What the launcher decided before the board is built: the host ends that a board
// wires to its own devices. Filled between machine creation and MachineClass::init.
#pragma once

#include <vector>

#include "core/chardev.h"

namespace machine {

struct BoardConfig {
  // -serial, in order; nullptr: "none". A PC makes an isa-serial for each of the
  // first four.
  std::vector<core::Chardev*> serial_hds;
};

BoardConfig& board_config();

}  // namespace machine
