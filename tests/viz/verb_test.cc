// `vitrine types` as a user calls it, in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "models.h"
#include "tools/tool.h"
#include "viz/graph.h"
#include "viz/model_json.h"

namespace {

using testing::HasSubstr;

class TypesVerb : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vitrine-types-test-XXXXXX";
    folder_ = mkdtemp(name);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Runs the verb; what it threw becomes "error: TEXT", else its exit code.
  std::string run(std::vector<std::string> words) {
    words.insert(words.begin(), "types");
    std::vector<char*> argv;
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    try {
      return std::to_string(
          tools::tool_find("types")->main(static_cast<int>(argv.size()), argv.data()));
    } catch (const std::exception& error) {
      return std::string("error: ") + error.what();
    }
  }

  std::string file(const std::string& name) { return (folder_ / name).string(); }

  std::string content(const std::string& name) {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const std::string big_ =
      std::string(VITRINE_SOURCE_DIR) + "/tests/data/qemu-7.2-types.json";
  std::filesystem::path folder_;
};

TEST_F(TypesVerb, draws_its_own_types_and_leaves_them_on_paper) {
  ASSERT_EQ(run({"-o", file("own.json")}), "0");

  const viz::TypeModel model = viz::model_from_json(content("own.json"));
  EXPECT_EQ(model.find("object")->state, viz::State::paper);
  EXPECT_EQ(model.find("container")->parent, "object");
}

TEST_F(TypesVerb, the_ending_of_the_file_says_the_format) {
  ASSERT_EQ(run({big_, "-o", file("a.txt")}), "0");
  EXPECT_THAT(content("a.txt"), HasSubstr("753 types"));
  if (!viz::graphviz_available()) {
    GTEST_SKIP() << "built without Graphviz";
  }
  ASSERT_EQ(run({big_, "-o", file("a.svg")}), "0");
  ASSERT_EQ(run({big_, "-o", file("a.dot")}), "0");
  ASSERT_EQ(run({big_, "--format", "png", "-o", file("a.any")}), "0");
  EXPECT_THAT(content("a.svg"), HasSubstr("<svg"));
  EXPECT_THAT(content("a.dot"), HasSubstr("digraph types"));
  EXPECT_EQ(content("a.any").substr(1, 3), "PNG");
}

TEST_F(TypesVerb, numbers_out_of_range_are_refused_as_such) {
  for (const char* option : {"--fold", "--depth", "--rows"}) {
    for (const char* number : {"-1", "99999999999999999999", "many"}) {
      EXPECT_EQ(run({big_, "-o", file("n.txt"), option, number}), "1") << option;
    }
  }
}

TEST_F(TypesVerb, what_cannot_be_written_is_named_with_the_reason) {
  EXPECT_EQ(
      run({big_, "-o", file("nosuch/a.txt")}),
      "error: cannot write '" + file("nosuch/a.txt") + "': No such file or directory");
}

TEST_F(TypesVerb, without_graphviz_a_picture_is_refused_with_what_to_install) {
  if (viz::graphviz_available()) {
    GTEST_SKIP() << "built with Graphviz";
  }
  EXPECT_THAT(run({big_, "-o", file("a.svg")}), HasSubstr("apt install libgraphviz-dev"));
}

TEST_F(TypesVerb, a_model_written_as_json_is_read_again) {
  ASSERT_EQ(run({big_, "-o", file("one.json")}), "0");
  ASSERT_EQ(run({file("one.json"), "-o", file("two.json")}), "0");

  EXPECT_EQ(content("one.json"), content("two.json"));
}

TEST_F(TypesVerb, mistakes_are_named) {
  EXPECT_THAT(run({big_, "-o", file("a.gif")}), HasSubstr("cannot tell the format"));
  EXPECT_THAT(run({"/no/such/file"}), HasSubstr("/no/such/file"));
  EXPECT_THAT(run({big_, "--qemu", "x"}), HasSubstr("not both"));
  EXPECT_THAT(run({big_, "--", "-machine"}), HasSubstr("--qemu BIN, which is missing"));
  EXPECT_THAT(run({big_, "--root", "devise"}), HasSubstr("similar: device"));
  EXPECT_THAT(run({big_, "--only-used"}), HasSubstr("became an object"));
  EXPECT_THAT(run({big_, "-o", "/no/such/folder/a.txt"}), HasSubstr("cannot write"));
}

TEST_F(TypesVerb, a_file_that_is_no_trace_is_refused) {
  std::ofstream(file("bad")) << "hello\n";
  std::ofstream(file("empty")) << "";
  std::ofstream(file("rows")) << "{\"name\":\"x\"}\nhello\n{\"name\":\"y\"}\n";

  EXPECT_THAT(run({file("bad")}), HasSubstr("error: "));
  EXPECT_THAT(run({file("empty")}), HasSubstr("error: "));
  EXPECT_THAT(run({file("rows")}), HasSubstr("line 2"));
}

TEST_F(TypesVerb, wrong_options_end_with_an_exit_code_and_no_exception) {
  EXPECT_NE(run({"--depth", "-3"}), "0");
  EXPECT_NE(run({"--format", "gif"}), "0");
  EXPECT_NE(run({"--no-such-option"}), "0");
  EXPECT_EQ(run({"--help"}), "0");
}

}  // namespace
