// The table of feature words: names, bits, spellings.
#include "cpu/feature_words.h"

#include <fstream>
#include <set>
#include <sstream>

#include "fixture.h"

namespace cpu_test {
namespace {

constexpr const char* registers[] = {"EAX", "EBX", "ECX", "EDX"};

TEST(FeatureWords, a_feature_is_the_bit_a_real_qemu_sets_for_it) {
  std::ifstream file(VITRINE_SOURCE_DIR "/tests/data/cpu-feature-bits-7.2.tsv");
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name, function, index, reg, bits;
    if (line[0] == '#' || !(fields >> name >> function >> index >> reg >> bits)) {
      continue;
    }
    const Feature* feature = find_feature(name);
    ASSERT_NE(feature, nullptr) << name;
    const FeatureWordInfo& info = feature_words[feature->word];
    EXPECT_EQ(info.function, std::stoul(function, nullptr, 0)) << name;
    EXPECT_EQ(info.index_significant ? std::to_string(info.index) : "-", index) << name;
    EXPECT_EQ(registers[static_cast<int>(info.reg)], reg) << name;
    EXPECT_EQ(feature->mask, std::stoul(bits, nullptr, 0)) << name;
    ++rows;
  }
  EXPECT_GT(rows, 180);
}

TEST(FeatureWords, names_are_sorted_and_single) {
  std::set<std::string_view> seen;
  std::string_view before;
  for (const Feature& feature : features()) {
    EXPECT_LT(before, feature.name);
    EXPECT_TRUE(seen.insert(feature.name).second) << feature.name;
    before = feature.name;
  }
}

TEST(FeatureWords, every_spelling_of_a_name_is_the_same_bit) {
  for (const char* spelling : {"sse4.2", "sse4-2", "sse4_2"}) {
    ASSERT_NE(find_feature(spelling), nullptr) << spelling;
    EXPECT_EQ(find_feature(spelling)->word, FEAT_1_ECX);
    EXPECT_EQ(find_feature(spelling)->mask, 1u << 20);
  }
}

TEST(FeatureWords, kvmclock_is_two_bits) {
  ASSERT_NE(find_feature("kvmclock"), nullptr);
  EXPECT_EQ(find_feature("kvmclock")->mask, 0x9u);
}

TEST(FeatureWords, an_unknown_name_is_not_found) {
  EXPECT_EQ(find_feature("nosuch"), nullptr);
  EXPECT_EQ(find_feature("."), nullptr);
  EXPECT_EQ(find_feature(""), nullptr);
}

TEST(FeatureWords, a_bit_is_told_as_4_0_tells_it) {
  EXPECT_EQ(feature_text(FEAT_1_ECX, 28), "CPUID.01H:ECX.avx [bit 28]");
  EXPECT_EQ(feature_text(FEAT_8000_0001_ECX, 8),
            "CPUID.80000001H:ECX.3dnowprefetch [bit 8]");
  EXPECT_EQ(feature_text(FEAT_XSAVE, 1), "CPUID.0DH:EAX.xsavec [bit 1]");
  EXPECT_EQ(feature_text(FEAT_1_ECX, 27), "CPUID.01H:ECX [bit 27]");
  EXPECT_EQ(feature_text(FEAT_ARCH_CAPABILITIES, 0), "MSR(10AH).rdctl-no [bit 0]");
}

TEST(FeatureWords, names_of_a_set_come_in_the_order_of_the_words) {
  EXPECT_EQ(feature_names(feature_set("lm avx fpu")), "fpu avx lm");
  EXPECT_EQ(feature_names({}), "");
}

TEST(FeatureWords, a_list_of_structures_begins_with_the_last_word) {
  FeatureSet set{};
  set[FEAT_1_EDX] = 7;
  set[FEAT_XSAVE_COMP_HI] = 1;
  set[FEAT_ARCH_CAPABILITIES] = 9;  // no word of CPUID

  const std::string text = feature_structures(set);

  EXPECT_THAT(
      text, testing::StartsWith("[{\"cpuid-register\": \"EDX\", \"cpuid-input-ecx\": 0, "
                                "\"cpuid-input-eax\": 13, \"features\": 1}, "));
  EXPECT_THAT(text, testing::EndsWith("{\"cpuid-register\": \"EDX\", "
                                      "\"cpuid-input-eax\": 1, \"features\": 7}]"));
}

}  // namespace
}  // namespace cpu_test
