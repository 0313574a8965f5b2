// The object model against GObject, in one program: the same work, done by both.
//
// Every QOM case runs twice: with every event switched off, and with the recorder
// writing to a file. Types are named afresh for each pass, as GObject cannot forget a
// type; both sides keep what they registered.
#include <benchmark/benchmark.h>
#include <glib-object.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"
#include "trace/session.h"

namespace {

constexpr int types_per_pass = 500;
constexpr int chain = 4;  // every fourth type is the root of a new chain

std::string pass_name(const char* side, int pass, int i) {
  return std::string(side) + std::to_string(pass) + "-" + std::to_string(i);
}

std::vector<std::string> pass_names(const char* side) {
  static int pass = 0;
  ++pass;
  std::vector<std::string> names;
  for (int i = 0; i < types_per_pass; ++i) {
    names.push_back(pass_name(side, pass, i));
  }
  return names;
}

// ---- the object model ---------------------------------------------------------
struct NodeClass : qom::ObjectClass {
  int value = 0;
};

struct Node : qom::Object {
  int field = 0;
};

struct Level1 : Node {
  static constexpr const char* qom_type = "bench-1";
  std::uint64_t number = 0;
};

void node_class_init(qom::ObjectClass* klass, void*) {
  static_cast<NodeClass*>(klass)->value = 1;
}

void node_init(qom::Object* obj) {
  static_cast<Node*>(obj)->field++;
}

void level1_class_init(qom::ObjectClass* klass, void*) {
  qom::object_class_property_add(
      klass, "number", "uint64",
      [](qom::Object* obj, const qom::ObjectProperty&) {
        return qom::Value(static_cast<Level1*>(obj)->number);
      },
      [](qom::Object* obj, const qom::ObjectProperty& property, const qom::Value& value) {
        static_cast<Level1*>(obj)->number = qom::visit_type_uint64(value, property.name);
      });
}

void register_levels() {
  qom::type_register_static(qom::TypeInfo{.name = "bench-1",
                                          .parent = "object",
                                          .instance = qom::instance_struct<Level1>(),
                                          .instance_init = node_init,
                                          .klass = qom::class_struct<NodeClass>(),
                                          .class_init = level1_class_init});
  for (int level = 2; level <= chain; ++level) {
    const std::string name = "bench-" + std::to_string(level);
    const std::string parent = "bench-" + std::to_string(level - 1);
    qom::type_register_static(qom::TypeInfo{
        .name = name.c_str(), .parent = parent.c_str(), .instance_init = node_init});
  }
}

void qom_register_and_initialise(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<std::string> names = pass_names("q");
    state.ResumeTiming();
    for (int i = 0; i < types_per_pass; ++i) {
      qom::type_register_static(
          qom::TypeInfo{.name = names[i].c_str(),
                        .parent = i % chain == 0 ? "object" : names[i - 1].c_str(),
                        .instance = qom::instance_struct<Node>(),
                        .instance_init = node_init,
                        .klass = qom::class_struct<NodeClass>(),
                        .class_init = node_class_init});
    }
    for (const std::string& name : names) {
      benchmark::DoNotOptimize(qom::object_class_by_name(name.c_str()));
    }
  }
}

void qom_new_unref(benchmark::State& state) {
  for (auto _ : state) {
    qom::object_unref(qom::object_new("bench-4"));
  }
}

void qom_cast(benchmark::State& state) {
  qom::Object* obj = qom::object_new("bench-4");
  for (auto _ : state) {
    benchmark::DoNotOptimize(obj);
    benchmark::DoNotOptimize(qom::object_cast<Level1>(obj));
  }
  qom::object_unref(obj);
}

void qom_property_set(benchmark::State& state) {
  qom::Object* obj = qom::object_new("bench-4");
  std::uint64_t number = 0;
  for (auto _ : state) {
    qom::object_property_set_uint(obj, ++number, "number");
  }
  qom::object_unref(obj);
}

// ---- GObject ------------------------------------------------------------------
struct GNode {
  GObject parent;
  int field;
  guint64 number;
};

struct GNodeClass {
  GObjectClass parent;
  int value;
};

void gnode_class_init(gpointer klass, gpointer) {
  static_cast<GNodeClass*>(klass)->value = 1;
}

void gnode_init(GTypeInstance* instance, gpointer) {
  reinterpret_cast<GNode*>(instance)->field++;
}

