// Pictures of a run: what each says, and that nothing in a trace can break out of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "runs.h"
#include "viz/exit_list.h"
#include "viz/memory_map.h"
#include "viz/object_tree.h"
#include "viz/picture.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using viz_test::Rows;
using viz_test::small_start;

std::vector<const viz::Picture*> run_pictures() {
  std::vector<const viz::Picture*> list;
  for (const viz::Picture* picture : viz::picture_list()) {
    if (picture->draw_run) {
      list.push_back(picture);
    }
  }
  return list;
}

viz::PictureOptions options_for(const viz::Picture& picture, const std::string& word) {
  viz::PictureOptions options;
  options.subject =
      std::string(picture.name) == "macro" ? word + "-machine" : word + "-dev";
  return options;
}

std::string words_of(const char* picture, const viz::Run& run,
                     const viz::PictureOptions& options) {
  return viz::outline_text(viz::picture_find(picture)->outline(run, options));
}

bool is_xml(const std::string& text) {
  std::FILE* pipe = popen("xmllint --noout --nonet --huge - 2>/dev/null", "w");
  std::fwrite(text.data(), 1, text.size(), pipe);
  return pclose(pipe) == 0;
}

// Texts that would break a picture if any of them reached it unescaped. All are UTF-8:
// the readers of traces refuse other bytes.
std::vector<std::string> hostile_words() {
  return {"<script>alert(1)</script>",
          "a\"quote\" it's",
          "back\\slash \\N\\G\\E\\",
          "&amp; &#0; ]]> <!--",
          "new\nline\ttab",
          std::string("nul\0inside", 10),
          "esc\x1b[31mred",
          "rtl\xe2\x80\xaegnp.exe",
          "\xe4\xb8\xad\xe6\x96\x87",
          "node [label=x]; }",
          std::string(10000, 'x'),
          std::string(3000, '\\'),
          ""};
}

TEST(VizDraw, every_picture_of_a_run_says_what_question_it_answers_in_both_languages) {
  ASSERT_GE(run_pictures().size(), 9U);
  for (const viz::Picture* picture : run_pictures()) {
    EXPECT_TRUE(picture->outline) << picture->name;
    EXPECT_GT(std::string(picture->about ? picture->about : "").size(), 100U)
        << picture->name;
    EXPECT_GT(std::string(picture->about_zh ? picture->about_zh : "").size(), 100U)
        << picture->name;
  }
}

TEST(VizDraw, equal_runs_give_byte_equal_dot) {
  if (!viz::graphviz_available()) {
    GTEST_SKIP() << "built without Graphviz";
  }
  for (const viz::Picture* picture : run_pictures()) {
    const viz::PictureOptions options = options_for(*picture, "toy");

    EXPECT_EQ(picture->draw_run(small_start().run(), options).dot(),
              picture->draw_run(small_start().run(), options).dot())
        << picture->name;
  }
}

TEST(VizDraw, hostile_texts_stay_text_in_every_picture) {
  if (!viz::graphviz_available()) {
    GTEST_SKIP() << "built without Graphviz";
  }
  const bool xmllint = std::system("xmllint --version >/dev/null 2>&1") == 0;
  for (const std::string& word : hostile_words()) {
    const viz::Run run = small_start(word).run(word);
    for (const viz::Picture* picture : run_pictures()) {
      viz::PictureOptions options = options_for(*picture, word);
      options.chinese = true;
      const viz::Graph graph = picture->draw_run(run, options);

      EXPECT_NO_THROW(viz::dot_round_trip(graph.dot())) << picture->name << word;
      const std::string svg = graph.render("svg");
      EXPECT_THAT(svg, Not(HasSubstr("<script"))) << picture->name;
      EXPECT_THAT(svg, Not(HasSubstr("\x1b"))) << picture->name;
      EXPECT_THAT(svg, Not(HasSubstr("\xe2\x80\xae"))) << picture->name;
      EXPECT_TRUE(!xmllint || is_xml(svg)) << picture->name << word;
    }
  }
}

TEST(VizDraw, hostile_texts_cannot_drive_a_terminal_nor_break_the_json) {
  for (const std::string& word : hostile_words()) {
    const viz::Run run = small_start(word).run(word);
    for (const viz::Picture* picture : run_pictures()) {
      const viz::Outline outline = picture->outline(run, options_for(*picture, word));

      EXPECT_THAT(viz::outline_text(outline), Not(HasSubstr("\x1b"))) << picture->name;
      EXPECT_TRUE(nlohmann::json::accept(viz::outline_json(outline, picture->name)))
          << picture->name;
    }
  }
}

TEST(VizDraw, a_step_is_named_by_its_number_or_a_checkpoint) {
  const viz::Run run = small_start().run();

  EXPECT_EQ(run.steps()[viz::step_by_name(run, "machine.ready")].name, "machine.ready");
  EXPECT_EQ(run.steps()[viz::step_by_name(run, "#1")].name, "register_module_init");
}

