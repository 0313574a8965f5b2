// Host ends: -object, -chardev, -serial, -debugcon, -monitor, and the checks on what
// 4.0 would have opened but is not built here (qom-semantics 174-181, 268).
#include "launcher/backends.h"

#include <algorithm>

#include "core/chardev.h"
#include "core/report.h"
#include "launcher/checks.h"
#include "launcher/known_types.h"
#include "launcher/monitor.h"
#include "launcher/name_hints.h"
#include "launcher/phase.h"
#include "launcher/startup.h"
#include "launcher/unbuilt.h"
#include "machine/board_config.h"
#include "options/groups.h"

namespace launcher {

using options::QemuOpts;

// ---- -object ----------------------------------------------------------------------

// Made after the accelerator, because they may need the machine or other back ends.
static bool delayed_object(std::string_view type) {
  constexpr std::string_view prefixes[] = {"memory-backend-", "pr-manager-", "filter-",
                                           "colo-"};
  for (const std::string_view prefix : prefixes) {
    if (type.starts_with(prefix)) {
      return true;
    }
  }
  return type == "rng-egd" || type == "cryptodev-vhost-user";
}

static std::string required(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  if (value == nullptr) {
    throw Error(std::string("Parameter '") + key + "' is missing");
  }
  return value;
}

static void create_object(const QemuOpts* opts, const std::string& type) {
  const std::string id = opts->id ? *opts->id : "";
  if (type_get_by_name(type.c_str()) == nullptr && known_object(type)) {
    if (!opts->id) {
      throw Error("Parameter 'id' is missing");
    }
    warn_unbuilt_type("-object", type);
    return;
  }
  if (!opts->id) {
    throw Error("Parameter 'id' is missing");
  }
  PropertyTexts properties;
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (opt.name != "qom-type") {
      properties.emplace_back(opt.name, opt.str);
    }
  });
  ObjectClass* klass = object_class_by_name(type.c_str());
  if (klass == nullptr) {
    Error error("invalid object type: " + type);
    error.hint = object_hint(type);
    throw error;
  }
  with_property_hint(klass, [&] {
    object_unref(user_creatable_add_type(type.c_str(), id, properties));
  });
}

// -object help, -object TYPE,help
static void object_help(const QemuOpts* opts, const std::string& type) {
  if (options::is_help_option(type)) {
    throw options::Answer{user_creatable_help(nullptr), {}, 0};
  }
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (options::is_help_option(opt.name)) {
      throw options::Answer{user_creatable_help(type.c_str()), {}, 0};
    }
  });
}

enum class ObjectTurn : std::uint8_t { early, delayed };

static void create_objects(ObjectTurn turn) {
  for (const auto& opts : options::qemu_object_opts.head) {
    at_option(opts->location, [&] {
      const std::string type = required(opts.get(), "qom-type");
      object_help(opts.get(), type);
      if (delayed_object(type) == (turn == ObjectTurn::delayed)) {
        create_object(opts.get(), type);
      }
    });
  }
}

void create_delayed_objects() {
  create_objects(ObjectTurn::delayed);
}

// ---- -chardev ---------------------------------------------------------------------

using ChardevOptions = std::vector<std::pair<std::string, std::string>>;

// What changes the bytes on a socket, or tries again later.
static std::string unbuilt_part(const std::string& backend, const ChardevOptions& opts) {
  for (const auto& [key, value] : opts) {
    const bool asked = key == "telnet" || key == "websocket" ? value == "on"
                       : key == "reconnect"                  ? value != "0"
                                                             : key == "tls-creds";
    if (backend == "socket" && asked) {
      return key;
    }
  }
  return {};
}

// A back end that 4.0 has and we do not leads nowhere, so that the devices that name
// it still find it.
static Chardev* open_chardev(const std::string& backend, const std::string& id,
                             const ChardevOptions& opts) {
  const std::string type = "chardev-" + backend;
  if (const std::string part = unbuilt_part(backend, opts); !part.empty()) {
    warn_unbuilt_type("-chardev", backend + "," + part);
    return chardev_new("null", id, {});
  }
  if (type_get_by_name(type.c_str()) == nullptr && known_chardev(backend)) {
    warn_unbuilt_type("-chardev", backend);
    return chardev_new("null", id, {});
  }
  try {
    return chardev_new(backend, id, opts);
  } catch (Error& error) {
    if (error.hint.empty() && type_get_by_name(type.c_str()) == nullptr) {
      error.hint = chardev_hint(backend);
    }
    throw;
  }
}

static void create_chardev(const QemuOpts* opts) {
  const char* backend = options::qemu_opt_get(opts, "backend");
  if (backend != nullptr && options::is_help_option(backend)) {
    std::string text = "Available chardev backend types: \n";
    for (ObjectClass* klass : object_class_get_list_sorted(TYPE_CHARDEV, false)) {
      text += std::string("  ") + (object_class_get_name(klass) + sizeof "chardev-" - 1) +
              "\n";
    }
    throw options::Answer{{}, text, 0};
  }
  if (!opts->id) {
    throw Error("chardev: no id specified");
  }
  if (backend == nullptr) {
    throw Error("chardev: \"" + *opts->id + "\" missing backend");
  }
  ChardevOptions values;
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (opt.name != "backend") {
      values.emplace_back(opt.name, opt.str);
    }
  });
  open_chardev(backend, *opts->id, values);
}

// ---- -serial and its like -----------------------------------------------------------

