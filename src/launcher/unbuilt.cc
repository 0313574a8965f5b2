#include "launcher/unbuilt.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "launcher/startup.h"
#include "options/groups.h"

namespace launcher {

using options::QemuOpts;

struct Unbuilt {
  static constexpr trace::Declaration declaration{
      "unbuilt", trace::Category::option, trace::Shape::instant,
      "Something the command line asks for is not built; the start goes on without it."};
  std::string_view option;
  std::string_view what;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("option", &Unbuilt::option, "the option"),
        trace::identity("what", &Unbuilt::what, "the type, if it is one"));
  }
};

// "none" asks for nothing, so nothing is missing.
static bool asks_for_something(const options::GivenOption& option) {
  return option.row->status == options::Status::unbuilt && option.value != "none" &&
         option.value != "null";
}

void warn_unbuilt_options(const options::CommandLine& line) {
  std::set<std::string_view> named;
  for (const options::GivenOption& option : line.given) {
    const std::string_view name = option.row->name;
    const bool monitor = name == "monitor" && option.value == "stdio";
    if (asks_for_something(option) && !monitor && named.insert(name).second) {
      trace::instant(Unbuilt{.option = name, .what = {}});
      warn_report("-" + std::string(name) +
                  " is not built yet; the machine starts without it");
    }
  }
}

void warn_unbuilt_type(const std::string& option, const std::string& type) {
  static std::set<std::string> named;
  if (named.insert(option + " " + type).second) {
    trace::instant(Unbuilt{.option = option, .what = type});
    const LocationScope nowhere("");
    warn_report(option + " " + type + " is not built yet; the machine starts without it");
  }
}

// ---- disks ----------------------------------------------------------------------------

template <std::size_t N>
static bool one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

static void check_format(const QemuOpts* opts) {
  static constexpr std::string_view formats[] = {
      "raw",      "qcow2",    "qcow",        "qed",       "vmdk",    "vdi",
      "vpc",      "vhdx",     "bochs",       "parallels", "cloop",   "dmg",
      "luks",     "blkdebug", "blkverify",   "quorum",    "vvfat",   "replication",
      "throttle", "file",     "host_device", "nbd",       "null-co", "null-aio"};
  static constexpr std::string_view cache_modes[] = {
      "none", "off", "directsync", "writeback", "writethrough", "unsafe"};
  const char* format = options::qemu_opt_get(opts, "format");
  if (format != nullptr && !one_of(formats, format)) {
    throw Error("Unknown driver '" + std::string(format) + "'");
  }
  const char* cache = options::qemu_opt_get(opts, "cache");
  if (cache != nullptr && !one_of(cache_modes, cache)) {
    throw Error("invalid cache option");
  }
}

static void check_file(const char* file) {
  const std::string_view path = file;
  const std::size_t colon = path.find(':');
  if (path.empty() || (colon != std::string_view::npos && path.find('/') > colon)) {
    return;  // no file, or a protocol: "nbd:host:port"
  }
  const int fd = ::open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw Error("Could not open '" + std::string(path) + "': " + std::strerror(errno));
  }
  ::close(fd);
}

static void check_drive(const QemuOpts* opts) {
  check_format(opts);
  if (const char* file = options::qemu_opt_get(opts, "file")) {
    check_file(file);
  } else if (options::qemu_opt_get(opts, "driver") == nullptr &&
             options::qemu_opt_get(opts, "help") != nullptr) {
    throw Error("Must specify either driver or file");
  }
}

// ---- networks
// ---------------------------------------------------------------------------

static void check_net(const QemuOpts* opts) {
  static constexpr std::string_view types[] = {
      "none",   "nic",     "user",       "tap",    "socket",
      "bridge", "hubport", "vhost-user", "l2tpv3", "vde"};
  const char* type = options::qemu_opt_get(opts, "type");
  if (type == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  if (options::is_help_option(type)) {
    throw options::Answer{"Available netdev backend types:\n", {}, 0};
  }
  if (!one_of(types, type)) {
    throw Error("Invalid parameter '" + std::string(type) + "'");
  }
}

static void check_nic_type(const QemuOpts* opts) {
  const char* type = options::qemu_opt_get(opts, "type");
  if (type != nullptr) {
    check_net(opts);
  }
}

static void check_vga(const options::CommandLine& line) {
  static constexpr std::string_view cards[] = {"none",  "std", "cirrus", "vmware", "qxl",
                                               "xenfb", "tcx", "cg3",    "virtio"};
  const options::GivenOption* option = line.last("vga");
  if (option != nullptr && !one_of(cards, option->value)) {
    throw Error("unknown vga type: " + option->value);
  }
}

static void check_numa(const QemuOpts* opts) {
  static constexpr std::string_view types[] = {"node", "dist", "cpu"};
  const char* type = options::qemu_opt_get(opts, "type");
  if (type == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  if (!one_of(types, type)) {
    throw Error("Invalid parameter '" + std::string(type) + "'");
  }
}

void check_unbuilt_backends(const options::CommandLine& line) {
  for (const auto& opts : options::qemu_drive_opts.head) {
    at_option(opts->location, [&] { check_drive(opts.get()); });
  }
  for (const options::QemuOptsList* list :
       {&options::qemu_netdev_opts, &options::qemu_net_opts}) {
    for (const auto& opts : list->head) {
      check_net(opts.get());
    }
  }
  for (const auto& opts : options::qemu_nic_opts.head) {
    check_nic_type(opts.get());
  }
  for (const auto& opts : options::qemu_numa_opts.head) {
    at_option(opts->location, [&] { check_numa(opts.get()); });
  }
  check_vga(line);
}

}  // namespace launcher
