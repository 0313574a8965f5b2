// Command lines measured on QEMU 4.0: the same text on standard error, the same exit
// status. The program is invoked as qemu-system-x86_64, so even its name is the same.
// A case without exit status started its machine; ours is stopped there by `quit`.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {
namespace {

struct Case {
  std::vector<std::string> args;
  int exit = 0;
  bool starts = false;
  std::string err;
};

std::vector<Case> read_cases() {
  std::ifstream in(VITRINE_SOURCE_DIR "/tests/data/qemu-4.0-command-lines.json");
  std::vector<Case> cases;
  const auto document = nlohmann::json::parse(in);
  for (const auto& row : document["cases"]) {
    Case c;
    c.args = row["args"].get<std::vector<std::string>>();
    c.starts = row["exit"].is_null();
    c.exit = c.starts ? 0 : row["exit"].get<int>();
    c.err = row["stderr"].get<std::string>();
    cases.push_back(c);
  }
  return cases;
}

const std::string& working_folder() {
  static const std::string folder = [] {
    const std::string made = make_folder();
    std::filesystem::create_symlink(vitrine(), made + "/qemu-system-x86_64");
    write_file(made + "/DISK.raw", std::string(4096, '\0'));
    write_file(made + "/DISK.qcow2", std::string(4096, '\0'));
    return made;
  }();
  return folder;
}

struct GoldenTest : testing::TestWithParam<Case> {};

TEST_P(GoldenTest, same_error_and_same_exit_status_as_4_0) {
  const Case& c = GetParam();
  std::vector<std::string> words = {working_folder() + "/qemu-system-x86_64"};
  words.insert(words.end(), c.args.begin(), c.args.end());
  if (c.starts) {
    words.insert(words.end(), {"-monitor", "stdio"});
  }

  const Outcome outcome = run_program(words, "quit\n", working_folder());

  // One line with a hint may follow 4.0's.
  std::string err = outcome.err;
  if (!c.starts && err.starts_with(c.err) &&
      std::count(err.begin() + static_cast<std::ptrdiff_t>(c.err.size()), err.end(),
                 '\n') == 1) {
    err.resize(c.err.size());
  }
  EXPECT_EQ(err, c.err);
  EXPECT_EQ(outcome.exit_code, c.exit);
}

INSTANTIATE_TEST_SUITE_P(CommandLines, GoldenTest, testing::ValuesIn(read_cases()),
                         [](const auto& test) {
                           std::string name = std::to_string(test.index);
                           for (const std::string& word : test.param.args) {
                             for (const char letter : word.substr(0, 24)) {
                               name += std::isalnum(static_cast<unsigned char>(letter))
                                           ? letter
                                           : '_';
                             }
                             if (name.size() > 60) {
                               break;
                             }
                           }
                           return name;
                         });

}  // namespace
}  // namespace launcher_test
