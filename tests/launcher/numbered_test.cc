// Numbered facts of QEMU's object model that only a whole start shows; the others are in
// tests/qom/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

struct NumberedTest : testing::Test {
  std::string folder = make_folder();
  std::string trace = folder + "/trace.json";

  Outcome start(const std::vector<std::string>& more) {
    std::vector<std::string> words = {
        vitrine(),       "run",         "-machine",     "pc",   "-accel",
        "tcg",           "-nodefaults", "-display",     "none", "-trace",
        "file=" + trace, "-stop-at",    "machine.ready"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }

  // The values of one argument of every event of a name, in order.
  std::vector<std::string> values(const std::string& event, const std::string& argument) {
    std::vector<std::string> found;
    const auto events = nlohmann::json::parse(read_file(trace), nullptr, false);
    for (const auto& row : events) {
      if (row.value("name", "") == event && row.contains("args") &&
          row["args"].contains(argument)) {
        found.push_back(row["args"][argument].get<std::string>());
      }
    }
    return found;
  }

  std::vector<std::string> paths_below(const std::string& parent) {
    std::vector<std::string> found;
    for (const std::string& path : values("object_property_add_child", "path")) {
      if (path.starts_with(parent) &&
          path.find('/', parent.size()) == std::string::npos) {
        found.push_back(path.substr(parent.size()));
      }
    }
    return found;
  }
};

TEST_F(NumberedTest, A12_modules_are_called_as_TRACE_QOM_OPTS_BLOCK) {
  start({});

  EXPECT_THAT(values("module_call_init", "type"),
              ElementsAre("TRACE", "QOM", "OPTS", "BLOCK"));
}

TEST_F(NumberedTest, I164_a_device_with_id_is_in_peripheral_and_one_without_in_anon) {
  start({"-chardev", "null,id=a", "-device", "isa-debugcon,chardev=a", "-device",
         "isa-debug-exit,id=x"});

  EXPECT_THAT(paths_below("/machine/peripheral/"), ElementsAre("x"));
  EXPECT_THAT(paths_below("/machine/peripheral-anon/"), ElementsAre("device[0]"));
}

TEST_F(NumberedTest, I164_what_the_board_makes_is_numbered_in_unattached) {
  start({});

  std::vector<std::string> devices;
  for (const std::string& name : paths_below("/machine/unattached/")) {
    if (name.starts_with("device[")) {
      devices.push_back(name);
    }
  }

  ASSERT_GT(devices.size(), 5u);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    EXPECT_EQ(devices[i], "device[" + std::to_string(i) + "]");
  }
}

TEST_F(NumberedTest, I164_a_memory_region_is_below_its_owner) {
  start({"-device", "isa-debug-exit,id=x"});

  EXPECT_THAT(paths_below("/machine/peripheral/x/"), ElementsAre("isa-debug-exit[0]"));
}

TEST_F(NumberedTest, J171_a_global_that_fails_for_a_device_names_its_option) {
  const Outcome outcome =
      start({"-global", "isa-debug-exit.nope=1", "-device", "isa-debug-exit"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, StartsWith("vitrine: -device isa-debug-exit: can't apply "
                                      "global isa-debug-exit.nope=1: "));
}

TEST_F(NumberedTest, J171_one_that_fails_for_the_boards_device_has_no_option) {
  const Outcome outcome = start({"-global", "mc146818rtc.nope=1"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              StartsWith("vitrine: can't apply global mc146818rtc.nope=1: "));
}

}  // namespace
}  // namespace launcher_test
