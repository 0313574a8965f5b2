// Known edits, and what the diff must make of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diff_traces.h"
#include "viz/diff/edits.h"

namespace {

using namespace viz::diff;
using diff_test::Row;
using diff_test::tree_of;
using Rows = std::vector<Row>;

// "removed a", "changed b", "moved c": what the list of edits says.
std::vector<std::string> edits(const Rows& rows_a, const Rows& rows_b,
                               const AlignOptions& options = {}) {
  const Tree a = tree_of(rows_a), b = tree_of(rows_b, 1000);
  const Alignment alignment = align(a, b, options);
  std::vector<std::string> found;
  for (const Edit& edit : edits_of(a, b, alignment).list) {
    const Tree& tree = edit.b != none ? b : a;
    const Index node = edit.b != none ? edit.b : edit.a;
    std::string text =
        std::string(to_string(edit.kind)) + " " + std::string(tree.value(node, "name"));
    if (edit.loop != nullptr) {
      text += " " + std::to_string(edit.loop->rounds_a) + "->" +
              std::to_string(edit.loop->rounds_b);
    }
    found.push_back(text);
  }
  return found;
}

using testing::ElementsAre;
using testing::IsEmpty;

const Rows small{{0, "phase", "one"},    {1, "type_initialize", "a"},
                 {2, "class_init", "a"}, {1, "type_initialize", "b"},
                 {0, "phase", "two"},    {1, "object_new", "x", "3"}};

TEST(DiffAlign, equal_boots_have_no_edits_whatever_their_times_and_noise) {
  EXPECT_THAT(edits(small, small), IsEmpty());
}

TEST(DiffAlign, a_removed_subtree_is_one_edit) {
  Rows other = small;
  other.erase(other.begin() + 1, other.begin() + 3);

  EXPECT_THAT(edits(small, other), ElementsAre("removed a"));
  EXPECT_THAT(edits(other, small), ElementsAre("added a"));
}

TEST(DiffAlign, another_state_of_the_same_step_is_a_change) {
  Rows other = small;
  other.back().value = "4";

  EXPECT_THAT(edits(small, other), ElementsAre("changed x"));
}

TEST(DiffAlign, a_class_made_under_another_first_user_has_moved) {
  const Rows a{{0, "phase", "p"},
               {1, "type_initialize", "e1000"},
               {2, "type_initialize", "pci"},
               {3, "class_init", "pci"},
               {1, "type_initialize", "vga"}};
  const Rows b{{0, "phase", "p"},
               {1, "type_initialize", "vga"},
               {2, "type_initialize", "pci"},
               {3, "class_init", "pci"}};

  EXPECT_THAT(edits(a, b), ElementsAre("removed e1000", "moved pci"));
}

TEST(DiffAlign, an_inserted_equal_sibling_is_one_edit_and_not_a_shift_of_all) {
  const auto list = [](int count) {
    Rows rows{{0, "phase", "p"}};
    for (int i = 0; i < count; ++i) {
      rows.push_back({1, "property_set", "irq", std::to_string(i)});
      rows.push_back({2, "qemu_set_irq", "irq", std::to_string(i)});
    }
    return rows;
  };
  Rows more = list(40);
  more.insert(more.begin() + 1 + 2 * 17,
              {{1, "property_set", "irq", "new"}, {2, "qemu_set_irq", "irq", "new"}});

  const Tree a = tree_of(list(40)), b = tree_of(more);
  const Edits found = edits_of(a, b, align(a, b));

  EXPECT_EQ(found.totals.added, 2U);
  EXPECT_EQ(found.totals.removed + found.totals.changed + found.totals.moved, 0U);
}

TEST(DiffAlign, a_longer_loop_is_one_edit_with_both_counts) {
  const auto loop = [](int rounds) {
    Rows rows{{0, "enter", "", "", 10}};
    for (int i = 0; i < rounds; ++i) {
      rows.push_back({0, "vcpu_run", "io", "", 10});
      rows.push_back({0, "cpu_out", "0x80", "", 10});
    }
    rows.push_back({0, "leave", "", "", 10});
    return rows;
  };

  EXPECT_THAT(edits(loop(500), loop(412)), ElementsAre("repeated io 500->412"));
}

TEST(DiffAlign, long_loops_of_other_length_cost_a_constant_a_step) {
  const auto loop = [](int rounds, const char* first) {
    Rows rows{{0, "enter", first, "", 10}};
    for (int i = 0; i < rounds; ++i) {
      rows.push_back({0, "vcpu_run", "io", "", 10});
      rows.push_back({0, "cpu_out", "0x80", std::to_string(i % 7), 10});
    }
    rows.push_back({0, "leave", first, "", 10});
    return rows;
  };
  const Tree a = tree_of(loop(20'000, "a")), b = tree_of(loop(31'000, "b"));

  const Alignment alignment = align(a, b);

  EXPECT_EQ(alignment.loops.size(), 1U);
  EXPECT_LT(alignment.work.visits, 600U * (a.size() + b.size()));
}

TEST(DiffAlign, one_thing_in_the_place_of_another_is_replaced_with_all_its_steps) {
  const auto board = [](const std::string& pic) {
    return Rows{{0, "phase", "board"},
                {1, "object_new", pic},
                {2, "instance_init", pic},
                {1, "property_set", pic, "0x20"},
                {1, "object_new", "serial"}};
  };

  EXPECT_THAT(
      edits(board("kvm-i8259"), board("isa-i8259")),
      ElementsAre("replaced isa-i8259", "replaced isa-i8259", "replaced isa-i8259"));
}

TEST(DiffAlign, without_replacements_it_is_removed_and_added) {
  const Rows a{{0, "object_new", "x"}}, b{{0, "object_new", "y"}};

  EXPECT_THAT(edits(a, b, {.unordered = {}, .replacements = false}),
              ElementsAre("removed x", "added y"));
}

TEST(DiffAlign, an_unordered_set_compares_as_a_set) {
  const Rows a{{0, "type_register", "a"},
               {0, "type_register", "b"},
               {0, "type_register", "b"},
               {0, "type_register", "c"}};
  const Rows b{{0, "type_register", "c"},
               {0, "type_register", "b"},
               {0, "type_register", "a"},
               {0, "type_register", "b"}};

  EXPECT_THAT(edits(a, b, {.unordered = {"type_register"}}), IsEmpty());
  EXPECT_THAT(edits(a, b), testing::Not(IsEmpty()));
}

TEST(DiffAlign, threads_are_compared_by_their_names) {
  const Rows a{{0, "run", "m"}, {0, "run", "v", "", 10}};
  const Rows b{{0, "run", "m"}, {0, "run", "v", "", 10}, {0, "run", "v", "", 11}};
  const Tree tree_a = tree_of(a), tree_b = tree_of(b);

  const Edits found = edits_of(tree_a, tree_b, align(tree_a, tree_b));

  ASSERT_EQ(found.list.size(), 1U);
  EXPECT_EQ(tree_b.label(found.list[0].b), "thread vcpu 1");
}

Rows nested(int depth, const std::string& bottom) {
  Rows deep;
  for (int i = 0; i < depth; ++i) {
    deep.push_back({i, "down", "x"});
  }
  deep.back().value = bottom;
  return deep;
}

TEST(DiffAlign, a_tree_as_deep_as_it_is_long_is_compared) {
  const Tree a = tree_of(nested(2000, "a")), b = tree_of(nested(2000, "b"));

  EXPECT_EQ(edits_of(a, b, align(a, b)).totals.changed, 1U);
}

TEST(DiffAlign, a_tree_that_is_deeper_than_any_boot_is_refused) {
  EXPECT_THROW(tree_of(nested(50'000, "a")), std::runtime_error);
}

TEST(DiffAlign, edits_come_in_the_order_of_the_replay) {
  Rows other = small;
  other[1].value = "first";
  other.back().value = "last";
  other.erase(other.begin() + 3);

  EXPECT_THAT(edits(small, other), ElementsAre("changed a", "removed b", "changed x"));
}

}  // namespace
