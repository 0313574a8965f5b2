// The page of two boots side by side: its data say of every step of both where it stands.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "diff_traces.h"
#include "viz/diff/diff_page.h"

namespace {

using namespace viz::diff;
using nlohmann::json;
using Rows = std::vector<diff_test::Row>;

json data_of(const std::string& page) {
  const std::string begin = "type=\"application/json\">";
  const std::size_t from = page.find(begin) + begin.size();
  return json::parse(page.substr(from, page.find("</script>", from) - from));
}

json page_data(const Rows& a, const Rows& b, const PageOptions& options = {}) {
  const Tree tree_a = diff_test::tree_of(a), tree_b = diff_test::tree_of(b);
  return data_of(diff_page(compare(tree_a, tree_b), options));
}

std::vector<std::string> labels(const json& data, const char* side) {
  std::vector<std::string> labels;
  for (const json& step : data["rows"][side]) {
    const int number = step.get<int>();
    labels.push_back(
        number < 0 ? ""
                   : data["strings"]
                         [data[side]["steps"]["label"][static_cast<std::size_t>(number)]
                              .get<std::size_t>()]
                             .get<std::string>());
  }
  return labels;
}

const Rows three{{0, "start", "a"}, {1, "make", "b"}, {1, "make", "c"}};

TEST(DiffPage, equal_boots_stand_beside_each_other_without_a_gap) {
  const json data = page_data(three, three);

  EXPECT_EQ(labels(data, "a"), labels(data, "b"));
  EXPECT_TRUE(data["edits"].empty());
}

TEST(DiffPage, a_step_only_in_a_stands_against_a_gap_at_its_place) {
  const json data = page_data(three, {{0, "start", "a"}, {1, "make", "c"}});

  EXPECT_EQ(labels(data, "a"),
            (std::vector<std::string>{"thread main", "start a", "make b", "make c"}));
  EXPECT_EQ(labels(data, "b"),
            (std::vector<std::string>{"thread main", "start a", "", "make c"}));
  EXPECT_EQ(data["rows"]["kind"], json({0, 0, 1, 0}));
}

TEST(DiffPage, every_step_of_both_is_on_the_page) {
  const Rows other{
      {0, "start", "a"}, {1, "make", "x"}, {2, "make", "y"}, {0, "end", "z"}};

  const json data = page_data(three, other);

  EXPECT_EQ(data["a"]["steps"]["seq"].size(), 3U + 1U);
  EXPECT_EQ(data["b"]["steps"]["seq"].size(), 4U + 1U);
}

TEST(DiffPage, a_long_page_folds_what_is_the_same) {
  Rows b = three;
  b.push_back({0, "end", "z"});

  const json data = page_data(three, b, {.most_rows = 2});

  EXPECT_EQ(labels(data, "b"),
            (std::vector<std::string>{"thread main", "start a", "end z"}));
  EXPECT_EQ(data["rows"]["inside"], json({0, 2, 0}));
}

TEST(DiffPage, a_group_leads_to_a_row_that_differs) {
  const json data = page_data(three, {{0, "start", "a"}, {1, "make", "c"}});

  ASSERT_EQ(data["groups"].size(), 1U);
  EXPECT_EQ(data["rows"]["kind"][data["groups"][0]["row"].get<std::size_t>()], 1);
}

TEST(DiffPage, names_cannot_end_the_script) {
  const std::string evil = "</script><img src=x>";
  const Tree tree = diff_test::tree_of({{0, "start", evil}});

  const std::string page = diff_page(compare(tree, tree));

  EXPECT_EQ(page.find(evil), std::string::npos);
  EXPECT_EQ(data_of(page)["rows"]["kind"].size(), 2U);
}

}  // namespace
