// Numbered facts about machines, memory and accelerators (qom-semantics M, O and P).
#include "options_fixture.h"

namespace launcher_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct MachineOption : OptionsTest {
  // A NUMA node of another size than the machine's memory makes it say that size.
  std::string ram_of(const std::string& size) {
    const std::string text = refusal({"-m", size, "-numa", "node,mem=64M"});
    const std::string end = "RAM size (";
    return text.substr(text.find(end) + end.size());
  }
};

TEST_F(MachineOption, M218_an_underscore_in_a_machine_key_is_a_dash) {
  EXPECT_EQ(run({"-machine", "dump_guest_core=off,mem_merge=off"}).exit_code, 0);
}

TEST_F(MachineOption, O231_the_list_has_aliases_first_and_the_newest_before_the_older) {
  const std::string text = run_program({vitrine(), "run", "-machine", "help"}).out;

  EXPECT_THAT(text, StartsWith("Supported machines are:\n"));
  EXPECT_THAT(text, HasSubstr("pc                   Standard PC (i440FX + PIIX, 1996) "
                              "(alias of pc-i440fx-4.0)\npc-i440fx-4.0        Standard "
                              "PC (i440FX + PIIX, 1996) (default)\npc-i440fx-3.1 "));
}

TEST_F(MachineOption, O232_a_deprecated_machine_is_told_and_starts) {
  const Outcome outcome = run({"-machine", "pc-0.15,accel=tcg"}, false);

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("Machine type 'pc-0.15' is deprecated: "));
}

TEST_F(MachineOption, O237_a_bare_number_is_in_mebibytes_and_sizes_are_rounded_up) {
  EXPECT_EQ(ram_of("5"), "0x500000)\n");
  EXPECT_EQ(ram_of("7k"), "0x2000)\n");
  EXPECT_EQ(ram_of("1023k"), "0x100000)\n");
  EXPECT_EQ(ram_of("0"), "0x8000000)\n");
}

TEST_F(MachineOption, P256_kvm_asks_for_its_version_before_it_makes_a_machine) {
  if (run({"-accel", "kvm", "-machine", "none"}, false).exit_code != 0) {
    GTEST_SKIP() << "needs a usable /dev/kvm";
  }
  run({"-accel", "kvm", "-machine", "pc"}, false);
  Words requests;
  for (const std::string& name : values("kvm_ioctl", "request")) {
    for (const char* known : {"KVM_GET_API_VERSION", "KVM_CREATE_VM", "KVM_SET_TSS_ADDR",
                              "KVM_CREATE_IRQCHIP", "KVM_CREATE_VCPU"}) {
      if (name == known) {
        requests.push_back(name);
      }
    }
  }

  EXPECT_THAT(requests,
              ElementsAre("KVM_GET_API_VERSION", "KVM_CREATE_VM", "KVM_SET_TSS_ADDR",
                          "KVM_CREATE_IRQCHIP", "KVM_CREATE_VCPU"));
}

TEST_F(MachineOption, P257_more_cpus_than_recommended_are_warned_about) {
  const Outcome outcome =
      run_program({vitrine(), "run", "-nodefaults", "-display", "none", "-machine",
                   "pc,accel=kvm", "-smp", "255", "-stop-at", "accel.ready"});
  if (outcome.exit_code != 0) {
    GTEST_SKIP() << "needs a usable /dev/kvm that can have 255 CPUs";
  }

  EXPECT_THAT(outcome.err,
              HasSubstr("warning: Number of SMP cpus requested (255) exceeds the "
                        "recommended cpus supported by KVM ("));
}

TEST_F(MachineOption, accelerators_that_are_not_here_are_told_as_such) {
  EXPECT_EQ(refusal({"-machine", "pc,accel=xen"}, false),
            "-machine accel=xen: No accelerator found\n"
            "Xen is not built here; write 'kvm' or 'tcg'.\n");
}

TEST_F(MachineOption, a_key_of_a_later_accel_names_the_way_of_this_version) {
  EXPECT_EQ(refusal({"-accel", "kvm,kernel-irqchip=split"}),
            "-accel kvm,kernel-irqchip=split: Invalid parameter 'kernel-irqchip'\n"
            "Possible accelerators: kvm, xen, hax, tcg\n"
            "It came with QEMU 5.0; write '-machine kernel-irqchip=...'.\n");
}

}  // namespace
}  // namespace launcher_test
