// The replay page: every event of a trace is in it, and no text of a trace can leave
// its place as text.
#include "viz/replay.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "step_unpack.h"
#include "trace/read/reader.h"

namespace {

// A trace of one event kind with one text field, as the writer writes it; `text` is
// JSON already.
std::string trace_of(const std::string& text, int events = 1) {
  std::string lines =
      "[\n"
      R"({"name":"vitrine_trace","ph":"M","pid":1,"tid":0,"args":{"schema":1,"started":"2020-01-01T00:00:00.000Z","process":1,"spans":0,"instants":)" +
      std::to_string(events) +
      R"(,"counters":0,"open":0,"lost":0,"unreadable":0,"metadata":{}}},
{"name":"process_name","ph":"M","pid":1,"tid":0,"args":{"name":"vitrine"}},
{"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"main"}},
{"name":"event_kind","ph":"M","pid":1,"tid":0,"args":{"name":"said","cat":"guest","shape":"instant","help":"x","fields":[{"name":"text","role":"identity","type":"text","help":"y"}],"results":[]}},
)";
  for (int i = 1; i <= events; ++i) {
    lines += R"({"name":"said","cat":"guest","ph":"i","pid":1,"tid":1,"ts":)" +
             std::to_string(i) + R"(.000,"s":"t","seq":)" + std::to_string(i) +
             R"(,"par":0,"loc":"a.cc:1","args":{"text":")" + text + "\"}},\n";
  }
  return lines +
         R"({"name":"trace_end","ph":"M","pid":1,"tid":0,"args":{"name":"end"}})" +
         "\n]\n";
}

class Replay : public testing::Test {
 protected:
  std::string page_of(const std::string& trace, const viz::ReplayOptions& options) {
    std::ofstream(file_, std::ios::binary) << trace;
    return viz::replay_page(file_, options).html;
  }

  void TearDown() override { std::remove(file_.c_str()); }

  std::string file_ = testing::TempDir() + "replay-" + std::to_string(getpid()) + ".json";
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

std::vector<viz_test::UnpackedStep> steps_of(const std::string& page) {
  viz_test::Unpacker unpacker;
  unpacker.add(viz_test::element(page, "trace"));
  return unpacker.steps;
}

TEST_F(Replay, holds_every_event_once) {
  const auto steps = steps_of(page_of(trace_of("hello there", 3), {.title = "t"}));

  ASSERT_EQ(steps.size(), 3U);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].seq, i + 1);
    EXPECT_EQ(steps[i].ts_ns, (i + 1) * 1000);
    EXPECT_EQ(steps[i].args.at(0).second, "hello there");
  }
}

TEST_F(Replay, says_a_repeated_text_once) {
  const std::string page = page_of(trace_of("hello there", 3), {.title = "t"});

  EXPECT_EQ(count(page, "hello there"), 1U);
}

TEST_F(Replay, text_of_a_trace_cannot_end_the_script_it_stands_in) {
  const std::string hostile = "</script><script>alert(1)</script><!--";

  const std::string page = page_of(trace_of(hostile), {.title = "t"});
  const std::string plain = page_of(trace_of("x"), {.title = "t"});

  EXPECT_EQ(steps_of(page).at(0).args.at(0).second, hostile);
  EXPECT_EQ(count(page, "<script"), count(plain, "<script"));
  EXPECT_EQ(count(page, "</script"), count(plain, "</script"));
  EXPECT_EQ(count(page, "<!--"), count(plain, "<!--"));
}

TEST_F(Replay, a_title_is_text) {
  const std::string page =
      page_of(trace_of("x"), {.title = "--></title><script>\"&'@TRACE@"});

  EXPECT_NE(page.find("--&gt;&lt;/title&gt;&lt;script&gt;&quot;&amp;'@TRACE@"),
            std::string::npos);
  EXPECT_EQ(count(page, "</title"), 1U);
}

TEST_F(Replay, asks_nothing_of_the_network) {
  const std::string page = page_of(trace_of("x"), {.title = "t"});

  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST_F(Replay, of_more_events_than_asked_the_first_are_in_the_page_and_it_says_so) {
  const std::string page = page_of(trace_of("x", 3), {.title = "t", .max_events = 2});

  EXPECT_EQ(steps_of(page).size(), 2U);
  EXPECT_NE(viz_test::element(page, "about").find("\"total\":3"), std::string::npos);
}

TEST_F(Replay, numbers_choose_what_goes_in) {
  const auto steps =
      steps_of(page_of(trace_of("x", 5), {.title = "t", .first = 2, .last = 3}));

  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].seq, 2U);
  EXPECT_EQ(steps[1].seq, 3U);
}

TEST_F(Replay, patterns_choose_what_goes_in) {
  const std::string trace = trace_of("x", 2);
  const std::pair<std::vector<std::string>, std::size_t> choices[] = {
      {{"said"}, 2},  {{"cat:guest"}, 2}, {{"other"}, 0},
      {{"-said"}, 0}, {{"-other"}, 2},    {{"*", "-cat:guest"}, 0},
  };
  for (const auto& [only, wanted] : choices) {
    EXPECT_EQ(steps_of(page_of(trace, {.title = "t", .only = only})).size(), wanted)
        << only[0];
  }
}

TEST_F(Replay, notes_stand_in_the_page_as_data) {
  const std::string page = page_of(
      trace_of("x"),
      {.title = "t", .notes = "# Lesson\n## #1  </script>\ntext\n? why\n! because\n"});

  EXPECT_NE(page.find("<title>Lesson</title>"), std::string::npos);
  EXPECT_NE(page.find(R"("title":"\u003c/script>","text":"text")"), std::string::npos);
  EXPECT_NE(page.find(R"({"question":"why","answer":"because"})"), std::string::npos);
}

TEST_F(Replay, notes_that_make_no_sense_are_refused_with_their_line) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"hello\n", "line 1"},
      {"## a\n! no question\n", "line 2"},
      {"## a\n? no answer\n## b\n", "line 2"},
      {"## a\n? no answer", "line 2"},
      {"##\n", "line 1"},
  };
  for (const auto& [notes, line] : mistakes) {
    try {
      page_of(trace_of("x"), {.title = "t", .notes = notes, .notes_name = "lesson.md"});
      FAIL() << notes;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(line), std::string::npos) << error.what();
    }
  }
}

TEST_F(Replay, lines_around_a_place_come_from_the_source_folder_only) {
  const std::string folder = testing::TempDir() + "sources-" + std::to_string(getpid());
  std::filesystem::create_directories(folder + "/inside");
  std::ofstream(folder + "/inside/a.cc") << "first line\nsecond line\n";
  std::ofstream(folder + "/b.cc") << "a secret\n";

  const std::string inside =
      page_of(trace_of("x"), {.title = "t", .sources = folder + "/inside"});
  std::string climbing = trace_of("x");
  for (std::size_t at = climbing.find("a.cc:1"); at != std::string::npos;
       at = climbing.find("a.cc:1", at + 10)) {
    climbing.replace(at, 6, "../b.cc:1");
  }
  const std::string outside =
      page_of(climbing, {.title = "t", .sources = folder + "/inside"});
  std::filesystem::remove_all(folder);

  EXPECT_NE(inside.find("second line"), std::string::npos);
  EXPECT_EQ(outside.find("a secret"), std::string::npos);
}

TEST_F(Replay, refuses_a_broken_trace_with_its_place) {
  EXPECT_THROW(page_of("[\n{\"name\":", {.title = "t"}), trace::ReadError);
}

}  // namespace
