// The stub answering a debugger, over CPUs that really run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "debugged_machine.h"

namespace gdbstub_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// mov al, [0x2000] / inc ax / mov [0x2000], al / jmp back to the start
const std::vector<std::uint8_t> counting_loop{0xa0, 0x00, 0x20, 0x40, 0xa2,
                                              0x00, 0x20, 0xeb, 0xf7};
constexpr const char* with_reasons = "qSupported:multiprocess+;swbreak+;hwbreak+";

// ---- talking --------------------------------------------------------------------------

TEST(Stub, tells_what_it_can_do_and_takes_up_what_the_debugger_knows) {
  DebuggedMachine machine;

  const std::string answer = machine.ask(with_reasons);

  EXPECT_THAT(answer, StartsWith("PacketSize=1000;qXfer:features:read+"));
  EXPECT_THAT(answer, HasSubstr("multiprocess+;swbreak+;hwbreak+"));
}

TEST(Stub, says_nothing_to_what_it_does_not_know) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("vMustReplyEmpty"), "");
  EXPECT_EQ(machine.ask("qTStatus"), "");
  EXPECT_EQ(machine.ask("_"), "");
}

TEST(Stub, acknowledges_a_packet_until_told_not_to) {
  DebuggedMachine machine;

  machine.ask("QStartNoAckMode");
  EXPECT_EQ(machine.sent, "+$OK#9a");
  machine.ask("qAttached");
  EXPECT_EQ(machine.sent, "$1#31");
}

TEST(Stub, sends_its_last_packet_again_when_asked_to) {
  DebuggedMachine machine;
  machine.ask("qAttached");
  machine.sent.clear();

  machine.say("-");

  EXPECT_EQ(machine.sent, "$1#31");
}

TEST(Stub, asks_for_a_broken_packet_again) {
  DebuggedMachine machine;

  machine.say("$g#00");

  EXPECT_EQ(machine.sent, "-");
}

TEST(Stub, stops_a_running_machine_when_a_debugger_comes) {
  DebuggedMachine machine;
  machine.running = true;

  machine.stub->connected();

  EXPECT_EQ(machine.stop_asked, StopCause::paused);
}

TEST(Stub, answers_what_came_while_the_machine_ran_once_it_has_stopped) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.running = true;
  machine.stub->connected();

  machine.ask("qAttached");
  EXPECT_EQ(machine.sent, "");
  machine.deliver_stop();

  EXPECT_EQ(machine.last_payload(), "1");
}

// ---- registers and memory -------------------------------------------------------------

TEST(Stub, registers_have_the_widths_of_4_0s_x86_64_target) {
  DebuggedMachine machine;

  // 17 of 64 bits, eflags and 6 selectors of 32, 9 of 64, 8 of 80, 8 of 32, 16 of 128, 1
  // of 32: two digits a byte.
  EXPECT_EQ(machine.ask("g").size(),
            2u * (17 * 8 + 7 * 4 + 9 * 8 + 8 * 10 + 8 * 4 + 16 * 16 + 4));
}

TEST(Stub, one_register_is_the_same_as_in_the_whole) {
  DebuggedMachine machine;

  const std::string all = machine.ask("g");

  EXPECT_EQ(machine.ask("p10"), all.substr(16 * 16, 16));  // rip
  EXPECT_EQ(machine.ask("p10"), "0010000000000000");
  EXPECT_EQ(machine.ask("p42"), "E14");
}

TEST(Stub, a_register_that_was_written_reads_back) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("P0=7856341200000000"), "OK");
  EXPECT_EQ(machine.ask("p0"), "7856341200000000");
  EXPECT_EQ(machine.ask("P0=00"), "E22");
}

TEST(Stub, all_registers_written_back_change_nothing) {
  DebuggedMachine machine;
  const std::string all = machine.ask("g");

  EXPECT_EQ(machine.ask("G" + all), "OK");
  EXPECT_EQ(machine.ask("g"), all);
}

