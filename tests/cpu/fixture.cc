#include "fixture.h"

namespace cpu_test {
namespace {

constexpr const char* TYPE_TEST_MACHINE = "cpu-test-machine";

constinit const TypeInfo machine_info{.name = TYPE_TEST_MACHINE, .parent = TYPE_MACHINE};
constinit const TypeInfo kvm_info{.name = "kvm-accel", .parent = TYPE_ACCEL};
constinit const TypeInfo tcg_info{.name = "tcg-accel", .parent = TYPE_ACCEL};

void fixture_register_types() {
  type_register_static(machine_info);
  type_register_static(kvm_info);
  type_register_static(tcg_info);
}

}  // namespace

type_init(fixture_register_types)

std::vector<CpuidEntry> leaves_with(const FeatureSet& set, const std::string& vendor) {
  CpuidInput input;
  input.features = set;
  input.level = 0xd;
  input.xlevel = 0x8000001e;
  input.vendor = vendor;
  input.model_id = "Test processor";
  input.family = 6;
  input.model = 42;
  input.stepping = 7;
  input.phys_bits = 46;
  input.hypervisor = Hypervisor::kvm;
  return cpuid_leaves(input);
}

FeatureSet WithCpus::all() {
  FeatureSet set;
  set.fill(0xffffffff);
  return set;
}

WithCpus::WithCpus() {
  static const bool once = (module_call_init(MODULE_INIT_QOM), true);
  (void)once;
  object_reset_globals_for_test();
  qdev_reset_for_test();
  forget_features_for_test();
  machine = object_cast<MachineState>(object_new(TYPE_TEST_MACHINE));
  current_machine = machine;
  object_property_add_child(object_get_root(), "machine", machine);
  object_unref(machine);
  address_spaces_init();
}

WithCpus::~WithCpus() {
  for (const Ref<>& ref : cpus_) {
    object_unparent(ref.get());
  }
  cpus_.clear();
  if (machine->accelerator != nullptr) {
    object_unref(machine->accelerator);
    machine->accelerator = nullptr;
  }
  qemu_unregister_all_resets();
  memory_reset_for_test();
  object_unparent(machine);
  clock_reset_for_test();
  object_reset_globals_for_test();
}

LeafVm& WithCpus::start(const char* name, const FeatureSet& set,
                        const std::string& vendor) {
  auto* accel =
      object_cast<AccelState>(object_new((std::string(name) + "-accel").c_str()));
  auto vm = std::make_unique<LeafVm>();
  vm->leaves = leaves_with(set, vendor);
  LeafVm& result = *vm;
  accel->vm = std::move(vm);
  machine->accelerator = accel;
  return result;
}

X86CPU* WithCpus::cpu(const std::string& text) {
  Ref<> made(object_new(parse_cpu_option(text).c_str()));
  object_property_set_uint(made.get(), 0, "apic-id");
  for (const char* id : {"socket-id", "core-id", "thread-id"}) {
    object_property_set_int(made.get(), 0, id);  // a board says where a CPU sits
  }
  object_property_set_bool(made.get(), true, "realized");
  auto* x86 = object_cast<X86CPU>(made.get());
  cpus_.push_back(std::move(made));
  return x86;
}

const CpuidEntry* leaf(const std::vector<CpuidEntry>& leaves, std::uint32_t function,
                       std::uint32_t index) {
  for (const CpuidEntry& entry : leaves) {
    if (entry.function == function && entry.index == index) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace cpu_test
