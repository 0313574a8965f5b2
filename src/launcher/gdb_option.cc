#include "launcher/gdb_option.h"

#include <string>

#include "core/chardev.h"
#include "core/report.h"
#include "core/run_state.h"
#include "gdbstub/gdbstub.h"
#include "launcher/backends.h"
#include "launcher/monitor_commands.h"
#include "launcher/unbuilt.h"

namespace launcher {

// A debugger can do everything with the machine, and through it much with this host: 4.0
// lets the whole network in, we only this host unless an address is given. A socket
// listens and the start does not wait for it, whatever is or is not written.
static std::string chardev_text(std::string device) {
  if (device.starts_with("tcp::")) {
    device.replace(0, sizeof "tcp::" - 1, "tcp:127.0.0.1:");
  }
  if (device.starts_with("tcp:")) {
    return device + ",server,nowait,nodelay";
  }
  return device.starts_with("unix:") ? device + ",server,nowait" : device;
}

static void say_where(const core::Chardev& chr) {
  if (chr.filename.starts_with("tcp:")) {
    core::info_report("gdb may connect: target remote " + chr.filename.substr(4));
  } else if (chr.filename.starts_with("unix:")) {
    core::info_report("gdb may connect: target remote " + chr.filename.substr(5));
  }
}

void start_gdbserver(const options::CommandLine& line) {
  const options::GivenOption* given = nullptr;
  for (const options::GivenOption& option : line.given) {
    const std::string_view name = option.row->name;
    if (name == "gdb" || name == "s") {
      given = &option;
    }
  }
  if (given == nullptr || given->value == "none") {
    return;
  }
  const bool short_form = std::string_view(given->row->name) == "s";
  const std::string device = short_form ? "tcp::1234" : given->value;
  at_option(given->location, [&] {
    core::Chardev* chr = compat_chardev(chardev_text(device), "gdb");
    if (chr == nullptr) {
      return;
    }
    if (chr->in_use) {
      throw qom::Error("'" + device + "' is in use by a device");
    }
    core::interrupt_stops(device == "stdio");
    say_where(*chr);
    gdbstub::gdbserver_start(chr, monitor_answer);
  });
}

}  // namespace launcher