TEST(Stub, a_selector_can_be_set_where_there_are_no_descriptors) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("P14=00120000"), "OK");  // ds
  EXPECT_EQ(cpu_list().front()->vcpu->sregs().ds.base, 0x12000u);
}

TEST(Stub, memory_is_read_and_written) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("M2000,3:0a0b0c"), "OK");
  EXPECT_EQ(machine.ask("m2001,2"), "0b0c");
  EXPECT_EQ(machine.ask("M2000,3:0a0b"), "E22");
}

TEST(Stub, binary_memory_comes_as_it_is) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask(std::string("X2000,4:a#}$")), "OK");
  EXPECT_EQ(machine.ask("m2000,4"), "61237d24");
}

TEST(Stub, memory_that_is_nobodys_is_an_error) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("m30000,4"), "E14");
  EXPECT_EQ(machine.ask("M30000,1:00"), "E14");
}

TEST(Stub, of_memory_at_the_edge_what_is_there_is_read) {
  DebuggedMachine machine;
  machine.write(ram_size - 2, {0x11, 0x22});

  EXPECT_EQ(machine.ask("mfffe,8"), "1122");
}

TEST(Stub, addresses_go_through_the_guests_page_tables) {
  DebuggedMachine machine;
  // 32-bit paging: linear 0x400000 is the page at 0x2000, nothing else is mapped.
  machine.write(0x4004, {0x03, 0x50, 0, 0});
  machine.write(0x5000, {0x03, 0x20, 0, 0});
  machine.write(data_at, {0xab});
  Vcpu& vcpu = *cpu_list().front()->vcpu;
  Sregs sregs = vcpu.sregs();
  sregs.cr3 = 0x4000;
  sregs.cr0 = 0x80000011;
  vcpu.set_sregs(sregs);

  EXPECT_EQ(machine.ask("m400000,1"), "ab");
  EXPECT_EQ(machine.ask("m401000,1"), "E14");
  EXPECT_EQ(machine.ask("m2000,1"), "E14");
  EXPECT_EQ(machine.ask("Qqemu.PhyMemMode:1"), "OK");
  EXPECT_EQ(machine.ask("m2000,1"), "ab");
}

TEST(Stub, large_pages_of_long_mode_are_found) {
  DebuggedMachine machine;
  machine.write(0x4000, {0x03, 0x50, 0, 0, 0, 0, 0, 0});  // level 4, entry 0
  machine.write(0x5000, {0x03, 0x60, 0, 0, 0, 0, 0, 0});  // level 3
  machine.write(0x6008, {0x83, 0x00, 0, 0, 0, 0, 0, 0});  // 2 MiB at 0x200000: the first
  Sregs sregs;
  sregs.cr0 = 0x80000001;
  sregs.cr4 = 0x20;
  sregs.cr3 = 0x4000;
  sregs.efer = 0x500;
  machine.write(data_at, {0xcd});
  cpu_list().front()->vcpu->set_sregs(sregs);

  EXPECT_EQ(machine.ask("m202000,1"), "cd");
  EXPECT_EQ(machine.ask("m2000,1"), "E14");
  EXPECT_EQ(machine.ask("m8000000000000000,1"), "E14");  // not canonical
}

TEST(Stub, the_target_description_comes_in_pieces) {
  DebuggedMachine machine;
  std::string xml;

  for (int i = 0; i < 100; ++i) {
    char request[64];
    std::snprintf(request, sizeof request, "qXfer:features:read:target.xml:%zx,100",
                  xml.size());
    const std::string piece = machine.ask(request);
    xml += piece.substr(1);
    if (piece[0] == 'l') {
      break;
    }
  }

  EXPECT_THAT(xml, EndsWith("</target>\n"));
  EXPECT_THAT(xml, HasSubstr("<reg name=\"mxcsr\" bitsize=\"32\""));
  EXPECT_EQ(machine.ask("qXfer:features:read:other.xml:0,100"), "E00");
}

// ---- breakpoints, steps, watchpoints ------------------------------------------------

