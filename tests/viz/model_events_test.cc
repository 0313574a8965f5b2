#include "viz/model_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "viz/trace_lines.h"

namespace {

using viz::State;
using viz::TypeModel;

// A start of three types, as a trace tells it.
constexpr const char* start = R"([
{"ph":"M","pid":1,"tid":1,"name":"process_name","args":{"name":"vitrine"}},
{"name":"module_init","ph":"X","ts":1.000,"dur":9.000,"pid":1,"tid":1,"seq":1,"par":0,"loc":"src/hw/edu.cc:55","args":{"function":"edu_register_types","type":"QOM"}},
{"name":"type_register","ph":"i","s":"t","ts":2.000,"pid":1,"tid":1,"seq":2,"par":1,"loc":"src/hw/edu.cc:9","args":{"name":"edu","parent":"device","abstract":false,"interfaces":"user-creatable,nmi"}},
{"name":"type_register","ph":"i","s":"t","ts":3.000,"pid":1,"tid":1,"seq":3,"par":0,"loc":"src/core/qdev.cc:5","args":{"name":"device","parent":"object","abstract":true,"interfaces":""}},
{"name":"type_register","ph":"i","s":"t","ts":4.000,"pid":1,"tid":1,"seq":4,"par":0,"loc":"qom/base_types.cc:7","args":{"name":"object","parent":"","abstract":true,"interfaces":""}},
{"name":"type_initialize","ph":"X","ts":5.000,"dur":12.345,"pid":1,"tid":1,"seq":5,"par":0,"loc":"a:1","args":{"name":"object","parent":""}},
{"name":"type_initialize","ph":"X","ts":6.000,"dur":2.500,"pid":1,"tid":1,"seq":6,"par":0,"loc":"a:1","args":{"name":"device","parent":"object"}},
{"name":"object_new","ph":"X","ts":7.000,"dur":1.000,"pid":1,"tid":1,"seq":7,"par":0,"loc":"a:2","args":{"object":"edu#1","type":"edu"}},
{"name":"instance_init","ph":"X","ts":7.100,"dur":0.100,"pid":1,"tid":1,"seq":8,"par":7,"loc":"a:2","args":{"object":"edu#1","type":"device"}},
{"name":"object_new","ph":"X","ts":8.000,"dur":1.000,"pid":1,"tid":1,"seq":9,"par":0,"loc":"a:2","args":{"object":"edu#2","type":"edu"}},
{"name":"object_finalize","ph":"X","ts":9.000,"dur":1.000,"pid":1,"tid":1,"seq":10,"par":0,"loc":"a:3","args":{"object":"edu#1"}}
]
)";

TEST(VizModelEvents, a_registered_type_is_on_paper) {
  const TypeModel model = viz::model_from_trace_lines(
      R"({"name":"type_register","args":{"name":"edu","parent":"device","abstract":true}})");

  ASSERT_NE(model.find("edu"), nullptr);
  EXPECT_EQ(model.find("edu")->state, State::paper);
  EXPECT_EQ(model.find("edu")->parent, "device");
  EXPECT_TRUE(model.find("edu")->abstract);
}

TEST(VizModelEvents, type_initialize_makes_a_class_and_keeps_its_time_and_order) {
  const TypeModel model = viz::model_from_trace_lines(start);

  EXPECT_EQ(model.find("device")->state, State::klass);
  EXPECT_EQ(model.find("device")->class_order, 1U);  // ended first
  EXPECT_EQ(model.find("object")->class_order, 2U);
  EXPECT_EQ(model.find("object")->class_init_ns, 12345U);
}

TEST(VizModelEvents, objects_are_counted_once_each) {
  const TypeModel model = viz::model_from_trace_lines(start);

  EXPECT_EQ(model.find("edu")->state, State::instantiated);
  EXPECT_EQ(model.find("edu")->objects, 2U);
  EXPECT_EQ(model.find("edu")->finalized, 1U);
  EXPECT_EQ(model.find("device")->objects, 0U);
}

TEST(VizModelEvents, an_embedded_object_is_seen_by_its_instance_init) {
  const TypeModel model = viz::model_from_trace_lines(
      R"({"name":"instance_init","args":{"object":"irq#3","type":"object"}})");

  EXPECT_EQ(model.find("irq")->objects, 1U);
}

TEST(VizModelEvents, interfaces_come_from_the_registration) {
  const TypeModel model = viz::model_from_trace_lines(start);

  EXPECT_THAT(model.find("edu")->interfaces,
              testing::ElementsAre("user-creatable", "nmi"));
}

TEST(VizModelEvents, an_inherited_interface_is_not_the_types_own) {
  const TypeModel model = viz::model_from_trace_lines(
      R"({"name":"type_initialize_interface","args":{"name":"edu","interface":"nmi","inherited":true}}
{"name":"type_initialize_interface","args":{"name":"edu","interface":"own","inherited":false}})");

  EXPECT_THAT(model.find("edu")->interfaces, testing::ElementsAre("own"));
}

TEST(VizModelEvents, the_enclosing_module_says_who_registered_a_type) {
  const TypeModel model = viz::model_from_trace_lines(start);

  EXPECT_EQ(model.find("edu")->registered_by, "edu_register_types");
  EXPECT_EQ(model.find("device")->registered_by, "");
}

TEST(VizModelEvents, the_source_place_of_a_type_is_that_of_its_module) {
  const TypeModel model = viz::model_from_trace_lines(start);

  EXPECT_EQ(model.find("edu")->loc, "src/hw/edu.cc:55");
}

TEST(VizModelEvents, other_source_places_are_kept_unless_all_are_the_same) {
  const TypeModel kept = viz::model_from_trace_lines(start);
  const TypeModel dropped = viz::model_from_trace_lines(
      R"({"name":"type_register","loc":"t.cc:1","args":{"name":"a"}}
{"name":"type_register","loc":"t.cc:1","args":{"name":"b"}})");

  EXPECT_EQ(kept.find("device")->loc, "src/core/qdev.cc:5");
  EXPECT_EQ(dropped.find("a")->loc, "");
}

TEST(VizModelEvents, a_class_made_for_an_interface_is_no_type) {
  const TypeModel model = viz::model_from_trace_lines(
      R"({"name":"type_initialize","args":{"name":"edu::nmi"}})");

  EXPECT_EQ(model.size(), 0U);
}

TEST(VizModelEvents, a_trace_cut_in_its_last_line_is_read_up_to_there) {
  const std::string cut = std::string(start).substr(0, std::string(start).size() - 30);

  EXPECT_EQ(viz::model_from_trace_lines(cut).find("edu")->objects, 2U);
}

TEST(VizModelEvents, a_line_that_is_no_event_is_named) {
  try {
    viz::model_from_trace_lines("[\n{\"name\":\"x\"},\nhello\n]\n");
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("line 3"));
  }
}

}  // namespace
