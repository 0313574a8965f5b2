// Two type hierarchies side by side.
#include "viz/type_diff.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models.h"

namespace {

using Kind = viz::TypeDifference::Kind;

viz::TypeModel changed_model() {
  viz::TypeModel model = viz_test::small_model();
  model.source = "changed";
  return model;
}

const viz::TypeDifference* find(const viz::TypeComparison& comparison,
                                const std::string& name) {
  const auto found =
      std::ranges::find(comparison.differences, name, &viz::TypeDifference::name);
  return found == comparison.differences.end() ? nullptr : &*found;
}

TEST(TypeDiff, equal_hierarchies_do_not_differ) {
  const auto comparison =
      viz::compare_types(viz_test::small_model(), viz_test::small_model());

  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_EQ(comparison.same, 7U);
}

TEST(TypeDiff, what_became_of_a_type_in_a_run_is_no_difference) {
  viz::TypeModel b = changed_model();
  b.type("lonely").state = viz::State::instantiated;
  b.type("edu").objects = 9;
  b.settle();

  EXPECT_TRUE(viz::compare_types(viz_test::small_model(), b).differences.empty());
}

TEST(TypeDiff, a_type_of_one_side_only_is_told_with_its_side) {
  viz::TypeModel b = changed_model();
  b.type("lamp").parent = "device";
  b.settle();

  const auto there = viz::compare_types(viz_test::small_model(), b);
  const auto back = viz::compare_types(b, viz_test::small_model());

  ASSERT_EQ(there.differences.size(), 1U);
  EXPECT_EQ(there.differences[0].kind, Kind::only_b);
  EXPECT_EQ(there.differences[0].name, "lamp");
  ASSERT_EQ(back.differences.size(), 1U);
  EXPECT_EQ(back.differences[0].kind, Kind::only_a);
}

TEST(TypeDiff, another_parent_is_a_move_with_both_parents) {
  viz::TypeModel b = changed_model();
  b.type("lonely").parent = "object";
  b.settle();

  const auto comparison = viz::compare_types(viz_test::small_model(), b);

  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].kind, Kind::moved);
  EXPECT_EQ(comparison.differences[0].a, "device");
  EXPECT_EQ(comparison.differences[0].b, "object");
}

TEST(TypeDiff, abstract_and_interfaces_are_compared) {
  viz::TypeModel b = changed_model();
  b.type("edu").abstract = true;
  b.type("lonely").interfaces = {"hotplug-handler"};
  b.settle();

  const auto comparison = viz::compare_types(viz_test::small_model(), b);

  ASSERT_NE(find(comparison, "edu"), nullptr);
  EXPECT_EQ(find(comparison, "edu")->kind, Kind::abstract);
  ASSERT_NE(find(comparison, "lonely"), nullptr);
  EXPECT_EQ(find(comparison, "lonely")->kind, Kind::interfaces);
}

TEST(TypeDiff, an_interface_an_ancestor_has_makes_no_difference_when_named_again) {
  viz::TypeModel b = changed_model();
  b.type("edu").interfaces = {"hotplug-handler"};
  b.settle();

  EXPECT_TRUE(viz::compare_types(viz_test::small_model(), b).differences.empty());
}

TEST(TypeDiff, the_json_holds_each_difference_and_hostile_names) {
  viz::TypeModel b = changed_model();
  b.type("</script>\"\xff").parent = "device";
  b.settle();
  const viz::TypeModel a = viz_test::small_model();

  const auto json =
      nlohmann::json::parse(viz::comparison_json(a, b, viz::compare_types(a, b)));

  EXPECT_NE(json.dump().find("</script>"), std::string::npos);
}

TEST(TypeDiff, a_hostile_name_cannot_drive_a_terminal) {
  viz::TypeModel b = changed_model();
  b.type("\x1b[2J\xe2\x80\xae").parent = "device";
  b.settle();
  const viz::TypeModel a = viz_test::small_model();

  const std::string text = viz::comparison_text(a, b, viz::compare_types(a, b), 40);

  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(TypeDiff, the_drawing_is_dot_that_means_the_same_again) {
  if (!viz::graphviz_available()) {
    GTEST_SKIP() << "built without Graphviz";
  }
  viz::TypeModel b = changed_model();
  b.type("lamp").parent = "device";
  b.settle();
  const viz::TypeModel a = viz_test::small_model();

  const std::string dot = viz::draw_comparison(a, b, viz::compare_types(a, b), {}).dot();

  EXPECT_NE(dot.find("lamp"), std::string::npos);
  EXPECT_FALSE(viz::dot_round_trip(dot).empty());
}

TEST(TypeDiff, every_type_of_two_real_hierarchies_is_counted_once) {
  const viz::TypeModel a = viz::model_from_json(
                           viz_test::read_text("tests/data/qemu-4.0-types.json")),
                       b = viz_test::big_model();

  const auto comparison = viz::compare_types(a, b);

  std::set<std::string> changed;
  for (const viz::TypeDifference& difference : comparison.differences) {
    if (difference.kind != Kind::only_a && difference.kind != Kind::only_b) {
      changed.insert(difference.name);
    }
  }
  const std::size_t in_both = a.size() - comparison.count(Kind::only_a);
  EXPECT_EQ(in_both, b.size() - comparison.count(Kind::only_b));
  EXPECT_EQ(in_both, comparison.same + changed.size());
  EXPECT_GT(in_both, 400U);
}

}  // namespace
