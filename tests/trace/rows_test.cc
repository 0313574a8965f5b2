// The form of rows (.ndjson) is read as strictly as the array, and says the same.
#include "support.h"

namespace {

using trace_test::Level;
using trace_test::Point;
using trace_test::Step;

class Rows : public trace_test::Recording {
 protected:
  static void emit() {
    trace::set_metadata("argv", "vitrine \"run\"");
    for (int i = 0; i < 3; ++i) {
      trace::Span span{Step{.name = "a\\b", .number = i, .object = {"pc", 1}}};
      trace::counter(Level{.value = static_cast<std::uint64_t>(i)});
      trace::instant(Point{.text = "\xe4\xbd\xa0\n"});
      if (i != 2) {
        span.result(Step::Result{.error = i});
      }
    }
  }

  std::string rows() {
    trace::open({.file = path("t.ndjson")});
    emit();
    trace::close();
    return trace_test::read_file(path("t.ndjson"));
  }

  // `text` with `from`, counted from the end of the header, replaced.
  static std::string replaced(std::string text, std::string_view from,
                              std::string_view to) {
    const std::size_t at = text.find(from, text.find('\n'));
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  static std::string error_of(const std::string& text) {
    try {
      trace_test::validate_text(text);
    } catch (const trace::ReadError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Rows, SayWhatTheArraySays) {
  const std::string array = record([] { emit(); });
  trace::discard();
  const std::string flat = rows();

  trace::Reader of_array(array, "array");
  trace::Reader of_rows(flat, "rows");
  EXPECT_EQ(trace::canonical(of_rows, {}), trace::canonical(of_array, {}));
  EXPECT_EQ(of_rows.header().metadata, of_array.header().metadata);
  EXPECT_EQ(of_rows.header().threads, of_array.header().threads);
}

TEST_F(Rows, AreCounted) {
  EXPECT_EQ(trace_test::validate_text(rows()), 9U);
}

TEST_F(Rows, GiveTheirWholeLine) {
  const std::string text = rows();
  trace::Reader reader(text, "rows");
  trace::Event event;
  std::string again = text.substr(0, text.find('\n') + 1);
  while (reader.next(event)) {
    again += std::string(event.text) + "\n";
  }

  EXPECT_EQ(again, text);
}

TEST_F(Rows, ASpanThatDidNotEndIsOpen) {
  trace::open({.file = path("t.ndjson")});
  const trace::Span span{Step{.name = "open"}};
  trace::close();

  trace::Reader reader(path("t.ndjson"));
  trace::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.phase, trace::Phase::open_span);
  EXPECT_EQ(event.dur_ns, 0U);
}

TEST_F(Rows, OfACutFileAreRefused) {
  std::string text = rows();
  text.resize(text.rfind('\n', text.size() - 2) + 1);  // the last row is missing

  EXPECT_NE(error_of(text).find("text:10:1: the trace ends here"), std::string::npos)
      << error_of(text);
}

TEST_F(Rows, BeyondTheHeadersCountAreRefused) {
  const std::string text = rows();
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;

  EXPECT_NE(error_of(text + text.substr(last)).find("counts only 9 rows"),
            std::string::npos);
}

TEST_F(Rows, OfAnotherBootAreRefusedWithTheirPlace) {
  const std::string text = rows();
  const std::size_t second = text.find("{\"boot\":\"", text.find("\"seq\":1,"));
  std::string mixed = text;
  mixed.replace(second + 9, 16, "0123456789abcdef");

  EXPECT_NE(error_of(mixed).find("text:3:27: a row of another boot"), std::string::npos)
      << error_of(mixed);
}

TEST_F(Rows, WithAnyByteChangedInTheirStructureAreRefused) {
  const std::string text = rows();
  for (const auto& [from, to] : {std::pair{"\"seq\":2", "\"seq\":3"},
                                 {"\"par\":1", "\"par\":2"},
                                 {"\"shape\":\"counter\"", "\"shape\":\"instant\""},
                                 {"\"shape\":\"span\"", "\"shape\":\"spam\""},
                                 {"\"cat\":\"qom\"", "\"cat\":\"kvm\""},
                                 {"\"boot\":\"", "\"boot\":\"z"},
                                 {"\"step\":\"0x", "\"step\":\"0y"},
                                 {"}}\n", "}} \n"},
                                 {"}}\n", "}}\n\n"}}) {
    EXPECT_NE(error_of(replaced(text, from, to)), "") << from;
  }
}

}  // namespace