TEST(Stub, a_breakpoint_stops_before_its_instruction) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask(with_reasons);

  EXPECT_EQ(machine.ask("Z0,1007,1"), "OK");
  machine.ask("vCont;c");

  EXPECT_EQ(machine.run(), "T05swbreak:;thread:p01.01;");
  EXPECT_EQ(machine.ask("p10"), "0710000000000000");
  EXPECT_EQ(machine.byte_at(data_at), 1);
}

TEST(Stub, a_breakpoint_in_the_middle_of_code_that_ran_before_is_seen) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("vCont;c");
  machine.run(1, 5000);
  machine.say("\x03");
  machine.deliver_stop();

  machine.ask("Z1,1003,1");
  machine.ask("vCont;c");

  EXPECT_EQ(machine.run(), "T05thread:01;");
  EXPECT_EQ(machine.ask("p10"), "0310000000000000");
}

TEST(Stub, a_breakpoint_that_was_removed_is_no_more) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z0,1003,1");

  EXPECT_EQ(machine.ask("z0,1003,1"), "OK");
  EXPECT_EQ(machine.ask("z0,1003,1"), "E22");
  machine.ask("vCont;c");
  machine.run(3);

  EXPECT_TRUE(machine.running);
}

TEST(Stub, a_step_is_one_instruction) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);

  machine.ask("vCont;s:1");

  EXPECT_EQ(machine.run(), "T05thread:01;");
  EXPECT_EQ(machine.ask("p10"), "0310000000000000");
}

TEST(Stub, a_write_watchpoint_stops_after_the_write_and_says_where) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);

  EXPECT_EQ(machine.ask("Z2,2000,1"), "OK");
  machine.ask("vCont;c");

  EXPECT_EQ(machine.run(), "T05watch:0000000000002000;thread:01;");
  EXPECT_EQ(machine.ask("p10"), "0710000000000000");
  EXPECT_EQ(machine.byte_at(data_at), 1);
}

TEST(Stub, a_read_watchpoint_sees_no_write) {
  DebuggedMachine machine;
  machine.write(code_at, {0xa2, 0x00, 0x20, 0xa0, 0x00, 0x20, 0xf4});  // write, read, hlt

  machine.ask("Z3,2000,1");
  machine.ask("vCont;c");

  EXPECT_EQ(machine.run(), "T05rwatch:0000000000002000;thread:01;");
  EXPECT_EQ(machine.ask("p10"), "0610000000000000");
}

TEST(Stub, an_access_watchpoint_sees_both) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z4,1fff,4");

  machine.ask("vCont;c");
  EXPECT_EQ(machine.run(), "T05awatch:0000000000001fff;thread:01;");
  EXPECT_EQ(machine.ask("p10"), "0310000000000000");
  machine.ask("vCont;c");
  machine.run();

  EXPECT_EQ(machine.ask("p10"), "0710000000000000");
}

TEST(Stub, a_neighbour_of_a_watched_byte_is_not_watched) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z4,2001,4");
  machine.ask("Z4,1ffe,2");

  machine.ask("vCont;c");
  machine.run(3);

  EXPECT_TRUE(machine.running);
}

TEST(Stub, a_step_that_hits_a_watchpoint_says_so) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z3,2000,1");

  machine.ask("vCont;s:1");

  EXPECT_EQ(machine.run(), "T05rwatch:0000000000002000;thread:01;");
}

TEST(Stub, points_that_make_no_sense_are_refused) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("Z9,1000,1"), "E22");
  EXPECT_EQ(machine.ask("Z0,1000"), "E22");
  EXPECT_EQ(machine.ask("Z2,1000,0"), "E28");
  EXPECT_EQ(machine.ask("Z2,ffffffffffffffff,8"), "E28");
}

// ---- running --------------------------------------------------------------------------

TEST(Stub, control_c_stops_with_an_interrupt) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("vCont;c");

  machine.say("\x03");
  EXPECT_EQ(machine.stop_asked, StopCause::paused);
  machine.deliver_stop();

  EXPECT_EQ(machine.last_payload(), "T02thread:01;");
}

