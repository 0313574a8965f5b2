// Choosing an accelerator (qom-semantics 248 to 254), in QEMU 4.0's words.
#include <system_error>

#include "core/report.h"
#include "fixture.h"

namespace core_test {
namespace {

bool good_allowed = false;
bool missing_allowed = false;

constexpr CompatProperty good_compat[] = {{"nosuch-device", "x", "1"}};

void good_init(AccelState* accel, MachineState*) {
  accel->vm = std::make_unique<ScriptedVm>();
}

void missing_init(AccelState*, MachineState*) {
  throw std::system_error(ENOENT, std::generic_category(), "open /dev/nothing");
}

void broken_init(AccelState*, MachineState*) {
  throw Error("version too old");
}

constinit const TypeInfo accel_types[] = {
    {.name = "good-accel",
     .parent = TYPE_ACCEL,
     .class_init =
         [](ObjectClass* klass, void*) {
           auto* ac = class_cast<AccelClass>(klass);
           ac->name = "good";
           ac->init_machine = good_init;
           ac->allowed = &good_allowed;
           ac->compat_props = good_compat;
         }},
    {.name = "missing-accel",
     .parent = TYPE_ACCEL,
     .class_init =
         [](ObjectClass* klass, void*) {
           auto* ac = class_cast<AccelClass>(klass);
           ac->name = "MISSING";
           ac->init_machine = missing_init;
           ac->allowed = &missing_allowed;
         }},
    {.name = "broken-accel",
     .parent = TYPE_ACCEL,
     .class_init =
         [](ObjectClass* klass, void*) {
           auto* ac = class_cast<AccelClass>(klass);
           ac->name = "broken";
           ac->init_machine = broken_init;
         }},
};

void accel_test_register_types() {
  type_register_static_array(accel_types, std::size(accel_types));
}

type_init(accel_test_register_types)

class Accels : public WithMachine {
 protected:
  Accels() {
    set_program_name("/usr/bin/qemu-system-x86_64");
    good_allowed = missing_allowed = false;
  }

  AccelState* configure(const std::string& names) {
    object_property_set_str(machine, names, "accel");
    return configure_accelerator(machine);
  }
};

TEST_F(Accels, P248_a_name_stands_for_the_class_with_the_suffix) {
  EXPECT_STREQ(object_class_get_name(accel_find("good")), "good-accel");
  EXPECT_EQ(accel_find("nosuch"), nullptr);
  EXPECT_EQ(accel_find(""), nullptr);
}

TEST_F(Accels, P249_the_first_that_comes_up_is_taken) {
  AccelState* accel = configure("good:broken");

  EXPECT_STREQ(object_get_typename(accel), "good-accel");
  EXPECT_EQ(machine->accelerator, accel);
  EXPECT_TRUE(good_allowed);
}

TEST_F(Accels, P249_unknown_names_are_passed_over_in_silence) {
  ::testing::internal::CaptureStderr();
  AccelState* accel = configure("foo:good");

  EXPECT_STREQ(object_get_typename(accel), "good-accel");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(Accels, P249_no_known_name_is_an_error) {
  EXPECT_EQ(error_of([&] { configure("foo:bar"); }),
            "-machine accel=foo:bar: No accelerator found");
}

TEST_F(Accels, P249_an_empty_list_is_an_error) {
  EXPECT_EQ(error_of([&] { configure(""); }), "-machine accel=: No accelerator found");
}

TEST_F(Accels, P252_a_failure_is_told_and_the_next_one_tried) {
  ::testing::internal::CaptureStderr();
  AccelState* accel = configure("missing:good");

  EXPECT_STREQ(object_get_typename(accel), "good-accel");
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(told,
              HasSubstr("qemu-system-x86_64: failed to initialize MISSING: No such file "
                        "or directory\n"));
  EXPECT_THAT(told, HasSubstr("qemu-system-x86_64: Back to good accelerator\n"));
}

TEST_F(Accels, P252_when_all_fail_the_last_reason_is_the_error) {
  ::testing::internal::CaptureStderr();
  const std::string error = error_of([&] { configure("missing:broken"); });

  EXPECT_EQ(error, "failed to initialize broken: version too old");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("MISSING"));
}

TEST_F(Accels, P254_a_failed_try_leaves_nothing_behind) {
  error_of([&] { configure("missing"); });

  EXPECT_EQ(machine->accelerator, nullptr);
  EXPECT_FALSE(missing_allowed);
}

}  // namespace
}  // namespace core_test
