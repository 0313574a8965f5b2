// The lecture's source as it stands there: kvm_type_init and kvm_accel_type, in the
// global namespace, with QEMU's names. Only the struct and class_init, which the
// lecture leaves out, are ours.
#include <gtest/gtest.h>

#include "qom/module.h"
#include "qom/object.h"
#include "qom/testing.h"

using namespace qom;

#define TYPE_ACCEL "accel"
#define TYPE_KVM_ACCEL "kvm-accel"

struct AccelState : Object {
  int dummy = 0;
};

struct KVMState {
  AccelState parent_obj;
  int fd;
  int vmfd;
};

static int class_inits;

static void kvm_accel_class_init(ObjectClass*, void*) {
  ++class_inits;
}

static const TypeInfo accel_type = {
    .name = TYPE_ACCEL,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<AccelState>(),
    .abstract = true,
};

// clang-format off
static const TypeInfo kvm_accel_type = {
    .name = TYPE_KVM_ACCEL,
    .parent = TYPE_ACCEL,
    .class_init = kvm_accel_class_init,
    .instance_size = sizeof(KVMState),
};

static void kvm_type_init(void)
{
    type_register_static(&kvm_accel_type);
}

type_init(kvm_type_init);

// clang-format on

// ---- the macro family of the lecture's section 3, in the machines' style --------
struct MachineClass : ObjectClass {
  static constexpr const char* qom_type = "machine";
  const char* alias = nullptr;
  int is_default = 0;
  void (*init)(void* machine) = nullptr;
};

#define DEFINE_PC_MACHINE(suffix, namestr, initfn, optsfn)               \
  static void pc_machine_##suffix##_class_init(ObjectClass* oc, void*) { \
    MachineClass* mc = class_cast<MachineClass>(oc);                     \
    optsfn(mc);                                                          \
    mc->init = initfn;                                                   \
  }                                                                      \
  static const TypeInfo pc_machine_type_##suffix = {                     \
      .name = namestr "-machine",                                        \
      .parent = "machine",                                               \
      .class_init = pc_machine_##suffix##_class_init,                    \
  };                                                                     \
  static void pc_machine_init_##suffix() {                               \
    type_register(&pc_machine_type_##suffix);                            \
  }                                                                      \
  type_init(pc_machine_init_##suffix)

#define DEFINE_I440FX_MACHINE(suffix, name, compatfn, optionfn) \
  static void pc_init_##suffix(void* machine) {                 \
    void (*compat)(void*) = (compatfn);                         \
    if (compat) {                                               \
      compat(machine);                                          \
    }                                                           \
  }                                                             \
  DEFINE_PC_MACHINE(suffix, name, pc_init_##suffix, optionfn)

static void pc_i440fx_machine_options(MachineClass*) {}

// clang-format off
static void pc_i440fx_4_0_machine_options(MachineClass *m)
{
    pc_i440fx_machine_options(m);
    m->alias = "pc";
    m->is_default = 1;
}

DEFINE_I440FX_MACHINE(v4_0, "pc-i440fx-4.0", NULL,
                      pc_i440fx_4_0_machine_options);

// clang-format on

namespace {

constexpr TypeInfo machine_type{.name = "machine",
                                .parent = TYPE_OBJECT,
                                .abstract = true,
                                .klass = class_struct<MachineClass>()};

// Runs what this file's type_init lines asked for before main().
class Lecture : public ::testing::Test {
 protected:
  Lecture() {
    class_inits = 0;
    type_register_static(&accel_type);
    type_register_static(&machine_type);
    for (const ModuleEntry& entry : find_type(MODULE_INIT_QOM)) {
      const std::string_view name = entry.name;
      if (name == "kvm_type_init" || name == "pc_machine_init_v4_0") {
        entry.init();
      }
    }
  }

 private:
  IsolatedTypes types_;
};

}  // namespace

TEST_F(Lecture, type_init_asked_for_kvm_type_init_before_main) {
  EXPECT_NE(type_get_by_name(TYPE_KVM_ACCEL), nullptr);
}

TEST_F(Lecture, after_registration_the_type_is_paper) {
  EXPECT_EQ(class_inits, 0);
  EXPECT_EQ(type_get_by_name(TYPE_KVM_ACCEL)->klass, nullptr);
}

TEST_F(Lecture, the_first_need_makes_the_class_once) {
  object_class_by_name(TYPE_KVM_ACCEL);
  object_class_by_name(TYPE_KVM_ACCEL);

  EXPECT_EQ(class_inits, 1);
}

TEST_F(Lecture, object_new_gives_an_object_of_the_size_on_paper) {
  const Ref<> accel(object_new(TYPE_KVM_ACCEL));

  EXPECT_EQ(object_type_get_instance_size(TYPE_KVM_ACCEL), sizeof(KVMState));
  EXPECT_NE(object_dynamic_cast(accel.get(), TYPE_ACCEL), nullptr);
}

TEST_F(Lecture, the_machine_macro_registers_a_type_with_its_suffix_and_options) {
  auto* mc = class_cast<MachineClass>(object_class_by_name("pc-i440fx-4.0-machine"));

  EXPECT_STREQ(mc->alias, "pc");
  EXPECT_EQ(mc->is_default, 1);
  EXPECT_NE(mc->init, nullptr);
}

TEST_F(Lecture, one_search_turns_all_paper_into_classes) {
  object_class_get_list("machine", false);

  EXPECT_EQ(class_inits, 1);
}
