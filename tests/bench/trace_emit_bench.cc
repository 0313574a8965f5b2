// What tracing costs the code that is traced.
//
//   floor       two timestamps and one 24-byte ring store: nothing can be cheaper
//   span_on     a span with two fields, recorded into a file        goal: <= 2x floor
//   span_off    the same, switched off                              goal: <= 1 ns
//   json_line   formatting one event as a JSON line with nlohmann, not even written
#include <cstdint>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "trace/event.h"
#include "trace/session.h"

namespace {

struct Exit {
  static constexpr trace::Declaration declaration{"bench_exit", trace::Category::vcpu,
                                                  trace::Shape::span,
                                                  "An exit that is not one."};
  std::uint16_t port = 0;
  std::uint32_t value = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("port", &Exit::port),
                         trace::state("value", &Exit::value));
  }
};

struct Named {
  static constexpr trace::Declaration declaration{"bench_named", trace::Category::qom,
                                                  trace::Shape::span,
                                                  "A span with a text and a result."};
  std::string_view name;

  static constexpr auto fields() {
    return trace::fields(trace::identity("name", &Named::name));
  }

  struct Result {
    int error = 0;

    static constexpr auto fields() {
      return trace::fields(trace::state("error", &Result::error));
    }
  };
};

struct Slot {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t value = 0;
};

void floor_of_a_span(benchmark::State& state) {
  constexpr std::size_t slots = 1 << 13;
  static Slot ring[slots];
  std::size_t at = 0;
  for (auto _ : state) {
    const std::uint64_t begin = trace::detail::timestamp();
    benchmark::DoNotOptimize(at);
    const std::uint64_t end = trace::detail::timestamp();
    ring[at++ % slots] = {begin, end, at};
    benchmark::ClobberMemory();
  }
}

// Recording goes to a file as it does in a run; the file is thrown away.
class Recording {
 public:
  Recording() {
    file_ = (std::filesystem::temp_directory_path() / "vitrine-bench.json").string();
    trace::discard();
    trace::open({.file = file_});
  }

  ~Recording() { trace::discard(); }

 private:
  std::string file_;
};

void span_on(benchmark::State& state) {
  const Recording recording;
  std::uint32_t value = 0;
  for (auto _ : state) {
    const trace::Span span{Exit{.port = 0x3f8, .value = ++value}};
    benchmark::ClobberMemory();
  }
}

void span_on_with_text_and_result(benchmark::State& state) {
  const Recording recording;
  const std::string name = "pc-i440fx-4.0-machine";
  for (auto _ : state) {
    trace::Span span{Named{.name = name}};
    span.result(Named::Result{.error = 0});
    benchmark::ClobberMemory();
  }
}

void instant_on(benchmark::State& state) {
  const Recording recording;
  for (auto _ : state) {
    trace::checkpoint("vcpu.first_run");
    benchmark::ClobberMemory();
  }
}

void span_off(benchmark::State& state) {
  trace::discard();
  std::uint32_t value = 0;
  for (auto _ : state) {
    const trace::Span span{Exit{.port = 0x3f8, .value = ++value}};
    benchmark::ClobberMemory();
  }
}

void empty_loop(benchmark::State& state) {
  std::uint32_t value = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(++value);
    benchmark::ClobberMemory();
  }
}

void json_line_by_nlohmann(benchmark::State& state) {
  std::uint32_t value = 0;
  for (auto _ : state) {
    const nlohmann::json line = {{"name", "bench_exit"},
                                 {"cat", "vcpu"},
                                 {"ph", "X"},
                                 {"pid", 1},
                                 {"tid", 10},
                                 {"ts", 1234.567},
                                 {"dur", 0.123},
                                 {"seq", ++value},
                                 {"par", 0},
                                 {"loc", "tests/bench/x.cc:1"},
                                 {"args", {{"port", 0x3f8}, {"value", value}}}};
    benchmark::DoNotOptimize(line.dump());
  }
}

BENCHMARK(empty_loop);
BENCHMARK(floor_of_a_span);
BENCHMARK(span_on)->Iterations(2'000'000);
BENCHMARK(span_on_with_text_and_result)->Iterations(2'000'000);
BENCHMARK(instant_on)->Iterations(2'000'000);
BENCHMARK(span_off);
BENCHMARK(json_line_by_nlohmann);

}  // namespace

BENCHMARK_MAIN();
