// The machine as an object: topology, properties, accelerator, boot settings
// (qom-semantics O and P).
#include <algorithm>
#include <charconv>
#include <climits>
#include <string_view>

#include "core/accel.h"
#include "core/loader.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/sysbus.h"
#include "launcher/checks.h"
#include "launcher/logging.h"
#include "launcher/name_hints.h"
#include "launcher/phase.h"
#include "launcher/pid_file.h"
#include "launcher/rtc_option.h"
#include "launcher/startup.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"
#include "trace/session.h"

namespace launcher {

using options::Answer;
using options::QemuOpts;

struct MachineSetProperty {
  static constexpr trace::Declaration declaration{
      "machine_set_property", trace::Category::machine, trace::Shape::span,
      "A key of -machine, or a default of the machine's class, becomes a property."};
  std::string_view property;
  std::string_view value;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("property", &MachineSetProperty::property, "its name"),
        trace::state("value", &MachineSetProperty::value, "the text given"));
  }
};

struct SmpParse {
  static constexpr trace::Declaration declaration{
      "smp_parse", trace::Category::machine, trace::Shape::instant,
      "How many CPUs, and how they are grouped."};
  int cpus = 0, sockets = 0, cores = 0, threads = 0, maxcpus = 0;

  static constexpr auto fields() {
    return trace::fields(trace::state("cpus", &SmpParse::cpus, "CPUs at the start"),
                         trace::state("sockets", &SmpParse::sockets, "packages"),
                         trace::state("cores", &SmpParse::cores, "cores of a package"),
                         trace::state("threads", &SmpParse::threads, "threads of a core"),
                         trace::state("maxcpus", &SmpParse::maxcpus, "CPUs possible"));
  }
};

// ---- -smp -------------------------------------------------------------------------

// A product that is too large stays at the largest number.
static std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? ~std::uint64_t{0} : product;
}

struct Topology {
  std::uint64_t cpus = 0, sockets = 0, cores = 0, threads = 0, maxcpus = 0;

  std::uint64_t product() const { return times(sockets, times(cores, threads)); }

  std::string text() const {
    return "sockets (" + std::to_string(sockets) + ") * cores (" + std::to_string(cores) +
           ") * threads (" + std::to_string(threads) + ")";
  }
};

static std::uint64_t at_least_one(std::uint64_t count) {
  return count == 0 ? 1 : count;
}

// 4.0 keeps these in 32 bits.
static std::uint64_t smp_number(const QemuOpts* opts, const char* key,
                                std::uint64_t fallback) {
  return options::qemu_opt_get_number(opts, key, fallback) & 0xffffffffu;
}

// Missing numbers: sockets before cores before threads.
static void fill_topology(const QemuOpts* opts, Topology& t) {
  if (t.cpus == 0 || t.sockets == 0) {
    t.cores = at_least_one(t.cores);
    t.threads = at_least_one(t.threads);
    if (t.cpus == 0) {
      t.sockets = at_least_one(t.sockets);
      t.cpus = t.product();
    } else {
      t.sockets = smp_number(opts, "maxcpus", t.cpus) / times(t.cores, t.threads);
    }
  } else if (t.cores == 0) {
    t.threads = at_least_one(t.threads);
    t.cores = at_least_one(t.cpus / times(t.sockets, t.threads));
  } else if (t.threads == 0) {
    t.threads = at_least_one(t.cpus / times(t.cores, t.sockets));
  } else if (t.product() < t.cpus) {
    throw Error("cpu topology: " + t.text() + " < smp_cpus (" + std::to_string(t.cpus) +
                ")");
  }
}

static Topology parse_topology(const QemuOpts* opts) {
  Topology t{smp_number(opts, "cpus", 0), smp_number(opts, "sockets", 0),
             smp_number(opts, "cores", 0), smp_number(opts, "threads", 0), 0};
  fill_topology(opts, t);
  t.maxcpus = smp_number(opts, "maxcpus", t.cpus);
  if (t.maxcpus < t.cpus) {
    throw Error("maxcpus must be equal to or greater than smp");
  }
  if (t.product() > t.maxcpus) {
    throw Error("cpu topology: " + t.text() + " > maxcpus (" + std::to_string(t.maxcpus) +
                ")");
  }
  if (t.product() != t.maxcpus) {
    warn_report("Invalid CPU topology deprecated: " + t.text() + " != maxcpus (" +
                std::to_string(t.maxcpus) + ")");
  }
  return t;
}

