#include "trace/catalogue.h"

#include <algorithm>

#include "support.h"

namespace {

TEST(Catalogue, HasAKindThatWasNeverEmittedYet) {
  struct Use {
    static void never() { trace::instant(trace_test::Point{.text = "never"}); }
  };

  const auto kinds = trace::catalogue();

  EXPECT_TRUE(std::ranges::any_of(kinds, [](const trace::Kind* kind) {
    return kind->declaration->name == "test_point";
  }));
  static_cast<void>(&Use::never);
}

TEST(Catalogue, IsSortedByCategoryThenName) {
  const auto kinds = trace::catalogue();

  EXPECT_TRUE(std::ranges::is_sorted(kinds, {}, [](const trace::Kind* kind) {
    return std::pair(kind->declaration->category, kind->declaration->name);
  }));
}

TEST(Catalogue, HelpListsEveryKindWithItsSentence) {
  const std::string text = trace::list_events();

  EXPECT_NE(text.find("main.enter"), std::string::npos);
  EXPECT_NE(text.find("main() has begun."), std::string::npos);
}

TEST(Catalogue, AKindKnowsItsFieldsAndResults) {
  for (const trace::Kind* kind : trace::catalogue()) {
    if (kind->declaration->name == "test_step") {
      EXPECT_EQ(kind->fields.size(), 8U);
      EXPECT_EQ(kind->fields[5].type, trace::Type::hex);
      EXPECT_EQ(kind->results.size(), 1U);
      return;
    }
  }
  FAIL() << "test_step is not listed";
}

struct PatternCase {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(Glob, MatchesAsAShellDoes) {
  for (const PatternCase& each : {
           PatternCase{"", "", true},
           PatternCase{"*", "", true},
           PatternCase{"", "x", false},
           PatternCase{"type_*", "type_register", true},
           PatternCase{"type_*", "typ_x", false},
           PatternCase{"*_init", "class_init", true},
           PatternCase{"*i*i*", "class_init", true},
           PatternCase{"?", "", false},
           PatternCase{"a?c", "abc", true},
           PatternCase{"a*b*c", "aXbYbZc", true},
           PatternCase{"a*b*c", "aXbYbZ", false},
       }) {
    EXPECT_EQ(trace::glob_matches(each.pattern, each.text), each.matches)
        << each.pattern << " " << each.text;
  }
}

TEST(Glob, StaysFastOnManyStars) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    pattern += "*a";
  }
  EXPECT_FALSE(trace::glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(Patterns, WithoutAnyEverythingIsOn) {
  EXPECT_TRUE(trace::pattern_list_enables({}, trace_test::Step::declaration));
}

TEST(Patterns, TheLastThatMatchesDecides) {
  EXPECT_FALSE(trace::pattern_list_enables({"test_*", "-test_step"},
                                           trace_test::Step::declaration));
  EXPECT_TRUE(trace::pattern_list_enables({"-test_*", "test_step"},
                                          trace_test::Step::declaration));
}

TEST(Patterns, ACategoryIsNamedWithItsPrefix) {
  EXPECT_TRUE(trace::pattern_list_enables({"cat:qom"}, trace_test::Step::declaration));
  EXPECT_FALSE(trace::pattern_list_enables({"cat:kvm"}, trace_test::Step::declaration));
}

TEST(Patterns, ACategoryMayStandBeforeTheName) {
  EXPECT_TRUE(trace::pattern_list_enables({"qom_*"}, trace_test::Step::declaration));
  EXPECT_TRUE(
      trace::pattern_list_enables({"qom_test_step"}, trace_test::Step::declaration));
  EXPECT_FALSE(trace::pattern_list_enables({"-qom_*"}, trace_test::Step::declaration));
  EXPECT_FALSE(trace::pattern_list_enables({"kvm_*"}, trace_test::Step::declaration));
  EXPECT_FALSE(trace::pattern_list_enables({"qom"}, trace_test::Step::declaration));
}

TEST(Patterns, TheWordsOfTheHelpNameWholeCategories) {
  for (const trace::Kind* kind : trace::catalogue()) {
    const std::string category(trace::to_string(kind->declaration->category));
    EXPECT_TRUE(trace::pattern_matches(category + "_*", *kind->declaration));
  }
}

}  // namespace
