// The reader accepts what the writer writes, and nothing else.
#include <nlohmann/json.hpp>

#include "support.h"

namespace {

using trace_test::Level;
using trace_test::Point;
using trace_test::Step;

class Reader : public trace_test::Recording {
 protected:
  std::string a_trace() {
    return record([] {
      trace::set_metadata("argv", "vitrine \"run\"\t\xe4\xbd\xa0");
      trace::checkpoint("main.enter");
      for (int i = 0; i < 3; ++i) {
        trace::Span span{Step{.name = "a\\b",
                              .flag = i == 1,
                              .number = -i,
                              .natural = ~0ULL,
                              .real = i / 3.0,
                              .address = {~0ULL},
                              .object = {"pc", 1}}};
        trace::counter(Level{.value = static_cast<std::uint64_t>(i)});
        trace::instant(Point{.text = std::string_view("\0\x7f", 2)});
        if (i != 2) {
          span.result(Step::Result{.error = i});
        }
      }
    });
  }

  // What the reader says to `text`; empty if it accepts.
  static std::string error_of(const std::string& text) {
    try {
      trace_test::validate_text(text);
    } catch (const trace::ReadError& error) {
      return error.what();
    }
    return {};
  }

  static std::string replaced(std::string text, std::string_view from,
                              std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
};

TEST_F(Reader, WritesAgainExactlyWhatItRead) {
  const std::string text = a_trace();

  EXPECT_EQ(trace_test::read_and_write(text), text);
}

TEST_F(Reader, AnotherJsonReaderSeesTheSame) {
  const std::string text = a_trace();

  const nlohmann::json other = nlohmann::json::parse(text);
  trace::Reader reader(text, "text");
  trace::Event event;
  std::size_t events = 0;
  std::size_t seen = 0;
  for (const auto& line : other) {
    seen += line.contains("seq") ? 1 : 0;
  }
  while (reader.next(event)) {
    if (event.is_flow()) {
      continue;
    }
    ++events;
    const auto found = std::ranges::find_if(
        other, [&](const auto& line) { return line.value("seq", 0U) == event.seq; });
    ASSERT_NE(found, other.end());
    for (const trace::Arg& arg : event.args) {
      if (arg.field->type == trace::Type::text) {
        EXPECT_EQ((*found)["args"][arg.field->name].get<std::string>(), arg.text);
      }
    }
  }
  EXPECT_EQ(events, seen);
}

TEST_F(Reader, AnErrorNamesLineAndColumn) {
  const std::string text = "[\n{\"name\":\"vitrine_trace\",\"ph\":\"X\"\n";

  EXPECT_TRUE(error_of(text).starts_with("text:2:")) << error_of(text);
  try {
    trace_test::validate_text(text);
  } catch (const trace::ReadError& error) {
    EXPECT_EQ(error.line(), 2U);
    EXPECT_EQ(error.column(), 31U);
  }
}

TEST_F(Reader, RefusesATraceCutAtAnyByte) {
  const std::string text = a_trace();
  for (std::size_t size = 0; size < text.size(); size += 13) {
    EXPECT_NE(error_of(text.substr(0, size)), "") << size;
  }
}

TEST_F(Reader, RefusesAnyChangedByteOrWritesItAgainUnchanged) {
  const std::string text = a_trace();
  for (std::size_t at = 0; at < text.size(); at += 11) {
    for (const char c : {' ', '"', '0', '\\', '\xff', '}'}) {
      std::string changed = text;
      changed[at] = c;
      try {
        EXPECT_EQ(trace_test::read_and_write(changed), changed) << at << c;
      } catch (const trace::ReadError&) {
      }
    }
  }
}

TEST_F(Reader, RefusesASpaceMore) {
  EXPECT_NE(error_of(replaced(a_trace(), ",\"ts\":", ", \"ts\":")), "");
}

TEST_F(Reader, RefusesAMissingSeq) {
  EXPECT_NE(error_of(replaced(a_trace(), ",\"seq\":2,", ",\"seq\":3,")).find("seq"),
            std::string::npos);
}

TEST_F(Reader, RefusesTimeThatGoesBackwards) {
  const std::string text = a_trace();
  const std::size_t at = text.rfind(",\"ts\":") + 6;
  std::string changed = text;
  changed.replace(at, text.find(',', at) - at, "0.001");

  EXPECT_NE(error_of(changed).find("backwards"), std::string::npos) << error_of(changed);
}

TEST_F(Reader, RefusesAKindThatIsNotDeclared) {
  EXPECT_NE(error_of(replaced(a_trace(),
                              "{\"name\":\"test_point\",\"cat\":\"guest\",\"ph\":\"i\"",
                              "{\"name\":\"test_poin_\",\"cat\":\"guest\",\"ph\":\"i\""))
                .find("declared"),
            std::string::npos);
}

TEST_F(Reader, RefusesAnArgumentOfAnotherType) {
  EXPECT_NE(error_of(replaced(a_trace(), "\"flag\":false", "\"flag\":0")), "");
}

TEST_F(Reader, RefusesAParentThatDoesNotEnclose) {
  EXPECT_NE(error_of(replaced(a_trace(), "\"seq\":3,\"par\":2", "\"seq\":3,\"par\":1"))
                .find("par"),
            std::string::npos);
}

TEST_F(Reader, RefusesAChildThatEndsAfterItsParent) {
  const std::string text = a_trace();
  const std::size_t at = text.find(",\"dur\":") + 7;
  std::string changed = text;
  changed.replace(at, text.find(',', at) - at, "0.000");

  EXPECT_NE(error_of(changed), "");
}

TEST_F(Reader, RefusesCountsThatDoNotAgree) {
  EXPECT_NE(
      error_of(replaced(a_trace(), "\"spans\":3", "\"spans\":4")).find("promises 4"),
      std::string::npos);
}

TEST_F(Reader, RefusesWhatFollowsTheEnd) {
  EXPECT_NE(error_of(a_trace() + "\n"), "");
}

TEST_F(Reader, RefusesALaterSchemaVersionByName) {
  EXPECT_NE(
      error_of(replaced(a_trace(), "\"schema\":1", "\"schema\":2")).find("version 2"),
      std::string::npos);
}

TEST_F(Reader, RefusesCompressedDataThatIsBroken) {
  EXPECT_NE(error_of("\x28\xb5\x2f\xfd rubbish"), "");
  EXPECT_NE(error_of("\x1f\x8b rubbish"), "");
}

TEST_F(Reader, StatisticsAddUp) {
  const std::string text = a_trace();
  trace::Reader reader(text, "text");

  const trace::Stats stats = trace::statistics(reader);

  EXPECT_EQ(stats.events, 10U);
  EXPECT_EQ(stats.kinds.at({"qom", "test_step"}).count, 3U);
  EXPECT_EQ(stats.deepest, 2U);
  EXPECT_EQ(stats.kinds.at({"qom", "test_step"}).self_ns,
            stats.kinds.at({"qom", "test_step"}).total_ns);
}

TEST_F(Reader, TheCanonicalFormOfACategoryLeavesOutTheRest) {
  const std::string text = a_trace();
  trace::Reader reader(text, "text");

  const std::string canon = trace::canonical(reader, {"guest"});

  EXPECT_EQ(canon.find("test_step"), std::string::npos);
  EXPECT_NE(canon.find("{\"tid\":1,\"depth\":0,\"ph\":\"i\",\"cat\":\"guest\",\"name\":"
                       "\"test_point\""),
            std::string::npos)
      << canon;
}

TEST_F(Reader, TheCanonicalFormHasNoVolatileField) {
  EXPECT_EQ(trace_test::canonical_text(a_trace()).find("\"when\""), std::string::npos);
}

}  // namespace
