// -d, -D and -dfilter on the whole program: what a user of QEMU expects to read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "process.h"

namespace launcher_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// A flat image at 0000:7c00: INT 0x20 through a handler at 0000:7c20, then a read of
// memory that nobody has, then the end.
std::string guest() {
  std::string code(
      "\x31\xc0"                  // 7c00 xor ax, ax
      "\x8e\xd8"                  // 7c02 mov ds, ax
      "\xc7\x06\x80\x00\x20\x7c"  // 7c04 mov word [0x80], 0x7c20
      "\xc7\x06\x82\x00\x00\x00"  // 7c0a mov word [0x82], 0
      "\xcd\x20"                  // 7c10 int 0x20
      "\xe5\x10"                  // 7c12 in ax, 0x10: nobody's
      "\xb0\x10"                  // 7c14 mov al, 0x10
      "\xe6\xf4"                  // 7c16 out 0xf4, al
      "\xf4",                     // 7c18 hlt
      0x19);
  code.resize(0x20, '\x90');
  return code + "\xcf";  // 7c20 iret
}

struct LogOption : testing::Test {
  std::string folder = make_folder();
  std::string log = folder + "/log.txt";

  Outcome run(const std::vector<std::string>& more) {
    return run_program(guest_command(folder, guest(), more), {}, folder);
  }

  std::string log_of(const std::string& items, const std::string& filter = {}) {
    std::vector<std::string> words = {"-d", items, "-D", log};
    if (!filter.empty()) {
      words.insert(words.end(), {"-dfilter", filter});
    }
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 0x21) << outcome.err;
    return read_file(log);
  }
};

TEST_F(LogOption, in_asm_shows_code_with_address_and_bytes) {
  const std::string text = log_of("in_asm");

  EXPECT_THAT(text, HasSubstr("----------------\nIN: \n0x00007c00:  31 c0"));
  EXPECT_THAT(text, ContainsRegex("\n0x00007c10:  cd 20 +int +\\$0x20\n"));
}

TEST_F(LogOption, int_shows_the_vector_and_where_the_guest_was) {
  EXPECT_THAT(log_of("int"),
              HasSubstr("     0: v=20 e=0000 i=1 cpl=0 IP=0000:0000000000007c10 "
                        "pc=0000000000007c10 SP=0000:"));
}

TEST_F(LogOption, exec_has_a_line_for_every_block) {
  const std::string text = log_of("exec");

  EXPECT_THAT(text, HasSubstr("Trace 0: 0x7c00 [0000000000000000/0000000000007c00/"));
  EXPECT_THAT(text, HasSubstr("/0000000000007c20/"));
}

TEST_F(LogOption, cpu_shows_registers_before_every_block) {
  const std::string text = log_of("cpu");

  EXPECT_THAT(text, HasSubstr("EIP=00007c00 EFL="));
  EXPECT_THAT(text, HasSubstr("EIP=00007c20 EFL="));
}

TEST_F(LogOption, cpu_reset_shows_the_registers_that_are_lost) {
  EXPECT_THAT(log_of("cpu_reset"), HasSubstr("CPU Reset (CPU 0)\nEAX=00000000"));
}

TEST_F(LogOption, guest_errors_tells_of_a_port_that_nobody_has) {
  EXPECT_THAT(log_of("guest_errors"), HasSubstr("Invalid read at addr 0x10, size 2"));
}

TEST_F(LogOption, dfilter_leaves_other_code_out) {
  const std::string text = log_of("in_asm,exec", "0x7c20..0x7c2f");

  EXPECT_THAT(text, HasSubstr("0x00007c20:  cf"));
  EXPECT_THAT(text, Not(HasSubstr("7c00")));
}

TEST_F(LogOption, without_a_file_the_log_goes_to_standard_error) {
  EXPECT_THAT(run({"-d", "cpu_reset"}).err, HasSubstr("CPU Reset (CPU 0)\n"));
}

TEST_F(LogOption, an_item_with_nothing_to_show_is_accepted_and_says_why) {
  const Outcome outcome = run({"-d", "op,out_asm"});

  EXPECT_EQ(outcome.exit_code, 0x21);
  EXPECT_THAT(outcome.err,
              HasSubstr("-d op shows nothing: guest code is not translated"));
}

TEST_F(LogOption, an_unknown_item_gets_the_list) {
  const Outcome outcome = run({"-d", "nosuchitem"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Log items (comma separated):\n"));
}

TEST_F(LogOption, a_file_that_cannot_be_made_is_an_error) {
  const Outcome outcome = run({"-d", "int", "-D", folder + "/none/log"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("No such file or directory"));
}

TEST_F(LogOption, a_wrong_trace_option_leaves_no_trace_behind) {
  const Outcome outcome = run({"-trace", "bogus=1"});

  EXPECT_EQ(outcome.exit_code, 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_NE(entry.path().extension(), ".json") << entry.path();
  }
}

TEST_F(LogOption, stdio_serves_the_monitor_or_a_serial_line) {
  const Outcome outcome = run({"-serial", "stdio", "-monitor", "stdio"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("-serial stdio: cannot use stdio by multiple "
                                     "character devices\n"));
}

// ---- which part of a run a trace holds -----------------------------------------------

TEST_F(LogOption, a_trace_may_begin_at_a_checkpoint_and_end_after_some_exits) {
  const Outcome outcome =
      run({"-trace", "file=" + folder + "/t.json,from=vcpu.first_run,exits=1"});

  EXPECT_EQ(outcome.exit_code, 0x21) << outcome.err;
  const std::string text = read_file(folder + "/t.json");
  EXPECT_THAT(text, Not(HasSubstr("\"name\":\"type_register\",\"cat\":\"qom\",\"ph\"")));
  EXPECT_THAT(text, HasSubstr("\"name\":\"vcpu_run\",\"cat\":\"vcpu\",\"ph\":\"X\""));
  EXPECT_THAT(text, HasSubstr("\"window\":\"from vcpu.first_run, for 1 exits, out of "));
}

TEST_F(LogOption, a_checkpoint_that_is_none_is_refused_with_those_there_are) {
  const Outcome outcome = run({"-trace", "file=" + folder + "/t.json,from=vcpu.first"});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("-trace from=vcpu.first: no such checkpoint\n"
                                     "Checkpoints: main.enter "));
}

TEST_F(LogOption, no_exit_at_all_is_no_sample) {
  EXPECT_THAT(run({"-trace", "sample=0"}).err, HasSubstr("-trace sample=0"));
}

}  // namespace
}  // namespace launcher_test
