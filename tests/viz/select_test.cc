#include "viz/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "models.h"

namespace {

using viz::Branch;
using viz::Selection;
using viz::SelectOptions;
using viz::TypeModel;

// Counts by walking what would be drawn, apart from the selection's own counting.
struct Walked {
  std::multiset<std::string> names;
  std::size_t counted = 0;

  void walk(const Branch& branch) {
    names.insert(branch.type->name);
    counted += branch.cut + branch.more;
    for (const viz::Cell& cell : branch.cells) {
      names.insert(cell.type->name);
      counted += cell.cut;
    }
    for (const Branch& child : branch.inner) {
      walk(child);
    }
  }
};

Walked walk(const Selection& selection) {
  Walked walked;
  for (const Branch& root : selection.roots) {
    walked.walk(root);
  }
  for (const viz::Type* type : selection.interface_nodes) {
    walked.names.insert(type->name);
  }
  return walked;
}

std::vector<SelectOptions> many_options() {
  std::vector<SelectOptions> list;
  for (const std::size_t fold : {0, 5, 24}) {
    for (const std::size_t rows : {1, 52}) {
      for (const int depth : {-1, 0, 2}) {
        list.push_back({.depth = depth, .fold = fold, .rows = rows});
        list.push_back({.root = "device", .depth = depth, .fold = fold, .rows = rows});
        list.push_back({.match = "virtio", .depth = depth, .fold = fold, .rows = rows});
        list.push_back({.all = true, .depth = depth, .fold = fold, .rows = rows});
        list.push_back({.ancestors_of = "e1000", .fold = fold, .rows = rows});
        list.push_back({.ancestors_of = "device", .fold = fold, .rows = rows});
        list.push_back({.ancestors_of = "object", .fold = fold, .rows = rows});
        list.push_back({.ancestors_of = "resettable", .fold = fold, .rows = rows});
      }
    }
  }
  return list;
}

TEST(VizSelect, drawn_folded_and_hidden_types_add_up_to_the_model) {
  const TypeModel model = viz_test::big_model();
  for (const SelectOptions& options : many_options()) {
    const Selection selection = viz::select_types(model, options);

    ASSERT_EQ(selection.drawn + selection.folded + selection.hidden, selection.total)
        << options.root << options.match << options.ancestors_of << " fold "
        << options.fold << " rows " << options.rows << " depth " << options.depth;
    ASSERT_EQ(selection.total, 753U);
  }
}

TEST(VizSelect, every_drawn_type_is_drawn_once) {
  const TypeModel model = viz_test::big_model();
  for (const SelectOptions& options : many_options()) {
    const Selection selection = viz::select_types(model, options);
    const Walked walked = walk(selection);

    ASSERT_EQ(walked.names.size(), selection.drawn);
    ASSERT_EQ(walked.counted, selection.folded);
    ASSERT_EQ(std::set<std::string>(walked.names.begin(), walked.names.end()).size(),
              walked.names.size());
  }
}

TEST(VizSelect, all_draws_every_type) {
  const Selection selection = viz::select_types(viz_test::big_model(), {.all = true});

  EXPECT_EQ(selection.drawn, 753U);
}

TEST(VizSelect, the_default_page_of_753_types_opens_the_big_families) {
  const TypeModel model = viz_test::big_model();

  const Walked walked = walk(viz::select_types(model, {}));

  for (const char* name : {"object", "interface", "device", "machine", "bus", "chardev",
                           "pci-device", "isa-device", "sys-bus-device", "cpu"}) {
    EXPECT_EQ(walked.names.count(name), 1U) << name;
  }
  EXPECT_LT(walked.names.size(), 200U);
}

TEST(VizSelect, a_long_list_of_leaves_is_named_up_to_the_fold_and_counted) {
  const TypeModel model = viz_test::fan_model(100);

  const Selection selection = viz::select_types(model, {.fold = 10});

  EXPECT_EQ(selection.roots[0].cells.size(), 10U);
  EXPECT_EQ(selection.roots[0].more, 90U);
}

TEST(VizSelect, a_fold_of_two_more_is_not_worth_it) {
  const TypeModel model = viz_test::fan_model(12);

  const Selection selection = viz::select_types(model, {.fold = 10});

  EXPECT_EQ(selection.roots[0].more, 0U);
}

TEST(VizSelect, types_with_objects_are_named_before_others) {
  TypeModel model = viz_test::fan_model(100);
  model.type("leaf-1099").state = viz::State::instantiated;
  model.settle();

  const Selection selection = viz::select_types(model, {.fold = 10});

  EXPECT_EQ(selection.roots[0].cells.back().type->name, "leaf-1099");
}

TEST(VizSelect, only_used_keeps_types_with_objects_and_their_ancestors) {
  const TypeModel model = viz_test::small_model();

  const Walked walked =
      walk(viz::select_types(model, {.only_used = true, .interface_edges = 0}));

  EXPECT_THAT(walked.names,
              testing::UnorderedElementsAre("object", "device", "isa-device", "edu"));
}

TEST(VizSelect, ancestors_of_shows_chain_siblings_and_interfaces) {
  const TypeModel model = viz_test::big_model();

  const Selection selection =
      viz::select_types(model, {.ancestors_of = "virtio-net-pci"});

  const Walked walked = walk(selection);
  for (const char* name :
       {"object", "device", "pci-device", "virtio-pci", "virtio-net-pci-base",
        "virtio-net-pci", "virtio-net-pci-transitional", "pci-express-device",
        "conventional-pci-device", "resettable", "vmstate-if"}) {
    EXPECT_EQ(walked.names.count(name), 1U) << name;
  }
  EXPECT_EQ(selection.implements.size(), 4U);
}

TEST(VizSelect, depth_cuts_at_that_level_and_counts_the_rest) {
  const Selection selection =
      viz::select_types(viz_test::small_model(), {.root = "object", .depth = 1});

  EXPECT_EQ(selection.drawn, 2U);
  EXPECT_EQ(selection.roots[0].inner[0].cut, 3U);
}

TEST(VizSelect, an_unknown_type_is_refused_with_similar_names) {
  try {
    viz::select_types(viz_test::big_model(), {.root = "pci-devise"});
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("similar: pci-device"));
  }
}

TEST(VizSelect, a_pattern_that_matches_nothing_is_refused) {
  EXPECT_THROW(viz::select_types(viz_test::small_model(), {.match = "nothing*"}),
               std::runtime_error);
}

TEST(VizSelect, a_very_deep_chain_is_cut_and_counted) {
  TypeModel model;
  for (int i = 1; i < 50000; ++i) {
    model.type("t" + std::to_string(i)).parent = "t" + std::to_string(i - 1);
  }
  model.settle();
  for (const SelectOptions& options : {SelectOptions{}, SelectOptions{.all = true},
                                       SelectOptions{.ancestors_of = "t40000"}}) {
    const Selection selection = viz::select_types(model, options);

    EXPECT_EQ(selection.drawn + selection.folded + selection.hidden, 50000U);
  }
}

}  // namespace
