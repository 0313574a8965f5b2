// What is refused while the command line is read: the words are 4.0's.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "options/command_line.h"
#include "options/document.h"
#include "options/groups.h"
#include "options/opts_visitor.h"

namespace options {
namespace {

struct ChecksTest : testing::Test {
  ChecksTest() { add_option_groups(); }

  ~ChecksTest() override { qemu_opts_reset_all(); }

  // What "-OPTION VALUE" is answered with, if it asks for something.
  static std::string answer(const std::string& option, const std::string& value) {
    std::string text;
    try {
      parse_command_line(std::vector<std::string>{"-" + option, value}, "vitrine");
    } catch (const Answer& a) {
      text = a.out;
    }
    qemu_opts_reset_all();
    return text;
  }

  // What is said about "-OPTION VALUE", without its location.
  static std::string error(const std::string& option, const std::string& value) {
    const std::string location = "-" + option + " " + value + ": ";
    std::string text = "accepted";
    try {
      parse_command_line(std::vector<std::string>{"-" + option, value}, "vitrine");
    } catch (const qom::Error& e) {
      text = e.what();
      text = text.starts_with(location) ? text.substr(location.size()) : text;
    }
    qemu_opts_reset_all();
    return text;
  }
};

TEST_F(ChecksTest, a_uuid_has_its_form) {
  EXPECT_EQ(error("uuid", "12345678-1234-5678-1234-567812345678"), "accepted");
  EXPECT_EQ(error("uuid", "foo"), "failed to parse UUID string: wrong format");
  EXPECT_EQ(error("uuid", "12345678-1234-5678-1234-56781234567"),
            "failed to parse UUID string: wrong format");
}

TEST_F(ChecksTest, a_watchdog_and_a_sound_card_have_known_names) {
  EXPECT_EQ(error("watchdog", "i6300esb"), "accepted");
  EXPECT_EQ(error("watchdog", "dog"), "Unknown -watchdog device");
  EXPECT_NE(answer("watchdog", "help").find("\nib700\n"), std::string::npos);
  EXPECT_EQ(error("soundhw", "ac97,hda"), "accepted");
  EXPECT_EQ(error("soundhw", "ac97,foo"), "Unknown sound card name `foo'");
  EXPECT_NE(answer("soundhw", "?").find("\nac97\n"), std::string::npos);
}

TEST_F(ChecksTest, nobody_runs_unconfined_who_asked_to_be_confined) {
  for (const char* option : {"chroot", "runas", "run-with"}) {
    EXPECT_EQ(error(option, "user=nobody"), "Option not supported for this target");
  }
}

TEST_F(ChecksTest, a_monitor_needs_a_char_driver) {
  for (const char* option : {"monitor", "qmp", "qmp-pretty"}) {
    EXPECT_EQ(error(option, "nosuch"), "'nosuch' is not a valid char driver");
    EXPECT_EQ(error(option, "unix:/x,server,nowait"), "accepted");
    EXPECT_EQ(error(option, "tcp:nohost"), "parse error: tcp:nohost");
  }
}

TEST_F(ChecksTest, smbios_fields_belong_to_their_type) {
  EXPECT_EQ(error("smbios", "type=1,serial=a b"), "accepted");
  EXPECT_EQ(error("smbios", "type=1,foo=1"), "Invalid parameter 'foo'");
  EXPECT_EQ(error("smbios", "foo=1"), "Must specify type= or file=");
  EXPECT_EQ(error("smbios", "type=300"), "out of range!");
  EXPECT_EQ(error("smbios", "type=5"),
            "Don't know how to build fields for SMBIOS type 5");
  EXPECT_EQ(error("smbios", "type=0,release=x"), "Invalid release");
  EXPECT_EQ(error("smbios", "type=1,uuid=x"), "Invalid UUID");
  EXPECT_EQ(error("smbios", "file=nosuch"), "Cannot read SMBIOS file nosuch");
}

TEST_F(ChecksTest, an_acpi_table_has_typed_keys_and_one_source) {
  EXPECT_EQ(error("acpitable", "foo=1"), "Invalid parameter 'foo'");
  EXPECT_EQ(error("acpitable", "sig=ABCD"),
            "'-acpitable' requires one of 'data' or 'file'");
  EXPECT_EQ(error("acpitable", "data=x,rev=300"), "Parameter 'rev' expects uint8_t");
  EXPECT_EQ(error("acpitable", "file=nosuch"),
            "can't open file nosuch: No such file or directory");
}

TEST_F(ChecksTest, a_block_node_has_the_members_of_its_driver) {
  EXPECT_EQ(error("blockdev", "driver=nosuch,node-name=n0"),
            "Invalid parameter 'nosuch'");
  EXPECT_EQ(error("blockdev", "node-name=n0"), "Parameter 'driver' is missing");
  EXPECT_EQ(error("blockdev", "file,filename=x,foo=1"), "Parameter 'foo' is unexpected");
  EXPECT_EQ(error("blockdev", "file"), "Parameter 'filename' is missing");
  EXPECT_EQ(error("blockdev", "null-co,size=abc"), "Parameter 'size' expects integer");
  EXPECT_EQ(error("blockdev", "null-co,read-only=maybe"),
            "Parameter 'read-only' expects 'on' or 'off'");
  EXPECT_EQ(error("blockdev", R"({"driver":1})"),
            "Invalid parameter type for 'driver', expected: string");
  EXPECT_EQ(error("blockdev", R"({"driver":"null-co","size":"12"})"),
            "Invalid parameter type for 'size', expected: integer");
  EXPECT_EQ(error("blockdev", R"({"driver":"null-co","node-name":"a","size":12})"),
            "accepted");
}

TEST_F(ChecksTest, an_audio_device_names_itself_first) {
  EXPECT_EQ(error("audiodev", "help"), "Parameter 'id' is missing");
  EXPECT_EQ(error("audiodev", "foo,id=a"), "Invalid parameter 'foo'");
  EXPECT_EQ(error("audiodev", "none,id=a,foo=1"), "Parameter 'foo' is unexpected");
  EXPECT_EQ(error("audiodev", R"({"id":"audio1","driver":"none"})"), "accepted");
}

TEST_F(ChecksTest, a_display_has_a_type) {
  EXPECT_EQ(error("display", "help"), "Invalid parameter 'help'");
  EXPECT_EQ(error("display", "gtk,foo=1"), "Parameter 'foo' is unexpected");
  EXPECT_EQ(error("display", "none"), "accepted");
  EXPECT_EQ(error("display", "vnc"), "VNC requires a display argument vnc=<display>");
}

TEST_F(ChecksTest, small_mistakes_of_small_options) {
  EXPECT_EQ(error("rotate", "7"), "only 90, 180, 270 deg rotation is available");
  EXPECT_EQ(error("tb-size", "foo"), "Invalid argument to -tb-size");
  EXPECT_EQ(error("option-rom", "bootindex=1"), "Option ROM file is not specified");
  EXPECT_EQ(error("virtfs", "local,path=x"), "Usage: -virtfs fsdriver,mount_tag=tag");
  EXPECT_EQ(error("sandbox", "maybe"),
            "-sandbox support is not enabled in this QEMU binary");
}

TEST_F(ChecksTest, one_watchdog_is_enough) {
  try {
    parse_command_line(
        std::vector<std::string>{"-watchdog", "ib700", "-watchdog", "i6300esb"},
        "vitrine");
    FAIL() << "accepted";
  } catch (const qom::Error& e) {
    EXPECT_STREQ(e.what(), "-watchdog i6300esb: only one watchdog option may be given");
  }
}

TEST_F(ChecksTest, action_says_what_two_older_options_say) {
  const CommandLine line = parse_command_line(
      std::vector<std::string>{"-action", "reboot=shutdown,shutdown=pause"}, "vitrine");

  EXPECT_TRUE(line.has("no-reboot"));
  EXPECT_TRUE(line.has("no-shutdown"));
  EXPECT_EQ(error("action", "reboot=maybe"),
            "Parameter 'reboot' does not accept value 'maybe'");
}

// ---- JSON for flat options ----------------------------------------------------------

TEST_F(ChecksTest, a_device_may_be_json) {
  parse_command_line(
      std::vector<std::string>{"-device", R"({"driver":"edu","id":"e0","a":true})"},
      "vitrine");

  const QemuOpts* opts = qemu_opts_find(&qemu_device_opts, "e0");
  ASSERT_NE(opts, nullptr);
  EXPECT_STREQ(qemu_opt_get(opts, "driver"), "edu");
  EXPECT_STREQ(qemu_opt_get(opts, "a"), "on");
}

TEST_F(ChecksTest, json_ids_are_checked_like_others) {
  EXPECT_EQ(error("device", R"({"driver":"edu","id":"a/b"})"),
            "Parameter 'id' expects an identifier");
}

TEST_F(ChecksTest, text_that_is_no_json_is_read_as_4_0_reads_it) {
  parse_command_line(std::vector<std::string>{"-device", R"({"driver":"edu","id":"e0")"},
                     "vitrine");

  EXPECT_STREQ(qemu_opt_get(qemu_opts_find(&qemu_device_opts, std::nullopt), "driver"),
               R"({"driver":"edu")");
}

// ---- the configuration file ---------------------------------------------------------

TEST_F(ChecksTest, N273_writeconfig_holds_the_groups_given_so_far) {
  parse_command_line(std::vector<std::string>{"-m", "64", "-device", "edu,id=x,a=1"},
                     "vitrine");

  EXPECT_EQ(config_text(),
            "# qemu config file\n\n"
            "[device \"x\"]\n  driver = \"edu\"\n  a = \"1\"\n\n"
            "[memory]\n  size = \"64\"\n\n");
}

TEST_F(ChecksTest, N273_what_writeconfig_wrote_readconfig_reads) {
  const std::string path = testing::TempDir() + "vitrine-config-test.cfg";
  parse_command_line(std::vector<std::string>{"-smp", "2", "-device", "edu,id=x,a=b c",
                                              "-machine", "pc,usb=on"},
                     "vitrine");
  const std::string written = config_text();
  write_config_file(path);
  qemu_opts_reset_all();

  read_config_file(path);

  EXPECT_EQ(config_text(), written);
  std::remove(path.c_str());
}

TEST_F(ChecksTest, N273_a_config_file_is_told_by_name_and_line) {
  const std::string path = testing::TempDir() + "vitrine-config-bad.cfg";
  std::ofstream(path) << "[nosuch]\n";

  EXPECT_EQ(error("readconfig", path), path + ":1: There is no option group 'nosuch'");
  std::remove(path.c_str());
}

// ---- groups read as structures ------------------------------------------------------

TEST(OptsVisitor, ranges_are_numbers_and_spans) {
  QemuOptsList list{"any"};
  const OptsMember members[] = {{"cpus", MemberType::ranges}};
  const QemuOpts* opts = qemu_opts_parse(&list, "cpus=0-2,cpus=7", Abbreviation::refused);

  visit_opts(opts, members);

  EXPECT_EQ(opt_ranges(opts, "cpus"), (std::vector<std::uint64_t>{0, 1, 2, 7}));
}

TEST(OptsVisitor, a_wrong_range_is_refused) {
  const OptsMember members[] = {{"cpus", MemberType::ranges}};
  for (const char* text : {"cpus=3-1", "cpus=foo", "cpus=-1", "cpus=0-99999999"}) {
    QemuOptsList list{"any"};
    const QemuOpts* opts = qemu_opts_parse(&list, text, Abbreviation::refused);
    try {
      visit_opts(opts, members);
      FAIL() << text;
    } catch (const qom::Error& error) {
      EXPECT_STREQ(error.what(), "Parameter 'cpus' expects a uint64 value or range");
    }
  }
}

// ---- the line as a whole ------------------------------------------------------------

TEST_F(ChecksTest, every_later_or_removed_option_says_what_to_write) {
  for (const char* option : {"localtime", "redir", "tftp", "no-kvm-irqchip", "tdf",
                             "balloon", "enable-hvf", "nouserconfig"}) {
    try {
      parse_command_line(std::vector<std::string>{std::string("-") + option}, "vitrine");
      FAIL() << option;
    } catch (const qom::Error& error) {
      EXPECT_FALSE(error.hint.empty()) << option;
    }
  }
}

}  // namespace
}  // namespace options
