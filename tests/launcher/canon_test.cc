// What equal runs have in common, and what of a run its trace must not show there.
#include <gtest/gtest.h>

#include "process.h"

namespace launcher_test {
namespace {

struct CanonTest : testing::Test {
  std::string folder = make_folder();

  std::string canonical(const std::string& name) {
    const std::string file = folder + "/" + name;
    run_program({vitrine(), "run", "-machine", "none", "-accel", "tcg", "-display",
                 "none", "-trace", "file=" + file, "-stop-at", "machine.ready"});
    return run_program({vitrine(), "trace", "canon", file}).out;
  }
};

TEST_F(CanonTest, two_starts_are_equal_whatever_their_traces_are_called) {
  const std::string first = canonical("a.json");

  EXPECT_NE(first.find("machine.ready"), std::string::npos);
  EXPECT_EQ(first, canonical("another.json"));
}

}  // namespace
}  // namespace launcher_test
