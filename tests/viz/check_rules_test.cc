// Rules: each kind holds and fails, mistakes in a file are named, results have a schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../trace/schema_check.h"
#include "diff_traces.h"
#include "viz/check/rules.h"

namespace {

using namespace viz::check;
using diff_test::Row;
using diff_test::tree_of;
using nlohmann::json;
using testing::HasSubstr;

std::string source(const std::string& name) {
  return std::string(VITRINE_SOURCE_DIR) + "/" + name;
}

json schema(const std::string& name) {
  std::ifstream in(source("trace/schema/" + name));
  return json::parse(in);
}

const std::vector<Row> boot{{0, "phase", "types"}, {1, "register", "a"},
                            {1, "register", "b"},  {0, "phase", "machine"},
                            {1, "init", "a"},      {2, "init", "base"},
                            {1, "create", "a#1"},  {1, "level", "irq", "1"},
                            {0, "ready", ""},      {0, "level", "irq", "0"}};

// "ok", or what the rule says was expected, got and why.
std::string verdict(const std::string& rule) {
  const viz::diff::Tree tree = tree_of(boot);
  const Rules rules =
      rules_from(R"({"schema":1,"rules":[{"id":"r",)" + rule + "}]}", "rules");
  const Finding finding = viz::check::check(tree, rules)[0];
  return finding.holds ? "ok"
                       : finding.expected + " | " + finding.got + " | " + finding.why;
}

std::string mistake(const std::string& text) {
  try {
    rules_from(text, "rules.json");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

TEST(CheckRules, count) {
  EXPECT_EQ(verdict(R"("count":{"event":"register","exactly":2})"), "ok");
  EXPECT_EQ(verdict(R"("count":{"event":"register name=a","at_least":1,"at_most":2})"),
            "ok");
  EXPECT_THAT(verdict(R"("count":{"event":"register","at_most":1})"),
              HasSubstr("at most 1 time | 2 times | the first that is too many is "
                        "\"register b\""));
  EXPECT_THAT(verdict(R"("count":{"event":"register name=c","at_least":1})"),
              HasSubstr("register happens 2 times, but never with these values"));
}

TEST(CheckRules, before) {
  EXPECT_EQ(verdict(R"("before":{"first":"register","then":"init"})"), "ok");
  EXPECT_THAT(verdict(R"("before":{"first":"init","then":"register"})"),
              HasSubstr("comes first"));
  EXPECT_THAT(verdict(R"("before":{"first":"init","then":"absent"})"),
              HasSubstr("no event of this trace has the name absent"));
}

TEST(CheckRules, within) {
  EXPECT_EQ(
      verdict(R"("within":{"event":"init name=base","of":"init name=a","steps":1})"),
      "ok");
  EXPECT_EQ(verdict(R"("within":{"event":"init","of":"phase","us":50})"), "ok");
  EXPECT_THAT(verdict(R"("within":{"event":"ready","of":"register","steps":2})"),
              HasSubstr("after 6 steps"));
  EXPECT_THAT(verdict(R"("within":{"event":"register","of":"ready","steps":2})"),
              HasSubstr("without one before it"));
}

TEST(CheckRules, never_until) {
  EXPECT_EQ(verdict(R"("never_until":{"event":"create","until":"init"})"), "ok");
  EXPECT_THAT(verdict(R"("never_until":{"event":"register","until":"init"})"),
              HasSubstr("comes only 3 steps later"));
}

TEST(CheckRules, cause) {
  EXPECT_EQ(
      verdict(R"("cause":{"event":"init name=base","by":["phase name=machine","init"]})"),
      "ok");
  EXPECT_THAT(verdict(R"("cause":{"event":"init name=base","by":["init","phase"]})"),
              HasSubstr("it lies in phase machine > init a"));
}

TEST(CheckRules, state_at) {
  EXPECT_EQ(
      verdict(
          R"("state_at":{"at":"ready","event":"level name=irq","field":"value","is":1})"),
      "ok");
  EXPECT_THAT(
      verdict(R"("state_at":{"at":"ready","event":"level","field":"value","is":"0"})"),
      HasSubstr("value is 1"));
  EXPECT_THAT(
      verdict(R"("state_at":{"at":"create","event":"level","field":"value","is":"0"})"),
      HasSubstr("none has happened by then"));
}

TEST(CheckRules, same_as_another_trace_but_for_what_is_left_out) {
  const viz::diff::Tree tcg =
      viz::diff::Tree::load(source("tests/data/boots/pc-tcg.json.zst"));
  const auto same_as = [&](const std::string& trace) {
    Rules rules = rules_from(
        R"({"schema":1,"rules":[{"id":"r","same_as":{"cat":["module"],"trace":")" +
            trace + "\"}}]}",
        "rules");
    rules.folder = source("tests/data/boots");
    return viz::check::check(tcg, rules)[0];
  };

  EXPECT_TRUE(same_as("pc-kvm.json.zst").holds);
  EXPECT_THROW(same_as("absent.json"), std::exception);
}

TEST(CheckRules, inside_looks_at_all_steps_around) {
  EXPECT_EQ(
      verdict(
          R"("count":{"event":{"name":"init","inside":"phase name=m*"},"exactly":2})"),
      "ok");
}

TEST(CheckRules, a_mistake_is_told_with_its_rule) {
  EXPECT_THAT(mistake("{"), HasSubstr("rules.json: not JSON"));
  EXPECT_THAT(mistake(R"({"schema":2,"rules":[]})"), HasSubstr("`schema` is 1"));
  EXPECT_THAT(mistake(R"({"schema":1,"rules":[{"id":"x"}]})"),
              HasSubstr("rule 1 (x): needs exactly one of count"));
  EXPECT_THAT(mistake(R"({"schema":1,"rules":[{"id":"x","cuont":{}}]})"),
              HasSubstr("a rule has no `cuont`"));
  EXPECT_THAT(
      mistake(R"({"schema":1,"rules":[{"id":"x","count":{"event":"a b","exactly":1}}]})"),
      HasSubstr("is not field=pattern"));
  EXPECT_THAT(
      mistake(R"({"schema":1,"rules":[{"id":"x","count":{"event":"a","exactly":-1}}]})"),
      HasSubstr("`exactly` is a number from 0 on"));
  const std::string same = R"({"id":"x","count":{"event":"a","exactly":1}})";
  EXPECT_THAT(mistake(R"({"schema":1,"rules":[)" + same + "," + same + "]}"),
              HasSubstr("another rule has this id"));
  EXPECT_THAT(mistake(std::string(100'000, '[')), HasSubstr("nested too deep"));
}

TEST(CheckRules, the_sample_is_what_the_schema_says_and_holds_for_a_real_boot) {
  const std::string file = source("samples/rules/first-boot.json");
  std::ifstream in(file);
  EXPECT_EQ(
      trace_test::schema_error(schema("vitrine-rules.schema.json"), json::parse(in)), "");
  const Rules rules = load_rules(file);
  const viz::diff::Tree tree =
      viz::diff::Tree::load(source("tests/data/boots/guest-tcg.json.zst"));
  const Result result{&rules, &tree, viz::check::check(tree, rules)};

  EXPECT_TRUE(result.holds()) << result_text(result, false);
}

TEST(CheckRules, a_result_tells_expected_got_where_why_and_hint) {
  const viz::diff::Tree tree = tree_of(boot);
  const Rules rules = rules_from(
      R"({"schema":1,"title":"lab <1>","rules":[{"id":"r","hint":"look & see",)"
      R"("count":{"event":"register","exactly":1}}]})",
      "rules");
  const Result result{&rules, &tree, viz::check::check(tree, rules)};

  for (const char* word : {"expected", "got", "where", "why", "hint", "made/up.cc:1"}) {
    EXPECT_THAT(result_text(result, false), HasSubstr(word));
  }
  EXPECT_EQ(trace_test::schema_error(schema("vitrine-check.schema.json"),
                                     json::parse(result_json(result))),
            "");
  EXPECT_THAT(result_junit(result), HasSubstr("failures=\"1\""));
  EXPECT_THAT(result_junit(result), HasSubstr("lab &lt;1&gt;"));
  EXPECT_THAT(result_junit(result), HasSubstr("look &amp; see"));
}

}  // namespace
