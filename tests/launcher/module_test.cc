// A device whose type is in a file of a module directory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process.h"

namespace launcher_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The plugins that the object model's tests build; $VITRINE_MODULE_DIR names them.
Outcome start_with(const std::string& device, const std::string& more = "") {
  return run_program({"/bin/sh", "-c",
                      "VITRINE_MODULE_DIR=" VITRINE_BUILD_DIR "/tests/qom/plugins " +
                          vitrine() + " run -nodefaults -display none -device " + device +
                          " -stop-at machine.ready" + more});
}

TEST(ModuleDirectory, the_file_named_as_an_unknown_device_is_loaded) {
  const std::string trace = make_folder() + "/trace.json";
  const Outcome outcome = start_with("good", " -trace file=" + trace);

  // It was loaded; that it has no type of its own file's name shows next.
  EXPECT_THAT(read_file(trace), HasSubstr("plugins/good.so"));
  EXPECT_THAT(outcome.err, HasSubstr("'good' is not a valid device model name"));
}

TEST(ModuleDirectory, a_file_that_is_no_good_plugin_says_why) {
  const Outcome outcome = start_with("circle");

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("Failed to initialize module: "));
}

TEST(ModuleDirectory, a_known_device_is_not_looked_for) {
  const std::string trace = make_folder() + "/trace.json";
  start_with("isa-debug-exit", " -trace file=" + trace);

  EXPECT_THAT(read_file(trace),
              Not(HasSubstr("module_load_file\",\"cat\":\"module\",\"ph\":\"X")));
}

TEST(ModuleDirectory, a_name_is_no_way_out_of_the_directory) {
  const Outcome outcome = start_with("../plugins/circle");

  EXPECT_THAT(outcome.err, HasSubstr("is not a valid device model name"));
}

TEST(ModuleDirectory, under_kvm_too) {
  EXPECT_THAT(start_with("circle", " -accel kvm").err,
              HasSubstr("Failed to initialize module: "));
}

}  // namespace
}  // namespace launcher_test
