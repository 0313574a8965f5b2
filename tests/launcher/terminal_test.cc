// A terminal that guest and monitor share: -nographic and -serial mon:stdio.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process.h"

namespace launcher_test {
namespace {

// A guest that runs for ever.
std::vector<std::string> endless_guest(const std::vector<std::string>& options) {
  const std::string folder = make_folder();
  write_file(folder + "/guest.bin", "\xeb\xfe");  // jmp itself
  std::vector<std::string> words{vitrine(), "run", "-machine", "pc",
                                 "-accel",  "tcg", "-kernel",  folder + "/guest.bin"};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

TEST(Terminal, C_a_x_ends_a_guest_under_nographic) {
  const Outcome outcome = run_program(endless_guest({"-nographic"}), "\x01x");

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST(Terminal, quit_typed_after_C_a_c_ends_a_guest_on_mon_stdio) {
  const Outcome outcome = run_program(
      endless_guest({"-nodefaults", "-display", "none", "-serial", "mon:stdio"}),
      "\x01"
      "cquit\r");

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::HasSubstr("(vitrine) quit"));
}

}  // namespace
}  // namespace launcher_test
