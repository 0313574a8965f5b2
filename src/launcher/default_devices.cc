// A video card, a network card, a CD-ROM drive, a floppy drive and a parallel port: a PC
// has them unless told otherwise (4.0's vl.c). Each has its own way to be told: an option
// for that kind of device, a -device or -global that names a driver of that kind, a
// -drive in its place, or a machine class that goes without.
#include "launcher/default_devices.h"

#include <algorithm>

#include "launcher/checks.h"
#include "machine/pc.h"
#include "options/groups.h"

namespace launcher {

using core::MachineClass;

namespace {

enum class Kind : std::uint8_t { video, cdrom, floppy, parallel };

struct Driver {
  std::string_view name;
  Kind instead_of;
};

// Naming one of these takes the default of its kind away.
constexpr Driver drivers[] = {
    {"isa-parallel", Kind::parallel},
    {"isa-fdc", Kind::floppy},
    {"floppy", Kind::floppy},
    {"ide-cd", Kind::cdrom},
    {"ide-hd", Kind::cdrom},
    {"ide-drive", Kind::cdrom},
    {"scsi-cd", Kind::cdrom},
    {"scsi-hd", Kind::cdrom},
    {"VGA", Kind::video},
    {"isa-vga", Kind::video},
    {"cirrus-vga", Kind::video},
    {"isa-cirrus-vga", Kind::video},
    {"vmware-svga", Kind::video},
    {"qxl-vga", Kind::video},
    {"virtio-vga", Kind::video},
};

bool names_driver_of(const options::QemuOptsList& list, Kind kind) {
  return std::any_of(list.head.begin(), list.head.end(), [&](const auto& opts) {
    const char* text = options::qemu_opt_get(opts.get(), "driver");
    const std::string_view name = text == nullptr ? "" : text;
    return std::any_of(std::begin(drivers), std::end(drivers), [&](const Driver& driver) {
      return driver.instead_of == kind && driver.name == name;
    });
  });
}

bool named(Kind kind) {
  return names_driver_of(options::qemu_device_opts, kind) ||
         names_driver_of(options::qemu_global_opts, kind);
}

std::string video_card(const MachineClass* mc) {
  const bool standard =
      mc->default_display != nullptr && std::string_view(mc->default_display) == "std";
  const auto* pc = static_cast<const machine::PCMachineClass*>(mc);
  if (pc->pci_enabled) {
    return standard ? "VGA" : "cirrus-vga";
  }
  return standard ? "isa-vga" : "isa-cirrus-vga";
}

}  // namespace

std::vector<std::string> unbuilt_default_devices(const options::CommandLine& line,
                                                 const MachineClass* mc) {
  if (line.has("nodefaults") || mc->default_nic_model == nullptr) {
    return {};  // boards with a network card by default are the PCs
  }
  std::vector<std::string> types;
  if (!line.has("vga") && !named(Kind::video)) {
    types.push_back(video_card(mc));
  }
  if (!line.has("net") && !line.has("nic") && !line.has("netdev")) {
    types.emplace_back(mc->default_nic_model);
  }
  if (!mc->no_cdrom && !named(Kind::cdrom) && !is_drive_at("ide", 1, 0)) {
    types.emplace_back("ide-cd");
  }
  if (!mc->no_floppy && !named(Kind::floppy) && !is_drive_at("floppy", 0, 0)) {
    types.emplace_back("floppy");
  }
  if (!mc->no_parallel && !named(Kind::parallel) && !line.has("parallel")) {
    types.emplace_back("isa-parallel");
  }
  types.erase(std::remove_if(types.begin(), types.end(),
                             [](const std::string& type) {
                               return qom::object_class_by_name(type.c_str()) != nullptr;
                             }),
              types.end());
  return types;
}

}  // namespace launcher
