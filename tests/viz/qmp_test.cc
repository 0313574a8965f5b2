// Real and false QEMUs. The false ones are shell scripts written here.
#include "tools/qmp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "qemus.h"
#include "tools/qmp_types.h"

namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class FalseQemu : public viz_test::ScriptedQemu {
 protected:
  // What types_of_qemu() says of a binary; "" if it is content.
  std::string error_of(const std::string& binary,
                       milliseconds timeout = milliseconds(5000)) {
    try {
      tools::types_of_qemu({.binary = binary, .arguments = {}, .timeout = timeout});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(FalseQemu, one_that_hangs_is_given_up_in_time_and_reaped) {
  const auto begin = std::chrono::steady_clock::now();

  const std::string error = error_of(script("sleep 600"), milliseconds(300));

  EXPECT_THAT(error, HasSubstr("no answer in the time allowed"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(3000));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_ignores_signals_is_still_ended) {
  const std::string error = error_of(
      script("trap '' TERM INT HUP\nwhile :; do sleep 600; done"), milliseconds(300));

  EXPECT_THAT(error, HasSubstr("no answer in the time allowed"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_ends_at_once_is_quoted) {
  const std::string error = error_of(script("echo 'no such machine' >&2; exit 3"));

  EXPECT_THAT(error, HasSubstr("ended"));
  EXPECT_THAT(error, HasSubstr("no such machine"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_prints_rubbish_is_no_qemu) {
  EXPECT_THAT(error_of(script("yes rubbish")), HasSubstr("is it a QEMU?"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_prints_without_end_is_stopped) {
  EXPECT_THAT(error_of(script("cat /dev/zero")), HasSubstr("without a line break"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_floods_its_standard_error_does_not_block_us) {
  const std::string error =
      error_of(script("head -c 3000000 /dev/zero >&2; echo last words >&2; exit 1"));

  EXPECT_THAT(error, HasSubstr("last words"));
}

TEST_F(FalseQemu, json_that_is_no_greeting_is_refused) {
  EXPECT_THAT(error_of(script("echo '{\"hello\":1}'; sleep 600")),
              HasSubstr("does not greet as QMP does"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, one_that_hangs_after_its_greeting_is_given_up) {
  const std::string error = error_of(
      script("echo '{\"QMP\":{\"version\":{\"qemu\":{\"major\":9}}}}'; sleep 600"),
      milliseconds(300));

  EXPECT_THAT(error, HasSubstr("no answer in the time allowed"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemu, an_answer_of_the_wrong_shape_is_an_error_not_a_crash) {
  const std::string greeting = "echo '{\"QMP\":{\"version\":{\"qemu\":{}}}}'\n";
  for (const char* answer :
       {"{\"return\":7}", "{\"return\":[7,{},{\"name\":1}]}", "{\"error\":7}",
        "{\"return\":[{\"name\":\"a\",\"parent\":\"a\"}]}"}) {
    const std::string body = greeting + "while read line; do echo '" + answer + "'; done";

    const std::string error = error_of(script(body));

    EXPECT_TRUE(gone()) << error;
  }
}

TEST_F(FalseQemu, a_qemu_that_refuses_a_command_is_quoted) {
  const std::string error = error_of(script(
      "echo '{\"QMP\":{\"version\":{\"qemu\":{}}}}'\nwhile read line; do\n"
      "echo '{\"error\":{\"class\":\"GenericError\",\"desc\":\"not today\"}}'; done"));

  EXPECT_THAT(error, HasSubstr("not today"));
}

TEST_F(FalseQemu, a_missing_program_is_named) {
  EXPECT_THAT(error_of("no-such-qemu"), HasSubstr("no such program in PATH"));
  EXPECT_THAT(error_of("/no/such/qemu"), HasSubstr("there is no such file"));
}

TEST_F(FalseQemu, a_file_that_is_no_program_is_refused_with_the_systems_reason) {
  const std::string path = (folder_ / "plain").string();
  std::ofstream(path) << "text";

  EXPECT_THAT(error_of(path), HasSubstr("Permission denied"));
}

using RealQemu = viz_test::InstalledQemu;

TEST_F(RealQemu, knows_the_types_every_qemu_has) {
  const viz::TypeModel model = tools::types_of_qemu({.binary = "qemu-system-x86_64"});

  EXPECT_GT(model.size(), 400U);
  EXPECT_EQ(model.find("device")->parent, "object");
  EXPECT_EQ(model.find("edu")->parent, "pci-device");
  EXPECT_TRUE(model.find("pci-device")->abstract);
  EXPECT_THAT(model.find("edu")->interfaces,
              testing::ElementsAre("conventional-pci-device"));
  EXPECT_THAT(model.source, HasSubstr("qemu-system-x86_64 "));
}

TEST_F(RealQemu, with_a_machine_its_devices_are_instantiated) {
  const viz::TypeModel model = tools::types_of_qemu(
      {.binary = "qemu-system-x86_64", .arguments = {"-machine", "pc", "-accel", "tcg"}});

  EXPECT_EQ(model.find("i440FX")->state, viz::State::instantiated);
  EXPECT_GT(model.find("irq")->objects, 1U);
}

TEST_F(RealQemu, that_refuses_its_arguments_is_quoted) {
  try {
    tools::types_of_qemu(
        {.binary = "qemu-system-x86_64", .arguments = {"-machine", "nope"}});
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unsupported machine type"));
  }
}

}  // namespace
