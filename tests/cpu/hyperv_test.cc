// The hv- switches, as leaves. The numbers are those of the Hypervisor Top Level
// Functional Specification.
#include "cpu/hyperv.h"

#include "fixture.h"

namespace cpu_test {
namespace {

using ::testing::ElementsAre;

class Hyperv : public WithCpus {
 protected:
  // Registers of a leaf of "-cpu qemu64,TEXT" under KVM.
  std::vector<std::uint32_t> registers(const std::string& text, std::uint32_t function) {
    const auto leaves = x86_cpu_cpuid(cpu("qemu64," + text));
    const CpuidEntry* entry = leaf(leaves, function);
    return entry == nullptr ? std::vector<std::uint32_t>()
                            : std::vector<std::uint32_t>{entry->eax, entry->ebx,
                                                         entry->ecx, entry->edx};
  }
};

TEST_F(Hyperv, without_a_switch_the_guest_is_told_of_kvm_only) {
  start("kvm");

  EXPECT_EQ(registers("hv-relaxed=off", 0x40000000)[1], 0x4b4d564bu);  // "KVMK"
}

TEST_F(Hyperv, the_first_leaf_has_microsofts_name_and_the_last_number) {
  start("kvm");

  EXPECT_THAT(registers("hv-relaxed", 0x40000000),
              ElementsAre(0x40000005, 0x7263694d, 0x666f736f, 0x76482074));
}

TEST_F(Hyperv, another_vendor_may_be_named) {
  start("kvm");

  EXPECT_THAT(registers("hv-relaxed,hv-vendor-id=abcd", 0x40000000),
              ElementsAre(0x40000005, 0x64636261, 0, 0));
}

TEST_F(Hyperv, kvms_own_leaves_move_up) {
  start("kvm");

  EXPECT_EQ(registers("hv-relaxed", 0x40000100)[1], 0x4b4d564bu);
  EXPECT_EQ(registers("hv-relaxed", 0x40000100)[0], 0x40000101u);
  EXPECT_FALSE(registers("hv-relaxed", 0x40000101).empty());
}

TEST_F(Hyperv, each_switch_has_its_privileges) {
  start("kvm");
  constexpr std::uint32_t partitioning = 1u << 3;

  const struct {
    const char* name;
    std::uint32_t eax, edx;
  } rows[] = {{"hv-relaxed", 1u << 5, 0},
              {"hv-vapic", 1u << 5 | 1u << 4, 0},
              {"hv-time", 1u << 5 | 1u << 1 | 1u << 9, 0},
              {"hv-frequencies", 1u << 11, 1u << 8},
              {"hv-crash", 0, 1u << 10},
              {"hv-reenlightenment", 1u << 13, 0},
              {"hv-reset", 1u << 7, 0},
              {"hv-vpindex", 1u << 6, 0},
              {"hv-runtime", 1u << 0, 0}};

  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(registers(row.name, 0x40000003),
                ElementsAre(row.eax, 0, 0, row.edx | partitioning));
    object_reset_globals_for_test();  // what -cpu named
  }
}

TEST_F(Hyperv, advice_names_what_a_guest_does_better) {
  start("kvm");

  EXPECT_EQ(registers("hv-tlbflush,hv-ipi,hv-vapic", 0x40000004)[0],
            1u << 2 | 1u << 3 | 1u << 10 | 1u << 11);
}

TEST_F(Hyperv, spinlocks_are_counted_before_the_hypervisor_is_asked) {
  start("kvm");

  EXPECT_EQ(registers("hv-spinlocks=0x1fff", 0x40000004)[1], 0x1fffu);
}

TEST_F(Hyperv, without_spinlocks_it_is_never_asked) {
  start("kvm");

  EXPECT_EQ(registers("hv-relaxed", 0x40000004)[1], 0xffffffffu);
}

TEST_F(Hyperv, the_software_cpu_is_no_hyperv) {
  start("tcg");

  EXPECT_EQ(registers("hv-relaxed", 0x40000000)[1], 0x54474354u);  // "TCGT"
}

TEST_F(Hyperv, what_the_kernel_lacks_is_an_error_in_4_0s_words) {
  start("kvm").missing_msr = 0x40000105;
  const X86CPU* x86 = cpu("qemu64,hv-crash");

  EXPECT_EQ(error_of([&] { x86_cpu_cpuid(x86); }),
            "Hyper-V crash MSRs (requested by 'hv-crash' cpu flag) are not supported by "
            "kernel");
}

TEST_F(Hyperv, what_is_not_built_is_named) {
  start("kvm");

  EXPECT_EQ(hyperv_unbuilt_names(cpu("qemu64,hv-synic,hv-stimer,hv-vpindex")),
            "hv-stimer hv-synic");
}

// ---- the pace of the counter ----------------------------------------------------------

TEST_F(Hyperv, the_timing_leaf_is_there_when_the_pace_is_known) {
  start("kvm");
  X86CPU* x86 = cpu("qemu64");
  x86->tsc_khz = 2000000;

  const auto leaves = x86_cpu_cpuid(x86);

  EXPECT_EQ(leaf(leaves, 0x40000000)->eax, 0x40000010u);
  EXPECT_EQ(leaf(leaves, 0x40000010)->eax, 2000000u);
  EXPECT_EQ(leaf(leaves, 0x40000010)->ebx, 1000000u);
}

TEST_F(Hyperv, there_is_no_timing_leaf_behind_another_name) {
  start("kvm");
  X86CPU* x86 = cpu("qemu64,hv-relaxed");
  x86->tsc_khz = 2000000;

  const auto leaves = x86_cpu_cpuid(x86);

  EXPECT_EQ(leaf(leaves, 0x40000010), nullptr);
}

}  // namespace
}  // namespace cpu_test