TEST(VizDraw, an_unknown_step_is_refused_with_the_checkpoints_there_are) {
  const viz::Run run = small_start().run();

  try {
    viz::step_by_name(run, "nowhere");
    FAIL() << "a step that is not there was found";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("machine.selected, machine.ready"));
  }
}

TEST(VizDraw, types_at_an_earlier_step_have_no_objects_yet) {
  const viz::Run run = small_start().run();

  const viz::TypeModel then =
      viz::types_at(run, viz::step_by_name(run, "machine.selected"));

  EXPECT_EQ(then.find("toy-dev")->state, viz::State::klass);
  EXPECT_EQ(viz::types_at(run).find("toy-dev")->state, viz::State::instantiated);
}

TEST(VizDraw, causes_lists_the_chain_from_main_to_class_init) {
  const viz::Run run = small_start().run();

  const std::string words = words_of("causes", run, {.subject = "toy-dev"});

  const std::size_t main = words.find("main()"), select = words.find("select_machine"),
                    initialize =
                        words.find("type_initialize  name=toy-dev  class_size=16"),
                    class_init = words.find("class_init  name=toy-dev");
  EXPECT_LT(main, select);
  EXPECT_LT(select, initialize);
  EXPECT_LT(initialize, class_init);
  EXPECT_NE(class_init, std::string::npos);
}

TEST(VizDraw, causes_counts_what_else_happened_on_the_same_level) {
  const viz::Run run = small_start().run();

  EXPECT_THAT(words_of("causes", run, {.subject = "toy-dev"}),
              HasSubstr("earlier=2 type_initialize"));
}

TEST(VizDraw, a_type_without_a_class_stays_on_paper_in_its_causes) {
  const viz::Run run = small_start().run();

  EXPECT_THAT(words_of("causes", run, {.subject = "lonely"}),
              HasSubstr("stays on paper"));
}

TEST(VizDraw, an_unknown_type_is_refused_with_similar_names) {
  const viz::Run run = small_start().run();
  for (const char* picture : {"causes", "typeinfo"}) {
    try {
      words_of(picture, run, {.subject = "lonley"});
      FAIL() << picture;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("lonely"));
    }
  }
}

TEST(VizDraw, typeinfo_tells_the_objects_of_the_type_and_where_they_are) {
  const viz::Run run = small_start().run();

  const std::string words = words_of("typeinfo", run, {.subject = "toy-dev"});

  EXPECT_THAT(words, HasSubstr("toy-dev#1"));
  EXPECT_THAT(words, HasSubstr("/machine/toy"));
}

TEST(VizDraw, macro_rebuilds_the_line_and_its_symbols_from_the_suffix) {
  const viz::Run run = small_start("v9").run();

  const std::string words = words_of("macro", run, {.subject = "v9"});

  EXPECT_THAT(words, HasSubstr("DEFINE_PC_MACHINE("));
  EXPECT_THAT(words, HasSubstr("pc_machine_v9_class_init()"));
  EXPECT_THAT(words, HasSubstr("pc_machine_type_v9"));
}

TEST(VizObjects, a_device_knows_its_place_and_its_bus) {
  const viz::ObjectTree tree = viz::objects_at(small_start().run());

  const std::size_t device = tree.find("toy-dev#1");
  ASSERT_NE(device, viz::no_step);
  EXPECT_EQ(tree.objects[device].path, "/machine/toy");
  EXPECT_EQ(tree.objects[tree.bus_of.at(device)].id, "isa#1");
}

TEST(VizObjects, links_are_told_apart_from_what_a_bus_holds) {
  const viz::ObjectTree tree = viz::objects_at(small_start().run());

  ASSERT_EQ(tree.links.size(), 1U);
  EXPECT_EQ(tree.objects[tree.links[0].to].id, "toy-machine#1");
}

TEST(VizObjects, a_child_that_would_hold_its_own_parent_is_left_out) {
  Rows rows;
  rows.instant(0, "qom", "object_property_add_child",
               {{"child", "b#1"}, {"parent", "a#1"}, {"name", "b"}});
  rows.instant(0, "qom", "object_property_add_child",
               {{"child", "a#1"}, {"parent", "b#1"}, {"name", "a"}});

  const viz::ObjectTree tree = viz::objects_at(rows.run());

  EXPECT_EQ(tree.roots, std::vector<std::size_t>{tree.find("a#1")});
}

TEST(VizObjects, a_tree_of_thousands_of_levels_is_told_as_far_as_a_page_goes) {
  Rows rows;
  for (int i = 0; i < 3000; ++i) {
    rows.instant(0, "qom", "object_property_add_child",
                 {{"child", "x#" + std::to_string(i + 1)},
                  {"parent", "x#" + std::to_string(i)},
                  {"name", "n"}});
  }
  const viz::Run run = rows.run();

  EXPECT_THAT(words_of("objects", run, {}), HasSubstr("x#50"));
}

