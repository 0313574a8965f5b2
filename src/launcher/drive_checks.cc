// -drive, -hda and their like, -blockdev, -fsdev: the mistakes 4.0 reports before any
// block of an image is read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "core/report.h"
#include "launcher/checks.h"
#include "launcher/unbuilt.h"
#include "options/argument_checks.h"
#include "options/groups.h"
#include "options/opts_visitor.h"

namespace launcher {

using namespace core;
using options::QemuOpts;

namespace {

// Where a disk is plugged in: "ide" bus 0 unit 1.
struct DrivePlace {
  const QemuOpts* opts = nullptr;
  std::string interface;
  std::uint64_t bus = 0, unit = 0;
  bool cdrom = false, empty = true;
  bool asked_for = false;  // if= was given
};

std::vector<DrivePlace>& places() {
  static std::vector<DrivePlace> list;
  return list;
}

std::string text_of(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

bool given(const QemuOpts* opts, const char* key) {
  return options::qemu_opt_find(opts, key) != nullptr;
}

template <std::size_t N>
bool one_of(const char* const (&names)[N], std::string_view name) {
  return std::any_of(std::begin(names), std::end(names),
                     [name](const char* known) { return name == known; });
}

// ---- keys ---------------------------------------------------------------------------

struct Alias {
  const char* older;
  const char* newer;
};

constexpr Alias aliases[] = {
    {"iops", "throttling.iops-total"},
    {"iops_rd", "throttling.iops-read"},
    {"iops_wr", "throttling.iops-write"},
    {"bps", "throttling.bps-total"},
    {"bps_rd", "throttling.bps-read"},
    {"bps_wr", "throttling.bps-write"},
    {"iops_max", "throttling.iops-total-max"},
    {"iops_rd_max", "throttling.iops-read-max"},
    {"iops_wr_max", "throttling.iops-write-max"},
    {"bps_max", "throttling.bps-total-max"},
    {"bps_rd_max", "throttling.bps-read-max"},
    {"bps_wr_max", "throttling.bps-write-max"},
    {"iops_size", "throttling.iops-size"},
    {"group", "throttling.group"},
    {"readonly", "read-only"},
};

void check_aliases(const QemuOpts* opts) {
  for (const Alias& alias : aliases) {
    if (given(opts, alias.older) && given(opts, alias.newer)) {
      throw Error(std::string("'") + alias.newer + "' and its alias '" + alias.older +
                  "' can't be used at the same time");
    }
  }
}

void check_cache(const QemuOpts* opts) {
  static constexpr const char* modes[] = {"none",      "off",          "directsync",
                                          "writeback", "writethrough", "unsafe"};
  if (given(opts, "cache") && !one_of(modes, text_of(opts, "cache"))) {
    throw Error("invalid cache option");
  }
}

void check_switches(const QemuOpts* opts) {
  for (const char* key :
       {"snapshot", "read-only", "readonly", "copy-on-read", "auto-read-only",
        "force-share", "cache.direct", "cache.no-flush", "cache.writeback"}) {
    if (given(opts, key)) {
      options::parse_option_bool(std::string_view(key) == "readonly" ? "read-only" : key,
                                 text_of(opts, key));
    }
  }
}

void check_throttling(const QemuOpts* opts) {
  for (const Alias& alias : aliases) {
    const std::string_view newer = alias.newer;
    const bool number = newer.starts_with("throttling.") && newer != "throttling.group";
    for (const char* key : {alias.older, alias.newer}) {
      if (!number || !given(opts, key)) {
        continue;
      }
      constexpr std::uint64_t most = 1000000000000000;
      if (options::parse_option_number(alias.newer, text_of(opts, key)) > most) {
        throw Error("bps/iops/max values must be within [0, 1000000000000000]");
      }
    }
  }
}

void check_words(const QemuOpts* opts) {
  static constexpr const char* discards[] = {"ignore", "off", "unmap", "on"};
  static constexpr const char* aios[] = {"threads", "native"};
  static constexpr const char* writes[] = {"enospc", "report", "ignore", "stop"};
  static constexpr const char* reads[] = {"report", "ignore", "stop"};
  if (given(opts, "discard") && !one_of(discards, text_of(opts, "discard"))) {
    throw Error("Invalid discard option");
  }
  if (given(opts, "aio") && !one_of(aios, text_of(opts, "aio"))) {
    throw Error("invalid aio option");
  }
  if (given(opts, "format") && given(opts, "driver")) {
    throw Error("Cannot specify both 'driver' and 'format'");
  }
  if (given(opts, "werror") && !one_of(writes, text_of(opts, "werror"))) {
    throw Error("'" + text_of(opts, "werror") + "' invalid write error action");
  }
  if (given(opts, "rerror") && !one_of(reads, text_of(opts, "rerror"))) {
    throw Error("'" + text_of(opts, "rerror") + "' invalid read error action");
  }
}

// ---- places -------------------------------------------------------------------------

const char* default_interface(const MachineClass* mc) {
  switch (mc->block_default_type) {
    case BlockInterface::ide:
      return "ide";
    case BlockInterface::scsi:
      return "scsi";
    case BlockInterface::floppy:
      return "floppy";
    case BlockInterface::virtio:
      return "virtio";
    case BlockInterface::none:
      break;
  }
  return "none";
}

std::uint64_t units_of(std::string_view interface) {
  return interface == "ide" ? 2 : interface == "scsi" ? 7 : 0;
}

const DrivePlace* drive_at(std::string_view interface, std::uint64_t bus,
                           std::uint64_t unit) {
  for (const DrivePlace& place : places()) {
    if (place.interface == interface && place.bus == bus && place.unit == unit) {
      return &place;
    }
  }
  return nullptr;
}

std::optional<std::uint64_t> number_of(const QemuOpts* opts, const char* key) {
  if (!given(opts, key)) {
    return std::nullopt;
  }
  return options::parse_option_number(key, text_of(opts, key));
}

struct PlaceNumbers {
  std::optional<std::uint64_t> bus, unit, index;
};

void settle_place(DrivePlace& place, PlaceNumbers numbers) {
  const std::uint64_t units = units_of(place.interface);
  place.bus = numbers.bus.value_or(0);
  if (numbers.index) {
    if (place.bus != 0 || numbers.unit) {
      throw Error("index cannot be used with bus and unit");
    }
    place.bus = units == 0 ? 0 : *numbers.index / units;
    numbers.unit = units == 0 ? *numbers.index : *numbers.index % units;
  }
  if (!numbers.unit) {
    numbers.unit = 0;
    while (drive_at(place.interface, place.bus, *numbers.unit) != nullptr) {
      ++*numbers.unit;
      if (units != 0 && *numbers.unit >= units) {
        *numbers.unit -= units;
        ++place.bus;
      }
    }
  }
  place.unit = *numbers.unit;
  if (units != 0 && place.unit >= units) {
    throw Error("unit " + std::to_string(place.unit) + " too big (max is " +
                std::to_string(units - 1) + ")");
  }
  if (drive_at(place.interface, place.bus, place.unit) != nullptr) {
    const std::uint64_t index = place.bus * units + place.unit;
    throw Error("drive with bus=" + std::to_string(place.bus) +
                ", unit=" + std::to_string(place.unit) +
                " (index=" + std::to_string(index) + ") exists");
  }
}

void check_interface(const std::string& interface) {
  static constexpr const char* known[] = {"none", "ide", "scsi",   "floppy", "pflash",
                                          "mtd",  "sd",  "virtio", "xen"};
  if (!one_of(known, interface)) {
    throw Error("unsupported bus type '" + interface + "'");
  }
}

void check_error_actions(const DrivePlace& place) {
  static constexpr const char* able[] = {"ide", "scsi", "virtio", "none"};
  for (const char* key : {"werror", "rerror"}) {
    if (given(place.opts, key) && !one_of(able, place.interface)) {
      throw Error(std::string(key) + " is not supported by this bus type");
    }
  }
}

// ---- files --------------------------------------------------------------------------

void check_format(const std::string& format) {
  static constexpr const char* formats[] = {
      "raw",      "qcow2",        "qcow",         "qed",      "vmdk",
      "vdi",      "vpc",          "vhdx",         "bochs",    "parallels",
      "cloop",    "dmg",          "luks",         "blkdebug", "nbd",
      "vvfat",    "blkverify",    "quorum",       "file",     "replication",
      "throttle", "ssh",          "iscsi",        "null-co",  "null-aio",
      "nvme",     "host_device",  "host_cdrom",   "http",     "https",
      "ftp",      "ftps",         "gluster",      "rbd",      "nfs",
      "sheepdog", "copy-on-read", "blklogwrites", "vxhs"};
  if (!format.empty() && !one_of(formats, format)) {
    throw Error("Unknown driver '" + format + "'");
  }
}

// "nbd:host:port" has a protocol, "dir/a:b" has not.
bool has_protocol(std::string_view path) {
  const std::size_t colon = path.find(':');
  return colon != std::string_view::npos && path.find('/') > colon;
}

bool names_a_file(std::string& path) {
  static constexpr const char* protocols[] = {
      "nbd",          "nbd+unix",    "nbd+tcp",  "ssh",         "iscsi",   "rbd",
      "http",         "https",       "ftp",      "ftps",        "gluster", "gluster+tcp",
      "gluster+unix", "nfs",         "sheepdog", "fat",         "json",    "blkdebug",
      "blkverify",    "null-co",     "null-aio", "host_device", "nvme",    "vxhs",
      "iser",         "sheepdog+tcp"};
  if (!has_protocol(path)) {
    return !path.empty();
  }
  const std::string protocol = path.substr(0, path.find(':'));
  if (protocol == "file") {
    path.erase(0, sizeof "file:" - 1);
    return true;
  }
  if (!one_of(protocols, protocol)) {
    throw Error("Unknown protocol '" + protocol + "'");
  }
  return false;
}

using Beginning = std::array<char, 1024>;

// The first bytes of the image; fewer read as zeroes.
Beginning read_beginning(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw Error("Could not open '" + path + "': " + std::strerror(errno));
  }

  struct stat status {};

  Beginning bytes{};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const bool folder = S_ISDIR(status.st_mode);
  if (regular && ::pread(fd, bytes.data(), bytes.size(), 0) < 0) {
    bytes = {};
  }
  ::close(fd);
  if (folder) {
    throw Error("Could not open '" + path + "': " + std::strerror(EISDIR));
  }
  return bytes;
}

struct Magic {
  const char* format;
  std::string_view bytes;
  std::size_t at;
  const char* complaint;  // of this format about a file without them
};

constexpr Magic magics[] = {
    {"qcow2", "QFI\xfb", 0, "Image is not in qcow2 format"},
    {"qed", {"QED\0", 4}, 0, "Image not in QED format"},
    {"vmdk", "KDMV", 0, nullptr},
    {"vmdk", "COWD", 0, nullptr},
    {"vdi", "\x7f\x10\xda\xbe", 0x40, nullptr},
    {"vhdx", "vhdxfile", 0, nullptr},
    {"vpc", "conectix", 0, nullptr},
    {"luks", "LUKS\xba\xbe", 0, "Volume is not in LUKS format"},
    {"parallels", "WithoutFreeSpace", 0, "Image not in Parallels format"},
    {"parallels", "WithouFreSpacExt", 0, "Image not in Parallels format"},
    {"bochs", "Bochs Virtual HD Image", 0, "Image not in Bochs format"},
};

bool matches(const Beginning& bytes, const Magic& magic) {
  return std::string_view(bytes.data() + magic.at, magic.bytes.size()) == magic.bytes;
}

bool is_read_only(const DrivePlace& place) {
  return place.cdrom || text_of(place.opts, "read-only") == "on" ||
         text_of(place.opts, "readonly") == "on";
}

void warn_of_probing(const std::string& file) {
  std::fprintf(
      stderr,
      "WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
      "         Automatically detecting the format is dangerous for raw images, "
      "write operations on block 0 will be restricted.\n"
      "         Specify the 'raw' format explicitly to remove the restrictions.\n",
      file.c_str());
}

// The format given, or the one the first bytes tell.
std::string check_image(const DrivePlace& place, const std::string& file) {
  std::string path = file;
  std::string given_format = given(place.opts, "format") ? text_of(place.opts, "format")
                                                         : text_of(place.opts, "driver");
  check_format(given_format);
  if (!names_a_file(path)) {
    return given_format;
  }
  const Beginning bytes = read_beginning(path);
  const char* complaint = nullptr;
  for (const Magic& magic : magics) {
    if (matches(bytes, magic) && (given_format.empty() || given_format == magic.format)) {
      return magic.format;
    }
    complaint = given_format == magic.format ? magic.complaint : complaint;
  }
  if (complaint != nullptr) {
    throw Error(complaint);
  }
  if (given_format.empty() && !is_read_only(place)) {
    warn_of_probing(file);
  }
  return given_format.empty() ? "raw" : given_format;
}

void check_raw_keys(const QemuOpts* opts) {
  static constexpr const char* known[] = {"file",
                                          "format",
                                          "driver",
                                          "if",
                                          "index",
                                          "bus",
                                          "unit",
                                          "media",
                                          "snapshot",
                                          "cache",
                                          "aio",
                                          "discard",
                                          "detect-zeroes",
                                          "werror",
                                          "rerror",
                                          "read-only",
                                          "readonly",
                                          "auto-read-only",
                                          "force-share",
                                          "copy-on-read",
                                          "node-name",
                                          "offset",
                                          "size",
                                          "stats-account-invalid",
                                          "stats-account-failed",
                                          "cache.direct",
                                          "cache.no-flush",
                                          "cache.writeback",
                                          "throttling.iops-size",
                                          "throttling.group"};
  for (const options::QemuOpt& opt : opts->head) {
    const std::string_view name = opt.name;
    bool fine = one_of(known, name) || name.starts_with("file.");
    for (const Alias& alias : aliases) {
      fine = fine || name == alias.older || name == alias.newer ||
             (name.starts_with(alias.newer) && name.ends_with("-max-length"));
    }
    if (!fine) {
      throw Error("Block format 'raw' does not support the option '" + opt.name + "'");
    }
  }
}

void check_drive(const QemuOpts* opts, const MachineClass* mc) {
  DrivePlace place;
  place.opts = opts;
  check_aliases(opts);
  check_cache(opts);
  const PlaceNumbers numbers{number_of(opts, "bus"), number_of(opts, "unit"),
                             number_of(opts, "index")};
  const std::string media = text_of(opts, "media");
  if (given(opts, "media") && media != "disk" && media != "cdrom") {
    throw Error("'" + media + "' invalid media");
  }
  place.cdrom = media == "cdrom";
  place.asked_for = given(opts, "if");
  place.interface = place.asked_for ? text_of(opts, "if") : default_interface(mc);
  check_interface(place.interface);
  settle_place(place, numbers);
  check_error_actions(place);
  check_switches(opts);
  check_throttling(opts);
  check_words(opts);
  const std::string file = text_of(opts, "file");
  place.empty = file.empty() && !given(opts, "file.filename") && !given(opts, "driver");
  if (!file.empty()) {
    if (check_image(place, file) == "raw") {
      check_raw_keys(opts);
    }
  } else if (!given(opts, "driver") && given(opts, "help")) {
    throw Error("Must specify either driver or file");
  } else {
    check_format(text_of(opts, given(opts, "driver") ? "driver" : "format"));
  }
  places().push_back(place);
}

// Places that a PC's board has sockets for.
bool board_takes(const DrivePlace& place, const MachineClass* mc) {
  if (place.interface == "none" || place.interface == "virtio") {
    return true;
  }
  if (mc->block_default_type == BlockInterface::none) {
    return false;
  }
  const std::uint64_t buses = place.interface == "ide" ? 2 : 1;
  const bool socket = place.interface == "ide" || place.interface == "floppy" ||
                      place.interface == "pflash";
  return socket && place.bus < buses && place.unit < 2;
}

// ---- -blockdev ----------------------------------------------------------------------

void check_node_name(const std::string& name, std::set<std::string>& known) {
  constexpr std::size_t longest = 31;
  if (name.empty()) {
    throw Error("'node-name' must be specified for the root node");
  }
  if (!options::id_wellformed(name)) {
    throw Error("Invalid node name");
  }
  if (known.count(name) != 0) {
    throw Error("Duplicate node name");
  }
  if (name.size() > longest) {
    throw Error("Node name too long");
  }
}

void check_children(const options::Document& document,
                    const std::set<std::string>& known) {
  for (const char* key : {"file", "backing"}) {
    const options::Document* child = document.find(key);
    if (child != nullptr && child->kind == options::Document::Kind::text &&
        !child->scalar.empty() && known.count(child->scalar) == 0) {
      throw Error("Cannot find device=" + child->scalar +
                  " nor node_name=" + child->scalar);
    }
  }
}

}  // namespace

void check_drives(const MachineClass* mc) {
  for (const auto& opts : options::qemu_drive_opts.head) {
    at_option(opts->location, [&] { check_drive(opts.get(), mc); });
  }
}

bool is_drive_at(std::string_view interface, std::uint64_t bus, std::uint64_t unit) {
  return drive_at(interface, bus, unit) != nullptr;
}

void check_blockdevs(const options::CommandLine& line) {
  std::set<std::string> known;
  for (const auto& opts : options::qemu_drive_opts.head) {
    known.insert(opts->id.value_or(""));
    known.insert(text_of(opts.get(), "node-name"));
  }
  for (const options::GivenOption* option : line.all("blockdev")) {
    at_option(option->location, [&] {
      const options::Document document = options::parse_blockdev(option->value);
      const std::string name(document.text("node-name"));
      check_node_name(name, known);
      check_children(document, known);
      const std::string_view driver = document.text("driver");
      if (driver == "file" || driver == "host_device") {
        read_beginning(std::string(document.text("filename")));
      }
      known.insert(name);
    });
  }
}

void check_fsdevs() {
  static constexpr const char* drivers[] = {"local", "synth", "proxy", "handle"};
  for (const auto& opts : options::qemu_fsdev_opts.head) {
    at_option(opts->location, [&] {
      if (!opts->id) {
        throw Error("fsdev: No id specified");
      }
      const std::string driver = text_of(opts.get(), "fsdriver");
      if (driver.empty()) {
        throw Error("fsdev: No fsdriver specified");
      }
      if (!one_of(drivers, driver)) {
        throw Error("fsdev: fsdriver " + driver + " not found");
      }
    });
  }
}

void check_board_drives(const MachineClass* mc) {
  for (const DrivePlace& place : places()) {
    if (place.interface == "ide" && place.empty && !place.cdrom &&
        board_takes(place, mc)) {
      throw Error(
          "Initialization of device ide-hd failed: Device needs media, but drive is "
          "empty");
    }
  }
}

void check_orphaned_drives(const MachineClass* mc) {
  for (const DrivePlace& place : places()) {
    if (!board_takes(place, mc)) {
      throw options::at_location(
          place.opts->location,
          Error("machine type does not support if=" + place.interface + ",bus=" +
                std::to_string(place.bus) + ",unit=" + std::to_string(place.unit)));
    }
  }
}

}  // namespace launcher
