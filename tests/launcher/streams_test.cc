// Standard output that cannot be written to, or is not there at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {
namespace {

Outcome run_in_shell(const std::string& command) {
  return run_program({"/bin/sh", "-c", command});
}

TEST(Streams, text_that_a_full_disk_does_not_take_is_an_error) {
  for (const char* words : {" run -help", " --help", " events", " types"}) {
    const Outcome outcome = run_in_shell(vitrine() + words + " >/dev/full");

    EXPECT_EQ(outcome.exit_code, 1) << words;
    EXPECT_THAT(outcome.err, testing::HasSubstr("cannot write to standard output"));
  }
}

TEST(Streams, a_closed_output_does_not_get_the_number_of_the_traces_file) {
  const std::string folder = make_folder();
  write_file(folder + "/guest.bin", std::string("\xb0\x52\xe6\xe9"   // out 0xe9, 'R'
                                                "\xb0\x10\xe6\xf4",  // out 0xf4, 0x10
                                                8));

  const Outcome outcome = run_in_shell(
      vitrine() + " run -machine pc -accel tcg -nodefaults -display none" +
      " -debugcon stdio -device isa-debug-exit,iobase=0xf4,iosize=1" + " -kernel " +
      folder + "/guest.bin -trace file=" + folder + "/trace.json >&-");

  EXPECT_EQ(outcome.exit_code, 0x21) << outcome.err;
  const std::string text = read_file(folder + "/trace.json");
  EXPECT_TRUE(nlohmann::json::parse(text, nullptr, false).is_array())
      << text.substr(0, 200);
}

}  // namespace
}  // namespace launcher_test
