// The pass over the command line: what each word becomes, and how a wrong one is told.
#include "options/command_line.h"

#include <gtest/gtest.h>

#include <set>

#include "options/groups.h"

namespace options {
namespace {

struct CommandLineTest : testing::Test {
  CommandLineTest() { add_option_groups(); }

  ~CommandLineTest() override { qemu_opts_reset_all(); }

  static CommandLine parse(std::vector<std::string> args) {
    return parse_command_line(args, "vitrine");
  }

  static std::string error(std::vector<std::string> args) {
    try {
      parse(std::move(args));
    } catch (const qom::Error& e) {
      return e.hint.empty() ? e.what() : std::string(e.what()) + "\n" + e.hint;
    }
    return "accepted";
  }
};

TEST_F(CommandLineTest, N219_one_dash_and_two_are_the_same) {
  EXPECT_TRUE(parse({"-S"}).has("S"));
  EXPECT_TRUE(parse({"--S"}).has("S"));
}

TEST_F(CommandLineTest, N219_an_unknown_option_is_named_as_typed) {
  EXPECT_EQ(error({"-nosuchoption"}), "-nosuchoption: invalid option");
}

TEST_F(CommandLineTest, N219_a_missing_argument_is_named) {
  EXPECT_EQ(error({"-m"}), "-m: requires an argument");
}

TEST_F(CommandLineTest, N219_a_word_without_dash_is_a_disk_image) {
  parse({"disk.img"});

  const QemuOpts* drive = qemu_opts_find(&qemu_drive_opts, std::nullopt);
  EXPECT_STREQ(qemu_opt_get(drive, "file"), "disk.img");
  EXPECT_STREQ(qemu_opt_get(drive, "index"), "0");
}

TEST_F(CommandLineTest, N222_unknown_words_are_reported_before_values_are_read) {
  EXPECT_EQ(error({"-m", "zz", "-nosuchoption"}), "-nosuchoption: invalid option");
}

TEST_F(CommandLineTest, N221_errors_carry_the_words_as_typed) {
  EXPECT_EQ(error({"--smp", "foo"}), "--smp foo: Parameter 'cpus' expects a number");
  EXPECT_EQ(error({"-smp", "2,clusters=2"}),
            "-smp 2,clusters=2: Invalid parameter 'clusters'\n"
            "It came with QEMU 7.0; leave it out.");
}

TEST_F(CommandLineTest, O230_shorthands_set_machine_keys_in_order) {
  parse({"-machine", "usb=off", "-usb", "-kernel", "k", "-append", "a,b", "-enable-kvm"});

  const QemuOpts* machine = qemu_get_machine_opts();
  EXPECT_STREQ(qemu_opt_get(machine, "usb"), "on");
  EXPECT_STREQ(qemu_opt_get(machine, "kernel"), "k");
  EXPECT_STREQ(qemu_opt_get(machine, "append"), "a,b");
  EXPECT_STREQ(qemu_opt_get(machine, "accel"), "kvm");
}

TEST_F(CommandLineTest, P250_accel_is_the_machines_accel_and_the_last_wins) {
  parse({"-accel", "tcg,thread=single", "-accel", "kvm:tcg"});

  EXPECT_STREQ(qemu_opt_get(qemu_get_machine_opts(), "accel"), "kvm:tcg");
  EXPECT_STREQ(qemu_opt_get(only_opts(qemu_accel_opts), "thread"), "single");
}

TEST_F(CommandLineTest, J173_a_global_may_have_dots_in_its_property) {
  parse({"-global", "a.b.c=d=e"});

  const QemuOpts* global = qemu_opts_find(&qemu_global_opts, std::nullopt);
  EXPECT_STREQ(qemu_opt_get(global, "driver"), "a");
  EXPECT_STREQ(qemu_opt_get(global, "property"), "b.c");
  EXPECT_STREQ(qemu_opt_get(global, "value"), "d=e");
}

TEST_F(CommandLineTest, J173_a_global_may_name_its_three_parts) {
  parse({"-global", "driver=a,property=b,value=c"});

  const QemuOpts* global = qemu_opts_find(&qemu_global_opts, std::nullopt);
  EXPECT_STREQ(qemu_opt_get(global, "driver"), "a");
  EXPECT_STREQ(qemu_opt_get(global, "property"), "b");
  EXPECT_STREQ(qemu_opt_get(global, "value"), "c");
}

TEST_F(CommandLineTest, J173_a_word_alone_is_no_global) {
  EXPECT_EQ(error({"-global", "foo"}), "-global foo: Invalid parameter 'foo'");
}

TEST_F(CommandLineTest, help_of_a_group_is_an_answer_not_an_error) {
  try {
    parse({"-global", "help"});
    FAIL() << "no answer";
  } catch (const Answer& answer) {
    EXPECT_EQ(answer.out,
              "global options:\n  driver=<str>\n  property=<str>\n  value=<str>\n");
    EXPECT_EQ(answer.status, 1);
  }
}

TEST_F(CommandLineTest, a_lost_blank_is_given_back_in_the_hint) {
  EXPECT_EQ(error({"-nettap,ifname=tap0,script=no"}),
            "-nettap,ifname=tap0,script=no: invalid option\n"
            "Did you mean '-net tap,ifname=tap0,script=no'?");
  EXPECT_EQ(error({"-m2048"}), "-m2048: invalid option\nDid you mean '-m 2048'?");
}

TEST_F(CommandLineTest, a_near_spelling_is_suggested) {
  EXPECT_EQ(error({"-enable-kmv"}),
            "-enable-kmv: invalid option\nDid you mean '-enable-kvm'?");
  EXPECT_EQ(error({"-kernal", "x"}), "-kernal: invalid option\nDid you mean '-kernel'?");
}

TEST_F(CommandLineTest, an_option_of_another_version_says_what_replaced_it) {
  EXPECT_EQ(error({"-localtime"}),
            "-localtime: invalid option\n"
            "It was removed in QEMU 3.1; write '-rtc base=localtime'.");
}

TEST_F(CommandLineTest, an_option_of_another_target_is_refused) {
  EXPECT_EQ(error({"-g", "800x600"}), "-g 800x600: Option not supported for this target");
}

TEST(OptionTable, no_name_is_there_twice) {
  std::set<std::string_view> names;
  for (const OptionRow& row : option_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
}

TEST(OptionTable, every_shown_row_has_help_and_every_key_a_group) {
  for (const OptionRow& row : option_rows()) {
    EXPECT_TRUE(row.section == Section::hidden || row.help != nullptr) << row.name;
    EXPECT_TRUE((row.key == nullptr && row.preset == nullptr) || row.group != nullptr)
        << row.name;
  }
}

TEST(OptionTable, help_lists_every_shown_option_and_says_what_is_not_built) {
  const std::string help = help_text("vitrine");

  for (const OptionRow& row : option_rows()) {
    if (row.section != Section::hidden) {
      EXPECT_NE(help.find(std::string("\n-") + row.name), std::string::npos) << row.name;
    }
  }
  EXPECT_NE(help.find("the screen over VNC (not built yet)"), std::string::npos);
}

TEST(OptionTable, help_names_every_exit_code) {
  const std::string help = help_text("vitrine");

  for (const char* code : {"0", "1", "2", "4", "6", "70", "odd", "signal"}) {
    EXPECT_NE(help.find(std::string("\n") + code + " "), std::string::npos) << code;
  }
}

TEST(OptionTable, help_shows_the_verb_unless_invoked_under_qemus_name) {
  EXPECT_TRUE(help_text("vitrine").starts_with("usage: vitrine run [options]"));
  EXPECT_TRUE(help_text("qemu-system-x86_64").starts_with("usage: qemu-system-x86_64 ["));
}

// The lecture's two lines and every group they use.
TEST_F(CommandLineTest, the_first_line_of_the_lecture_parses_completely) {
  const CommandLine line =
      parse({"-enable-kvm", "-name", "ubuntutest", "-m", "2048", "-hda",
             "ubuntutest.qcow2", "-vnc", ":19", "-net", "nic,model=virtio", "-net",
             "tap,ifname=tap0,script=no,downscript=no"});

  EXPECT_EQ(line.given.size(), 7u);
  EXPECT_EQ(qemu_net_opts.head.size(), 2u);
  EXPECT_STREQ(qemu_opt_get(qemu_net_opts.head[1].get(), "downscript"), "no");
  EXPECT_STREQ(qemu_opt_get(only_opts(qemu_name_opts), "guest"), "ubuntutest");
  EXPECT_EQ(qemu_opt_get_size(only_opts(qemu_mem_opts), "size", 0), 2048u);
}

TEST_F(CommandLineTest, the_second_line_of_the_lecture_parses_completely) {
  parse({"-machine", "pc-i440fx-trusty,accel=kvm,usb=off", "-cpu",
         "SandyBridge,+erms,+vme", "-smp", "1,sockets=1,cores=1,threads=1", "-rtc",
         "base=utc,driftfix=slew", "-drive",
         "file=/disk,if=none,id=drive-virtio-disk0,format=qcow2,cache=none", "-device",
         "virtio-blk-pci,scsi=off,bus=pci.0,addr=0x4,drive=drive-virtio-disk0,id=virtio-"
         "disk0",
         "-netdev", "tap,fd=32,id=hostnet0,vhost=on,vhostfd=37", "-chardev",
         "file,id=charserial0,path=/console.log", "-vnc", "0.0.0.0:12"});

  EXPECT_STREQ(qemu_opt_get(qemu_get_machine_opts(), "type"), "pc-i440fx-trusty");
  EXPECT_NE(qemu_opts_find(&qemu_drive_opts, "drive-virtio-disk0"), nullptr);
  EXPECT_NE(qemu_opts_find(&qemu_device_opts, "virtio-disk0"), nullptr);
  EXPECT_STREQ(qemu_opt_get(qemu_opts_find(&qemu_netdev_opts, "hostnet0"), "fd"), "32");
  EXPECT_STREQ(qemu_opt_get(qemu_opts_find(&qemu_chardev_opts, "charserial0"), "backend"),
               "file");
  EXPECT_STREQ(qemu_opt_get(only_opts(qemu_rtc_opts), "driftfix"), "slew");
}

}  // namespace
}  // namespace options
