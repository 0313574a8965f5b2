// Where a disk is plugged in: "if=ide,bus=0,unit=1" or "if=ide,index=1". A place takes
// one disk; one that gives none gets the next free place.
#include <optional>

#include "launcher/checks.h"
#include "launcher/drive.h"
#include "options/opts_visitor.h"
#include "qom/object.h"

namespace launcher {

using qom::Error;

static std::vector<DrivePlace>& remembered() {
  static std::vector<DrivePlace> list;
  return list;
}

const std::vector<DrivePlace>& drive_places() {
  return remembered();
}

void remember_place(const DrivePlace& place) {
  remembered().push_back(place);
}

static const char* default_interface(const core::MachineClass* mc) {
  switch (mc->block_default_type) {
    case core::BlockInterface::ide:
      return "ide";
    case core::BlockInterface::scsi:
      return "scsi";
    case core::BlockInterface::floppy:
      return "floppy";
    case core::BlockInterface::virtio:
      return "virtio";
    case core::BlockInterface::none:
      break;
  }
  return "none";
}

static std::uint64_t units_of(std::string_view interface) {
  return interface == "ide" ? 2 : interface == "scsi" ? 7 : 0;
}

static const DrivePlace* drive_at(std::string_view interface, std::uint64_t bus,
                                  std::uint64_t unit) {
  for (const DrivePlace& place : remembered()) {
    if (place.info.interface == interface && place.info.bus == bus &&
        place.info.unit == unit) {
      return &place;
    }
  }
  return nullptr;
}

static std::optional<std::uint64_t> number_of(const QemuOpts* opts, const char* key) {
  if (!drive_gives(opts, key)) {
    return std::nullopt;
  }
  return options::parse_option_number(key, drive_text(opts, key));
}

struct PlaceNumbers {
  std::optional<std::uint64_t> bus, unit, index;
};

static void settle_place(DrivePlace& place, PlaceNumbers numbers) {
  const std::uint64_t units = units_of(place.info.interface);
  place.info.bus = numbers.bus.value_or(0);
  if (numbers.index) {
    if (place.info.bus != 0 || numbers.unit) {
      throw Error("index cannot be used with bus and unit");
    }
    place.info.bus = units == 0 ? 0 : *numbers.index / units;
    numbers.unit = units == 0 ? *numbers.index : *numbers.index % units;
  }
  if (!numbers.unit) {
    numbers.unit = 0;
    while (drive_at(place.info.interface, place.info.bus, *numbers.unit) != nullptr) {
      ++*numbers.unit;
      if (units != 0 && *numbers.unit >= units) {
        *numbers.unit -= units;
        ++place.info.bus;
      }
    }
  }
  place.info.unit = *numbers.unit;
  if (units != 0 && place.info.unit >= units) {
    throw Error("unit " + std::to_string(place.info.unit) + " too big (max is " +
                std::to_string(units - 1) + ")");
  }
  if (drive_at(place.info.interface, place.info.bus, place.info.unit) != nullptr) {
    const std::uint64_t index = place.info.bus * units + place.info.unit;
    throw Error("drive with bus=" + std::to_string(place.info.bus) +
                ", unit=" + std::to_string(place.info.unit) +
                " (index=" + std::to_string(index) + ") exists");
  }
}

static void check_interface(const std::string& interface) {
  static constexpr const char* known[] = {"none", "ide", "scsi",   "floppy", "pflash",
                                          "mtd",  "sd",  "virtio", "xen"};
  if (!one_of(known, interface)) {
    throw Error("unsupported bus type '" + interface + "'");
  }
}

void check_error_actions(const DrivePlace& place) {
  static constexpr const char* able[] = {"ide", "scsi", "virtio", "none"};
  for (const char* key : {"werror", "rerror"}) {
    if (drive_gives(place.opts, key) && !one_of(able, place.info.interface)) {
      throw Error(std::string(key) + " is not supported by this bus type");
    }
  }
}

DrivePlace drive_place(const QemuOpts* opts, const core::MachineClass* mc) {
  DrivePlace place;
  place.opts = opts;
  const PlaceNumbers numbers{number_of(opts, "bus"), number_of(opts, "unit"),
                             number_of(opts, "index")};
  const std::string media = drive_text(opts, "media");
  if (drive_gives(opts, "media") && media != "disk" && media != "cdrom") {
    throw Error("'" + media + "' invalid media");
  }
  place.info.cdrom = media == "cdrom";
  place.asked_for = drive_gives(opts, "if");
  place.info.interface = place.asked_for ? drive_text(opts, "if") : default_interface(mc);
  check_interface(place.info.interface);
  settle_place(place, numbers);
  return place;
}

std::string drive_id(const DrivePlace& place) {
  if (place.opts->id) {
    return *place.opts->id;
  }
  const std::string& interface = place.info.interface;
  const bool media = interface == "ide" || interface == "scsi";
  const std::string kind = !media ? "" : place.info.cdrom ? "-cd" : "-hd";
  const std::string bus = units_of(interface) != 0 ? std::to_string(place.info.bus) : "";
  return interface + bus + kind + std::to_string(place.info.unit);
}

// Places that a PC's board has sockets for.
bool board_takes(const DrivePlace& place, const core::MachineClass* mc) {
  if (place.info.interface == "none" || place.info.interface == "virtio") {
    return true;
  }
  if (mc->block_default_type == core::BlockInterface::none) {
    return false;
  }
  const std::uint64_t buses = place.info.interface == "ide" ? 2 : 1;
  const bool socket = place.info.interface == "ide" || place.info.interface == "floppy" ||
                      place.info.interface == "pflash";
  return socket && place.info.bus < buses && place.info.unit < 2;
}

bool is_drive_at(std::string_view interface, std::uint64_t bus, std::uint64_t unit) {
  return drive_at(interface, bus, unit) != nullptr;
}

}  // namespace launcher
