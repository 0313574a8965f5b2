// Fuzz target over whole command lines: the input is an argument vector, one argument
// a line. It is parsed, a machine class is chosen, its object is made and given the
// properties of -machine; nothing runs and no host file is opened. Whatever the words
// are, the only way out is an answer or qom::Error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/machine.h"
#include "options/command_line.h"
#include "options/groups.h"
#include "qom/module.h"
#include "trace/session.h"

namespace {

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size() && lines.size() < 200;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    // Comments of the corpus; and what would read a file of the host.
    if (!line.starts_with("#")) {
      lines.emplace_back(line.substr(0, line.find('\0')));
    }
    begin = end + 1;
  }
  return lines;
}

bool reads_host_files(const std::vector<std::string>& args) {
  for (const std::string& word : args) {
    if (word.ends_with("readconfig")) {
      return true;
    }
  }
  return false;
}

const core::MachineClass* machine_class(const char* name) {
  for (core::ObjectClass* klass :
       core::object_class_get_list(core::TYPE_MACHINE, false)) {
    const auto* mc = core::class_cast<core::MachineClass>(klass);
    const bool by_name =
        name != nullptr && *name != '\0' && std::string_view(name) == mc->name;
    if (by_name || ((name == nullptr || *name == '\0') && mc->is_default)) {
      return mc;
    }
  }
  return nullptr;
}

void make_machine() {
  const options::QemuOpts* opts = options::qemu_get_machine_opts();
  const core::MachineClass* mc = machine_class(options::qemu_opt_get(opts, "type"));
  if (mc == nullptr) {
    return;
  }
  const core::Ref<> machine(core::object_new(core::object_class_get_name(mc)));
  qemu_opt_foreach(opts, [&](const options::QemuOpt& opt) {
    if (opt.name != "type") {
      core::object_property_parse(machine.get(), opt.str, opt.name);
    }
  });
}

void prepare_once() {
  static const bool prepared = [] {
    trace::discard();
    qom::module_call_init(qom::MODULE_INIT_QOM);
    options::add_option_groups();
    return true;
  }();
  static_cast<void>(prepared);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  prepare_once();
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(data[i]);
  }
  const std::vector<std::string> args = split_lines(text);
  if (reads_host_files(args)) {
    return 0;
  }
  try {
    options::parse_command_line(args, "fuzz");
    make_machine();
  } catch (const options::Answer&) {
  } catch (const qom::Error&) {
  }
  options::qemu_opts_reset_all();
  return 0;
}
