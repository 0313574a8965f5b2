// What a report says: to people, to programs, and about causes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../trace/schema_check.h"
#include "diff_traces.h"
#include "viz/diff/report_json.h"
#include "viz/diff/report_text.h"

namespace {

using namespace viz::diff;
using diff_test::Row;
using diff_test::tree_of;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Rows = std::vector<Row>;

std::string source(const std::string& name) {
  return std::string(VITRINE_SOURCE_DIR) + "/" + name;
}

Tree boot(const std::string& name) {
  return Tree::load(source("tests/data/boots/" + name + ".json.zst"));
}

std::string schema_error(const Report& report) {
  std::ifstream in(source("trace/schema/vitrine-diff.schema.json"));
  return trace_test::schema_error(json::parse(in), json::parse(report_json(report)));
}

std::string text(const Report& report, bool explain = false) {
  return report_text(report, {.colour = false, .explain = explain});
}

TEST(DiffReport, its_json_is_what_the_schema_says) {
  const Tree kvm = boot("pc-kvm"), tcg = boot("pc-tcg"), isapc = boot("isapc-kvm"),
             guest = boot("guest-tcg");

  EXPECT_EQ(schema_error(compare(kvm, tcg)), "");
  EXPECT_EQ(schema_error(compare(kvm, kvm)), "");
  EXPECT_EQ(schema_error(compare(isapc, guest)), "");
}

TEST(DiffReport, a_boot_compared_with_itself_is_the_same) {
  const Tree a = boot("guest-tcg"), b = boot("guest-tcg");
  const Report report = compare(a, b);

  EXPECT_EQ(report.verdict(), 0);
  EXPECT_THAT(text(report), HasSubstr("The same steps."));
}

TEST(DiffReport, kvm_against_tcg_names_the_argument_and_what_it_replaced) {
  const Tree kvm = boot("pc-kvm"), tcg = boot("pc-tcg");
  const Report report = compare(kvm, tcg);

  ASSERT_EQ(report.arguments.size(), 1U);
  EXPECT_EQ(text_of(report.arguments[0], true), "-machine accel=kvm");
  EXPECT_EQ(text_of(report.arguments[0], false), "-machine accel=tcg");
  EXPECT_THAT(
      text(report, true),
      AllOf(HasSubstr("-machine accel=kvm  \u2192  -machine accel=tcg"),
            HasSubstr("kvm-accel \u2192 tcg-accel"),
            HasSubstr("kvm-i8259 \u2192 isa-i8259"), HasSubstr("- kvm_open /dev/kvm"),
            Not(HasSubstr("not traced to an argument"))));
}

TEST(DiffReport, pc_against_isapc_names_the_board_and_its_cpu) {
  const Tree pc = boot("pc-kvm"), isapc = boot("isapc-kvm");

  EXPECT_THAT(text(compare(pc, isapc), true),
              AllOf(HasSubstr("-machine pc  \u2192  -machine isapc"),
                    HasSubstr("pc-i440fx-4.0-machine \u2192 isapc-machine"),
                    HasSubstr("qemu64-x86_64-cpu \u2192 486-x86_64-cpu")));
}

TEST(DiffReport, the_first_divergence_is_the_command_line) {
  const Tree kvm = boot("pc-kvm"), tcg = boot("pc-tcg");
  const Report report = compare(kvm, tcg);

  const Edit* first = first_divergence(report);

  ASSERT_NE(first, nullptr);
  EXPECT_EQ(tcg.label(first->b), "lookup_opt machine");
}

TEST(DiffReport, names_from_a_trace_cannot_steer_the_terminal) {
  const Tree a = tree_of({{0, "phase", "x"}}),
             b = tree_of({{0, "phase", "x"}, {0, "type_new", "\x1b[31mred\x1b]0;t\a"}});
  const Report report = compare(a, b);

  EXPECT_THAT(text(report), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text(report), HasSubstr("\\u001b[31mred"));
}

TEST(DiffReport, each_part_of_an_argument_is_a_difference_of_its_own) {
  const auto options = [](const std::string& argument) {
    return std::vector<Option>{{"machine", argument, "machine"}};
  };
  Argument change{"machine",      "accel",          "kvm", "tcg", true, true, "machine",
                  "pc,accel=kvm", "isapc,accel=tcg"};

  EXPECT_EQ(with_change(options("pc,accel=kvm"), change)[0].argument, "pc,accel=tcg");
  change.key = "";
  change.b = "isapc";
  EXPECT_EQ(with_change(options("pc,accel=kvm"), change)[0].argument, "isapc,accel=kvm");
}

TEST(DiffReport, an_argument_of_one_side_is_added_or_taken_away) {
  const std::vector<Option> options{{"smp", "4", "board"}, {"nodefaults", "", "devices"}};

  const auto fewer =
      with_change(options, {"nodefaults", "", "", "", true, false, "", "", ""});
  const auto more = with_change(options, {"m", "", "", "64", false, true, "", "", "64"});

  EXPECT_EQ(fewer, (std::vector<Option>{{"smp", "4", "board"}}));
  EXPECT_EQ(more.back().argument, "64");
}

// ---- times --------------------------------------------------------------------------

Rows with_times(std::uint64_t inner_us, std::uint64_t rest_us) {
  return {{0, "phase", "p", "", 1, (inner_us + rest_us) * 1000},
          {1, "load", "kernel", "", 1, inner_us * 1000}};
}

Timing times(const Rows& a, const Rows& b, TimingOptions options) {
  const Tree tree_a = tree_of(a), tree_b = tree_of(b);
  return compare_times(tree_a, tree_b, align(tree_a, tree_b), {}, {}, options);
}

TEST(DiffTiming, the_step_itself_is_slower_and_not_those_around_it) {
  const Timing timing =
      times(with_times(1000, 50), with_times(9000, 50), {.judge_single_runs = true});

  ASSERT_EQ(timing.slower_or_faster.size(), 1U);
  EXPECT_EQ(timing.slower_or_faster[0].self_b.median_ns, 9e6);
}

TEST(DiffTiming, a_difference_must_be_over_both_thresholds) {
  EXPECT_TRUE(times(with_times(10, 0), with_times(500, 0), {}).slower_or_faster.empty());
  EXPECT_TRUE(
      times(with_times(100'000, 0), with_times(102'000, 0), {}).slower_or_faster.empty());
}

TEST(DiffTiming, single_runs_are_shown_but_not_judged) {
  const Tree a = tree_of(with_times(1000, 0)), b = tree_of(with_times(9000, 0));

  ReportOptions judging;
  judging.timing.judge_single_runs = true;

  EXPECT_EQ(compare(a, b).verdict(), 0);
  EXPECT_EQ(compare(a, b, judging).verdict(), 2);
}

TEST(DiffTiming, with_several_runs_a_difference_within_their_spread_is_none) {
  const auto side = [](const Tree& first, const Tree& second, const Tree& third) {
    const auto run = [&](const Tree& tree) {
      return MoreRun{&tree, align(first, tree).to_b};
    };
    return std::vector<MoreRun>{run(second), run(third)};
  };
  const Tree a1 = tree_of(with_times(1000, 0)), a2 = tree_of(with_times(9000, 0)),
             a3 = tree_of(with_times(5000, 0));
  const Tree b1 = tree_of(with_times(8000, 0)), b2 = tree_of(with_times(8100, 0)),
             b3 = tree_of(with_times(8200, 0));

  const Timing timing =
      compare_times(a1, b1, align(a1, b1), side(a1, a2, a3), side(b1, b2, b3), {});

  EXPECT_TRUE(timing.judged);
  EXPECT_TRUE(timing.slower_or_faster.empty());
}

}  // namespace
