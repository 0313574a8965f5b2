// What qom/ writes into a trace: one scenario is recorded once, each test looks at
// one claim about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "qom/composition.h"
#include "qom/globals.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"
#include "qom/testing.h"
#include "trace/read/reader.h"
#include "trace/session.h"

namespace {

using namespace qom;
using ::testing::Contains;
using ::testing::ElementsAre;

struct Step {
  std::string what;  // "type_initialize name=B parent=A", volatile fields left out
  std::uint64_t seq = 0;
  std::uint64_t par = 0;
  std::string loc;
};

constexpr InterfaceInfo implements_i[] = {{"I"}, {}};

void ignore_class(ObjectClass*, void*) {}

void ignore(Object*) {}

void init_b(Object* obj) {
  object_property_add_bool(
      obj, "flag", [](Object*) { return false; },
      [](Object* o, bool) {
        const Ref<> part(object_new(TYPE_CONTAINER));
        object_property_add_child(o, "part", part.get());
      });
}

void register_scenario_types() {
  type_register_static(TypeInfo{.name = "I", .parent = TYPE_INTERFACE});
  type_register_static(TypeInfo{.name = "A",
                                .parent = TYPE_OBJECT,
                                .instance_post_init = ignore,
                                .instance_finalize = ignore,
                                .class_base_init = ignore_class});
  type_register_static(TypeInfo{.name = "B",
                                .parent = "A",
                                .instance_init = init_b,
                                .class_init = ignore_class,
                                .interfaces = implements_i});
}

void play() {
  const IsolatedModules modules;
  const IsolatedTypes types;
  register_module_init(register_scenario_types, MODULE_INIT_QOM,
                       "register_scenario_types");
  module_call_init(MODULE_INIT_QOM);
  Object* b = object_new("B");
  object_property_add_child(object_get_root(), "b", b);
  object_property_parse(b, "on", "flag");
  try {
    object_property_parse(b, "maybe", "flag");
  } catch (const Error&) {
  }
  object_unparent(b);
  object_unref(b);
}

std::string described(const trace::Event& event) {
  std::string text(event.name());
  for (const trace::Arg& arg : event.args) {
    if (arg.field->role != trace::Role::volatile_) {
      text += " " + arg.field->name + "=" +
              (arg.text.empty() ? std::string(arg.json) : std::string(arg.text));
    }
  }
  return text;
}

class QomEvents : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string file =
        (std::filesystem::temp_directory_path() /
         ("vitrine-qom-events-" + std::to_string(getpid()) + ".json"))
            .string();
    trace::open({.file = file});
    play();
    trace::close();
    trace::Reader reader(file);
    trace::Event event;
    while (reader.next(event)) {
      if (!event.is_flow()) {
        steps().push_back(
            {described(event), event.seq, event.par, std::string(event.loc)});
      }
    }
    std::filesystem::remove(file);
    drop_what_came_before();
  }

  // Other tests of this program were recorded too.
  static void drop_what_came_before() {
    before_main() = steps().front();
    const auto begin = std::find_if(steps().begin(), steps().end(), [](const Step& step) {
      return step.what.ends_with("function=register_scenario_types");
    });
    steps().erase(steps().begin(), begin);
  }

  static Step& before_main() {
    static Step step;
    return step;
  }

  static std::vector<Step>& steps() {
    static std::vector<Step> all;
    return all;
  }

  static const Step& find(const std::string& beginning) {
    for (const Step& step : steps()) {
      if (step.what.starts_with(beginning)) {
        return step;
      }
    }
    ADD_FAILURE() << "no step " << beginning;
    static const Step none;
    return none;
  }

  // The names of the spans around a step, from the inside out.
  static std::vector<std::string> around(const std::string& beginning) {
    std::map<std::uint64_t, const Step*> by_seq;
    for (const Step& step : steps()) {
      by_seq[step.seq] = &step;
    }
    std::vector<std::string> spans;
    for (std::uint64_t seq = find(beginning).par; seq != 0; seq = by_seq.at(seq)->par) {
      const std::string& what = by_seq.at(seq)->what;
      spans.push_back(what.substr(0, what.find(' ', what.find('=') + 1)));
    }
    return spans;
  }
};

}  // namespace

TEST_F(QomEvents, registrations_before_main_are_recorded) {
  EXPECT_THAT(before_main().what, ::testing::StartsWith("register_module_init type="));
}

TEST_F(QomEvents, a_type_registers_inside_its_init_function_inside_the_phase) {
  EXPECT_THAT(around("type_register name=B"),
              ElementsAre("module_init function=register_scenario_types",
                          "module_call_init type=QOM"));
}

TEST_F(QomEvents, a_registration_names_parent_and_interfaces) {
  EXPECT_THAT(find("type_register name=B").what,
              ::testing::MatchesRegex(".*parent=A abstract=false interfaces=I.*"));
}

TEST_F(QomEvents, the_parents_class_is_made_inside_the_childs) {
  EXPECT_THAT(around("type_initialize name=A"), Contains("type_initialize name=B"));
}

TEST_F(QomEvents, an_interface_class_is_made_inside_its_implementer) {
  EXPECT_THAT(around("type_initialize name=B::I"),
              ElementsAre("type_initialize_interface name=B", "type_initialize name=B"));
}

TEST_F(QomEvents, class_callbacks_name_whose_they_are_inside_the_type) {
  EXPECT_EQ(find("class_base_init").what, "class_base_init name=B owner=A");
  EXPECT_THAT(around("class_base_init"), ElementsAre("type_initialize name=B"));
  EXPECT_THAT(around("class_init name=B"), ElementsAre("type_initialize name=B"));
}

TEST_F(QomEvents, instance_callbacks_are_inside_object_new) {
  EXPECT_THAT(around("instance_init object=B#1 type=B"),
              ElementsAre("object_new object=B#1"));
  EXPECT_THAT(around("instance_post_init object=B#1 type=A"),
              ElementsAre("object_new object=B#1"));
}

TEST_F(QomEvents, adding_a_child_says_where_it_is_now) {
  EXPECT_EQ(find("object_property_add_child child=B#1").what,
            "object_property_add_child child=B#1 parent=container#1 name=b path=/b");
}

TEST_F(QomEvents, what_a_setter_does_is_inside_the_property_set) {
  EXPECT_EQ(find("property_set").what, "property_set object=B#1 property=flag value=on");
  EXPECT_THAT(around("object_new object=container#2"),
              ElementsAre("property_set object=B#1"));
}

TEST_F(QomEvents, a_refused_value_is_recorded_with_its_reason) {
  EXPECT_EQ(find("property_refused").what,
            "property_refused object=B#1 property=flag reason=Invalid parameter type for "
            "'flag', expected: boolean");
}

TEST_F(QomEvents, finalize_is_around_each_levels_finalizer_and_the_children) {
  EXPECT_THAT(around("instance_finalize object=B#1 type=A"),
              ElementsAre("object_finalize object=B#1"));
  EXPECT_THAT(
      around("object_finalize object=container#2"),
      ElementsAre("object_unparent child=container#2", "object_finalize object=B#1"));
}

TEST_F(QomEvents, places_are_relative_to_the_source_folder) {
  EXPECT_THAT(find("type_initialize name=B").loc, ::testing::StartsWith("qom/"));
}
