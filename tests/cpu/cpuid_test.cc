// The leaves, from plain numbers. The expected numbers are what QEMU 4.0's rules gave on
// a real QEMU (7.2, machine pc-i440fx-4.0).
#include "cpu/cpuid.h"

#include <algorithm>

#include "cpu/caches.h"
#include "fixture.h"

namespace cpu_test {
namespace {

CpuidInput plain() {
  CpuidInput input;
  input.level = 0xd;
  input.xlevel = 0x8000000a;
  input.vendor = "AuthenticAMD";
  input.model_id = "QEMU Virtual CPU version 2.5+";
  input.family = 6;
  input.model = 6;
  input.stepping = 3;
  return input;
}

std::vector<std::uint32_t> registers(const std::vector<CpuidEntry>& leaves,
                                     std::uint32_t function, std::uint32_t index = 0) {
  const CpuidEntry* entry = leaf(leaves, function, index);
  if (entry == nullptr) {
    return {};
  }
  return {entry->eax, entry->ebx, entry->ecx, entry->edx};
}

using ::testing::ElementsAre;

TEST(Cpuid, leaf_0_has_the_level_and_the_vendor) {
  EXPECT_THAT(registers(cpuid_leaves(plain()), 0),
              ElementsAre(0xd, 0x68747541, 0x444d4163, 0x69746e65));
}

TEST(Cpuid, a_signature_packs_family_model_and_stepping) {
  EXPECT_EQ(cpuid_signature(6, 6, 3), 0x663u);
  EXPECT_EQ(cpuid_signature(23, 1, 2), 0x800f12u);
  EXPECT_EQ(cpuid_signature(6, 85, 4), 0x50654u);
}

TEST(Cpuid, a_lone_cpu_says_nothing_of_threads) {
  EXPECT_THAT(registers(cpuid_leaves(plain()), 1), ElementsAre(0x663, 0x800, 0, 0));
}

TEST(Cpuid, many_cpus_are_counted_in_leaf_1) {
  CpuidInput input = plain();
  input.cores = 4;
  input.threads = 2;
  input.apic_id = 5;

  const auto leaves = cpuid_leaves(input);

  EXPECT_THAT(registers(leaves, 1), ElementsAre(0x663, 0x05080800, 0, 1u << 28));
  EXPECT_EQ(leaf(leaves, 0x80000001)->ecx, 2u);  // AMD: these are cores
}

TEST(Cpuid, an_intel_cpu_does_not_call_its_threads_cores) {
  CpuidInput input = plain();
  input.vendor = "GenuineIntel";
  input.threads = 2;

  EXPECT_EQ(leaf(cpuid_leaves(input), 0x80000001)->ecx, 0u);
}

TEST(Cpuid, legacy_caches_are_told_by_each_leaf_in_its_own_way) {
  const auto leaves = cpuid_leaves(plain());

  EXPECT_THAT(registers(leaves, 2), ElementsAre(1, 0, 0x4d, 0x2c307d));
  EXPECT_THAT(registers(leaves, 4, 0), ElementsAre(0x121, 0x1c0003f, 0x3f, 1));
  EXPECT_THAT(registers(leaves, 4, 1), ElementsAre(0x122, 0x1c0003f, 0x3f, 1));
  EXPECT_THAT(registers(leaves, 4, 2), ElementsAre(0x143, 0x3c0003f, 0xfff, 1));
  EXPECT_THAT(registers(leaves, 4, 3), ElementsAre(0x163, 0x3c0003f, 0x3fff, 6));
  EXPECT_THAT(registers(leaves, 4, 4), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(registers(leaves, 0x80000005),
              ElementsAre(0x1ff01ff, 0x1ff01ff, 0x40020140, 0x40020140));
  EXPECT_THAT(registers(leaves, 0x80000006),
              ElementsAre(0, 0x42004200, 0x2008140, 0x808140));
}

TEST(Cpuid, the_caches_of_a_model_that_has_its_own_are_told) {
  CpuidInput input = plain();
  input.caches = CacheStyle::epyc;
  input.xlevel = 0x8000001e;
  input.cores = 4;
  input.threads = 2;

  const auto leaves = cpuid_leaves(input);

  EXPECT_THAT(registers(leaves, 2), ElementsAre(1, 0, 0x4b, 0x2cff80));
  EXPECT_THAT(registers(leaves, 4, 1), ElementsAre(0xc000122, 0xc0003f, 0xff, 1));
  EXPECT_THAT(registers(leaves, 4, 2), ElementsAre(0xc004043, 0x1c0003f, 0x3ff, 0));
  EXPECT_THAT(registers(leaves, 4, 3), ElementsAre(0xc01c163, 0x3c0003f, 0x1fff, 6));
  EXPECT_THAT(registers(leaves, 0x8000001d, 0), ElementsAre(0x4121, 0x1c0003f, 0x3f, 1));
  EXPECT_THAT(registers(leaves, 0x8000001d, 3),
              ElementsAre(0x1c163, 0x3c0003f, 0x1fff, 6));
}

TEST(Cpuid, without_the_third_cache_no_leaf_has_it) {
  CpuidInput input = plain();
  input.l3_cache = false;

  const auto leaves = cpuid_leaves(input);

  EXPECT_EQ(leaf(leaves, 2)->ecx, 0u);
  EXPECT_EQ(leaf(leaves, 4, 3)->eax, 0u);
  EXPECT_EQ(leaf(leaves, 0x80000006)->edx, 0u);
}

TEST(Cpuid, leaf_0xb_tells_threads_then_cores_then_nothing) {
  CpuidInput input = plain();
  input.cores = 4;
  input.threads = 2;
  input.apic_id = 6;

  const auto leaves = cpuid_leaves(input);

  EXPECT_THAT(registers(leaves, 0xb, 0), ElementsAre(1, 2, 0x100, 6));
  EXPECT_THAT(registers(leaves, 0xb, 1), ElementsAre(3, 8, 0x201, 6));
  EXPECT_THAT(registers(leaves, 0xb, 2), ElementsAre(0, 0, 2, 6));
}

TEST(Cpuid, leaf_0xb_can_be_switched_off) {
  CpuidInput input = plain();
  input.topology_leaf = false;

  EXPECT_THAT(registers(cpuid_leaves(input), 0xb), ElementsAre(0, 0, 0, 0));
}

TEST(Cpuid, the_size_of_the_xsave_area_follows_its_parts) {
  CpuidInput input = plain();
  input.features = feature_set("xsave avx xsaveopt xgetbv1");
  input.features[FEAT_XSAVE_COMP_LO] = 7;

  const auto leaves = cpuid_leaves(input);

  EXPECT_THAT(registers(leaves, 0xd, 0), ElementsAre(7, 0x240, 0x340, 0));
  EXPECT_THAT(registers(leaves, 0xd, 1), ElementsAre(5, 0, 0, 0));
  EXPECT_THAT(registers(leaves, 0xd, 2), ElementsAre(0x100, 0x240, 0, 0));
}

TEST(Cpuid, every_part_of_the_xsave_area_is_where_processors_have_it) {
  CpuidInput input = plain();
  input.features = feature_set("xsave");
  input.features[FEAT_XSAVE_COMP_LO] = 0x2e7;

  const auto leaves = cpuid_leaves(input);

  EXPECT_EQ(leaf(leaves, 0xd, 0)->ecx, 0xa88u);
  EXPECT_THAT(registers(leaves, 0xd, 5), ElementsAre(0x40, 0x440, 0, 0));
  EXPECT_THAT(registers(leaves, 0xd, 6), ElementsAre(0x200, 0x480, 0, 0));
  EXPECT_THAT(registers(leaves, 0xd, 7), ElementsAre(0x400, 0x680, 0, 0));
  EXPECT_THAT(registers(leaves, 0xd, 9), ElementsAre(8, 0xa80, 0, 0));
}

TEST(Cpuid, the_brand_is_48_letters) {
  const auto leaves = cpuid_leaves(plain());

  EXPECT_EQ(leaf(leaves, 0x80000002)->eax, 0x554d4551u);
  EXPECT_EQ(leaf(leaves, 0x80000003)->edx, 0x2bu);
  EXPECT_EQ(leaf(leaves, 0x80000004)->eax, 0u);
}

TEST(Cpuid, a_cpu_without_long_mode_has_no_linear_width) {
  CpuidInput input = plain();
  input.phys_bits = 36;
  EXPECT_EQ(leaf(cpuid_leaves(input), 0x80000008)->eax, 36u);

  input.features = feature_set("lm");
  EXPECT_EQ(leaf(cpuid_leaves(input), 0x80000008)->eax, 0x3024u);
}

TEST(Cpuid, the_hypervisor_signs_its_leaf) {
  CpuidInput input = plain();
  input.hypervisor = Hypervisor::kvm;
  EXPECT_THAT(registers(cpuid_leaves(input), 0x40000000),
              ElementsAre(0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d));

  input.hypervisor = Hypervisor::tcg;
  EXPECT_THAT(registers(cpuid_leaves(input), 0x40000000),
              ElementsAre(0x40000001, 0x54474354, 0x43544743, 0x47435447));

  input.hypervisor = Hypervisor::none;
  EXPECT_THAT(registers(cpuid_leaves(input), 0x40000000), IsEmpty());
}

TEST(Cpuid, a_default_cpu_under_kvm_has_as_many_leaves_as_under_4_0) {
  CpuidInput input = plain();
  input.hypervisor = Hypervisor::kvm;

  EXPECT_EQ(cpuid_leaves(input).size(), 33u);
}

TEST(Cpuid, a_level_of_a_486_ends_the_list) {
  CpuidInput input = plain();
  input.level = 1;
  input.xlevel = 0;

  const auto leaves = cpuid_leaves(input);

  EXPECT_EQ(leaves.size(), 2u);
}

TEST(Cpuid, a_level_of_any_size_is_a_list_of_a_few) {
  CpuidInput input = plain();
  input.level = input.xlevel = input.xlevel2 = 0xfffffffe;

  EXPECT_LT(cpuid_leaves(input).size(), 120u);
}

TEST(Cpuid, a_leaf_of_the_host_replaces_ours) {
  CpuidInput input = plain();
  input.host_leaves = {{.function = 0xa, .eax = 0x7300402}};

  EXPECT_EQ(leaf(cpuid_leaves(input), 0xa)->eax, 0x7300402u);
}

}  // namespace
}  // namespace cpu_test
