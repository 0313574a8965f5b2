#include "viz/text.h"

#include <gtest/gtest.h>

namespace {

TEST(VizText, control_and_reordering_characters_become_visible) {
  EXPECT_EQ(viz::visible("a\x1b[0m"), "a\\x1b[0m");
  EXPECT_EQ(viz::visible("x\xe2\x80\xaey"), "x\\u202ey");
  EXPECT_EQ(viz::visible(std::string("n\0n", 3)), "n\\x00n");
}

TEST(VizText, invalid_utf8_becomes_visible_and_valid_utf8_stays) {
  EXPECT_EQ(viz::visible("\xff"), "\\xff");
  EXPECT_EQ(viz::visible("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(viz::visible("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(viz::visible("\xe4\xb8\xad"), "\xe4\xb8\xad");
  EXPECT_EQ(viz::visible("\xe4\xb8"), "\\xe4\\xb8");
}

TEST(VizText, long_text_is_cut_by_characters_not_bytes) {
  EXPECT_EQ(viz::visible("\xe4\xb8\xad\xe6\x96\x87", 1), "\xe4\xb8\xad\xe2\x80\xa6");
  EXPECT_EQ(viz::visible("abc", 3), "abc");
}

TEST(VizText, html_escape_leaves_no_markup) {
  EXPECT_EQ(viz::html_escape("<a href=\"x\">'&"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST(VizText, dot_escape_keeps_backslash_sequences_from_meaning_something) {
  EXPECT_EQ(viz::dot_escape("\\N &lt;\n"), "\\\\N &amp;lt;\\n");
}

TEST(VizText, node_ids_are_the_names_where_that_is_possible) {
  EXPECT_EQ(viz::node_id("pc-i440fx-4.0-machine"), "pc-i440fx-4.0-machine");
  EXPECT_EQ(viz::node_id("qemu:memory-region"), "qemu:memory-region");
  EXPECT_EQ(viz::node_id("a\"b <c>"), "a\"b <c>");
  EXPECT_EQ(viz::node_id("a\\"), "a~5C");
  EXPECT_EQ(viz::node_id("a~5C"), "a~7E5C");
}

TEST(VizText, globs_match_the_whole_name_and_words_anywhere) {
  EXPECT_TRUE(viz::glob_match("virtio", "x-virtio-y"));
  EXPECT_TRUE(viz::glob_match("virtio*pci", "virtio-net-pci"));
  EXPECT_FALSE(viz::glob_match("virtio*", "x-virtio"));
  EXPECT_TRUE(viz::glob_match("?du", "edu"));
  EXPECT_FALSE(viz::glob_match("?", ""));
  EXPECT_TRUE(viz::glob_match("", "anything"));
  EXPECT_TRUE(viz::glob_match("*", ""));
}

TEST(VizText, a_glob_of_many_stars_does_not_explode) {
  const std::string pattern = "*a*a*a*a*a*a*a*a*a*a*a*a*b";

  EXPECT_FALSE(viz::glob_match(pattern, std::string(2000, 'a')));
}

}  // namespace