// A terminal of the guest's that the monitor has too: ^C is the guest's then, and C-a x
// quits.
static ChardevOptions shared_with_monitor() {
  return {{"mux", "on"}, {"signal", "off"}};
}

// "HOST:PORT" or "PATH" and then ",server,nowait" and the like; what a socket is asked
// for.
static ChardevOptions socket_options(const std::string& kind, const std::string& text) {
  ChardevOptions opts;
  const std::size_t comma = std::min(text.find(','), text.size());
  const std::string address = text.substr(0, comma);
  if (kind == "unix") {
    opts.emplace_back("path", address);
  } else {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) {
      throw Error("parse error: " + kind + ":" + text);
    }
    const bool bracketed = address.front() == '[' && address[colon - 1] == ']';
    opts.emplace_back(
        "host", bracketed ? address.substr(1, colon - 2) : address.substr(0, colon));
    opts.emplace_back("port", address.substr(colon + 1));
  }
  if (kind == "telnet" || kind == "websocket") {
    opts.emplace_back(kind, "on");
  }
  // "server", "nowait", "wait=off": what stands alone is on, with "no" in front off.
  for (std::size_t at = comma; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at + 1), text.size());
    const std::string word = text.substr(at + 1, end - at - 1);
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      opts.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else if (word.starts_with("no") && word != "nodelay") {
      opts.emplace_back(word.substr(2), "off");
    } else {
      opts.emplace_back(word, "on");
    }
    at = end;
  }
  return opts;
}

Chardev* compat_chardev(std::string text, const std::string& id) {
  if (text == "none") {
    return nullptr;
  }
  if (text.starts_with("chardev:")) {
    Chardev* chr = chardev_find(text.substr(sizeof "chardev:" - 1));
    if (chr == nullptr) {
      throw Error("'" + text + "' names no -chardev");
    }
    return chr;
  }
  const bool with_monitor = text.starts_with("mon:");
  if (with_monitor) {  // built for the terminal
    text = text.substr(sizeof "mon:" - 1);
  }
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (name == "stdio") {
    return open_chardev(name, id,
                        with_monitor ? shared_with_monitor() : ChardevOptions{});
  }
  if (name == "null" || name == "pty" || name == "msmouse") {
    return open_chardev(name, id, {});
  }
  if (name == "file" || name == "pipe") {
    return open_chardev(name, id, {{"path", rest}});
  }
  if (name == "vc" || name == "udp") {
    return open_chardev(name, id, {});
  }
  if (name == "tcp" || name == "telnet" || name == "unix" || name == "websocket") {
    return open_chardev("socket", id, socket_options(name, rest));
  }
  if (text.starts_with("/dev/")) {
    return open_chardev("serial", id, {{"path", text}});
  }
  throw Error("'" + text + "' is not a valid char driver");
}

static void create_serial(const options::GivenOption& option, std::size_t number) {
  auto& serial_hds = machine::board_config().serial_hds;
  at_option(option.location, [&] {
    try {
      serial_hds.push_back(
          compat_chardev(option.value, "serial" + std::to_string(number)));
    } catch (Error& error) {
      error.hint = program_name() + ": " + option.location +
                   ": could not connect serial device to character backend '" +
                   option.value + "'";
      throw;
    }
  });
}

static bool stdio_is_taken(const options::CommandLine& line) {
  for (const char* name : {"serial", "monitor", "debugcon", "qmp"}) {
    for (const options::GivenOption* option : line.all(name)) {
      if (option->value == "stdio" || option->value == "mon:stdio") {
        return true;
      }
    }
  }
  return false;
}

static bool asks_for_a_display(const options::CommandLine& line) {
  return line.has("display") || line.has("vnc") || line.has("nographic");
}

// Without -serial: the terminal under -nographic, else a line that leads nowhere.
static void create_serials(const options::CommandLine& line, const MachineClass* mc) {
  const auto given = line.all("serial");
  for (std::size_t i = 0; i < given.size(); ++i) {
    create_serial(*given[i], i);
  }
  if (given.empty() && !line.has("nodefaults") && !mc->no_serial) {
    const bool terminal = line.has("nographic") && !stdio_is_taken(line);
    if (!terminal && !asks_for_a_display(line)) {
      info_report("no screen is built yet; -serial stdio shows the guest's serial line");
    }
    machine::board_config().serial_hds.push_back(
        terminal ? chardev_new("stdio", "serial0", shared_with_monitor())
                 : chardev_new("null", "serial0", {}));
  }
}

// -debugcon is a chardev and the device that writes to it.
static void create_debugcon(const options::CommandLine& line) {
  for (const options::GivenOption* option : line.all("debugcon")) {
    at_option(option->location, [&] {
      compat_chardev(option->value, "debugcon");
      QemuOpts* device =
          options::qemu_opts_create(&options::qemu_device_opts, "debugcon");
      device->location = option->location;
      options::qemu_opt_set(device, "driver", "isa-debugcon");
      options::qemu_opt_set(device, "chardev", "debugcon");
    });
  }
}

void open_backends(Startup& startup) {
  const Phase phase("backends");
  create_objects(ObjectTurn::early);
  for (const auto& opts : options::qemu_chardev_opts.head) {
    at_option(opts->location, [&] { create_chardev(opts.get()); });
  }
  open_monitor(startup.line);  // as in 4.0 before the serial lines
  check_fsdevs();
  open_blockdevs(startup.line);
  open_drives(startup.line, startup.machine_class);
  create_serials(startup.line, startup.machine_class);
  create_debugcon(startup.line);
}

}  // namespace launcher
