// What the files about -drive and -blockdev share.
//
//   drive_keys.cc    the keys of -drive and their values, older spellings
//   drive_place.cc   where a disk is plugged in: if=, bus=, unit=, index=
//   drive_image.cc   which format an image has, opening it
//   drives.cc        a -drive from its keys to its back end, and who takes it
//   blockdevs.cc     -blockdev
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "core/block.h"
#include "core/machine.h"
#include "options/opts.h"

namespace launcher {

using options::QemuOpts;

// ---- reading keys -------------------------------------------------------------------

std::string drive_text(const QemuOpts* opts, const char* key);  // empty if not given
bool drive_gives(const QemuOpts* opts, const char* key);
bool drive_is_on(const QemuOpts* opts, const char* key);

template <std::size_t N>
bool one_of(const char* const (&names)[N], std::string_view name) {
  return std::any_of(std::begin(names), std::end(names),
                     [name](const char* known) { return name == known; });
}

// 4.0 complains in two turns, around the place of the disk.
void check_drive_cache(const QemuOpts* opts);
void check_drive_values(const QemuOpts* opts);
// Keys that the raw format does not know.
void check_raw_keys(const QemuOpts* opts);
// Is there a key that throttles?
bool drive_is_throttled(const QemuOpts* opts);

// ---- places -------------------------------------------------------------------------

struct DrivePlace {
  const QemuOpts* opts = nullptr;
  core::DriveInfo info;
  bool empty = true;
  bool asked_for = false;  // if= was given
};

// Reads media, if, bus, unit, index; the place is free.
DrivePlace drive_place(const QemuOpts* opts, const core::MachineClass* mc);
void check_error_actions(const DrivePlace& place);
std::string drive_id(const DrivePlace& place);  // "ide0-hd0", if the user gave none
void remember_place(const DrivePlace& place);
const std::vector<DrivePlace>& drive_places();
// Places that a PC's board has sockets for.
bool board_takes(const DrivePlace& place, const core::MachineClass* mc);

// ---- images -------------------------------------------------------------------------

void check_format(const std::string& format);  // throws "Unknown driver 'x'"
// The node of a drive that names an image or a driver; nullptr for one without a medium.
core::BlockNodePtr open_drive_image(const DrivePlace& place);
// "#block007": a node that nobody named.
std::string next_node_name();

}  // namespace launcher