static int to_int(std::uint64_t count) {
  return static_cast<int>(static_cast<std::uint32_t>(count));
}

static void smp_parse(MachineState* machine, const MachineClass* mc) {
  if (options::qemu_smp_opts.head.empty()) {
    machine->smp_cpus = machine->max_cpus = machine->smp_sockets = mc->default_cpus;
  } else {
    const Topology t = parse_topology(options::only_opts(options::qemu_smp_opts));
    machine->smp_cpus = to_int(t.cpus);
    machine->smp_sockets = to_int(t.sockets);
    machine->smp_cores = to_int(t.cores);
    machine->smp_threads = to_int(t.threads);
    machine->max_cpus = to_int(t.maxcpus);
  }
  if (machine->smp_cpus < mc->min_cpus) {
    throw Error("Invalid SMP CPUs " + std::to_string(machine->smp_cpus) +
                ". The min CPUs supported by machine '" + mc->name + "' is " +
                std::to_string(mc->min_cpus));
  }
  if (machine->max_cpus > mc->max_cpus) {
    throw Error("Invalid SMP CPUs " + std::to_string(machine->max_cpus) +
                ". The max CPUs supported by machine '" + mc->name + "' is " +
                std::to_string(mc->max_cpus));
  }
  trace::instant(SmpParse{machine->smp_cpus, machine->smp_sockets, machine->smp_cores,
                          machine->smp_threads, machine->max_cpus});
}

// ---- the object ---------------------------------------------------------------------

static void machine_help(MachineState* machine, const MachineClass* mc) {
  std::string text;
  for (const ObjectProperty* property : object_property_list(machine)) {
    if (property->set == nullptr) {
      continue;
    }
    text += std::string(mc->name) + "." + property->name + "=" + property->type;
    text += property->description.empty() ? "\n" : " (" + property->description + ")\n";
  }
  throw Answer{{}, text, 0};
}

static bool machine_help_asked(const options::CommandLine& line) {
  for (const options::GivenOption& option : line.given) {
    if (option.row->group == &options::qemu_machine_opts && option.row->key == nullptr &&
        options::has_help_option(option.value)) {
      return true;
    }
  }
  return false;
}

void create_machine(Startup& startup) {
  const Phase phase("machine");
  write_pid_file(startup.line);
  const MachineClass* mc = startup.machine_class;
  current_machine =
      object_cast<MachineState>(object_new(object_class_get_name(startup.machine_class)));
  if (machine_help_asked(startup.line)) {
    machine_help(current_machine, mc);
  }
  object_property_add_child(object_get_root(), "machine", current_machine);
  object_unref(current_machine);  // the tree keeps it
  sysbus_get_default();
  address_spaces_init();
  start_logging(startup.line);
  smp_parse(current_machine, mc);
  current_machine->ram_size = startup.memory.ram;
  current_machine->maxram_size = startup.memory.maximum;
  current_machine->ram_slots = startup.memory.slots;
  reach(startup, "machine.created");
}

// ---- properties and accelerator -----------------------------------------------------

static void machine_set_property(std::string name, const std::string& value) {
  std::replace(name.begin(), name.end(), '_', '-');
  const trace::Span span{MachineSetProperty{.property = name, .value = value}};
  if (name != "type") {
    with_property_hint(
        object_get_class(current_machine),
        [&] { object_property_parse(current_machine, value, name); }, current_machine);
  }
}

// After configure_accelerator, as in 4.0; we have one thread a CPU under kvm and one
// thread in all under tcg.
static void check_accel_thread() {
  const char* thread =
      options::qemu_opt_get(options::only_opts(options::qemu_accel_opts), "thread");
  const std::string_view text = thread == nullptr ? "single" : thread;
  if (text != "single" && text != "multi") {
    throw Error("Invalid 'thread' setting " + std::string(text));
  }
}

