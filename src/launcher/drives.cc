// A -drive (-hda, -cdrom and their like are drives too): its keys, its place, its image,
// its back end. One with if=virtio is also a -device, as in 4.0. The boards here have no
// IDE, floppy or flash yet: who plugs a disk in there is told so.
#include "launcher/checks.h"
#include "launcher/drive.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"

namespace launcher {

using namespace core;

namespace {

BlockdevOnError error_action(const QemuOpts* opts, const char* key,
                             BlockdevOnError fallback) {
  const std::string text = drive_text(opts, key);
  return text == "ignore"   ? BlockdevOnError::ignore
         : text == "report" ? BlockdevOnError::report
         : text == "stop"   ? BlockdevOnError::stop
         : text == "enospc" ? BlockdevOnError::enospc
                            : fallback;
}

bool has_write_cache(const QemuOpts* opts) {
  const std::string mode = drive_text(opts, "cache");
  const bool through = mode == "writethrough" || mode == "directsync";
  return drive_gives(opts, "cache.writeback") ? drive_is_on(opts, "cache.writeback")
                                              : !through;
}

void add_back_end(const DrivePlace& place, BlockNodePtr root) {
  const QemuOpts* opts = place.opts;
  if (root && drive_gives(opts, "node-name")) {
    bdrv_add_node(root);
  }
  auto blk = std::make_unique<BlockBackend>(drive_id(place), std::move(root));
  blk->drive = place.info;
  blk->set_write_cache(has_write_cache(opts));
  blk->on_read_error = error_action(opts, "rerror", BlockdevOnError::report);
  blk->on_write_error = error_action(opts, "werror", BlockdevOnError::enospc);
  blk_add(std::move(blk));
}

void add_virtio_device(const DrivePlace& place) {
  QemuOpts* device = options::qemu_opts_create(&options::qemu_device_opts, std::nullopt);
  device->location = place.opts->location;
  options::qemu_opt_set(device, "driver", "virtio-blk-pci");
  options::qemu_opt_set(device, "drive", drive_id(place));
}

void name_what_is_missing(const DrivePlace& place) {
  const std::string& interface = place.info.interface;
  const bool given_as_drive = place.opts->location.starts_with("-drive");
  if (given_as_drive && interface != "none" && interface != "virtio") {
    warn_unbuilt_type("-drive", "if=" + interface);
  }
  if (drive_is_throttled(place.opts)) {
    warn_unbuilt_type("-drive", "throttling");
  }
}

void open_drive(const QemuOpts* opts, const MachineClass* mc) {
  check_drive_cache(opts);
  DrivePlace place = drive_place(opts, mc);
  check_error_actions(place);
  check_drive_values(opts);
  BlockNodePtr root = open_drive_image(place);
  place.empty = root == nullptr;
  remember_place(place);
  add_back_end(place, std::move(root));
  if (place.info.interface == "virtio") {
    add_virtio_device(place);
  }
  name_what_is_missing(place);
}

}  // namespace

void open_drives(const options::CommandLine& line, const MachineClass* mc) {
  const bool all_snapshots = line.has("snapshot");
  for (const auto& opts : options::qemu_drive_opts.head) {
    if (all_snapshots && !drive_gives(opts.get(), "snapshot")) {
      options::qemu_opt_set(opts.get(), "snapshot", "on");
    }
    at_option(opts->location, [&] { open_drive(opts.get(), mc); });
  }
}

void check_board_drives(const MachineClass* mc) {
  for (const DrivePlace& place : drive_places()) {
    if (place.info.interface == "ide" && place.empty && !place.info.cdrom &&
        board_takes(place, mc)) {
      throw Error(
          "Initialization of device ide-hd failed: Device needs media, but drive is "
          "empty");
    }
  }
}

void check_orphaned_drives(const MachineClass* mc) {
  for (const DrivePlace& place : drive_places()) {
    if (!board_takes(place, mc)) {
      throw options::at_location(
          place.opts->location,
          Error("machine type does not support if=" + place.info.interface +
                ",bus=" + std::to_string(place.info.bus) +
                ",unit=" + std::to_string(place.info.unit)));
    }
  }
}

}  // namespace launcher
