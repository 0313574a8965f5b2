// Fuzz target over whole command lines: the input is an argument vector, one argument
// a line. It goes through the launcher's phases up to the choice of the machine; then
// what the words describe is made as far as the host is not touched: the machine object
// with its properties, CPUs, devices and objects with theirs, unrealized, the -global
// ones applied. Nothing runs and no host file is opened. Whatever the words are, the
// only way out is an answer or qom::Error.
//
// options_command_line_mutator.cc makes new lines out of old ones.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "argument_lines.h"
#include "core/machine.h"
#include "cpu/x86_cpu.h"
#include "launcher/startup.h"
#include "options/groups.h"
#include "qom/globals.h"
#include "trace/session.h"

// What `vitrine run` would call. The target calls the phases itself.
int launcher::start_machine(int, char**) {
  std::abort();
}

namespace {

using options::QemuOpts;
using options::QemuOptsList;

// Options that parsing alone acts upon: files are read, written, run as code.
bool touches_host_files(const std::vector<std::string>& args) {
  for (const std::string& word : args) {
    if (word.ends_with("-readconfig") || word.ends_with("-writeconfig") ||
        word.ends_with("-plugin")) {
      return true;
    }
  }
  return false;
}

// A mistake in one option hides nothing of the others.
template <class F>
void attempt(F fn) {
  try {
    fn();
  } catch (const options::Answer&) {
  } catch (const qom::Error&) {
  }
}

std::string text_of(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

void set_properties(core::Object* obj, const QemuOpts* opts, std::string_view type_key) {
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (opt.name != type_key) {
      attempt([&] { core::object_property_parse(obj, opt.str, opt.name); });
    }
  });
}

void register_globals() {
  for (const auto& opts : options::qemu_global_opts.head) {
    core::GlobalProperty global;
    global.driver = text_of(opts.get(), "driver");
    global.property = text_of(opts.get(), "property");
    global.value = text_of(opts.get(), "value");
    core::qdev_prop_register_global(std::move(global));
  }
}

// An object of `type`, if that is a type of `kind` that has objects.
void make_object(const std::string& type, const char* kind, const QemuOpts* opts,
                 std::string_view type_key) {
  core::ObjectClass* klass = core::object_class_by_name(type.c_str());
  if (klass == nullptr || core::object_class_is_abstract(klass) ||
      core::object_class_dynamic_cast(klass, kind) == nullptr) {
    return;
  }
  const core::Ref<> obj(core::object_new(type.c_str()));
  if (opts != nullptr) {
    set_properties(obj.get(), opts, type_key);
  }
}

void make_objects(const QemuOptsList& list, const char* kind, std::string_view type_key) {
  for (const auto& opts : list.head) {
    attempt([&] {
      make_object(text_of(opts.get(), std::string(type_key).c_str()), kind, opts.get(),
                  type_key);
    });
  }
}

// "+f" and "-f" are kept for good, until a CPU is realized: left out here.
void make_cpu(const options::CommandLine& line) {
  const options::GivenOption* option = line.last("cpu");
  if (option != nullptr && option->value.find(",+") == std::string::npos &&
      option->value.find(",-") == std::string::npos) {
    make_object(cpu::parse_cpu_option(option->value), cpu::TYPE_X86_CPU, nullptr, "");
  }
}

void start(std::vector<std::string> args) {
  launcher::Startup startup(0, nullptr);
  startup.args = std::move(args);
  launcher::parse_options(startup);
  launcher::select_machine(startup);
  register_globals();
  attempt([&] {
    make_object(core::object_class_get_name(startup.machine_class), core::TYPE_MACHINE,
                options::qemu_get_machine_opts(), "type");
  });
  attempt([&] { make_cpu(startup.line); });
  make_objects(options::qemu_device_opts, core::TYPE_DEVICE, "driver");
  make_objects(options::qemu_object_opts, core::TYPE_USER_CREATABLE, "qom-type");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  trace::discard();
  launcher::initialise_modules();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(data[i]);
  }
  std::vector<std::string> args = split_lines(text);
  if (touches_host_files(args)) {
    return 0;
  }
  attempt([&] { start(std::move(args)); });
  options::qemu_opts_reset_all();
  core::object_reset_globals_for_test();
  return 0;
}
