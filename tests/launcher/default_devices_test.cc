// The devices 4.0 gives a PC unasked and that are not built: named once, each as long as
// the command line leaves it there (a `vitrine run` to the end of the start).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process.h"

namespace launcher_test {
namespace {

using Words = std::vector<std::string>;

Outcome start(const std::string& machine, const Words& more) {
  Words words = {vitrine(), "run",      "-accel", "tcg",      "-machine",
                 machine,   "-display", "none",   "-stop-at", "machine.ready"};
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

// "VGA, e1000 and floppy", out of the warning; empty if it names none.
std::string defaults_named(const std::string& machine, const Words& more) {
  const Outcome outcome = start(machine, more);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string before = "the default devices ", after = " are not built yet";
  const std::size_t from = outcome.err.find(before);
  const std::size_t to = outcome.err.find(after);
  return from == std::string::npos || to == std::string::npos
             ? ""
             : outcome.err.substr(from + before.size(), to - from - before.size());
}

TEST(DefaultDevices, a_plain_pc_names_what_it_goes_without_in_one_warning) {
  EXPECT_EQ(start("pc", {}).err,
            "vitrine: warning: the default devices VGA, e1000, ide-cd, floppy and "
            "isa-parallel are not built yet; the machine starts without them "
            "(-nodefaults asks for no default device)\n");
}

TEST(DefaultDevices, who_asks_for_none_is_told_of_none) {
  EXPECT_EQ(start("pc", {"-nodefaults"}).err, "");
}

TEST(DefaultDevices, a_board_without_a_place_for_them_is_told_of_none) {
  EXPECT_EQ(start("none", {}).err, "");
}

TEST(DefaultDevices, each_of_them_can_be_switched_off) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"-vga", "none"}, "e1000, ide-cd, floppy and isa-parallel"},
      {{"-device", "cirrus-vga"}, "e1000, ide-cd, floppy and isa-parallel"},
      {{"-net", "none"}, "VGA, ide-cd, floppy and isa-parallel"},
      {{"-nic", "none"}, "VGA, ide-cd, floppy and isa-parallel"},
      {{"-netdev", "user,id=n0"}, "VGA, ide-cd, floppy and isa-parallel"},
      {{"-drive", "if=ide,index=2,media=cdrom"}, "VGA, e1000, floppy and isa-parallel"},
      {{"-device", "scsi-cd"}, "VGA, e1000, floppy and isa-parallel"},
      {{"-drive", "if=floppy"}, "VGA, e1000, ide-cd and isa-parallel"},
      {{"-global", "isa-fdc.driveA="}, "VGA, e1000, ide-cd and isa-parallel"},
      {{"-parallel", "none"}, "VGA, e1000, ide-cd and floppy"},
  };
  for (const auto& [words, left] : cases) {
    EXPECT_EQ(defaults_named("pc", words), left) << words[0] << " " << words[1];
  }
}

TEST(DefaultDevices, a_card_on_top_leaves_the_default_one_there) {
  EXPECT_EQ(defaults_named("pc", {"-device", "e1000"}),
            "VGA, e1000, ide-cd, floppy and isa-parallel");
}

TEST(DefaultDevices, another_board_names_its_own) {
  EXPECT_EQ(defaults_named("isapc", {}),
            "isa-cirrus-vga, ne2k_isa, ide-cd, floppy and isa-parallel");
  EXPECT_EQ(defaults_named("pc-i440fx-2.1", {}),
            "cirrus-vga, e1000, ide-cd, floppy and isa-parallel");
}

}  // namespace
}  // namespace launcher_test
