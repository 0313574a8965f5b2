// From "-cpu TEXT" to the features of a CPU object, under both accelerators.
#include <fstream>
#include <sstream>

#include "fixture.h"

namespace cpu_test {
namespace {

using Features = WithCpus;

std::string warnings_of(const std::function<void()>& action) {
  ::testing::internal::CaptureStderr();
  action();
  return ::testing::internal::GetCapturedStderr();
}

// ---- what the command line says -------------------------------------------------------

TEST_F(Features, a_model_has_its_measured_properties_under_tcg) {
  start("tcg");
  X86CPU* x86 = cpu("qemu64");
  std::ifstream file(VITRINE_SOURCE_DIR "/tests/data/cpu-qemu64-4.0.tsv");
  int rows = 0;

  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name, type, value;
    if (line[0] == '#' || !std::getline(fields, name, '\t') ||
        !std::getline(fields, type, '\t')) {
      continue;
    }
    std::getline(fields, value);
    const std::string ours = object_property_print(x86, name, false);
    EXPECT_EQ(object_property_get_type(x86, name), type) << name;
    EXPECT_EQ(ours, value) << name;
    ++rows;
  }
  EXPECT_GT(rows, 260);
}

TEST_F(Features, plus_and_minus_come_after_on_and_off) {
  start("tcg");
  EXPECT_FALSE(on(cpu("qemu64,-sse2,sse2=on"), "sse2"));
}

TEST_F(Features, minus_wins_over_plus_wherever_it_stands) {
  start("tcg");
  EXPECT_FALSE(on(cpu("qemu64,-popcnt,+popcnt"), "popcnt"));
}

TEST_F(Features, a_bare_name_is_on_and_every_spelling_works) {
  start("tcg");
  X86CPU* x86 = cpu("qemu64,popcnt,+sse4_1");
  EXPECT_TRUE(on(x86, "popcnt"));
  EXPECT_TRUE(on(x86, "sse4.1"));
}

TEST_F(Features, an_unknown_flag_is_refused_by_name) {
  start("tcg");
  EXPECT_EQ(error_of([&] { cpu("qemu64,+nosuchflag"); }),
            "Property '.nosuchflag' not found");
}

TEST_F(Features, numbers_have_limits) {
  start("tcg");
  EXPECT_THAT(
      error_of([&] { cpu("qemu64,family=999"); }),
      HasSubstr("Property .family doesn't take value 999 (minimum: 0, maximum: 270)"));
}

TEST_F(Features, a_vendor_has_twelve_letters) {
  start("tcg");
  EXPECT_THAT(error_of([&] { cpu("qemu64,vendor=foo"); }),
              HasSubstr("Property '.vendor' doesn't take value 'foo'"));
}

TEST_F(Features, a_frequency_has_a_suffix_in_thousands) {
  start("tcg");
  EXPECT_EQ(cpu("qemu64,tsc_freq=2.5G")->tsc_frequency, 2'500'000'000);
}

TEST_F(Features, a_realized_cpu_does_not_change) {
  start("tcg");
  X86CPU* x86 = cpu("qemu64");
  EXPECT_THAT(error_of([&] { object_property_set_bool(x86, true, "avx"); }),
              HasSubstr("after it was realized"));
}

// ---- what the accelerator lacks -------------------------------------------------------

TEST_F(Features, what_tcg_lacks_is_named_in_4_0_s_words) {
  start("tcg");

  const std::string text = warnings_of([&] { cpu("SandyBridge"); });

  EXPECT_THAT(text, HasSubstr("TCG doesn't support requested feature: "
                              "CPUID.01H:ECX.x2apic [bit 21]\n"));
  EXPECT_THAT(text, HasSubstr("CPUID.01H:ECX.avx [bit 28]\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST_F(Features, what_a_model_with_features_of_many_leaves_lacks_is_named) {
  start("tcg");

  const std::string text = warnings_of([&] { cpu("Skylake-Server"); });

  EXPECT_THAT(text, HasSubstr("CPUID.07H:EBX.avx512vl [bit 31]\n"));
  EXPECT_THAT(text, HasSubstr("CPUID.0DH:EAX.xsavec [bit 1]\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 19);
}

TEST_F(Features, the_default_model_warns_of_nothing) {
  start("tcg", {});
  EXPECT_EQ(warnings_of([&] { cpu("qemu64"); }), "");
}

TEST_F(Features, what_is_lacking_is_off_and_in_filtered_features) {
  start("tcg");
  X86CPU* x86 = nullptr;
  warnings_of([&] { x86 = cpu("SandyBridge"); });

  EXPECT_FALSE(on(x86, "avx"));
  EXPECT_EQ(feature_names(x86->filtered_features), "x2apic tsc-deadline avx");
  EXPECT_THAT(object_property_get_str(x86, "filtered-features"),
              HasSubstr("{\"cpuid-register\": \"ECX\", \"cpuid-input-eax\": 1, "
                        "\"features\": 287309824}"));
}

TEST_F(Features, check_off_is_silent_and_filters_all_the_same) {
  start("tcg");
  X86CPU* x86 = nullptr;

  EXPECT_EQ(warnings_of([&] { x86 = cpu("SandyBridge,check=off"); }), "");

  EXPECT_FALSE(on(x86, "avx"));
}

TEST_F(Features, enforce_refuses_to_start) {
  start("tcg");
  std::string error;
  warnings_of([&] { error = error_of([&] { cpu("SandyBridge,enforce"); }); });
  EXPECT_EQ(error, "TCG doesn't support requested features");
}

TEST_F(Features, under_kvm_it_is_the_host_that_lacks) {
  start("kvm", without(all(), feature_set("pni")));
  std::string error;

  const std::string text =
      warnings_of([&] { error = error_of([&] { cpu("qemu64,enforce"); }); });

  EXPECT_THAT(text, HasSubstr("host doesn't support requested feature: "
                              "CPUID.01H:ECX.pni [bit 0]\n"));
  EXPECT_EQ(error, "Host doesn't support requested features");
}

TEST_F(Features, what_the_engine_cannot_execute_is_on_in_the_object_and_not_in_cpuid) {
  start("tcg", without(all(), feature_set("svm")));
  X86CPU* x86 = nullptr;

  EXPECT_EQ(warnings_of([&] { x86 = cpu("qemu64"); }), "");

  EXPECT_TRUE(on(x86, "svm"));
  EXPECT_EQ(leaf(x86_cpu_cpuid(x86), 0x80000001)->ecx & 4u, 0u);
}

TEST_F(Features, a_hidden_feature_that_was_asked_for_is_told) {
  start("tcg", without(all(), feature_set("aes")));
  EXPECT_THAT(
      warnings_of([&] { cpu("qemu64,+aes"); }),
      HasSubstr("the software CPU does not execute, and its guest does not see: aes"));
}

// ---- what each accelerator makes of a model -----------------------------------------

TEST_F(Features, under_kvm_a_model_has_the_paravirtual_features) {
  start("kvm");
  X86CPU* x86 = cpu("qemu64");
  for (const char* name : {"kvmclock", "kvm-nopiodelay", "kvm-asyncpf", "kvm-steal-time",
                           "kvm-pv-eoi", "kvmclock-stable-bit", "x2apic"}) {
    EXPECT_TRUE(on(x86, name)) << name;
  }
  EXPECT_FALSE(on(x86, "svm"));
}

TEST_F(Features, an_older_machine_leaves_a_model_some_of_its_features) {
  const char*& kept = class_of<MachineClass>(machine)->cpu_features_of_model;
  kept = "svm x2apic kvm-pv-eoi";
  start("kvm");
  X86CPU* x86 = cpu("qemu64");
  kept = "";
  EXPECT_TRUE(on(x86, "svm"));
  EXPECT_FALSE(on(x86, "x2apic"));
  EXPECT_FALSE(on(x86, "kvm-pv-eoi"));
  EXPECT_TRUE(on(x86, "kvmclock"));
}

TEST_F(Features, under_kvm_svm_is_on_when_asked_for) {
  start("kvm");
  EXPECT_TRUE(on(cpu("qemu64,svm=on"), "svm"));
}

TEST_F(Features, under_kvm_the_vendor_is_the_host_s) {
  start("kvm", all(), "GenuineIntel");
  EXPECT_EQ(cpu("qemu64")->vendor, "GenuineIntel");
}

TEST_F(Features, kvm_off_hides_the_leaves_and_the_features_of_kvm) {
  start("kvm");
  X86CPU* x86 = cpu("qemu64,kvm=off");
  EXPECT_EQ(leaf(x86_cpu_cpuid(x86), 0x40000000), nullptr);
  EXPECT_FALSE(on(x86, "kvmclock"));
  EXPECT_TRUE(on(x86, "hypervisor"));
}

TEST_F(Features, without_a_kernel_irqchip_there_is_no_x2apic) {
  machine->kernel_irqchip = "off";
  start("kvm");
  EXPECT_EQ(warnings_of([&] { EXPECT_FALSE(on(cpu("qemu64"), "x2apic")); }), "");
}

TEST_F(Features, vme_is_off_under_tcg_and_on_under_kvm) {
  start("tcg");
  EXPECT_EQ(warnings_of([&] { EXPECT_FALSE(on(cpu("Conroe"), "vme")); }), "");
}

TEST_F(Features, host_is_what_the_host_says) {
  start("kvm", all(), "AuthenticAMD");
  X86CPU* x86 = cpu("host");
  EXPECT_EQ(x86->vendor, "AuthenticAMD");
  EXPECT_EQ(x86->model_id, "Test processor");
  EXPECT_EQ(x86->model, 42);
  EXPECT_TRUE(on(x86, "avx512f"));
}

TEST_F(Features, host_can_be_taken_along_unless_told_otherwise) {
  start("kvm");
  EXPECT_FALSE(on(cpu("host"), "invtsc"));
}

TEST_F(Features, host_that_stays_has_all) {
  start("kvm");
  EXPECT_TRUE(on(cpu("host,migratable=off"), "invtsc"));
}

TEST_F(Features, a_feature_switched_off_stays_off_in_max) {
  start("tcg");
  EXPECT_FALSE(on(cpu("max,-aes"), "aes"));
}

TEST_F(Features, base_has_nothing) {
  start("tcg");
  X86CPU* x86 = cpu("base");
  EXPECT_TRUE(none(x86->features));
  EXPECT_EQ(x86->level, 0u);
}

// ---- levels, widths, caches ---------------------------------------------------------

TEST_F(Features, a_feature_raises_the_level_to_its_leaf) {
  start("tcg");
  EXPECT_EQ(cpu("Conroe,+xsave,+xsaveopt")->level, 0xdu);
}

TEST_F(Features, a_level_that_was_given_stays) {
  start("tcg");
  EXPECT_EQ(cpu("qemu64,level=5,+xsave,+xsaveopt")->level, 5u);
}

TEST_F(Features, the_software_cpu_has_forty_bits_of_address) {
  start("tcg");
  EXPECT_EQ(cpu("qemu64")->phys_bits, 40u);
  EXPECT_EQ(error_of([&] { cpu("qemu64,phys-bits=36"); }),
            "TCG only supports phys-bits=40");
}

TEST_F(Features, a_32_bit_cpu_has_the_width_it_has) {
  start("tcg");
  EXPECT_EQ(cpu("qemu32")->phys_bits, 32u);
  EXPECT_EQ(cpu("pentium3")->phys_bits, 36u);  // "pse36"
  EXPECT_EQ(error_of([&] { cpu("qemu32,phys-bits=40"); }),
            "phys-bits is not user-configurable in 32 bit");
}

TEST_F(Features, host_phys_bits_are_the_host_s) {
  start("kvm");
  EXPECT_EQ(cpu("qemu64,host-phys-bits=on")->phys_bits, 46u);
}

TEST_F(Features, only_a_model_with_its_own_caches_can_leave_the_legacy_ones) {
  start("tcg");
  EXPECT_EQ(error_of([&] { cpu("qemu64,legacy-cache=off"); }),
            "CPU model 'qemu64' doesn't support legacy-cache=off");
}

TEST_F(Features, an_amd_cpu_repeats_bits_of_leaf_1) {
  start("tcg");
  const auto leaves = x86_cpu_cpuid(cpu("qemu64"));
  EXPECT_EQ(leaf(leaves, 1)->edx, 0x078bfbfdu);
  EXPECT_EQ(leaf(leaves, 0x80000001)->edx, 0x2193fbfdu);
}

TEST_F(Features, an_intel_cpu_does_not) {
  start("tcg");
  EXPECT_EQ(leaf(x86_cpu_cpuid(cpu("Conroe")), 0x80000001)->edx, 0x20100800u);
}

}  // namespace
}  // namespace cpu_test
