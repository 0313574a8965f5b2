// The lecture's two command lines, with files made for them, reach a created machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {
namespace {

struct LectureTest : testing::Test {
  std::string folder = make_folder();

  // Without /dev/kvm the last -machine decides; the rest of the line stays as it is.
  Outcome run(std::vector<std::string> args) {
    args.insert(args.begin(), {vitrine(), "run"});
    args.insert(args.end(),
                {"-machine", "accel=tcg", "-display", "none", "-S", "-monitor", "stdio",
                 "-trace", "file=" + folder + "/trace.json"});
    return run_program(args, "quit\n", folder);
  }

  std::vector<std::string> names_in_trace() {
    std::vector<std::string> names;
    const auto events =
        nlohmann::json::parse(read_file(folder + "/trace.json"), nullptr, false);
    for (const auto& event : events) {
      names.push_back(event.value("name", ""));
    }
    return names;
  }

  std::vector<std::string> first_line() {
    write_file(folder + "/ubuntutest.qcow2", "QFI\xfb");
    return {"-enable-kvm",
            "-name",
            "ubuntutest",
            "-m",
            "2048",
            "-hda",
            "ubuntutest.qcow2",
            "-vnc",
            ":19",
            "-net",
            "nic,model=virtio",
            "-net",
            "tap,ifname=tap0,script=no,downscript=no"};
  }

  std::vector<std::string> second_line() {
    write_file(folder + "/disk", "QFI\xfb");
    return {
        "-enable-kvm",
        "-name",
        "instance-00000024",
        "-machine",
        "pc-i440fx-trusty,accel=kvm,usb=off",
        "-cpu",
        "SandyBridge,+erms,+smep,+fsgsbase,+pdpe1gb,+rdrand,+f16c,+osxsave,+dca,+pcid,+"
        "pdcm,"
        "+xtpr,+tm2,+est,+smx,+vmx,+ds_cpl,+monitor,+dtes64,+pbe,+tm,+ht,+ss,+acpi,+ds,+"
        "vme",
        "-m",
        "2048",
        "-smp",
        "1,sockets=1,cores=1,threads=1",
        "-rtc",
        "base=utc,driftfix=slew",
        "-drive",
        "file=" + folder + "/disk,if=none,id=drive-virtio-disk0,format=qcow2,cache=none",
        "-device",
        "virtio-blk-pci,scsi=off,bus=pci.0,addr=0x4,drive=drive-virtio-disk0,"
        "id=virtio-disk0,bootindex=1",
        "-netdev",
        "tap,fd=32,id=hostnet0,vhost=on,vhostfd=37",
        "-device",
        "virtio-net-pci,netdev=hostnet0,id=net0,mac=fa:16:3e:d1:2d:99,bus=pci.0,addr=0x3",
        "-chardev",
        "file,id=charserial0,path=" + folder + "/console.log",
        "-vnc",
        "0.0.0.0:12",
        "-device",
        "cirrus-vga,id=video0,bus=pci.0,addr=0x2"};
  }
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST_F(LectureTest, the_first_line_reaches_a_machine) {
  const Outcome outcome = run(first_line());

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in_trace(),
              testing::IsSupersetOf({"machine.created", "machine.ready"}));
}

TEST_F(LectureTest, the_first_line_names_what_is_not_built_once_each) {
  const Outcome outcome = run(first_line());

  for (const char* option : {"-hda", "-vnc", "-net"}) {
    EXPECT_EQ(count(outcome.err, option), 1u) << outcome.err;
  }
  EXPECT_EQ(count(outcome.err, "not built yet"), 1u) << outcome.err;
}

TEST_F(LectureTest, the_second_line_reaches_a_machine) {
  const Outcome outcome = run(second_line());

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(names_in_trace(),
              testing::IsSupersetOf({"machine.created", "machine.ready"}));
}

TEST_F(LectureTest, the_second_line_names_each_device_that_is_not_built) {
  const Outcome outcome = run(second_line());

  for (const char* what : {"qcow2' of", "-netdev", "-vnc", "-device virtio-blk-pci",
                           "-device virtio-net-pci", "-device cirrus-vga"}) {
    EXPECT_EQ(count(outcome.err, what), 1u) << what << "\n" << outcome.err;
  }
}

TEST_F(LectureTest, a_start_that_shows_nothing_says_what_would) {
  const Outcome outcome =
      run_program({vitrine(), "run", "-accel", "tcg", "-stop-at", "machine.ready"});

  EXPECT_NE(outcome.err.find("-serial stdio shows"), std::string::npos) << outcome.err;
}

TEST_F(LectureTest, usb_is_named_too_when_the_machine_is_asked_for_it) {
  const Outcome outcome = run({"-usb"});

  EXPECT_EQ(count(outcome.err, "-machine usb=on and the default devices "), 1u)
      << outcome.err;
}

TEST_F(LectureTest, the_first_line_as_printed_says_where_the_blank_was_lost) {
  std::vector<std::string> words = first_line();
  words.resize(words.size() - 2);
  words.push_back("-nettap,ifname=tap0,script=no,downscript=no");

  const Outcome outcome = run(words);

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("Did you mean '-net tap,ifname=tap0"), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace launcher_test
