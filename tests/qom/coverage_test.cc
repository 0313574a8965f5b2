// Every numbered fact, of the object model (A to K) and of the command line (L to Q), is
// either shown by a test or excused in NOT_APPLICABLE.md.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {

constexpr int last_item = 273;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path folder() {
  return std::filesystem::path(VITRINE_SOURCE_DIR) / "tests" / "qom";
}

// All numbers that `pattern`'s first group finds in `text`.
std::set<int> numbers_in(const std::string& text, const std::regex& pattern) {
  std::set<int> numbers;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end;
       ++match) {
    numbers.insert(std::stoi((*match)[1]));
  }
  return numbers;
}

std::set<int> tested() {
  const std::regex test_name(R"(TEST(?:_F|_P)?\(\w+,\s*(\w+)\))");
  const std::regex number("(?:^|_)[A-Q]([0-9]+)(?=_)");
  std::set<int> numbers;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(VITRINE_SOURCE_DIR) / "tests")) {
    if (!entry.path().filename().string().ends_with("_test.cc")) {
      continue;
    }
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator test(text.begin(), text.end(), test_name), end; test != end;
         ++test) {
      numbers.merge(numbers_in((*test)[1], number));
    }
  }
  return numbers;
}

std::set<int> excused() {
  return numbers_in(text_of(folder() / "NOT_APPLICABLE.md"),
                    std::regex(R"(\n\| ([0-9]+) \|)"));
}

}  // namespace

TEST(QomCoverage, every_item_is_tested_or_excused_and_none_is_both) {
  const std::set<int> by_test = tested();
  const std::set<int> by_table = excused();

  for (int item = 1; item <= last_item; ++item) {
    EXPECT_EQ(by_test.count(item) + by_table.count(item), 1u) << "item " << item;
  }
}

TEST(QomCoverage, no_number_is_beyond_the_last_item) {
  EXPECT_LE(*tested().rbegin(), last_item);
  EXPECT_LE(*excused().rbegin(), last_item);
}
