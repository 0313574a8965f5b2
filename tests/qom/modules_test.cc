// Section A: the module registry. (15 to 22, loadable modules: plugin_test.cc)
#include "fixture.h"

namespace qom_test {

namespace {

void m1() {
  log().push_back("m1");
}

void m2() {
  log().push_back("m2");
}

void late() {
  log().push_back("late");
}

void registers_late() {
  log().push_back("early");
  register_module_init(late, MODULE_INIT_TRACE);
}

void calls_opts() {
  log().push_back("outer begins");
  register_module_init(m2, MODULE_INIT_OPTS);
  module_call_init(MODULE_INIT_OPTS);
  log().push_back("outer ends");
}

// Three constructors of one source file, for A4.
Log& constructor_order() {
  static Log order;
  return order;
}

void first_of_file() {
  constructor_order().push_back("first");
}

void second_of_file() {
  constructor_order().push_back("second");
}

void third_of_file() {
  constructor_order().push_back("third");
}

module_init(first_of_file, MODULE_INIT_LIBQOS);
module_init(second_of_file, MODULE_INIT_LIBQOS);
module_init(third_of_file, MODULE_INIT_LIBQOS);

class QomModules : public ::testing::Test {
 protected:
  QomModules() { log().clear(); }

 private:
  IsolatedModules modules_;
};

}  // namespace

TEST_F(QomModules, A1_a_list_runs_in_order_of_registration) {
  register_module_init(m1, MODULE_INIT_TRACE);
  register_module_init(m2, MODULE_INIT_OPTS);
  register_module_init(m1, MODULE_INIT_TRACE);
  register_module_init(m2, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("m1", "m1", "m2"));
}

TEST_F(QomModules, A2_a_function_registered_twice_runs_twice) {
  register_module_init(m1, MODULE_INIT_TRACE);
  register_module_init(m1, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("m1", "m1"));
}

TEST_F(QomModules, A3_calling_one_type_runs_no_other_types_functions) {
  register_module_init(m1, MODULE_INIT_TRACE);
  register_module_init(m2, MODULE_INIT_OPTS);

  module_call_init(MODULE_INIT_OPTS);

  EXPECT_THAT(log(), ElementsAre("m2"));
}

TEST(QomModulesOfThisFile, A4_constructors_of_one_file_run_in_source_order) {
  constructor_order().clear();

  module_call_init(MODULE_INIT_LIBQOS);

  EXPECT_THAT(constructor_order(), ElementsAre("first", "second", "third"));
}

TEST_F(QomModules, A5_one_registered_during_the_run_runs_last_in_the_same_pass) {
  register_module_init(registers_late, MODULE_INIT_TRACE);
  register_module_init(m1, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("early", "m1", "late"));
}

TEST_F(QomModules, A6_a_function_may_register_and_call_another_type) {
  register_module_init(calls_opts, MODULE_INIT_TRACE);
  register_module_init(m1, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("outer begins", "m2", "outer ends", "m1"));
}

TEST_F(QomModules, A7_calling_a_type_twice_runs_everything_again) {
  register_module_init(m1, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);
  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("m1", "m1"));
}

TEST_F(QomModules, A8_a_new_call_runs_old_and_new_functions) {
  register_module_init(m1, MODULE_INIT_TRACE);
  module_call_init(MODULE_INIT_TRACE);
  register_module_init(m2, MODULE_INIT_TRACE);

  module_call_init(MODULE_INIT_TRACE);

  EXPECT_THAT(log(), ElementsAre("m1", "m1", "m2"));
}

TEST(QomModulesDeathTest, A9_calling_qom_twice_aborts_at_the_first_type) {
  const auto call_twice = [] {
    const IsolatedModules modules;
    const IsolatedTypes types(BaseTypes::none);
    register_module_init(register_base_types, MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QOM);
  };

  EXPECT_DEATH(call_twice(), "Registering `interface' which already exists");
}

TEST_F(QomModules, A10_a_type_without_registrations_does_nothing) {
  module_call_init(MODULE_INIT_XEN_BACKEND);

  EXPECT_THAT(log(), IsEmpty());
}

TEST(QomModuleTypes, A11_the_types_are_qemu_4_0s_in_its_order) {
  Log names;
  for (int type = 0; type < MODULE_INIT_MAX; ++type) {
    names.emplace_back(module_type_name(static_cast<module_init_type>(type)));
  }

  EXPECT_THAT(names,
              ElementsAre("BLOCK", "OPTS", "QOM", "TRACE", "XEN_BACKEND", "LIBQOS"));
}

TEST_F(QomModules, A14_one_function_may_register_many_types) {
  const IsolatedTypes types;
  const auto register_fifty = [] {
    for (int i = 0; i < 50; ++i) {
      const std::string name = "model-" + std::to_string(i);
      type_register(std::make_unique<TypeInfo>(
                        TypeInfo{.name = name.c_str(), .parent = TYPE_OBJECT})
                        .get());
    }
  };
  register_module_init(register_fifty, MODULE_INIT_QOM);

  module_call_init(MODULE_INIT_QOM);

  EXPECT_NE(type_get_by_name("model-0"), nullptr);
  EXPECT_NE(type_get_by_name("model-49"), nullptr);
}

}  // namespace qom_test
