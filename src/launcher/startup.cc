// The first and the last phases: modules, options, run, shutdown. The others are in
// select_machine.cc, create_machine.cc, backends.cc, board.cc and device_option.cc.
#include "launcher/startup.h"

#include <csignal>

#include "core/chardev.h"
#include "core/report.h"
#include "core/startup_step.h"
#include "cpu/x86_cpu.h"
#include "gdbstub/gdbstub.h"
#include "launcher/device_option.h"
#include "launcher/exit_codes.h"
#include "launcher/gdb_option.h"
#include "launcher/known_types.h"
#include "launcher/phase.h"
#include "launcher/pid_file.h"
#include "launcher/run_watches.h"
#include "launcher/unbuilt.h"
#include "launcher/verb.h"
#include "options/groups.h"
#include "qom/module.h"
#include "qom/plugin.h"
#include "trace/session.h"

namespace launcher {

Startup::Startup(int argc, char** argv) : args(argv + (argc > 0 ? 1 : 0), argv + argc) {}

// [initialise_modules]
void initialise_modules() {
  const Phase phase("modules");
  qom::module_call_init(qom::MODULE_INIT_TRACE);
  qom::module_call_init(qom::MODULE_INIT_QOM);
  options::add_option_groups();
  qom::module_call_init(qom::MODULE_INIT_OPTS);
  qom::module_call_init(qom::MODULE_INIT_BLOCK);
  trace::checkpoint("modules.done");
}

// [initialise_modules]

// The moments a start can be stopped at; the modules are done before the command line
// is read.
static constexpr std::string_view stops[] = {"options.done", "machine.selected",
                                             "machine.created", "accel.ready",
                                             "machine.ready"};

static void check_stop(const options::GivenOption& option) {
  for (const std::string_view stop : stops) {
    if (option.value == stop) {
      return;
    }
  }
  qom::Error error("-stop-at " + option.value + ": no such checkpoint");
  error.hint = "Checkpoints:";
  for (const std::string_view stop : stops) {
    error.hint.append(" ").append(stop);
  }
  throw qom::Error(error);
}

void reach(const Startup& startup, std::string_view checkpoint, const char* file,
           int line) {
  trace::checkpoint(checkpoint, file, line);
  const options::GivenOption* option = startup.line.last("stop-at");
  if (option != nullptr && option->value == checkpoint) {
    throw options::Answer{{}, {}, 0};
  }
}

// A device or object whose type nobody has registered may be in NAME.so of a module
// directory.
static void load_named_modules() {
  for (const auto& opts : options::qemu_object_opts.head) {
    const char* type = options::qemu_opt_get(opts.get(), "qom-type");
    if (type != nullptr && qom::type_get_by_name(type) == nullptr &&
        !known_object(type)) {
      at_option(opts->location, [&] { qom::module_load_one("", type); });
    }
  }
  for (const auto& opts : options::qemu_device_opts.head) {
    const char* driver = options::qemu_opt_get(opts.get(), "driver");
    if (driver != nullptr && !device_is_known(driver)) {
      at_option(opts->location, [&] { qom::module_load_one("", driver); });
    }
  }
}

// -global DRIVER.PROPERTY=VALUE reaches every object made from now on.
static void user_register_global_props() {
  const core::StartupStep step("user_register_global_props");
  for (const auto& opts : options::qemu_global_opts.head) {
    GlobalProperty global;
    const auto text = [&](const char* key) {
      const char* value = options::qemu_opt_get(opts.get(), key);
      return std::string(value == nullptr ? "" : value);
    };
    global.driver = text("driver");
    global.property = text("property");
    global.value = text("value");
    qdev_prop_register_global(std::move(global));
  }
}

void parse_options(Startup& startup) {
  const Phase phase("options");
  startup.line = options::parse_command_line(startup.args, program_name());
  if (startup.line.has("version")) {
    throw options::Answer{version_text(), {}, 0};
  }
  if (const options::GivenOption* option = startup.line.last("stop-at")) {
    check_stop(*option);
  }
  for (const options::GivenOption* option : startup.line.all("plugin")) {
    at_option(option->location, [&] { qom::module_load_file(option->value); });
  }
  load_named_modules();
  if (const options::GivenOption* option = startup.line.last("cpu");
      option != nullptr && options::is_help_option(option->value)) {
    throw options::Answer{cpu::cpu_help_text(), {}, 0};
  }
  // Devices need no machine to be described.
  for (const auto& opts : options::qemu_device_opts.head) {
    at_option(opts->location, [&] { qdev_device_help(opts.get()); });
  }
  user_register_global_props();
  reach(startup, "options.done");
}

void run(Startup& startup) {
  const Phase phase("run");
  start_gdbserver(startup.line);
  const RunWatches watches(limits_of(startup.line), hang_watch_of(startup.line));
  startup.result = run_machine({.start_stopped = startup.line.has("S"),
                                .no_reboot = startup.line.has("no-reboot"),
                                .no_shutdown = startup.line.has("no-shutdown")});
}

static void report_end(const RunResult& result) {
  using enum ShutdownCause;
  if (result.cause == internal_error || result.cause == guest_panic) {
    error_report(std::string(shutdown_cause_name(result.cause)) +
                 (result.detail.empty() ? "" : ": " + result.detail));
  } else if (result.cause == limit) {
    error_report("the run ended because -limit " + result.detail + "= was reached");
  } else if (result.cause == triple_fault) {
    error_report("the guest ended in a triple fault" +
                 (result.detail.empty() ? "" : ": " + result.detail));
  }
}

int shut_down(Startup& startup) {
  {
    const Phase phase("shutdown");
    report_end(startup.result);
    gdbstub::gdb_exit(exit_code_of(startup.result));
    chardev_close_all();
    remove_pid_file();
  }
  trace::close();
  const int code = exit_code_of(startup.result);
  if (startup.result.cause == ShutdownCause::host_signal) {
    std::signal(startup.result.status, SIG_DFL);
    std::raise(startup.result.status);
  }
  return code;
}

}  // namespace launcher
