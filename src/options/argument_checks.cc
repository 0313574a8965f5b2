#include "options/argument_checks.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>

#include "core/report.h"
#include "options/groups.h"

namespace options {

static bool one_of(std::span<const char* const> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const char* known) { return name == known; });
}

// 8-4-4-4-12 hexadecimal digits.
static bool uuid_wellformed(std::string_view text) {
  constexpr std::size_t length = 36;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (dash ? text[i] != '-' : !hex) {
      return false;
    }
  }
  return text.size() == length;
}

static void check_uuid(const GivenOption& option) {
  if (!uuid_wellformed(option.value)) {
    throw qom::Error("failed to parse UUID string: wrong format");
  }
}

static void check_rotate(const GivenOption& option) {
  const long degrees = std::strtol(option.value.c_str(), nullptr, 10);
  if (degrees != 0 && degrees != 90 && degrees != 180 && degrees != 270) {
    throw qom::Error("only 90, 180, 270 deg rotation is available");
  }
}

static void check_tb_size(const GivenOption& option) {
  char* end = nullptr;
  errno = 0;
  std::strtoul(option.value.c_str(), &end, 0);
  if (end == option.value.c_str() || errno != 0) {
    throw qom::Error("Invalid argument to -tb-size");
  }
}

static void check_watchdog_action(const GivenOption& option) {
  static constexpr const char* actions[] = {"reset", "shutdown", "poweroff",  "pause",
                                            "debug", "none",     "inject-nmi"};
  std::string lower = option.value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!one_of(actions, lower)) {
    throw qom::Error("Unknown -watchdog-action parameter");
  }
}

static void check_watchdog(const GivenOption& option) {
  static constexpr const char* models[] = {"i6300esb", "ib700"};
  if (is_help_option(option.value)) {
    throw Answer{"Watchdogs (none is built here yet):\ni6300esb\nib700\n", {}, 0};
  }
  if (!one_of(models, option.value)) {
    qom::Error error("Unknown -watchdog device");
    error.hint = "Known are i6300esb and ib700.";
    throw qom::Error(error);
  }
}

// "all", or names with commas between.
static void check_soundhw(const GivenOption& option) {
  static constexpr const char* cards[] = {"es1370",  "sb16",  "adlib", "gus",
                                          "cs4231a", "pcspk", "ac97",  "hda"};
  if (is_help_option(option.value)) {
    std::string text = "Sound cards (comma separated, or all; none is built here yet):\n";
    for (const char* card : cards) {
      text.append(card).append("\n");
    }
    throw Answer{text, {}, 0};
  }
  if (option.value == "all") {
    return;
  }
  for (std::size_t begin = 0; begin < option.value.size();) {
    const std::size_t end = std::min(option.value.find(',', begin), option.value.size());
    const std::string name = option.value.substr(begin, end - begin);
    if (!one_of(cards, name)) {
      throw qom::Error("Unknown sound card name `" + name + "'");
    }
    begin = end + 1;
  }
}

static QemuOpts* latest(QemuOptsList& list) {
  return list.head.empty() ? nullptr : list.head.back().get();
}

static void check_option_rom(const GivenOption&) {
  const QemuOpts* opts = latest(qemu_option_rom_opts);
  if (qemu_opt_get(opts, "romfile") == nullptr) {
    throw qom::Error("Option ROM file is not specified");
  }
}

static void check_virtfs(const GivenOption&) {
  const QemuOpts* opts = latest(qemu_virtfs_opts);
  if (qemu_opt_get(opts, "fsdriver") == nullptr ||
      qemu_opt_get(opts, "mount_tag") == nullptr) {
    throw qom::Error("Usage: -virtfs fsdriver,mount_tag=tag");
  }
}

// A build without the filter refuses all of it; we take what a manager writes, and the
// warning about what is not built says that nothing is filtered.
static void check_sandbox(const GivenOption&) {
  const char* enable = qemu_opt_get(only_opts(qemu_sandbox_opts), "enable");
  const std::string_view text = enable == nullptr ? "on" : enable;
  if (text != "on" && text != "off") {
    throw qom::Error("-sandbox support is not enabled in this QEMU binary");
  }
}

