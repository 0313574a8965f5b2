// What a PC tells its firmware by fw_cfg.
#pragma once

#include "hw/fw_cfg.h"
#include "machine/pc.h"

namespace machine {

// Makes the device. Its items come to be when a guest asks for the first of them.
void pc_fw_cfg_init(PCMachineState* pcms);
// When the board is complete ACPI's files are seen in the composition tree, as QEMU's
// ROMs are.
void pc_fw_cfg_show_acpi(PCMachineState* pcms);
// A Linux kernel that firmware starts: -kernel beside a -bios of one's own. Throws
// qom::Error.
void pc_offer_linux(PCMachineState* pcms);

}  // namespace machine
