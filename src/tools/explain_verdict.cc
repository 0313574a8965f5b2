// Does an argument work here? The option table knows about options; what they name
// (devices, boards, objects, back ends, CPU models) is looked up among the types.
#include <algorithm>

#include "core/machine.h"
#include "core/report.h"
#include "cpu/x86_cpu.h"
#include "launcher/device_option.h"
#include "launcher/known_types.h"
#include "options/option_table.h"
#include "tools/explain_model.h"

namespace tools {

static void settle(Argument& argument, Verdict verdict, std::string en, std::string zh) {
  argument.verdict = verdict;
  argument.notes.push_back({std::move(en), std::move(zh)});
}

static void not_built(Argument& argument, const std::string& type) {
  settle(argument, Verdict::not_built,
         type + " is not built; the machine starts without it",
         type + " 尚未实现;机器启动时略过它");
}

static bool registered(const std::string& type) {
  return qom::type_get_by_name(type.c_str()) != nullptr;
}

static void judge_device(Argument& argument) {
  if (argument.type.empty()) {
    return settle(argument, Verdict::refused, "Parameter 'driver' is missing",
                  "缺少参数 'driver'");
  }
  const std::string_view real = launcher::device_of_alias(argument.type);
  const std::string type = real.empty() ? argument.type : std::string(real);
  if (registered(type) &&
      qom::object_class_dynamic_cast(qom::object_class_by_name(type.c_str()), "device")) {
    return;
  }
  switch (launcher::known_device(type)) {
    case launcher::KnownDevice::pluggable:
      return not_built(argument, argument.type);
    case launcher::KnownDevice::board_only:
    case launcher::KnownDevice::abstract:
      return settle(argument, Verdict::refused,
                    argument.type + " cannot be added by -device",
                    argument.type + " 不能用 -device 添加");
    case launcher::KnownDevice::unknown:
      return settle(argument, Verdict::refused,
                    "'" + argument.type + "' is not a valid device model name",
                    "'" + argument.type + "' 不是已知的设备");
  }
}

static void judge_object(Argument& argument) {
  if (argument.type.empty() || registered(argument.type)) {
    return;
  }
  if (launcher::known_object(argument.type)) {
    return not_built(argument, argument.type);
  }
  settle(argument, Verdict::refused, "invalid object type: " + argument.type,
         "没有对象类型 " + argument.type);
}

static void judge_chardev(Argument& argument, const std::string& backend) {
  if (backend.empty() || registered("chardev-" + backend)) {
    return;
  }
  if (launcher::known_chardev(backend)) {
    return settle(argument, Verdict::not_built,
                  backend + " is not built; the bytes lead nowhere",
                  backend + " 尚未实现;字节无处可去");
  }
  settle(argument, Verdict::refused, "'" + backend + "' is not a chardev back end",
         "'" + backend + "' 不是字符设备后端");
}

static core::MachineClass* machine_class(const std::string& name) {
  for (core::ObjectClass* klass :
       core::object_class_get_list(core::TYPE_MACHINE, false)) {
    auto* mc = core::class_cast<core::MachineClass>(klass);
    const bool alias = mc->alias != nullptr && name == mc->alias;
    if (name.empty() ? mc->is_default : alias || name == mc->name) {
      return mc;
    }
  }
  return nullptr;
}

// Its keys are given to a machine that is thrown away again.
static void try_properties(Argument& argument, core::MachineClass* mc) {
  const core::Ref<> machine(core::object_new(core::object_class_get_name(mc)));
  for (auto [key, value] : argument.keys) {
    if (key == "type" || key == "id") {
      continue;
    }
    std::replace(key.begin(), key.end(), '_', '-');
    try {
      core::object_property_parse(machine.get(), value, key);
    } catch (const qom::Error& error) {
      settle(argument, Verdict::refused, error.what(), error.what());
    }
  }
}

static void judge_machine(Argument& argument, const std::string& line_machine) {
  core::MachineClass* mc = machine_class(line_machine);
  if (!argument.type.empty() && machine_class(argument.type) == nullptr) {
    settle(argument, Verdict::refused, "unsupported machine type", "没有这种主板");
    mc = machine_class("");
  } else if (!argument.type.empty() &&
             machine_class(argument.type)->not_built != nullptr) {
    const char* why = machine_class(argument.type)->not_built;
    settle(argument, Verdict::refused, why, "这种主板尚未实现");
  }
  if (mc != nullptr) {
    try_properties(argument, mc);
  }
}

static void judge_accelerator(Argument& argument) {
  std::string list;
  for (const auto& [key, value] : argument.keys) {
    list = key == "accel" ? value : list;
  }
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (list.substr(begin, end - begin) == "tcg" ||
        list.substr(begin, end - begin) == "kvm") {
      return;
    }
    begin = end + 1;
  }
  if (!list.empty()) {
    settle(argument, Verdict::refused, "No accelerator found", "没有可用的加速器");
  }
}

static std::string argument_value(const Argument& argument) {
  const std::size_t blank = argument.text.find(' ');
  return blank == std::string::npos ? std::string() : argument.text.substr(blank + 1);
}

static void judge_cpu(Argument& argument) {
  const std::string value = argument_value(argument);
  const std::string model = value.substr(0, value.find(','));
  if (model != "help" && model != "?" && !registered(model + "-" + cpu::TYPE_X86_CPU)) {
    settle(argument, Verdict::refused, "unable to find CPU model '" + model + "'",
           "没有 CPU 型号 '" + model + "'");
  }
}

// "file:PATH" -> file; sockets have names of their own.
static std::string backend_of(std::string text) {
  if (text.starts_with("mon:")) {
    text.erase(0, 4);
  }
  if (text == "none" || text.starts_with("chardev:")) {
    return {};
  }
  const std::string name = text.substr(0, text.find(':'));
  for (const char* socket : {"tcp", "telnet", "unix", "websocket", "tn3270"}) {
    if (name == socket) {
      return "socket";
    }
  }
  return text.starts_with("/dev/") ? "serial" : name;
}

static bool asks_for_nothing(const Argument& argument) {
  const std::string value = argument_value(argument);
  return value == "none" || value == "null" ||
         (argument.option == "monitor" && value == "stdio");
}

static void judge_row(Argument& argument, options::Status status) {
  using options::Status;
  if (status == Status::refused) {
    settle(argument, Verdict::refused, "not for this target", "不适用于此目标");
  } else if (status == Status::ignored) {
    settle(argument, Verdict::ignored, "accepted; doing nothing is right here",
           "接受;在此无需做任何事");
  } else if (status == Status::unbuilt && !asks_for_nothing(argument)) {
    settle(argument, Verdict::not_built,
           "-" + argument.option + " is not built; the machine starts without it",
           "-" + argument.option + " 尚未实现;机器启动时略过它");
  }
}

void judge(Argument& argument, const std::string& line_machine) {
  const options::OptionRow* row = options::find_option(argument.option);
  if (row == nullptr || argument.verdict == Verdict::refused) {
    return;
  }
  judge_row(argument, row->status);
  const std::string& option = argument.option;
  if (option == "device") {
    judge_device(argument);
  } else if (option == "object") {
    judge_object(argument);
  } else if (option == "chardev") {
    judge_chardev(argument, argument.type);
  } else if (option == "serial" || option == "debugcon") {
    judge_chardev(argument, backend_of(argument_value(argument)));
  } else if (option == "cpu") {
    judge_cpu(argument);
  } else if (option == "accel") {
    judge_accelerator(argument);
  } else if (argument.group == "machine") {
    judge_machine(argument, line_machine);
  }
}

}  // namespace tools