static void check_usbdevice(const GivenOption& option) {
  const core::LocationScope scope(option.location + ": ");
  core::error_report("'-usbdevice' is deprecated, please use '-device usb-...' instead");
  qemu_opt_set(qemu_get_machine_opts(), "usb", "on");
}

// ---- where a monitor listens --------------------------------------------------------

static bool has_host_and_port(std::string_view text) {
  const std::size_t end = std::min(text.find(','), text.size());
  const std::size_t colon = text.substr(0, end).rfind(':');
  return colon != std::string_view::npos && colon + 1 < end;
}

// "vc" or "vc:80Cx24C"; what follows the colon is two sizes.
static bool is_vc(std::string_view text) {
  const auto size_char = [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == 'x' || c == 'C';
  };
  if (text == "vc") {
    return true;
  }
  const std::string_view size = text.starts_with("vc:") ? text.substr(3) : "";
  return !size.empty() && size.find('x') != std::string_view::npos &&
         std::all_of(size.begin(), size.end(), size_char);
}

static bool is_char_driver(std::string_view text) {
  static constexpr const char* words[] = {"null",    "pty",     "msmouse", "wctablet",
                                          "braille", "testdev", "stdio",   "none"};
  static constexpr const char* prefixes[] = {
      "file:", "pipe:", "unix:", "udp:", "/dev/", "COM", "/dev/parport"};
  if (one_of(words, text) || is_vc(text)) {
    return true;
  }
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [text](const char* prefix) { return text.starts_with(prefix); });
}

static bool is_stream(std::string_view text) {
  for (const char* prefix : {"tcp:", "telnet:", "tn3270:", "websocket:"}) {
    if (text.starts_with(prefix)) {
      return true;
    }
  }
  return false;
}

void check_char_driver(std::string_view text) {
  const std::string_view plain = text.starts_with("mon:") ? text.substr(4) : text;
  if (!is_char_driver(plain) && !is_stream(plain)) {
    throw qom::Error("'" + std::string(plain) + "' is not a valid char driver");
  }
}

static void check_monitor(const GivenOption& option) {
  const std::string& text = option.value;
  if (text.starts_with("chardev:") || text.starts_with("none")) {
    return;
  }
  const std::string complaint = "parse error: " + text;
  try {
    check_char_driver(text);
  } catch (qom::Error& error) {
    error.hint = core::program_name() + ": " + option.location + ": " + complaint;
    throw;
  }
  const std::size_t colon = text.find(':');
  if (is_stream(text) && !has_host_and_port(std::string_view(text).substr(colon + 1))) {
    throw qom::Error(complaint);
  }
}

// ---- which option has which check ---------------------------------------------------

struct Check {
  const char* option;
  void (*run)(const GivenOption& option);
};

static constexpr Check checks[] = {
    {"uuid", check_uuid},
    {"rotate", check_rotate},
    {"tb-size", check_tb_size},
    {"watchdog-action", check_watchdog_action},
    {"soundhw", check_soundhw},
    {"watchdog", check_watchdog},
    {"option-rom", check_option_rom},
    {"virtfs", check_virtfs},
    {"sandbox", check_sandbox},
    {"usbdevice", check_usbdevice},
    {"monitor", check_monitor},
    {"qmp", check_monitor},
    {"qmp-pretty", check_monitor},
    {"blockdev", [](const GivenOption& option) { parse_blockdev(option.value); }},
    {"audiodev", [](const GivenOption& option) { parse_audiodev(option.value); }},
    {"display", [](const GivenOption& option) { check_display(option.value); }},
    {"smbios", [](const GivenOption&) { check_smbios(latest(qemu_smbios_opts)); }},
    {"acpitable", [](const GivenOption&) { check_acpitable(latest(qemu_acpi_opts)); }},
};

void check_argument(const GivenOption& option) {
  const std::string_view name = option.row->name;
  for (const Check& check : checks) {
    if (name[0] == check.option[0] && name == check.option) {
      check.run(option);
      return;
    }
  }
}

}  // namespace options
