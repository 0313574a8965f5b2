// Every way a run ends: its exit code, and that the trace is complete all the same.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {
namespace {

// Guest programs: flat images that start at 0000:7c00 in real mode.
const std::string ready = "\xb0\x52\xe6\xe9";  // mov al,'R'; out 0xe9,al

std::string debug_exit_guest() {
  return std::string(
      "\xb0\x10"  // mov al, 0x10
      "\xe6\xf4"  // out 0xf4, al
      "\xf4",
      5);  // hlt
}

std::string triple_fault_guest() {
  return std::string(
             "\x0f\x01\x1e\x10\x7c"  // lidt [0x7c10]: limit 0
             "\xcd\x20"              // int 0x20
             "\xf4",
             8) +
         std::string(16, '\0');
}

std::string reset_guest() {
  return std::string(
      "\xb0\xfe"  // mov al, 0xfe: pulse the reset line
      "\xe6\x64"  // out 0x64, al
      "\xf4",
      5);  // hlt
}

std::string loop_guest() {
  return ready + "\xeb\xfe";
}  // jmp $

struct ExitTest : testing::Test {
  std::string folder = make_folder();
  std::string trace = folder + "/trace.json";

  std::vector<std::string> command(const std::string& guest,
                                   const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"-trace", "file=" + trace};
    words.insert(words.end(), more.begin(), more.end());
    return guest_command(folder, guest, words);
  }

  // Complete: one JSON array that has the last checkpoint and the last phase.
  void expect_complete_trace() {
    const std::string text = read_file(trace);
    const auto events = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(events.is_array()) << text.substr(0, 200);
    bool exit_seen = false, shutdown_seen = false;
    for (const auto& event : events) {
      exit_seen = exit_seen || event.value("name", "") == "guest.exit";
      shutdown_seen = shutdown_seen || (event.value("name", "") == "phase" &&
                                        event["args"]["name"] == "shutdown");
    }
    EXPECT_TRUE(exit_seen) << "no checkpoint guest.exit";
    EXPECT_TRUE(shutdown_seen) << "no phase shutdown";
  }
};

TEST_F(ExitTest, debug_exit_gives_the_guests_value_times_two_plus_one) {
  const Outcome outcome = run_program(command(debug_exit_guest()));

  EXPECT_EQ(outcome.exit_code, 0x10 << 1 | 1) << outcome.err;
  expect_complete_trace();
}

TEST_F(ExitTest, a_triple_fault_under_no_reboot_has_its_own_code) {
  const Outcome outcome = run_program(command(triple_fault_guest(), {"-no-reboot"}));

  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_NE(outcome.err.find("triple fault"), std::string::npos) << outcome.err;
  expect_complete_trace();
}

TEST_F(ExitTest, a_reset_under_no_reboot_ends_the_run_with_success) {
  const Outcome outcome = run_program(command(reset_guest(), {"-no-reboot"}));

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_complete_trace();
}

TEST_F(ExitTest, sigterm_and_interrupt_end_a_busy_guest_by_that_signal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Process process(command(loop_guest(), {"-debugcon", "stdio"}), {});
    ASSERT_TRUE(process.wait_for_output("R"));

    process.send(signal);
    const Outcome outcome = process.finish();

    EXPECT_EQ(outcome.signal, signal) << outcome.err;
    expect_complete_trace();
  }
}

// The kernel is a pipe: its reader is in the middle of the start.
TEST_F(ExitTest, a_signal_during_the_start_leaves_a_complete_trace) {
  const std::string pipe = folder + "/kernel";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const int signal : {SIGTERM, SIGINT}) {
    Process process(command(loop_guest(), {"-kernel", pipe}), {});
    const int kernel = open(pipe.c_str(), O_WRONLY);  // returns once it is read from

    process.send(signal);
    close(kernel);
    const Outcome outcome = process.finish();

    const std::string text = read_file(trace);
    EXPECT_TRUE(nlohmann::json::parse(text, nullptr, false).is_array())
        << text.substr(0, 200) << outcome.err;
  }
}

TEST_F(ExitTest, quit_ends_a_stopped_machine_with_success) {
  const Outcome outcome =
      run_program(command(loop_guest(), {"-S", "-monitor", "stdio"}), "quit\n");

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_complete_trace();
}

TEST_F(ExitTest, a_user_error_is_code_1_and_the_trace_still_complete) {
  const Outcome outcome =
      run_program({vitrine(), "run", "-machine", "foo", "-trace", "file=" + trace});

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(nlohmann::json::parse(read_file(trace), nullptr, false).is_array());
}

}  // namespace
}  // namespace launcher_test