void gnode_set(GObject* object, guint, const GValue* value, GParamSpec*) {
  reinterpret_cast<GNode*>(object)->number = g_value_get_uint64(value);
}

void gnode_get(GObject* object, guint, GValue* value, GParamSpec*) {
  g_value_set_uint64(value, reinterpret_cast<GNode*>(object)->number);
}

void glevel1_class_init(gpointer klass, gpointer) {
  auto* object_class = static_cast<GObjectClass*>(klass);
  object_class->set_property = gnode_set;
  object_class->get_property = gnode_get;
  g_object_class_install_property(
      object_class, 1,
      g_param_spec_uint64(
          "number", nullptr, nullptr, 0, G_MAXUINT64, 0,
          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

GType g_register(GType parent, const char* name, GClassInitFunc class_init) {
  return g_type_register_static_simple(parent, name, sizeof(GNodeClass), class_init,
                                       sizeof(GNode), gnode_init,
                                       static_cast<GTypeFlags>(0));
}

GType g_levels[chain];

void g_register_levels() {
  g_levels[0] = g_register(G_TYPE_OBJECT, "GBench1", glevel1_class_init);
  for (int level = 1; level < chain; ++level) {
    const std::string name = "GBench" + std::to_string(level + 1);
    g_levels[level] = g_register(g_levels[level - 1], name.c_str(), gnode_class_init);
  }
}

void gobject_register_and_initialise(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<std::string> names = pass_names("g");
    std::vector<GType> types(types_per_pass);
    state.ResumeTiming();
    for (int i = 0; i < types_per_pass; ++i) {
      types[i] = g_register(i % chain == 0 ? G_TYPE_OBJECT : types[i - 1],
                            names[i].c_str(), gnode_class_init);
    }
    for (const GType type : types) {
      benchmark::DoNotOptimize(g_type_class_ref(type));
    }
  }
}

void gobject_new_unref(benchmark::State& state) {
  for (auto _ : state) {
    g_object_unref(g_object_new(g_levels[chain - 1], nullptr));
  }
}

void gobject_cast(benchmark::State& state) {
  gpointer obj = g_object_new(g_levels[chain - 1], nullptr);
  for (auto _ : state) {
    benchmark::DoNotOptimize(obj);
    benchmark::DoNotOptimize(G_TYPE_CHECK_INSTANCE_CAST(obj, g_levels[0], GNode));
  }
  g_object_unref(obj);
}

void gobject_property_set(benchmark::State& state) {
  gpointer obj = g_object_new(g_levels[chain - 1], nullptr);
  guint64 number = 0;
  for (auto _ : state) {
    g_object_set(obj, "number", ++number, nullptr);
  }
  g_object_unref(obj);
}

constexpr int passes = 20;

BENCHMARK(gobject_register_and_initialise)
    ->Iterations(passes)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(gobject_new_unref);
BENCHMARK(gobject_cast);
BENCHMARK(gobject_property_set);
BENCHMARK(qom_register_and_initialise)->Iterations(passes)->Unit(benchmark::kMicrosecond);
BENCHMARK(qom_new_unref);
BENCHMARK(qom_cast);
BENCHMARK(qom_property_set);

// Recorded cases have a fixed length: what they record goes to a file.
constexpr int recorded = 200000;
BENCHMARK(qom_register_and_initialise)
    ->Name("recorded/qom_register_and_initialise")
    ->Iterations(passes)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(qom_new_unref)->Name("recorded/qom_new_unref")->Iterations(recorded);
BENCHMARK(qom_cast)->Name("recorded/qom_cast")->Iterations(recorded);
BENCHMARK(qom_property_set)->Name("recorded/qom_property_set")->Iterations(recorded);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  qom::module_call_init(qom::MODULE_INIT_QOM);
  register_levels();
  g_register_levels();
  trace::enable("-*");
  benchmark::ConsoleReporter report;
  benchmark::RunSpecifiedBenchmarks(&report, nullptr, "^(qom|gobject)_");

  trace::enable("*");
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() /
      ("vitrine-qom-bench-" + std::to_string(getpid()) + ".json");
  trace::open({.file = file.string()});
  benchmark::ConsoleReporter recorded_report;
  benchmark::RunSpecifiedBenchmarks(&recorded_report, nullptr, "^recorded/");
  trace::discard();
  std::filesystem::remove(file);
  return 0;
}
