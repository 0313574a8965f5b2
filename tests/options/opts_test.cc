// Option groups: one test for each numbered fact about option texts in 4.0.
#include "options/opts.h"

#include <gtest/gtest.h>

#include "options/groups.h"

// Came with GoogleTest 1.12; Ubuntu 22.04 has 1.11.
#ifndef GTEST_FLAG_SET
#define GTEST_FLAG_SET(name, value) (void)(::testing::GTEST_FLAG(name) = value)
#endif

namespace options {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// A list of its own for each test: any key, implied key "implied".
struct QemuOptsTest : testing::Test {
  QemuOptsList any{"any", "implied"};
  QemuOptsList merging{"merging", "implied", true};
  static constexpr QemuOptDesc typed_desc[] = {
      {"s", QemuOptType::string, "a text"},
      {"b", QemuOptType::boolean},
      {"n", QemuOptType::number, "a number", "7"},
      {"z", QemuOptType::size},
      {"nod", QemuOptType::boolean}};
  QemuOptsList typed{"typed", "s", false, typed_desc};

  Pairs plain(std::string_view text) {
    return pairs(parse(any, text, Abbreviation::refused));
  }

  Pairs implied(std::string_view text) {
    return pairs(parse(any, text, Abbreviation::permitted));
  }

  static QemuOpts* parse(QemuOptsList& list, std::string_view text,
                         Abbreviation abbreviation = Abbreviation::refused) {
    return qemu_opts_parse(&list, text, abbreviation);
  }