TEST(Stub, an_acknowledgement_of_the_last_answer_does_not_stop_the_machine) {
  DebuggedMachine machine;
  machine.ask("D");

  machine.say("+");

  EXPECT_TRUE(machine.running);
  EXPECT_EQ(machine.stop_asked, StopCause::none);
}

TEST(Stub, after_detaching_the_machine_runs_without_breakpoints) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z0,1003,1");

  EXPECT_EQ(machine.ask("D"), "OK");
  machine.run(3);

  EXPECT_TRUE(machine.running);
}

TEST(Stub, a_debugger_that_vanishes_takes_its_breakpoints_with_it) {
  DebuggedMachine machine;
  machine.write(code_at, counting_loop);
  machine.ask("Z0,1003,1");
  machine.ask("vCont;c");

  machine.stub->disconnected();
  machine.deliver_stop();
  machine.run(3);

  EXPECT_TRUE(machine.running);
}

TEST(Stub, kill_ends_the_run) {
  DebuggedMachine machine;

  machine.ask("k");

  EXPECT_TRUE(machine.quit);
}

TEST(Stub, the_end_of_the_run_is_told_with_its_status) {
  DebuggedMachine machine;
  machine.ask("vCont;c");

  machine.stub->exited(33);

  EXPECT_EQ(machine.last_payload(), "W21");
}

TEST(Stub, what_the_monitor_says_comes_back_as_text) {
  DebuggedMachine machine;

  machine.ask("qRcmd,6869");

  EXPECT_THAT(machine.sent, HasSubstr("$O796f7520736169642068690a#"));  // "you said hi\n"
  EXPECT_EQ(machine.last_payload(), "OK");
}

// ---- several CPUs -------------------------------------------------------------------

TEST(Stub, CPUs_are_threads) {
  DebuggedMachine machine(2);
  machine.ask(with_reasons);

  EXPECT_EQ(machine.ask("qfThreadInfo"), "mp01.01,p01.02");
  EXPECT_EQ(machine.ask("qsThreadInfo"), "l");
  EXPECT_EQ(machine.ask("qC"), "QCp01.01");
  EXPECT_EQ(machine.ask("Tp1.2"), "OK");
  EXPECT_EQ(machine.ask("Tp1.3"), "E22");
  EXPECT_EQ(machine.ask("qThreadExtraInfo,p1.2"), "4350552331205b72756e6e696e675d");
}

TEST(Stub, registers_are_those_of_the_chosen_CPU) {
  DebuggedMachine machine(2);
  machine.ask("P0=1100000000000000");

  EXPECT_EQ(machine.ask("Hg2"), "OK");
  EXPECT_NE(machine.ask("p0"), "1100000000000000");
  EXPECT_EQ(machine.ask("Hg1"), "OK");
  EXPECT_EQ(machine.ask("p0"), "1100000000000000");
  EXPECT_EQ(machine.ask("Hg3"), "E22");
}

TEST(Stub, a_CPU_that_is_not_named_stays_where_it_is) {
  DebuggedMachine machine(2);
  machine.write(code_at, counting_loop);

  machine.ask("vCont;s:2");
  EXPECT_EQ(machine.run(), "T05thread:02;");

  machine.ask("Hg1");
  EXPECT_EQ(machine.ask("p10"), "0010000000000000");
  machine.ask("Hg2");
  EXPECT_EQ(machine.ask("p10"), "0310000000000000");
}

TEST(Stub, the_CPU_that_came_to_the_breakpoint_is_the_one_that_is_told_of) {
  DebuggedMachine machine(2);
  machine.write(code_at, counting_loop);
  machine.ask("Z0,1003,1");

  machine.ask("vCont;c:2");

  EXPECT_EQ(machine.run(), "T05thread:02;");
}

TEST(Stub, an_order_to_run_that_names_nobody_is_refused) {
  DebuggedMachine machine;

  EXPECT_EQ(machine.ask("vCont;c:7"), "E22");
  EXPECT_EQ(machine.ask("vCont;x"), "E22");
  EXPECT_FALSE(machine.running);
}

}  // namespace
}  // namespace gdbstub_test
