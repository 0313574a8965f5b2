// Which board? -machine NAME or the default one (QEMU's select_machine, the lecture's
// section 3), the list of -machine help, and how much memory it gets.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "core/startup_step.h"
#include "launcher/phase.h"
#include "launcher/startup.h"
#include "options/groups.h"

namespace launcher {

using options::Answer;

struct MachineSelected {
  static constexpr trace::Declaration declaration{
      "select_machine", trace::Category::machine, trace::Shape::span,
      "The machine class is chosen, by name or as the default."};
  std::string_view asked;

  struct Result {
    std::string_view machine;

    static constexpr auto fields() {
      return trace::fields(trace::state("machine", &Result::machine, "the class chosen"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("asked", &MachineSelected::asked, "the name given, or nothing"));
  }
};

// ---- choosing -------------------------------------------------------------------

static std::vector<MachineClass*> all_machines() {
  std::vector<MachineClass*> machines;
  for (ObjectClass* klass : object_class_get_list(TYPE_MACHINE, false)) {
    machines.push_back(class_cast<MachineClass>(klass));
  }
  return machines;
}

static MachineClass* find_default_machine() {
  for (MachineClass* mc : all_machines()) {
    if (mc->is_default) {
      return mc;
    }
  }
  return nullptr;
}

static MachineClass* find_machine(const std::vector<MachineClass*>& machines,
                                  std::string_view name) {
  for (MachineClass* mc : machines) {
    if (name == mc->name || (mc->alias != nullptr && name == mc->alias)) {
      return mc;
    }
  }
  return nullptr;
}

// By family, newest version first; machines without a family last, by name.
static bool machine_before(const MachineClass* a, const MachineClass* b) {
  const std::string_view family_a = a->family == nullptr ? "" : a->family;
  const std::string_view family_b = b->family == nullptr ? "" : b->family;
  if (family_a != family_b) {
    return family_b.empty() || (!family_a.empty() && family_a < family_b);
  }
  const std::string_view name_a = a->name;
  return family_a.empty() ? name_a < b->name : name_a > b->name;
}

static std::string padded(std::string text) {
  constexpr std::size_t name_column = 20;
  text.resize(std::max(text.size(), name_column), ' ');
  return text + " ";
}

static std::string machine_list(std::vector<MachineClass*> machines) {
  std::stable_sort(machines.begin(), machines.end(), machine_before);
  std::string text = "Supported machines are:\n";
  for (const MachineClass* mc : machines) {
    const std::string desc = mc->desc == nullptr ? "" : mc->desc;
    if (mc->alias != nullptr) {
      text += padded(mc->alias) + desc + " (alias of " + mc->name + ")\n";
    }
    text += padded(mc->name) + desc + (mc->is_default ? " (default)" : "") +
            (mc->deprecation_reason != nullptr ? " (deprecated)" : "") +
            (mc->not_built != nullptr ? " (not built)" : "") + "\n";
  }
  return text;
}

// One line more than 4.0 says: a later version's nearest machine, or the nearest name.
static std::string machine_hint(std::string_view name,
                                const std::vector<MachineClass*>& machines) {
  for (const auto& [family, here] :
       {std::pair("pc-i440fx-", "pc-i440fx-4.0"), std::pair("pc-q35-", "pc-q35-4.0")}) {
    if (name.starts_with(family)) {
      return std::string("\nThe newest of its family here is ") + here;
    }
  }
  const std::string_view base = name.substr(0, name.find('+'));
  if (base != name && find_machine(machines, base) != nullptr) {
    return "\nWhat stands behind '+' is another vendor's; write '" + std::string(base) +
           "'";
  }
  std::vector<std::string> names;
  for (const MachineClass* mc : machines) {
    names.emplace_back(mc->name);
    names.emplace_back(mc->alias == nullptr ? mc->name : mc->alias);
  }
  const std::string nearest = options::nearest_spelling(name, names);
  return nearest.empty() ? "" : "\nDid you mean '" + nearest + "'?";
}

static MachineClass* machine_parse(std::string_view name) {
  const std::vector<MachineClass*> machines = all_machines();
  if (options::is_help_option(name)) {
    throw Answer{machine_list(machines), {}, 0};
  }
  MachineClass* mc = find_machine(machines, name);
  if (mc == nullptr) {
    Error error("unsupported machine type");
    error.hint =
        "Use -machine help to list supported machines" + machine_hint(name, machines);
    throw error;
  }
  if (mc->not_built != nullptr) {
    Error error(mc->not_built);
    error.hint = "Use -machine pc, which most guests for it run on too";
    throw error;
  }
  return mc;
}

// The words that gave the machine its type, for the message.
static std::string type_location(const options::CommandLine& line,
                                 std::string_view type) {
  std::string location;
  for (const options::GivenOption& option : line.given) {
    const std::string_view name = option.row->name;
    if ((name == "machine" || name == "M") &&
        option.value.find(type) != std::string::npos) {
      location = option.location;
    }
  }
  return location;
}

static MachineClass* choose(const options::CommandLine& line, const char* type) {
  trace::Span span{MachineSelected{.asked = type == nullptr ? "" : type}};
  MachineClass* mc = nullptr;
  if (type == nullptr || *type == '\0') {
    mc = find_default_machine();
    if (mc == nullptr) {
      Error error("No machine specified, and there is no default");
      error.hint = "Use -machine help to list supported machines";
      throw error;
    }
  } else {
    try {
      mc = machine_parse(type);
    } catch (const Error& error) {
      throw options::at_location(type_location(line, type), error);
    }
  }
  span.result(MachineSelected::Result{.machine = object_class_get_name(mc)});
  return mc;
}

// ---- memory -----------------------------------------------------------------------

static std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// The size of -m in bytes; 0: not given. A bare number means MiB.
static std::uint64_t ram_size_option(const options::QemuOpts* opts) {
  const char* text = options::qemu_opt_get(opts, "size");
  if (text == nullptr) {
    return 0;
  }
  const std::string_view view = text;
  if (view.empty()) {
    throw Error("missing 'size' option value");
  }
  std::uint64_t size = options::qemu_opt_get_size(opts, "size", 0);
  if (view.back() >= '0' && view.back() <= '9') {
    if (size << 20 >> 20 != size) {
      throw Error("too large 'size' option value");
    }
    size <<= 20;
  }
  return size;
}

static void maximum_memory(const options::QemuOpts* opts, MemorySizes& memory) {
  if (options::qemu_opt_get(opts, "maxmem") == nullptr) {
    if (options::qemu_opt_get(opts, "slots") != nullptr) {
      throw Error("invalid -m option value: missing 'maxmem' option");
    }
    return;
  }
  const std::uint64_t maximum = options::qemu_opt_get_size(opts, "maxmem", 0);
  memory.slots = options::qemu_opt_get_number(opts, "slots", 0);
  const std::string complaint = "invalid value of -m option maxmem: ";
  if (maximum < memory.ram) {
    throw Error(complaint + "maximum memory size (" + hex(maximum) +
                ") must be at least the initial memory size (" + hex(memory.ram) + ")");
  }
  if (memory.slots != 0 && maximum == memory.ram) {
    throw Error(complaint + "memory slots were specified but maximum memory size (" +
                hex(maximum) + ") is equal to the initial memory size (" +
                hex(memory.ram) + ")");
  }
  memory.maximum = maximum;
}

static MemorySizes set_memory_options(const MachineClass* mc) {
  const core::StartupStep step("set_memory_options");
  constexpr std::uint64_t unit = 8192;
  const options::QemuOpts* opts = options::only_opts(options::qemu_mem_opts);
  MemorySizes memory;
  try {
    memory.ram = ram_size_option(opts);
    if (memory.ram == 0) {
      memory.ram = mc->default_ram_size;
    }
    if (memory.ram > ~std::uint64_t{0} - unit) {
      throw Error("ram size too large");
    }
    memory.ram = (memory.ram + unit - 1) / unit * unit;
    memory.maximum = memory.ram;
    maximum_memory(opts, memory);
  } catch (const Error& error) {
    throw options::at_location(opts->location, error);
  }
  return memory;
}

void select_machine(Startup& startup) {
  const Phase phase("machine-class");
  const char* type = options::qemu_opt_get(options::qemu_get_machine_opts(), "type");
  const std::string asked = type == nullptr ? "" : type;
  startup.machine_class = choose(startup.line, asked.c_str());
  {
    const core::StartupStep step("object_set_machine_compat_props");
    object_set_machine_compat_props(machine_compat_props(startup.machine_class));
  }
  startup.memory = set_memory_options(startup.machine_class);
  reach(startup, "machine.selected");
}

}  // namespace launcher
