// The other host ends: -icount, -tpmdev, -mon, -vga, -fw_cfg, -usbdevice, -incoming.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <system_error>

#include "core/accel.h"
#include "core/chardev.h"
#include "core/loader.h"
#include "core/report.h"
#include "hw/fw_cfg.h"
#include "launcher/checks.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"

namespace launcher {

using namespace core;
using options::QemuOpts;

template <std::size_t N>
static bool one_of(const char* const (&names)[N], std::string_view name) {
  return std::any_of(std::begin(names), std::end(names),
                     [name](const char* known) { return name == known; });
}

static std::string text_of(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

// ---- -icount ------------------------------------------------------------------------

static void check_replay(const QemuOpts* opts) {
  const std::string mode = text_of(opts, "rr");
  if (options::qemu_opt_find(opts, "rr") == nullptr) {
    return;
  }
  if (mode != "record" && mode != "replay") {
    throw Error("Invalid icount rr option: " + mode);
  }
  if (text_of(opts, "rrfile").empty()) {
    throw Error("File name not specified for replay");
  }
}

static void check_shift(const QemuOpts* opts) {
  const bool sleep = options::qemu_opt_get_bool(opts, "sleep", true);
  const bool align = options::qemu_opt_get_bool(opts, "align", false);
  if (options::qemu_opt_find(opts, "shift") == nullptr) {
    if (options::qemu_opt_find(opts, "align") != nullptr) {
      throw Error("Please specify shift option when using align");
    }
    return;
  }
  if (align && !sleep) {
    throw Error("align=on and sleep=off are incompatible");
  }
  const std::string shift = text_of(opts, "shift");
  if (shift != "auto") {
    char* end = nullptr;
    errno = 0;
    std::strtol(shift.c_str(), &end, 0);
    if (shift.empty() || *end != '\0' || errno != 0) {
      throw Error("icount: Invalid shift value");
    }
  } else if (align) {
    throw Error("shift=auto and align=on are incompatible");
  } else if (!sleep) {
    throw Error("shift=auto and sleep=off are incompatible");
  }
}

void check_icount() {
  if (options::qemu_icount_opts.head.empty()) {
    return;
  }
  const QemuOpts* opts = options::only_opts(options::qemu_icount_opts);
  check_replay(opts);
  if (std::string_view(object_get_typename(current_machine->accelerator)) !=
      "tcg-accel") {
    throw Error("-icount is not allowed with hardware virtualization");
  }
  check_shift(opts);
}

// ---- TPM, monitors, screens ---------------------------------------------------------

static void check_tpmdev(const QemuOpts* opts) {
  static constexpr options::QemuOptDesc passthrough[] = {
      {"type"}, {"cancel-path"}, {"path"}};
  static constexpr options::QemuOptDesc emulator[] = {{"type"}, {"chardev"}};
  if (!opts->id) {
    throw Error("Parameter 'id' is missing");
  }
  const std::string type = text_of(opts, "type");
  if (options::qemu_opt_find(opts, "type") == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  if (type != "passthrough" && type != "emulator") {
    throw Error("Parameter 'type' expects a TPM backend type");
  }
  const std::span<const options::QemuOptDesc> known =
      type == "emulator" ? std::span<const options::QemuOptDesc>(emulator) : passthrough;
  for (const options::QemuOpt& opt : opts->head) {
    if (std::none_of(known.begin(), known.end(), [&](const options::QemuOptDesc& desc) {
          return opt.name == desc.name;
        })) {
      throw Error("Invalid parameter '" + opt.name + "'");
    }
  }
  const std::string chardev = text_of(opts, "chardev");
  if (type == "emulator" && chardev_find(chardev) == nullptr) {
    throw Error("tpm-emulator: tpm chardev '" + chardev + "' not found.");
  }
}

void check_tpmdevs() {
  const auto& head = options::qemu_tpmdev_opts.head;
  for (std::size_t i = 0; i < head.size(); ++i) {
    at_option(head[i]->location, [&] {
      if (i > 0) {
        throw Error("Only one TPM is allowed.");
      }
      check_tpmdev(head[i].get());
    });
  }
}

void check_monitors() {
  for (const auto& opts : options::qemu_mon_opts.head) {
    at_option(opts->location, [&] {
      const std::string mode = text_of(opts.get(), "mode");
      if (options::qemu_opt_find(opts.get(), "mode") != nullptr && mode != "readline" &&
          mode != "control") {
        throw Error("unknown monitor mode \"" + mode + "\"");
      }
      const std::string chardev = text_of(opts.get(), "chardev");
      if (chardev_find(chardev) == nullptr) {
        throw Error("chardev \"" + chardev + "\" not found");
      }
    });
  }
}

void check_vga(const options::CommandLine& line) {
  static constexpr const char* cards[] = {"none", "std",   "cirrus", "vmware", "qxl",
                                          "tcx",  "xenfb", "cg3",    "virtio"};
  const options::GivenOption* option = line.last("vga");
  if (option != nullptr && !one_of(cards, option->value)) {
    throw Error("unknown vga type: " + option->value);
  }
}

// ---- -fw_cfg ------------------------------------------------------------------------

static std::vector<std::byte> item_bytes(const std::string& file,
                                         const std::string& text) {
  if (file.empty()) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }
  constexpr std::uint64_t limit = std::uint64_t{1} << 32;
  try {
    return read_image_file(file, limit - 1);
  } catch (const std::system_error& error) {
    throw Error("can't load " + file + ": Failed to open file “" + file +
                "”: " + std::strerror(error.code().value()));
  }
}

static void add_fw_cfg_item(const QemuOpts* opts) {
  hw::FWCfgState* fw_cfg = hw::fw_cfg_find();
  if (fw_cfg == nullptr) {
    throw Error("fw_cfg device not available");
  }
  const std::string name = text_of(opts, "name");
  const std::string file = text_of(opts, "file");
  if (name.empty() || file.empty() == text_of(opts, "string").empty()) {
    throw Error("invalid argument(s)");
  }
  if (name.size() > hw::fw_cfg_max_file_name) {
    throw Error("name too long (max. " + std::to_string(hw::fw_cfg_max_file_name) +
                " char)");
  }
  if (!name.starts_with("opt/")) {
    warn_report("externally provided fw_cfg item names should be prefixed with \"opt/\"");
  }
  hw::fw_cfg_add_file(fw_cfg, name, item_bytes(file, text_of(opts, "string")));
}

void add_fw_cfg_items() {
  for (const auto& opts : options::qemu_fw_cfg_opts.head) {
    at_option(opts->location, [&] { add_fw_cfg_item(opts.get()); });
  }
}

// ---- -usbdevice, -incoming ----------------------------------------------------------

void check_usbdevices(const options::CommandLine& line) {
  static constexpr const char* known[] = {"mouse",   "tablet", "keyboard", "wacom-tablet",
                                          "braille", "audio",  "ccid",     "bt"};
  for (const options::GivenOption* option : line.all("usbdevice")) {
    if (!one_of(known,
                std::string_view(option->value).substr(0, option->value.find(':')))) {
      throw options::at_location(
          option->location, Error("could not add USB device '" + option->value + "'"));
    }
  }
}

void check_incoming(const options::CommandLine& line) {
  const options::GivenOption* option = line.last("incoming");
  if (option == nullptr) {
    return;
  }
  const std::string& where = option->value;
  for (const char* protocol : {"tcp:", "exec:", "unix:", "fd:", "rdma:"}) {
    if (where.starts_with(protocol)) {
      return;
    }
  }
  if (where != "defer") {
    throw Error("-incoming " + where + ": unknown migration protocol: " + where);
  }
}

}  // namespace launcher