static void validate_bootdevices(std::string_view devices) {
  std::uint32_t seen = 0;
  for (const char device : devices) {
    if (device < 'a' || device > 'p') {
      throw Error(std::string("Invalid boot device '") + device + "'");
    }
    const std::uint32_t bit = 1u << (device - 'a');
    if ((seen & bit) != 0) {
      throw Error(std::string("Boot device '") + device + "' was given twice");
    }
    seen |= bit;
  }
}

static void boot_options(const MachineClass* mc) {
  const QemuOpts* opts = options::only_opts(options::qemu_boot_opts);
  const char* order = options::qemu_opt_get(opts, "order");
  const char* once = options::qemu_opt_get(opts, "once");
  for (const char* devices : {order, once}) {
    validate_bootdevices(devices == nullptr ? "" : devices);
  }
  if (order == nullptr) {
    order = mc->default_boot_order == nullptr ? "cad" : mc->default_boot_order;
  }
  current_machine->boot_order = once == nullptr ? order : once;
  constexpr std::uint64_t not_given = ~std::uint64_t{0}, longest = 0xffff;
  const auto milliseconds = [&](const char* key) {
    const std::uint64_t value = options::qemu_opt_get_number(opts, key, not_given);
    return value > longest ? -1 : static_cast<std::int32_t>(value);
  };
  current_machine->boot = {.menu = options::qemu_opt_get_bool(opts, "menu", false),
                           .strict = options::qemu_opt_get_bool(opts, "strict", false),
                           .splash_time = milliseconds("splash-time"),
                           .reboot_timeout = milliseconds("reboot-timeout")};
}

// Its form was checked with the option: hexadecimal digits and hyphens.
static void set_uuid(const options::CommandLine& line) {
  const options::GivenOption* option = line.last("uuid");
  if (option == nullptr) {
    return;
  }
  std::string digits = option->value;
  std::erase(digits, '-');
  for (std::size_t i = 0; i < current_machine->uuid.size() && 2 * i + 1 < digits.size();
       ++i) {
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2,
                    current_machine->uuid[i], 16);
  }
}

static void kernel_options() {
  if (!current_machine->kernel_filename.empty()) {
    return;
  }
  const QemuOpts* opts = options::qemu_get_machine_opts();
  if (options::qemu_opt_get(opts, "append") != nullptr) {
    throw Error("-append only allowed with -kernel option");
  }
  if (options::qemu_opt_get(opts, "initrd") != nullptr) {
    throw Error("-initrd only allowed with -kernel option");
  }
}

// What was asked for is a name elsewhere.
static void bring_up_accelerator() {
  try {
    configure_accelerator(current_machine);
  } catch (Error& error) {
    if (error.hint.empty()) {
      error.hint = accelerator_hint(current_machine->accel);
    }
    throw;
  }
}

void configure_machine(Startup& startup) {
  const Phase phase("accelerator");
  const MachineClass* mc = startup.machine_class;
  current_machine->firmware_given =
      options::qemu_opt_get(options::qemu_get_machine_opts(), "firmware") != nullptr;
  if (mc->default_machine_opts != nullptr) {
    options::qemu_opts_set_defaults(&options::qemu_machine_opts, mc->default_machine_opts,
                                    options::Abbreviation::refused);
  }
  qemu_opt_foreach(options::qemu_get_machine_opts(), [&](const options::QemuOpt& opt) {
    if (opt.name == "memory-backend") {  // since 5.0; not a property of 4.0's machines
      startup.memory.backend = opt.str;
    } else {
      machine_set_property(opt.name, opt.str);
    }
  });
  for (const options::GivenOption* option : startup.line.all("L")) {
    add_data_dir(option->value);
  }
  bring_up_accelerator();
  check_icount();
  check_accel_thread();
  if (mc->deprecation_reason != nullptr) {
    error_report(std::string("Machine type '") + mc->name +
                 "' is deprecated: " + mc->deprecation_reason);
  }
  kernel_options();
  boot_options(mc);
  set_uuid(startup.line);
  configure_rtc();
  trace::set_metadata("machine", object_get_typename(current_machine));
  trace::set_metadata("accel", object_get_typename(current_machine->accelerator));
  reach(startup, "accel.ready");
}

}  // namespace launcher
