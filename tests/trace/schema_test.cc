// The shipped JSON Schema describes what is written, and nothing looser.
#include <nlohmann/json.hpp>

#include "schema_check.h"
#include "support.h"

namespace {

using nlohmann::json;
using trace_test::Level;
using trace_test::Point;
using trace_test::Step;

json load_schema() {
  return json::parse(trace_test::read_file(VITRINE_SOURCE_DIR
                                           "/trace/schema/vitrine-trace.schema.json"));
}

class Schema : public trace_test::Recording {
 protected:
  json a_trace() {
    return json::parse(record([] {
      trace::set_metadata("argv", "vitrine run");
      trace::checkpoint("main.enter");
      for (int i = 0; i < 2; ++i) {
        trace::Span span{Step{.name = "n", .real = 1e-9, .object = {"pc", 1}}};
        trace::counter(Level{.value = 3});
        span.result(Step::Result{.error = 1});
      }
      static trace::Span open{Step{.name = "open"}};
    }));
  }
};

TEST_F(Schema, AcceptsATraceWithEveryKindOfLine) {
  EXPECT_EQ(trace_test::schema_error(load_schema(), a_trace()), "");
}

TEST_F(Schema, RefusesAFieldThatIsNotInIt) {
  json trace = a_trace();
  trace[trace.size() - 2]["extra"] = 1;

  EXPECT_NE(trace_test::schema_error(load_schema(), trace), "");
}

TEST_F(Schema, RefusesEachRequiredFieldLeftOut) {
  const json schema = load_schema();
  const json whole = a_trace();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const auto& [name, value] : whole[i].items()) {
      json trace = whole;
      trace[i].erase(name);
      EXPECT_NE(trace_test::schema_error(schema, trace), "") << i << " without " << name;
    }
  }
}

TEST_F(Schema, RefusesAnUnknownCategory) {
  json trace = a_trace();
  trace[trace.size() - 2]["cat"] = "misc";

  EXPECT_NE(trace_test::schema_error(load_schema(), trace), "");
}

}  // namespace
