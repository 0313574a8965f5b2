// What 4.0 refuses about host ends that are not built here: -drive, -netdev, -fw_cfg...
// The checks stand where 4.0 would have opened or used them, so mistakes are told in its
// order and words. All throw qom::Error; warnings are printed.
#pragma once

#include "core/machine.h"
#include "options/command_line.h"

namespace launcher {

// Disks: keys, places, formats are checked, images opened, back ends made.
void open_drives(const options::CommandLine& line, const core::MachineClass* mc);
// Whether a -drive or its like is plugged in there; once open_drives() has run.
bool is_drive_at(std::string_view interface, std::uint64_t bus, std::uint64_t unit);
void open_blockdevs(const options::CommandLine& line);
void check_fsdevs();
// Once the board is built: disks that it has plugged in but that are empty.
void check_board_drives(const core::MachineClass* mc);
// After the last -device: a disk that nobody took is an error.
void check_orphaned_drives(const core::MachineClass* mc);

// -icount, once the accelerator is known.
void check_icount();
// -netdev, -nic, -net, after the accelerator.
void check_net_clients();
// Cards that the board would have made: their model is known only then.
void check_board_nics(const core::MachineClass* mc);
// Warns of a card without a back end and a back end without a card.
void warn_net_without_peer(const options::CommandLine& line);

void check_tpmdevs();
void check_monitors();  // -mon
void check_vga(const options::CommandLine& line);
// Entries of fw_cfg, and USB devices by their old option: the board is there.
void add_fw_cfg_items();
void check_usbdevices(const options::CommandLine& line);
// The last thing before guest code would run.
void check_incoming(const options::CommandLine& line);

}  // namespace launcher
