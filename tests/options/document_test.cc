// Documents: keyval texts and JSON, one test for each numbered fact of section M.
#include "options/document.h"

#include <gtest/gtest.h>

#include "options/opts.h"

namespace options {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Kind = Document::Kind;

Pairs keyval(std::string_view text, const char* implied = nullptr) {
  return flatten(keyval_parse(text, implied, nullptr));
}

template <class F>
std::string error_of(F call) {
  try {
    call();
  } catch (const qom::Error& error) {
    return error.what();
  }
  return "no error";
}

std::string keyval_error(std::string_view text, const char* implied = nullptr) {
  return error_of([&] { keyval_parse(text, implied, nullptr); });
}

TEST(Keyval, M212_a_value_needs_its_equals_sign_and_there_are_no_flags) {
  EXPECT_EQ(keyval_error("usb"), "Expected '=' after parameter 'usb'");
  EXPECT_EQ(keyval_error("a=1,nousb"), "Expected '=' after parameter 'nousb'");
}

TEST(Keyval, M212_a_key_is_a_name) {
  EXPECT_EQ(keyval_error("9a=1"), "Invalid parameter '9a'");
  EXPECT_EQ(keyval_error("a b=1"), "Invalid parameter 'a b'");
  EXPECT_EQ(keyval_error("=x"), "Invalid parameter ''");
}

TEST(Keyval, M212_id_is_an_ordinary_key_and_the_last_wins) {
  EXPECT_EQ(keyval("id=x,a=1,id=y"), (Pairs{{"id", "y"}, {"a", "1"}}));
}

TEST(Keyval, M212_only_values_know_the_doubled_comma) {
  EXPECT_EQ(keyval("a=1,,2,b=3"), (Pairs{{"a", "1,2"}, {"b", "3"}}));
}

TEST(Keyval, M213_dots_make_levels) {
  const Document document = keyval_parse("a.b.c=1,a.d=2", nullptr, nullptr);

  EXPECT_EQ(document.find("a")->find("b")->text("c"), "1");
  EXPECT_EQ(document.find("a")->text("d"), "2");
}

TEST(Keyval, M213_numbers_make_lists_and_01_is_1) {
  const Document document = keyval_parse("list.0=x,list.01=y", nullptr, nullptr);

  ASSERT_EQ(document.find("list")->kind, Kind::list);
  EXPECT_EQ(document.find("list")->items.at(1).scalar, "y");
}

TEST(Keyval, M213_a_gap_in_a_list_is_named) {
  EXPECT_EQ(keyval_error("list.0=x,list.2=y"), "Parameter 'list.1' missing");
  EXPECT_EQ(keyval_error("a.1=y"), "Parameter 'a.0' missing");
}

TEST(Keyval, M213_mixing_kinds_is_refused) {
  EXPECT_EQ(keyval_error("a.b.c=1,a.b=2"), "Parameters 'a.b.*' used inconsistently");
  EXPECT_EQ(keyval_error("a=2,a.b=1"), "Parameters 'a.*' used inconsistently");
  EXPECT_EQ(keyval_error("a.0=x,a.b=1"), "Parameters 'a.*' used inconsistently");
}

TEST(Keyval, M213_the_top_is_no_list) {
  EXPECT_EQ(keyval_error("0=x"), "Invalid parameter '0'");
}

TEST(Keyval, M214_the_implied_value_has_neither_comma_nor_equals_sign) {
  EXPECT_EQ(keyval("val,a=1", "implied"), (Pairs{{"implied", "val"}, {"a", "1"}}));
  EXPECT_EQ(keyval_error("val,,ue", "implied"), "Invalid parameter ''");
  EXPECT_EQ(keyval_error(",", "implied"), "Invalid parameter ''");
  EXPECT_EQ(keyval_error("=val", "implied"), "Invalid parameter ''");
}

TEST(Keyval, M215_help_alone_sets_the_flag_and_the_rest_is_parsed) {
  bool help = false;

  EXPECT_EQ(flatten(keyval_parse("a=1,help,b=2", nullptr, &help)),
            (Pairs{{"a", "1"}, {"b", "2"}}));
  EXPECT_TRUE(help);
}

TEST(Keyval, M215_without_a_flag_help_is_a_word_as_in_4_0) {
  EXPECT_EQ(keyval("help", "implied"), (Pairs{{"implied", "help"}}));
  EXPECT_EQ(keyval_error("a=1,help"), "Expected '=' after parameter 'help'");
}

TEST(Keyval, M216_a_part_of_a_key_has_at_most_127_letters) {
  const std::string longest(127, 'a');

  EXPECT_EQ(keyval_error(longest + "=1"), "no error");
  EXPECT_EQ(keyval_error(longest + "a=1"), "Parameter '" + longest + "a' is too long");
}

TEST(Keyval, M217_merging_replaces_scalars_merges_dictionaries_appends_lists) {
  Document into = keyval_parse("s=1,d.a=1,l.0=x", nullptr, nullptr);

  keyval_merge(into, keyval_parse("s=2,d.b=2,l.0=y,n=3", nullptr, nullptr));

  EXPECT_EQ(flatten(into),
            (Pairs{{"s", "2"}, {"d.a", "1"}, {"d.b", "2"}, {"l", "x,y"}, {"n", "3"}}));
}

TEST(Keyval, M217_merging_two_kinds_is_refused) {
  Document into = keyval_parse("opt2=1", nullptr, nullptr);

  EXPECT_EQ(
      error_of([&] { keyval_merge(into, keyval_parse("opt2.a=1", nullptr, nullptr)); }),
      "Parameter 'opt2' used inconsistently");
}

TEST(Keyval, a_key_of_endless_levels_is_refused) {
  std::string key = "a";
  for (int i = 0; i < 100000; ++i) {
    key += ".a";
  }

  EXPECT_NE(keyval_error(key + "=1"), "no error");
}

// ---- JSON -----------------------------------------------------------------------------

std::string json_error(std::string_view text) {
  return error_of([&] { json_parse(text); });
}

TEST(Json, values_of_each_kind_are_read) {
  const Document document =
      json_parse(R"({"a":"t","b":true,"c":-1.5e3,"d":null,"e":[1,2],"f":{"g":"h"}})");

  EXPECT_EQ(flatten(document), (Pairs{{"a", "t"},
                                      {"b", "on"},
                                      {"c", "-1.5e3"},
                                      {"d", ""},
                                      {"e", "1,2"},
                                      {"f.g", "h"}}));
}

TEST(Json, escapes_and_single_quotes_are_read) {
  EXPECT_EQ(json_parse(R"("\"\\\/\n\u00e4\ud83d\ude00")").scalar,
            "\"\\/\n\xc3\xa4\xf0\x9f\x98\x80");
  EXPECT_EQ(json_parse("'it'").scalar, "it");
}

TEST(Json, mistakes_are_told_as_qemu_tells_them) {
  EXPECT_EQ(json_error(R"({"driver":"file")"), "JSON parse error, premature EOI");
  EXPECT_EQ(json_error(R"({"driver":"file",})"), "JSON parse error, expecting value");
  EXPECT_EQ(json_error("{foo}"), "JSON parse error, invalid keyword 'foo'");
  EXPECT_EQ(json_error(R"({"a" 1})"), "JSON parse error, missing : in object pair");
  EXPECT_EQ(json_error(R"({"a":"x)"), "JSON parse error, stray '\"x'");
  EXPECT_EQ(json_error(R"({"a":1,"a":2})"), "JSON parse error, duplicate key");
  EXPECT_EQ(json_error(R"({"a":"\q"})"),
            "JSON parse error, invalid escape sequence in string");
  EXPECT_EQ(json_error(R"({"a":1}x)"), "Expecting at most one JSON value");
}

TEST(Json, deep_nesting_is_refused_and_does_not_crash) {
  EXPECT_EQ(json_error(std::string(100000, '[')),
            "JSON parse error, nesting is too deep");
}

TEST(Json, a_list_of_boxed_strings_repeats_the_key) {
  EXPECT_EQ(flatten(json_parse(R"({"hostfwd":[{"str":"a"},{"str":"b"}]})")),
            (Pairs{{"hostfwd", "a"}, {"hostfwd", "b"}}));
}

}  // namespace
}  // namespace options