  static Pairs pairs(const QemuOpts* opts) {
    Pairs result;
    qemu_opt_foreach(opts,
                     [&](const QemuOpt& opt) { result.emplace_back(opt.name, opt.str); });
    return result;
  }
};

using QemuOptsDeathTest = QemuOptsTest;

template <class F>
std::string error_of(F call) {
  try {
    call();
  } catch (const qom::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(QemuOptsTest, L182_doubled_comma_stays_in_the_value_and_the_last_key_wins) {
  QemuOpts* opts = parse(any, "a=1,b=2,,x,a=3");

  EXPECT_EQ(pairs(opts), (Pairs{{"a", "1"}, {"b", "2,x"}, {"a", "3"}}));
  EXPECT_STREQ(qemu_opt_get(opts, "a"), "3");
}

TEST_F(QemuOptsTest, L183_keys_are_not_unescaped) {
  EXPECT_EQ(plain("a,,b"), (Pairs{{"a", "on"}, {"", "on"}, {"b", "on"}}));
}

TEST_F(QemuOptsTest, L184_a_flag_is_on_and_the_prefix_no_turns_the_rest_off) {
  EXPECT_EQ(plain("flag"), (Pairs{{"flag", "on"}}));
  EXPECT_EQ(plain("nodelay"), (Pairs{{"delay", "off"}}));
  EXPECT_EQ(plain("no"), (Pairs{{"", "off"}}));
  EXPECT_EQ(plain("noaus="), (Pairs{{"noaus", ""}}));
}

TEST_F(QemuOptsTest, L184_a_declared_option_nod_has_no_short_form) {
  EXPECT_EQ(error_of([&] { parse(typed, "nod"); }), "Invalid parameter 'd'");
}

TEST_F(QemuOptsTest, L185_a_short_form_is_as_good_as_the_long_one_in_4_0) {
  testing::internal::CaptureStderr();

  EXPECT_EQ(plain("flag"), plain("flag=on"));

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(QemuOptsTest, L186_empty_text_is_an_empty_group_and_a_trailing_comma_is_ignored) {
  EXPECT_EQ(plain(""), Pairs{});
  EXPECT_EQ(plain("a=1,"), (Pairs{{"a", "1"}}));
  EXPECT_EQ(plain(","), (Pairs{{"", "on"}}));
}

TEST_F(QemuOptsTest, L187_blanks_and_case_belong_to_the_key) {
  EXPECT_EQ(plain(" a=1"), (Pairs{{" a", "1"}}));
  EXPECT_EQ(plain("A=1,a=2"), (Pairs{{"A", "1"}, {"a", "2"}}));
  EXPECT_EQ(plain("a==b"), (Pairs{{"a", "=b"}}));
  EXPECT_EQ(plain("a=b=c"), (Pairs{{"a", "b=c"}}));
}

TEST_F(QemuOptsTest, L188_the_first_element_may_be_the_implied_key) {
  EXPECT_EQ(implied("foo,a=1"), (Pairs{{"implied", "foo"}, {"a", "1"}}));
  EXPECT_EQ(implied("foo,,bar"), (Pairs{{"implied", "foo,bar"}}));
  EXPECT_EQ(implied(","), (Pairs{{"implied", ""}}));
  EXPECT_EQ(implied(",,,a=1"), (Pairs{{"implied", ","}, {"a", "1"}}));
  EXPECT_EQ(implied("nofoo"), (Pairs{{"implied", "nofoo"}}));
  EXPECT_EQ(implied("a=1,foo"), (Pairs{{"a", "1"}, {"foo", "on"}}));
}

TEST_F(QemuOptsTest, L189_the_first_id_wins_and_id_is_never_an_option) {
  QemuOpts* opts = parse(any, "id=x,a=1,id=y");

  EXPECT_EQ(opts->id, "x");
  EXPECT_EQ(pairs(opts), (Pairs{{"a", "1"}}));
}

TEST_F(QemuOptsTest, L189_an_id_starts_with_a_letter_and_has_no_odd_letters) {
  for (const char* good : {"a", "Z9", "a-b.c_d"}) {
    EXPECT_TRUE(id_wellformed(good)) << good;
  }
  for (const char* bad : {"", "9a", "-a", "a/b", "a b", "\xc3\xa4"}) {
    EXPECT_FALSE(id_wellformed(bad)) << bad;
  }
}

TEST_F(QemuOptsTest, L189_a_bad_id_names_the_rule) {
  try {
    parse(any, "id=a/b");
    FAIL() << "accepted";
  } catch (const qom::Error& error) {
    EXPECT_STREQ(error.what(), "Parameter 'id' expects an identifier");
    EXPECT_EQ(
        error.hint,
        "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
  }
}

TEST_F(QemuOptsTest, L190_the_id_is_found_by_plain_text_search) {
  EXPECT_EQ(parse(any, "x=,,id=bar")->id, "bar");
}

TEST_F(QemuOptsTest, L191_an_id_used_twice_is_an_error_naming_the_list) {
  parse(any, "id=x");

  EXPECT_EQ(error_of([&] { parse(any, "id=x"); }), "Duplicate ID 'x' for any");
}

TEST_F(QemuOptsTest, L191_without_id_each_use_is_a_group_and_the_first_is_found) {
  QemuOpts* first = parse(any, "a=1");
  QemuOpts* second = parse(any, "a=2");

  EXPECT_NE(first, second);
  EXPECT_EQ(qemu_opts_find(&any, std::nullopt), first);
}

TEST_F(QemuOptsTest, L192_merging_lists_collect_uses_and_later_keys_win) {
  QemuOpts* first = parse(merging, "a=1,b=1");
  QemuOpts* second = parse(merging, "a=2");

  EXPECT_EQ(first, second);
  EXPECT_STREQ(qemu_opt_get(first, "a"), "2");
  EXPECT_STREQ(qemu_opt_get(first, "b"), "1");
}

TEST_F(QemuOptsTest, L192_merging_lists_merge_per_id) {
  EXPECT_EQ(parse(merging, "id=x,a=1"), parse(merging, "id=x,b=1"));
  EXPECT_NE(parse(merging, "id=x"), parse(merging, "id=y"));
}

TEST_F(QemuOptsTest, L193_an_error_removes_the_group_even_a_merged_one) {
  static constexpr QemuOptDesc desc[] = {{"n", QemuOptType::number}};
  QemuOptsList list{"list", nullptr, true, desc};
  parse(list, "n=1");

  EXPECT_THROW(parse(list, "n=x"), qom::Error);

  EXPECT_EQ(qemu_opts_find(&list, std::nullopt), nullptr);
}

TEST_F(QemuOptsTest, L194_a_declared_list_refuses_other_keys) {
  EXPECT_EQ(error_of([&] { parse(typed, "x=1"); }), "Invalid parameter 'x'");
}

TEST_F(QemuOptsDeathTest, L194_typed_getters_stop_on_a_list_without_declarations) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  QemuOpts* opts = parse(any, "n=1");

  EXPECT_DEATH(qemu_opt_get_number(opts, "n", 0), "");
}

TEST_F(QemuOptsTest, L195_a_boolean_is_on_or_off_and_nothing_else) {
  EXPECT_TRUE(qemu_opt_get_bool(parse(typed, "b=on"), "b", false));
  EXPECT_FALSE(qemu_opt_get_bool(parse(typed, "b=off"), "b", true));
  for (const char* text : {"b=yes", "b=true", "b=ON", "b=1", "b="}) {
    EXPECT_EQ(error_of([&] { parse(typed, text); }),
              "Parameter 'b' expects 'on' or 'off'")
        << text;
  }
}

TEST_F(QemuOptsTest, L195_numbers_are_base_zero_and_wrap_below_zero) {
  const std::map<std::string, std::uint64_t> good = {{"n=12", 12},
                                                     {"n=0x10", 16},
                                                     {"n=010", 8},
                                                     {"n=-1", ~0ull},
                                                     {"n=18446744073709551615", ~0ull}};
  for (const auto& [text, number] : good) {
    EXPECT_EQ(qemu_opt_get_number(parse(typed, text), "n", 0), number) << text;
  }
}

TEST_F(QemuOptsTest, L195_what_is_no_number_is_refused_and_what_is_too_large_too) {
  EXPECT_EQ(error_of([&] { parse(typed, "n=x"); }), "Parameter 'n' expects a number");
  EXPECT_EQ(error_of([&] { parse(typed, "n=1k"); }), "Parameter 'n' expects a number");
  EXPECT_EQ(error_of([&] { parse(typed, "n=18446744073709551616"); }),
            "Value '18446744073709551616' is too large for parameter 'n'");
}

TEST_F(QemuOptsTest, L195_a_value_that_a_later_one_overrides_is_still_checked) {
  EXPECT_THROW(parse(typed, "n=x,n=1"), qom::Error);
}

TEST_F(QemuOptsTest, L195_setting_a_number_keeps_its_text) {
  QemuOpts* opts = parse(typed, "");

  qemu_opt_set_number(opts, "n", -3);

  EXPECT_STREQ(qemu_opt_get(opts, "n"), "-3");
  EXPECT_EQ(qemu_opt_get_number(opts, "n", 0), ~0ull - 2);
  EXPECT_EQ(error_of([&] { qemu_opt_set_bool(opts, "x", true); }),
            "Invalid parameter 'x'");
}

std::uint64_t size_of(const std::string& text) {
  return parse_option_size("z", text);
}

TEST_F(QemuOptsTest, L196_sizes_take_one_letter_in_either_case) {
  EXPECT_EQ(size_of("7"), 7u);
  EXPECT_EQ(size_of("7b"), 7u);
  EXPECT_EQ(size_of("2k"), 2048u);
  EXPECT_EQ(size_of("2K"), 2048u);
  EXPECT_EQ(size_of("3M"), 3ull << 20);
  EXPECT_EQ(size_of("1g"), 1ull << 30);
  EXPECT_EQ(size_of("1T"), 1ull << 40);
  EXPECT_EQ(size_of("1p"), 1ull << 50);
  EXPECT_EQ(size_of("1E"), 1ull << 60);
}

TEST_F(QemuOptsTest, L196_a_bad_size_gets_the_hint_and_a_large_one_its_own_text) {
  EXPECT_EQ(error_of([] { size_of("16E"); }),
            "Value '16E' is out of range for parameter 'z'");
  try {
    size_of("foo");
    FAIL() << "accepted";
  } catch (const qom::Error& error) {
    EXPECT_STREQ(error.what(), "Parameter 'z' expects a non-negative number below 2^64");
    EXPECT_EQ(
        error.hint,
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
        "and exabytes, respectively.");
  }
}

TEST_F(QemuOptsTest, L197_fractions_need_a_suffix_and_are_cut) {
  EXPECT_EQ(size_of("1.5k"), 1536u);
  EXPECT_EQ(size_of("0.5G"), 1ull << 29);
  EXPECT_EQ(size_of("1."), 1u);
  EXPECT_EQ(size_of("12.345M"), 12944670u);
  EXPECT_THROW(size_of("1.5"), qom::Error);
  EXPECT_THROW(size_of("1.5b"), qom::Error);
}

TEST_F(QemuOptsTest, L198_hex_counts_and_its_digits_are_no_suffix) {
  EXPECT_EQ(size_of("0x10"), 16u);
  EXPECT_EQ(size_of("0x10k"), 16384u);
  EXPECT_EQ(size_of("0xe"), 14u);
}

TEST_F(QemuOptsTest, L199_sizes_go_through_a_double) {
  EXPECT_EQ(size_of("1e3"), 1000u);
  EXPECT_EQ(size_of(".5k"), 512u);
  EXPECT_EQ(size_of("9007199254740993"), 9007199254740992u);
  EXPECT_EQ(error_of([] { size_of("18446744073709551615"); }),
            "Value '18446744073709551615' is out of range for parameter 'z'");
}

TEST_F(QemuOptsTest, L200_negative_sizes_are_out_of_range_but_minus_zero_is_zero) {
  EXPECT_EQ(error_of([] { size_of("-1"); }),
            "Value '-1' is out of range for parameter 'z'");
  EXPECT_EQ(size_of("-0"), 0u);
}

TEST_F(QemuOptsTest, L201_what_follows_a_size_is_refused_and_a_leading_blank_is_not) {
  for (const char* text : {"1KiB", "1kk", "1 k", "1 ", ""}) {
    EXPECT_EQ(qemu_strtosz(text).error, SizeError::invalid) << text;
  }
  EXPECT_EQ(size_of(" 1"), 1u);
}

TEST_F(QemuOptsTest, L202_a_declared_default_beats_the_callers_fallback) {
  QemuOpts* opts = parse(typed, "");

  EXPECT_EQ(qemu_opt_get_number(opts, "n", 5), 7u);
  EXPECT_STREQ(qemu_opt_get(opts, "n"), "7");
  EXPECT_EQ(qemu_opt_find(opts, "n"), nullptr);
  EXPECT_EQ(qemu_opt_get_number(nullptr, "n", 5), 5u);
}

TEST_F(QemuOptsDeathTest, L203_asking_for_another_type_stops) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  QemuOpts* opts = parse(typed, "s=1");

  EXPECT_DEATH(qemu_opt_get_bool(opts, "s", false), "");
}

TEST_F(QemuOptsTest, L204_get_del_removes_all_of_a_key_and_unset_the_last) {
  QemuOpts* opts = parse(any, "a=1,b=2,a=3");

  EXPECT_TRUE(qemu_opt_unset(opts, "a"));
  EXPECT_STREQ(qemu_opt_get(opts, "a"), "1");
  qemu_opt_set(opts, "a", "4");
  EXPECT_EQ(qemu_opt_get_del(opts, "a"), "4");
  EXPECT_EQ(pairs(opts), (Pairs{{"b", "2"}}));
  EXPECT_EQ(qemu_opt_get_del(opts, "a"), std::nullopt);
}

TEST_F(QemuOptsTest, L205_defaults_go_in_front_so_the_user_wins) {
  QemuOpts* opts = parse(merging, "a=user");

  qemu_opts_set_defaults(&merging, "a=default,b=1", Abbreviation::refused);
  qemu_opts_set_defaults(&merging, "b=2", Abbreviation::refused);

  EXPECT_STREQ(qemu_opt_get(opts, "a"), "user");
  EXPECT_STREQ(qemu_opt_get(opts, "b"), "1");
  EXPECT_EQ(pairs(opts).back().second, "user");
}

TEST_F(QemuOptsTest, L206_help_is_an_element_of_its_own) {
  EXPECT_TRUE(has_help_option("help"));
  EXPECT_TRUE(has_help_option("a=1,?"));
  EXPECT_FALSE(has_help_option("a=help"));
  EXPECT_FALSE(has_help_option("help=on"));
  EXPECT_EQ(implied("help"), (Pairs{{"implied", "help"}}));
}

TEST_F(QemuOptsTest, L206_the_help_of_a_list_is_sorted_with_texts_in_a_column) {
  EXPECT_EQ(qemu_opts_help(&typed),
            "typed options:\n"
            "  b=<bool (on/off)>\n"
            "  n=<num>                - a number\n"
            "  nod=<bool (on/off)>\n"
            "  s=<str>                - a text\n"
            "  z=<size>\n");
}

TEST_F(QemuOptsTest, L207_a_dictionary_has_the_last_values_and_the_id) {
  EXPECT_EQ(qemu_opts_to_dict(parse(any, "id=x,a=1,a=2")),
            (std::map<std::string, std::string>{{"a", "2"}, {"id", "x"}}));
}

TEST_F(QemuOptsTest, L207_from_a_dictionary_come_texts_numbers_and_flags) {
  QemuOpts* opts = qemu_opts_from_dict(&any, {{"a", true},
                                              {"b", std::int64_t{3}},
                                              {"c", std::string("t")},
                                              {"d", DictValue{}},
                                              {"id", std::string("x")}});

  EXPECT_EQ(opts->id, "x");
  EXPECT_EQ(pairs(opts), (Pairs{{"a", "on"}, {"b", "3"}, {"c", "t"}}));
}

TEST_F(QemuOptsTest, L208_validating_gives_types_or_refuses) {
  QemuOpts* good = parse(any, "n=0x10");
  qemu_opts_validate(good, typed_desc);
  EXPECT_EQ(qemu_opt_get_number(good, "n", 0), 16u);

  EXPECT_EQ(error_of([&] { qemu_opts_validate(parse(any, "x=1"), typed_desc); }),
            "Invalid parameter 'x'");
}

TEST_F(QemuOptsTest, L209_an_unknown_group_is_named) {
  EXPECT_EQ(error_of([] { qemu_find_opts("nosuch"); }),
            "There is no option group 'nosuch'");
}

TEST_F(QemuOptsTest, L209_adding_a_list_twice_is_accepted) {
  qemu_add_opts(&qemu_device_opts);
  qemu_add_opts(&qemu_device_opts);

  EXPECT_EQ(qemu_find_opts("device"), &qemu_device_opts);
}

TEST_F(QemuOptsTest, L210_set_appends_to_an_entry_given_earlier) {
  add_option_groups();
  QemuOpts* opts =
      qemu_opts_parse(&qemu_device_opts, "edu,id=x,a=1", Abbreviation::permitted);

  qemu_set_option("device.x.a=2");

  EXPECT_STREQ(qemu_opt_get(opts, "a"), "2");
  EXPECT_EQ(error_of([] { qemu_set_option("device.y.a=2"); }),
            "there is no device \"y\" defined");
  EXPECT_EQ(error_of([] { qemu_set_option("junk"); }), "can't parse: \"junk\"");
  qemu_opts_reset_all();
}

TEST_F(QemuOptsTest, L211_printing_doubles_commas_and_starts_with_the_id) {
  EXPECT_EQ(qemu_opts_print(parse(any, "a=1,,2,id=x"), ","), "id=x,a=1,,2");
  EXPECT_EQ(qemu_opts_print(parse(typed, "z=0x10"), " "), "n=7 z=16");
}

}  // namespace
}  // namespace options
