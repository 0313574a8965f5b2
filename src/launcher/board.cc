// From an accelerator to a machine in its power-on state: CPUs and memory (the
// board's init function), then the order that makes a start fast: memory slots,
// in-kernel interrupt controllers, vCPUs.
#include "core/accel.h"
#include "core/report.h"
#include "core/startup_step.h"
#include "cpu/x86_cpu.h"
#include "launcher/backends.h"
#include "launcher/checks.h"
#include "launcher/device_option.h"
#include "launcher/guest_ram.h"
#include "launcher/name_hints.h"
#include "launcher/numa_option.h"
#include "launcher/phase.h"
#include "launcher/startup.h"
#include "launcher/unbuilt.h"
#include "launcher/views.h"
#include "options/groups.h"

namespace launcher {

struct BoardInit {
  static constexpr trace::Declaration declaration{
      "machine_run_board_init", trace::Category::machine, trace::Shape::span,
      "The board's init function builds CPUs, memory and the devices soldered onto it."};
  std::string_view machine;

  static constexpr auto fields() {
    return trace::fields(trace::identity("machine", &BoardInit::machine, "the board"));
  }
};

static std::string cpu_type_of(const std::string& text) {
  try {
    return cpu::parse_cpu_option(text);
  } catch (Error& error) {
    if (std::string_view(error.what()).starts_with("unable to find CPU model")) {
      error.hint = cpu_hint(std::string_view(text).substr(0, text.find(',')));
    }
    throw;
  }
}

static void choose_cpu(const options::CommandLine& line, const MachineClass* mc) {
  const options::GivenOption* option = line.last("cpu");
  if (option != nullptr) {
    current_machine->cpu_type = cpu_type_of(option->value);
  } else if (mc->default_cpu_type != nullptr) {
    current_machine->cpu_type = mc->default_cpu_type;
  }
}

// What ACPI can describe; a board without memory hotplug never looks at them.
static void check_memory_slots(const MemorySizes& memory) {
  constexpr std::uint64_t max_slots = 256;
  if (memory.slots > max_slots) {
    throw Error("unsupported amount of memory slots: " + std::to_string(memory.slots));
  }
}

// What the board misses most often is a feature that -cpu named.
static void init_board(const MachineClass* mc) {
  const trace::Span span{BoardInit{.machine = object_get_typename(current_machine)}};
  if (mc->init == nullptr) {
    return;
  }
  ObjectClass* cpu = current_machine->cpu_type.empty()
                         ? nullptr
                         : object_class_by_name(current_machine->cpu_type.c_str());
  if (cpu == nullptr) {
    mc->init(current_machine);
    return;
  }
  with_property_hint(cpu, [mc] { mc->init(current_machine); });
}

void build_board(Startup& startup) {
  const Phase phase("board");
  container_get(current_machine, "/peripheral-anon");
  container_get(current_machine, "/peripheral");
  check_memory_slots(startup.memory);
  check_net_clients();
  create_delayed_objects();
  check_tpmdevs();
  check_monitors();
  check_vga(startup.line);
  choose_cpu(startup.line, startup.machine_class);
  parse_numa_options(startup.machine_class);
  complete_numa_configuration(startup.machine_class);
  provide_guest_ram(startup);
  init_board(startup.machine_class);
  check_board_nics(startup.machine_class);
  check_board_drives(startup.machine_class);
  add_fw_cfg_items();
  check_usbdevices(startup.line);
}

void finish_machine(Startup& startup) {
  const Phase phase("reset");
  check_orphaned_drives(startup.machine_class);
  warn_net_without_peer(startup.line);
  accel_setup_post(current_machine);
  qemu_system_reset();
  {
    const core::StartupStep step("qdev_prop_check_globals");
    for (const std::string& warning : qdev_prop_check_globals()) {
      warn_report(warning);
    }
  }
  show_views();
  check_incoming(startup.line);
  warn_unbuilt(startup.line);
  reach(startup, "machine.ready");
}

}  // namespace launcher
