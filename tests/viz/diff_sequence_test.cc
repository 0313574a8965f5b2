// Common subsequences against the textbook's table, and folding.
#include <gtest/gtest.h>

#include <random>

#include "viz/diff/fold.h"
#include "viz/diff/sequence.h"

namespace {

using namespace viz::diff;
using List = std::vector<std::uint64_t>;

std::size_t longest(const List& a, const List& b) {
  std::vector<std::size_t> row(b.size() + 1), above;
  for (const std::uint64_t symbol : a) {
    above = row;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = symbol == b[j] ? above[j] + 1 : std::max(row[j], above[j + 1]);
    }
  }
  return row.back();
}

List random_list(std::mt19937& random, std::size_t size, unsigned alphabet) {
  List list(size);
  for (std::uint64_t& symbol : list) {
    symbol = random() % alphabet;
  }
  return list;
}

void expect_sound(const List& a, const List& b, const Matches& matches) {
  for (std::size_t i = 0; i < matches.size(); ++i) {
    ASSERT_EQ(a[matches[i].a], b[matches[i].b]);
    ASSERT_TRUE(i == 0 ||
                (matches[i - 1].a < matches[i].a && matches[i - 1].b < matches[i].b));
  }
}

TEST(Sequence, a_short_list_is_matched_as_the_table_of_the_textbook_matches_it) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const List a = random_list(random, random() % 40, 1 + random() % 8);
    const List b = random_list(random, random() % 40, 1 + random() % 8);
    Work work;
    const Matches matches = common_subsequence(a, b, work);
    expect_sound(a, b, matches);
    ASSERT_EQ(matches.size(), longest(a, b)) << "round " << round;
  }
}

TEST(Sequence, a_few_edits_of_a_long_list_are_all_that_is_not_matched) {
  std::mt19937 random(2);
  const List a = random_list(random, 100'000, 1'000);
  List b = a;
  b.erase(b.begin() + 70'000, b.begin() + 70'020);
  b.insert(b.begin() + 30'000, 12, 99'999);
  Work work;

  const Matches matches = common_subsequence(a, b, work);

  expect_sound(a, b, matches);
  EXPECT_EQ(matches.size(), a.size() - 20);
}

TEST(Sequence, lists_that_share_nothing_cost_no_more_than_a_constant_a_symbol) {
  List a(200'000), b(200'000);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = 2 * (i % 777);
    b[i] = 2 * (i % 778) + 1;
  }
  Work work;

  EXPECT_TRUE(common_subsequence(a, b, work).empty());
  EXPECT_LT(work.visits, 3'000 * a.size());
}

TEST(Sequence, anchors_are_what_occurs_once_on_both_sides_in_the_same_order) {
  const List a{1, 2, 2, 3, 4, 5}, b{5, 1, 2, 3, 3, 4};
  Work work;

  EXPECT_EQ(unique_anchors(a, b, 1, work), (Matches{{0, 1}, {4, 5}}));
}

TEST(Fold, a_repeated_run_is_one_body_with_its_rounds) {
  const List list{9, 1, 2, 1, 2, 1, 2, 8, 7, 7, 7};
  Work work;

  const std::vector<viz::diff::Run> runs = fold(list, work);

  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[1].body, 2U);
  EXPECT_EQ(runs[1].rounds, 3U);
  EXPECT_EQ(runs[3].rounds, 3U);
}

TEST(Fold, runs_follow_each_other_without_gaps) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    const List list = random_list(random, random() % 200, 1 + random() % 4);
    Work work;
    std::uint32_t at = 0;
    for (const viz::diff::Run& run : fold(list, work)) {
      ASSERT_EQ(run.first, at);
      for (std::uint32_t i = run.first + run.body; i < run.end(); ++i) {
        ASSERT_EQ(list[i], list[i - run.body]);
      }
      at = run.end();
    }
    ASSERT_EQ(at, list.size());
  }
}

}  // namespace
