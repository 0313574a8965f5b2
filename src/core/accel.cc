// Type "accel", and choosing one. See accel.h.
//
// `accel=A:B` is tried in order. A name nobody knows is passed over in silence; one
// that fails is undone completely, its reason is printed, and the next gets its turn
// (qom-semantics 248-257).
#include "core/accel.h"

#include <system_error>

#include "core/report.h"
#include "core/run_state.h"
#include "core/startup_step.h"

namespace core {
namespace {

struct InitMachine {
  static constexpr trace::Declaration declaration{
      "accel_init_machine", trace::Category::accel, trace::Shape::span,
      "An accelerator is tried."};
  std::string_view accel;

  struct Result {
    bool ok = false;
    std::string_view why;

    static constexpr auto fields() {
      return trace::fields(trace::state("ok", &Result::ok, "it came up"),
                           trace::volatile_field("why", &Result::why, "why not"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(trace::identity("accel", &InitMachine::accel, "its type"));
  }
};

struct SetupPost {
  static constexpr trace::Declaration declaration{
      "accel_setup_post", trace::Category::accel, trace::Shape::span,
      "Guest RAM is mapped, then in-kernel controllers and vCPUs are made."};
  trace::ObjectId accel;

  static constexpr auto fields() {
    return trace::fields(trace::identity("accel", &SetupPost::accel, "the accelerator"));
  }
};

constinit const TypeInfo accel_info{
    .name = TYPE_ACCEL,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<AccelState>(),
    .klass = class_struct<AccelClass>(),
};

void accel_register_types() {
  type_register_static(accel_info);
}

// One failed try, as it is shown.
Error failure(const AccelClass* ac) {
  const std::string prefix =
      std::string("failed to initialize ") + (ac->name ? ac->name : "accelerator") + ": ";
  try {
    throw;
  } catch (const std::system_error& error) {
    Error shown(prefix + error.code().message());
    shown.hint = error.what();
    return shown;
  } catch (const Error& error) {
    Error shown(prefix + error.what());
    shown.hint = error.hint;
    return shown;
  }
}

void try_accelerator(AccelClass* ac, MachineState* machine) {
  trace::Span span{InitMachine{.accel = object_class_get_name(ac)}};
  Ref<AccelState> accel(object_cast<AccelState>(object_new_with_class(ac)));
  machine->accelerator = accel.get();
  if (ac->allowed)
    *ac->allowed = true;
  try {
    if (ac->init_machine)
      ac->init_machine(accel.get(), machine);
  } catch (...) {
    if (ac->allowed)
      *ac->allowed = false;
    machine->accelerator = nullptr;
    const Error shown = failure(ac);
    object_unref(accel.release());
    span.result(InitMachine::Result{.ok = false, .why = shown.what()});
    throw shown;
  }
  {
    const StartupStep step("object_set_accelerator_compat_props");
    object_set_accelerator_compat_props(to_global_properties(ac->compat_props));
  }
  accel.release();  // the machine's reference from now on
  span.result(InitMachine::Result{.ok = true, .why = {}});
}

std::vector<std::string> split_names(const std::string& list) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin < list.size()) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::string accelerator_list(const MachineState* machine) {
  if (machine->accel_given)
    return machine->accel;
  return program_name().ends_with("kvm") ? "kvm:tcg" : "tcg";
}

void report(const Error& error) {
  error_report(error.what());
  if (!error.hint.empty())
    info_report(error.hint);
}

}  // namespace

AccelClass* accel_find(const std::string& name) {
  const std::string type = name + ACCEL_CLASS_SUFFIX;
  ObjectClass* klass = object_class_by_name(type.c_str());
  if (!klass || !object_class_dynamic_cast(klass, TYPE_ACCEL))
    return nullptr;
  return class_cast<AccelClass>(klass);
}

AccelState* configure_accelerator(MachineState* machine) {
  const StartupStep step("configure_accelerator");
  const std::string list = accelerator_list(machine);
  std::vector<Error> failures;
  for (const std::string& name : split_names(list)) {
    AccelClass* ac = accel_find(name);
    if (!ac)
      continue;
    try {
      try_accelerator(ac, machine);
    } catch (const Error& error) {
      failures.push_back(error);
      continue;
    }
    for (const Error& error : failures)
      report(error);
    if (!failures.empty())
      error_report(std::string("Back to ") + (ac->name ? ac->name : name.c_str()) +
                   " accelerator");
    return machine->accelerator;
  }
  if (failures.empty())
    throw Error("-machine accel=" + list + ": No accelerator found");
  // The last reason ends the program; those before it are told now.
  for (std::size_t i = 0; i + 1 < failures.size(); ++i)
    report(failures[i]);
  throw failures.back();
}

void accel_setup_post(MachineState* machine) {
  AccelState* accel = machine->accelerator;
  trace::Span span{SetupPost{.accel = object_id(accel)}};
  if (accel->vm) {
    accel->slots = std::make_unique<MemorySlots>(*accel->vm);
    memory_listener_register([accel] { accel->slots->sync(address_space_memory()); });
    memory_commit();
  }
  if (const auto setup = class_of<AccelClass>(accel)->setup_post)
    setup(accel, machine);
  cpus_create_vcpus(machine);
}

type_init(accel_register_types)

}  // namespace core
