// `draw objects --qemu`: the walk through a QEMU's objects, whatever it answers.
#include "tools/qmp_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "qemus.h"

namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* greeting =
    "echo '{\"QMP\":{\"version\":{\"qemu\":{\"major\":9,\"minor\":1,\"micro\":0}}}}'\n";

class FalseQemuObjects : public viz_test::ScriptedQemu {
 protected:
  viz::ObjectTree objects(const std::string& cases,
                          milliseconds timeout = milliseconds(5000)) {
    const std::string body = greeting +
                             std::string("while read -r line; do\ncase \"$line\" in\n") +
                             cases + "\n*) echo '{\"return\":[]}';;\nesac\ndone";
    return tools::objects_of_qemu(
        {.binary = script(body), .arguments = {}, .timeout = timeout});
  }

  std::string error_of(const std::string& cases,
                       milliseconds timeout = milliseconds(5000)) {
    try {
      objects(cases, timeout);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(FalseQemuObjects, children_links_and_buses_make_the_tree) {
  const viz::ObjectTree tree = objects(
      R"(*qom-list-types*) echo '{"return":[{"name":"glass-bus"}]}';;
*'"/"'*qom-list*) echo '{"return":[{"name":"machine","type":"child<pc>"},{"name":"type","type":"string"}]}';;
*'"/machine"'*qom-list*) echo '{"return":[{"name":"bus","type":"child<glass-bus>"},{"name":"lamp","type":"child<lamp>"}]}';;
*'"/machine/bus"'*qom-list*) echo '{"return":[{"name":"child[0]","type":"link<lamp>"}]}';;
*'"/machine/lamp"'*qom-list*) echo '{"return":[{"name":"realized","type":"bool"},{"name":"power","type":"link<pc>"}]}';;
*'child[0]'*qom-get*) echo '{"return":"/machine/lamp"}';;
*power*qom-get*) echo '{"return":"/machine"}';;)");

  const std::size_t machine = tree.find("/machine"), lamp = tree.find("/machine/lamp"),
                    bus = tree.find("/machine/bus");
  ASSERT_EQ(tree.objects.size(), 4U);
  ASSERT_NE(lamp, viz::no_step);
  EXPECT_EQ(tree.objects[lamp].parent, machine);
  EXPECT_TRUE(tree.objects[lamp].realized);
  EXPECT_TRUE(tree.objects[bus].bus);
  EXPECT_EQ(tree.bus_of.at(lamp), bus);
  ASSERT_EQ(tree.links.size(), 1U);
  EXPECT_EQ(tree.links[0].to, machine);
  EXPECT_THAT(tree.source, HasSubstr("9.1.0"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemuObjects, a_child_that_is_always_there_again_has_an_end) {
  const std::string endless =
      R"(*qom-list-types*) echo '{"return":[]}';;
*qom-list*) echo '{"return":[{"name":"again","type":"child<again>"}]}';;)";

  const viz::ObjectTree tree = objects(endless, milliseconds(60000));

  EXPECT_GT(tree.objects.size(), 100U);
  EXPECT_LT(tree.objects.size(), 2000U);
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemuObjects, answers_of_the_wrong_shape_are_no_crash) {
  for (const char* answer :
       {"{\"return\":7}", "{\"return\":\"/\"}", "{\"return\":null}",
        "{\"return\":[7,null,[],{\"name\":7,\"type\":\"link<x>\"},{\"type\":\"child<\"}]"
        "}",
        "{\"return\":[{\"name\":\"\\u0000/../x\",\"type\":\"child<>\"}]}"}) {
    const std::string error = error_of(std::string("*) echo '") + answer + "';;");

    EXPECT_TRUE(gone()) << answer << ": " << error;
  }
}

TEST_F(FalseQemuObjects, one_that_leaves_in_the_middle_is_told) {
  const std::string error = error_of(
      R"(*'"/"'*qom-list*) echo '{"return":[{"name":"machine","type":"child<pc>"}]}';;
*qom-list*) echo 'out of glass' >&2; exit 1;;)");

  EXPECT_THAT(error, HasSubstr("ended"));
  EXPECT_THAT(error, HasSubstr("out of glass"));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemuObjects, one_that_falls_silent_is_given_up_in_time) {
  const auto begin = std::chrono::steady_clock::now();

  const std::string error = error_of(R"(*qom-list*) sleep 600;;)", milliseconds(400));

  EXPECT_THAT(error, HasSubstr("no answer in the time allowed"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(5000));
  EXPECT_TRUE(gone());
}

TEST_F(FalseQemuObjects, half_an_answer_is_no_answer) {
  const std::string error =
      error_of(R"(*qom-list*) echo '{"return":[{"name":"mach'; exit 0;;)");

  EXPECT_FALSE(error.empty());
  EXPECT_TRUE(gone());
}

using RealQemuObjects = viz_test::InstalledQemu;

TEST_F(RealQemuObjects, a_pc_is_made_of_what_a_pc_is_made_of) {
  const viz::ObjectTree tree = tools::objects_of_qemu(
      {.binary = "qemu-system-x86_64",
       .arguments = {"-machine", "pc,accel=tcg", "-nodefaults", "-device", "edu"},
       .timeout = milliseconds(60000)});

  std::size_t edu = viz::no_step, bridge = viz::no_step;
  for (std::size_t i = 0; i < tree.objects.size(); ++i) {
    edu = tree.objects[i].type == "edu" ? i : edu;
    bridge = tree.objects[i].type == "i440FX" ? i : bridge;
  }
  ASSERT_NE(edu, viz::no_step);
  ASSERT_NE(bridge, viz::no_step);
  EXPECT_TRUE(tree.objects[edu].realized);
  EXPECT_EQ(tree.objects[tree.bus_of.at(edu)].type, "PCI");
  EXPECT_EQ(tree.bus_of.at(edu), tree.bus_of.at(bridge));
  EXPECT_THAT(tree.objects[edu].path, HasSubstr("/machine/peripheral-anon/"));
}

}  // namespace
