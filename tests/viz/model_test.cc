#include "viz/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models.h"

namespace {

using viz::State;
using viz::TypeModel;

TEST(VizModel, a_missing_parent_is_made_and_marked) {
  TypeModel model;
  model.type("edu").parent = "pci-device";

  model.settle();

  ASSERT_NE(model.find("pci-device"), nullptr);
  EXPECT_TRUE(model.find("pci-device")->missing);
  EXPECT_EQ(model.roots().size(), 1U);
}

TEST(VizModel, a_cycle_of_parents_is_cut_at_the_first_name) {
  TypeModel model;
  model.type("b").parent = "a";
  model.type("c").parent = "b";
  model.type("a").parent = "c";

  model.settle();

  ASSERT_EQ(model.roots().size(), 1U);
  EXPECT_EQ(model.roots()[0]->name, "a");
  EXPECT_EQ(model.roots()[0]->descendants, 2U);
  EXPECT_THAT(model.find("a")->note, testing::HasSubstr("descendants"));
}

TEST(VizModel, a_type_that_is_its_own_parent_becomes_a_root) {
  TypeModel model;
  model.type("self").parent = "self";

  model.settle();

  ASSERT_EQ(model.roots().size(), 1U);
  EXPECT_EQ(model.roots()[0]->descendants, 0U);
}

TEST(VizModel, types_hanging_on_a_cycle_stay_below_it) {
  TypeModel model;
  model.type("a").parent = "b";
  model.type("b").parent = "a";
  model.type("z").parent = "a";
  model.type("aa").parent = "z";

  model.settle();

  EXPECT_EQ(model.roots().size(), 1U);
  EXPECT_EQ(model.roots()[0]->descendants, 3U);
}

TEST(VizModel, a_chain_of_a_hundred_thousand_types_settles) {
  TypeModel model;
  for (int i = 1; i < 100000; ++i) {
    model.type("t" + std::to_string(i)).parent = "t" + std::to_string(i - 1);
  }

  model.settle();

  EXPECT_EQ(model.roots()[0]->descendants, 99999U);
}

TEST(VizModel, depth_descendants_and_used_types_are_counted) {
  const TypeModel model = viz_test::small_model();

  EXPECT_EQ(model.find("edu")->depth, 3U);
  EXPECT_EQ(model.find("object")->descendants, 4U);
  EXPECT_EQ(model.find("object")->used_below, 1U);
}

TEST(VizModel, the_subsystem_is_the_ancestor_below_the_root) {
  const TypeModel model = viz_test::small_model();

  EXPECT_EQ(model.find("edu")->subsystem, "device");
  EXPECT_EQ(model.find("device")->subsystem, "device");
}

TEST(VizModel, the_model_of_a_qemu_has_two_roots_the_bigger_first) {
  const TypeModel model = viz_test::big_model();

  ASSERT_EQ(model.roots().size(), 2U);
  EXPECT_EQ(model.roots()[0]->name, "object");
  EXPECT_EQ(model.roots()[0]->descendants, 732U);
  EXPECT_EQ(model.roots()[1]->descendants, 19U);
}

TEST(VizModelJson, reading_what_was_written_gives_the_same_bytes) {
  for (const TypeModel& model : {viz_test::small_model(), viz_test::big_model()}) {
    const std::string text = viz::model_to_json(model);

    EXPECT_EQ(viz::model_to_json(viz::model_from_json(text)), text);
  }
}

TEST(VizModelJson, hostile_names_still_give_json) {
  const std::string text = viz::model_to_json(viz_test::hostile_model());

  EXPECT_TRUE(viz::looks_like_model_json(text));
  EXPECT_NO_THROW(viz::model_from_json(text));
}

TEST(VizModelJson, errors_say_what_is_wrong) {
  const auto error_of = [](const char* text) -> std::string {
    try {
      viz::model_from_json(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(error_of("{"), testing::HasSubstr("parse error"));
  EXPECT_THAT(error_of(R"({"format":"x","version":1,"types":[]})"),
              testing::HasSubstr("not a vitrine-types document"));
  EXPECT_THAT(error_of(R"({"format":"vitrine-types","version":1,"types":[
                          {"name":"a"},{"name":"a"}]})"),
              testing::HasSubstr("'a' is listed twice"));
  EXPECT_THAT(error_of(R"({"format":"vitrine-types","version":1,"types":[
                          {"name":"a","state":"gone"}]})"),
              testing::HasSubstr("'gone'"));
  EXPECT_THAT(error_of(R"({"format":"vitrine-types","version":1,"types":[7]})"),
              testing::HasSubstr("cannot read the type model"));
}

}  // namespace