TEST(VizMemory, the_region_of_higher_priority_answers_and_the_other_is_hidden) {
  const viz::Space space = viz::memory_at(small_start().run()).space(0);

  ASSERT_EQ(space.answers.size(), 3U);
  EXPECT_EQ(space.answers[1].region->name, "rom");
  EXPECT_EQ(space.answers[1].begin, 0x2000U);
  EXPECT_EQ(space.answers[1].last, 0x2fffU);
  ASSERT_EQ(space.covered.size(), 1U);
  EXPECT_EQ(space.covered[0].region->name, "ramtoy");
}

TEST(VizMemory, an_alias_answers_with_its_target) {
  const viz::Space space = viz::memory_at(small_start().run()).space(0);

  EXPECT_EQ(space.answers[0].region->kind, "ram");
  EXPECT_EQ(space.answers[0].via->name, "low");
  EXPECT_EQ(space.answers[2].last, 0x7ffffU);
}

TEST(VizMemory, a_region_switched_off_answers_nothing) {
  Rows rows = small_start();
  rows.instant(0, "memory", "memory_region_update",
               {{"region", "mr#3"},
                {"enabled", "false"},
                {"read_only", "false"},
                {"size", "0x1000"},
                {"offset", "0x0"}});
  const viz::MemoryMap map = viz::memory_at(rows.run());

  EXPECT_EQ(map.space(0).answers.size(), 1U);
  EXPECT_EQ(map.switched_off, 1U);
}

TEST(VizMemory, the_last_page_of_the_space_can_be_answered) {
  Rows rows = small_start();
  rows.instant(0, "memory", "memory_region_init",
               {{"region", "mr#9"}, {"name", "top"}, {"kind", "io"}, {"size", "0x1000"}});
  rows.instant(0, "memory", "memory_region_add_subregion",
               {{"region", "mr#9"},
                {"container", "mr#1"},
                {"address", "0xfffffffffffff000"},
                {"priority", "-1"}});

  const viz::Space space = viz::memory_at(rows.run()).space(0);

  EXPECT_EQ(space.answers.back().last, UINT64_MAX - 1);
}

TEST(VizMemory, a_region_that_shows_itself_through_an_alias_has_an_end) {
  Rows rows = small_start();
  for (const char* id : {"mr#7", "mr#8"}) {
    rows.instant(0, "memory", "memory_region_init",
                 {{"region", id},
                  {"name", "loop"},
                  {"kind", "alias"},
                  {"size", "0xffffffff"},
                  {"target", "mr#1"},
                  {"offset", "0x0"}});
    rows.instant(
        0, "memory", "memory_region_add_subregion",
        {{"region", id}, {"container", "mr#1"}, {"address", "0x0"}, {"priority", "5"}});
  }

  EXPECT_FALSE(viz::memory_at(rows.run()).space(0).answers.empty());
}

TEST(VizExits, every_exit_knows_who_answered) {
  const viz::Run run = small_start().run();

  const std::vector<viz::Exit> exits = viz::exits_of(run);

  ASSERT_EQ(exits.size(), 3U);
  EXPECT_EQ(viz::access_words(run, exits[0]), "out 0x3f8");
  EXPECT_EQ(viz::answerer(run, exits[0]), "toy-dev#1");
  EXPECT_EQ(viz::answerer(run, exits[2]), "nobody");
}

TEST(VizExits, places_are_counted_most_frequent_first) {
  const viz::Run run = small_start().run();

  const auto places = viz::exits_by_place(run, viz::exits_of(run));

  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].what, "out 0x3f8");
  EXPECT_EQ(places[0].count, 2U);
}

TEST(VizExits, a_run_without_a_vcpu_is_refused) {
  Rows rows;
  rows.instant(0, "host", "main.enter", {});

  EXPECT_THROW(words_of("exits", rows.run(), {}), std::runtime_error);
}

TEST(VizPci, a_device_stands_with_place_bar_and_line) {
  const std::string words = words_of("pci", small_start().run(), {});

  EXPECT_THAT(words, HasSubstr("04.0 toy-dev#1"));
  EXPECT_THAT(words, HasSubstr("mem 1 MiB at 0xfea00000"));
  EXPECT_THAT(words, HasSubstr("INTA \u2192 line PIRQD"));
}

TEST(VizPci, before_the_guest_gave_an_address_nothing_is_mapped) {
  const viz::Run run = small_start().run();
  viz::PictureOptions options;
  options.at = run.find("pci_qdev_realize");

  EXPECT_THAT(words_of("pci", run, options), HasSubstr("not mapped"));
}

TEST(VizTimeline, phases_and_checkpoints_are_told_with_their_times) {
  const std::string words = words_of("timeline", small_start().run(), {});

  EXPECT_THAT(words, HasSubstr("phase machine-classtoy"));
  EXPECT_THAT(words, HasSubstr("checkpoint machine.ready"));
}

}  // namespace
